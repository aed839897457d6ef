#!/usr/bin/env bash
# Runs every test of the project: `bash tests/run.sh`. Extra arguments go to cargo test.
#
# LocalStack, the AWS CLI and cfn-lint are installed below target/ on the first run (tests/support/localstack.sh).
#
# The docker target is tested against a real engine where one is reachable or can be started here
# (root on Debian); elsewhere the same tests run its gateway as plain processes and say so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

engine=tests/support/docker-engine.sh
localstack=tests/support/localstack.sh
trap 'bash "$engine" clean pipeline-builder || true; bash "$engine" stop; bash "$localstack" stop' EXIT
if bash "$engine" start; then
  export PROVISION_TEST_DOCKER=1
else
  echo "tests/run.sh: no container engine: the docker target runs as plain processes" >&2
  export PROVISION_TEST_DOCKER=0
fi
python3 tests/lambda/test_handlers.py
cargo test --workspace "$@"

# The template of the fixture platform, and stacks on a real CloudFormation engine.
# What it needs is installed, but no Python: a machine without a fitting one does not run these, and says so last.
if ! bash "$localstack" has-python; then
  cat >&2 <<'TEXT'
================================================================================
tests/run.sh: NOT RUN, for want of Python 3.12 or newer (3.13 is tried first):
  cfn-lint of the templates
  every test of tests/e2e/localstack.rs, on a real CloudFormation engine
Install one, such as `pyenv install 3.13`, and run this again. Everything else passed.
================================================================================
TEXT
  exit 0
fi
python=$(bash "$localstack" python)
"$(dirname "$python")/cfn-lint" fixtures/platform/deploy/aws/ec2/template.yaml executor/assets/*.yaml
PROVISION_TEST_LOCALSTACK=$(bash "$localstack" start)
PROVISION_TEST_VENV=$(dirname "$python")
export PROVISION_TEST_LOCALSTACK PROVISION_TEST_VENV
cargo test -p provision --test e2e -- --ignored localstack::
