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
if ! bash "$localstack" has-python; then
  echo "tests/run.sh: NOT RUN: cfn-lint and the tests on LocalStack, for want of Python 3.13 or newer" >&2
  exit 0
fi
python=$(bash "$localstack" python)
"$(dirname "$python")/cfn-lint" fixtures/platform/deploy/aws/ec2/template.yaml executor/assets/*.yaml
PROVISION_TEST_LOCALSTACK=$(bash "$localstack" start)
PROVISION_TEST_VENV=$(dirname "$python")
export PROVISION_TEST_LOCALSTACK PROVISION_TEST_VENV
cargo test -p provision --test e2e -- --ignored localstack::
