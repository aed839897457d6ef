"""What every stand-in program shares: the scenario, the record of calls, replies.

A stand-in is steered by the folder STANDIN_DIR (or a folder `.standin` beside the
program as it was called): `scenario` holds `key=value` lines, `calls.log` gets one
JSON object per call, `cloud/` holds the stacks that "exist". `answers.json` lists answers to calls that have certain
words: `{"tool", "words", "stdout" or "json", "stderr", "code", "delay"}`; the first that fits is given.
"""

import json
import os
import pathlib
import re
import signal
import sys
import time

sys.dont_write_bytecode = True

# Variables whose values are recorded with each call; of all others only the name.
RECORDED = re.compile(
    r"^(AWS_|PLATFORM_|STANDIN_|LOAD_)|^(STACK_NAME|REGION|NAMESPACE|CLUSTER_NAME|DEPLOY_MODE|DOMAIN|"
    r"HOSTED_ZONE_ID|KEY_PAIR_NAME|GHCR_TOKEN|INSTANCE_TYPE|EMAIL_ENABLED|EMAIL_FROM|EMAIL_FROM_NAME|"
    r"CREATE_SES_IDENTITY|ALERT_EMAIL|AUTO_INIT|LEAN|EKS_VERSION|KUBECONFIG|HOME|BUILD_BOOTSTRAP)$"
)


def folder():
    """The folder that steers this run and keeps its records."""
    named = os.environ.get("STANDIN_DIR")
    if named:
        path = pathlib.Path(named)
    else:
        path = pathlib.Path(sys.argv[0]).absolute().parent / ".standin"
        if not path.is_dir():
            fail(99, f"stand-in {pathlib.Path(sys.argv[0]).name}: set STANDIN_DIR to the folder that steers it")
    path.mkdir(parents=True, exist_ok=True)
    return path


def scenario():
    """The scenario's settings, read anew: a test may change them while something runs."""
    file = folder() / "scenario"
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}


def setting(key, default=""):
    return scenario().get(key, default)


def fail(code, *lines):
    """Says why on standard error and ends."""
    for line in lines:
        print(line, file=sys.stderr)
    sys.stderr.flush()
    sys.exit(code)


def append_record(record):
    """One line per record, in one write, so that parallel calls do not mix."""
    line = json.dumps(record, ensure_ascii=False) + "\n"
    with open(folder() / "calls.log", "a", encoding="utf-8") as log:
        log.write(line)


def start(tool):
    """Records the call, obeys `hang`, and returns the arguments."""
    environment = {name: value for name, value in os.environ.items() if RECORDED.search(name)}
    append_record(
        {
            "tool": tool,
            "argv": sys.argv[1:],
            "cwd": os.getcwd(),
            "pid": os.getpid(),
            "env": dict(sorted(environment.items())),
            "env_names": sorted(os.environ),
        }
    )
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda number, _: interrupted(tool, number))
    if tool in setting("hang").split(","):
        hang()
    canned(tool, sys.argv[1:])
    return sys.argv[1:]


def canned(tool, arguments):
    """Gives the answer that a test has laid down for this call, if there is one."""
    file = folder() / "answers.json"
    answers = json.loads(file.read_text()) if file.exists() else []
    for answer in answers:
        fits = all(any(word in argument for argument in arguments) for word in answer["words"])
        if answer["tool"] == tool and fits:
            time.sleep(answer.get("delay", 0))
            sys.stdout.write(answer.get("stdout") or json.dumps(answer.get("json"), indent=4) + "\n")
            sys.stderr.write(answer.get("stderr", ""))
            sys.exit(answer.get("code", 0))


def interrupted(tool, number):
    """A signal is worth recording: tests ask who got it."""
    append_record({"tool": tool, "signal": signal.Signals(number).name, "pid": os.getpid()})
    os._exit(128 + number)


def hang():
    """Never answers; ends only by a signal."""
    while True:
        time.sleep(3600)


def option(arguments, name, default=None):
    """The value after `--name`, or of `--name=value`."""
    for index, argument in enumerate(arguments):
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith(name + "="):
            return argument.split("=", 1)[1]
    return default


def values(arguments, name):
    """All values after `--name`, up to the next option."""
    found = []
    if name in arguments:
        for argument in arguments[arguments.index(name) + 1 :]:
            if argument.startswith("--"):
                break
            found.append(argument)
    return found


def unknown(tool, arguments):
    """A call that no test has needed yet must be seen, not swallowed."""
    fail(97, f"stand-in {tool}: does not know: {' '.join(arguments)}")


def gateway_module():
    """The platform fixture's gateway, which stand-ins bring up in the cloud's place."""
    import importlib.util

    root = pathlib.Path(__file__).resolve().parents[3]
    path = root / "fixtures/platform/deploy/bin/process_runtime.py"
    spec = importlib.util.spec_from_file_location("process_runtime", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain_server(port):
    """A server that is merely there, for the ports beside the gateway's."""
    module = gateway_module()

    class Plain(module.Handler):
        def do_GET(self):
            self.reply(200, {"status": "ok"})

    return module.http.server.ThreadingHTTPServer(("127.0.0.1", port), Plain)


def serve_gateway(port, others=(), announce=lambda: None):
    """Serves the platform's gateway over TLS on `port` and plain answers on `others`; does not return."""
    import subprocess
    import threading

    module = gateway_module()
    home = folder()
    certificates, data = home / "certs", home / "data"
    certificates.mkdir(exist_ok=True)
    data.mkdir(exist_ok=True)
    if not (certificates / "gateway.crt").exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", str(certificates / "gateway.key"), "-out", str(certificates / "gateway.crt")],
            check=True, capture_output=True,
        )  # fmt: skip
    behind = module.backend(0, data, setting("ready_delay", "0"))
    servers = [behind]
    servers += [plain_server(other) for other in others]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    front = module.gateway(port, behind.server_address[1], certificates, setting("health_delay", "0"))
    announce()
    front.serve_forever()
