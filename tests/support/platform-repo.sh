#!/usr/bin/env bash
# Makes a git repository of the platform fixture, to clone from in tests, and prints its URL.
#
#   platform-repo.sh DIR [BRANCH]
#
# DIR must not exist. The repository serves partial clones, as hosted ones do.
set -euo pipefail

if (($# < 1)); then
  echo "usage: ${0##*/} DIR [BRANCH]" >&2
  exit 2
fi
dir=$1
branch=${2:-main}
fixture=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../fixtures/platform" && pwd)

[[ ! -e $dir ]] || { echo "error: $dir exists already" >&2; exit 1; }
mkdir -p "$dir"
# What earlier runs left in the fixture is ignored by its .gitignore and stays out of the commit.
cp -R "$fixture/." "$dir"
cd "$dir"
# The tester's own git configuration (signing, hooks, templates) must not change what is made.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=fixture GIT_AUTHOR_EMAIL=fixture@example.com
export GIT_COMMITTER_NAME=fixture GIT_COMMITTER_EMAIL=fixture@example.com
git init -q
git symbolic-ref HEAD "refs/heads/$branch"
git config uploadpack.allowFilter true
git config uploadpack.allowAnySHA1InWant true
git add -A
git commit -q -m "Platform fixture"
git tag v1.0.0
echo "file://$PWD"
