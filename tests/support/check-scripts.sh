#!/usr/bin/env bash
# Checks every script of the fixtures and the test support: syntax always, shellcheck where installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

shell_scripts=()
python_scripts=()
while IFS= read -r file; do
  case $(head -n 1 "$file") in
    '#!'*bash | '#!'*/sh | '# shellcheck shell=bash') shell_scripts+=("$file") ;;
    '#!'*python3 | '"""'*) python_scripts+=("$file") ;;
  esac
done < <(find fixtures/platform tests/support -type f -not -name '*.json' -not -path '*/.*')

for file in "${shell_scripts[@]}"; do bash -n "$file"; done
for file in "${python_scripts[@]}"; do
  python3 -c 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1])' "$file"
done
if command -v shellcheck >/dev/null 2>&1; then
  shellcheck "${shell_scripts[@]}"
  note="shellcheck clean"
else
  note="shellcheck is not installed: skipped"
fi
echo "${#shell_scripts[@]} shell scripts and ${#python_scripts[@]} Python files parse; $note"
