#!/usr/bin/env bash
# Runs every test of the project: `bash tests/run.sh`. Extra arguments go to cargo test.
#
# The docker target is tested against a real engine where one is reachable or can be started here
# (root on Debian); elsewhere the same tests run its gateway as plain processes and say so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

engine=tests/support/docker-engine.sh
trap 'bash "$engine" clean pipeline-builder || true; bash "$engine" stop' EXIT
if bash "$engine" start; then
  export PROVISION_TEST_DOCKER=1
else
  echo "tests/run.sh: no container engine: the docker target runs as plain processes" >&2
  export PROVISION_TEST_DOCKER=0
fi
cargo test --workspace "$@"
