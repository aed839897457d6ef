"""Starts LocalStack with Lambda functions run as plain Python processes; it would otherwise need Docker for them."""
import json
import os
import subprocess
import sys

from localstack.services.lambda_.invocation import runtime_executor as seam
from localstack.services.lambda_.invocation.lambda_models import InvocationResult

# The event comes on standard input and the answer leaves on standard output; what the function prints is its log.
BOOTSTRAP = """
import importlib, json, os, sys
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.path.insert(0, os.getcwd())
module, function = os.environ["_HANDLER"].rsplit(".", 1)
json.dump(getattr(importlib.import_module(module), function)(json.load(sys.stdin), None), answer)
"""


class ProcessExecutor(seam.RuntimeExecutor):
    """One process for each invocation, of this very Python."""

    def start(self, env_vars):
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.environment = {**inherited, **{name: str(value) for name, value in env_vars.items()}}

    def invoke(self, payload):
        done = subprocess.run(
            [sys.executable, "-c", BOOTSTRAP], input=payload["payload"], capture_output=True, text=True,
            cwd=self.function_version.config.code.get_unzipped_code_location(), env=self.environment,
            timeout=self.function_version.config.timeout)
        failed = done.returncode != 0
        answer = json.dumps({"errorType": "Unhandled", "errorMessage": done.stderr[-2000:]}) if failed else done.stdout
        return InvocationResult(payload["invoke-id"], answer.encode(), failed, done.stderr)

    def stop(self):
        pass

    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return "127.0.0.1"

    def get_runtime_endpoint(self):
        return "unused"

    def get_logs(self):
        return ""

    @classmethod
    def prepare_version(cls, function_version):
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version):
        pass


seam.get_runtime_executor = lambda: ProcessExecutor

from localstack.runtime.main import main  # noqa: E402  (after the seam is in place)

if __name__ == "__main__":
    main()
