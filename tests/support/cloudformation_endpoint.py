#!/usr/bin/env python3
"""CloudFormation's query API over HTTP, on the stacks that the stand-ins made.

    STANDIN_DIR=DIR cloudformation_endpoint.py [--port 0] [--page-size 100]

Prints `http://127.0.0.1:PORT` and serves until it is ended. Answers DescribeStacks,
DescribeStackEvents (in pages), DescribeStackResources, ListStacks, DeleteStack and STS
GetCallerIdentity; any other action is refused as the service does. Each request goes to
requests.log in STANDIN_DIR. Scenario keys: credentials (as for `aws`), account = whose credentials
STS says they are, throttle = the number
of requests to refuse first, unreachable = yes closes the connection without an answer.
"""

import argparse
import http.server
import json
import pathlib
import sys
import threading
import urllib.parse
import xml.sax.saxutils

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import cloud  # noqa: E402
import standin  # noqa: E402

NAMESPACES = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "cloudformation": "http://cloudformation.amazonaws.com/doc/2010-05-15/",
}
REQUEST_ID = "b25f48e8-84fd-11e6-80d9-574e0c4664cb"


class Refused(Exception):
    """An API error: HTTP status, code, message."""


def element(name, value):
    """A value as XML: dicts nest, lists hold members, None is left out."""
    if value is None:
        return ""
    if isinstance(value, dict):
        inner = "".join(element(key, part) for key, part in value.items())
    elif isinstance(value, list):
        inner = "".join(element("member", part) for part in value)
    else:
        inner = xml.sax.saxutils.escape(str(value))
    return f"<{name}>{inner}</{name}>"


def stack_of(form):
    name = form.get("StackName", "")
    stack = cloud.find(name)
    if not stack:
        raise Refused(400, "ValidationError", f"Stack with id {name} does not exist")
    return stack


def described(stack):
    parameters = [{"ParameterKey": key, "ParameterValue": "****" if key == "GhcrToken" else value}
                  for key, value in stack["parameters"].items()]  # fmt: skip
    return {
        "StackName": stack["name"], "StackId": stack["id"], "CreationTime": stack["created"],
        "StackStatus": stack["status"], "StackStatusReason": stack["reason"], "DisableRollback": "false",
        "Parameters": parameters,
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in stack["outputs"].items()],
    }  # fmt: skip


def described_event(stack, event):
    return {
        "EventId": event["event"], "StackId": stack["id"], "StackName": stack["name"],
        "LogicalResourceId": event["logical"], "PhysicalResourceId": event["physical"],
        "ResourceType": event["type"], "Timestamp": event["time"], "ResourceStatus": event["status"],
        "ResourceStatusReason": event["reason"],
    }  # fmt: skip


def describe_stacks(form, _):
    chosen = [stack_of(form)] if form.get("StackName") else [s for s in cloud.stacks() if s["status"] != cloud.GONE]
    return {"Stacks": [described(stack) for stack in chosen]}


def describe_stack_events(form, page_size):
    """Newest first, in pages; the token is the number of events already given."""
    stack = stack_of(form)
    events = [described_event(stack, event) for event in reversed(stack["events"])]
    first = int(form.get("NextToken") or 0)
    answer = {"StackEvents": events[first : first + page_size]}
    if first + page_size < len(events):
        answer["NextToken"] = first + page_size
    return answer


def describe_stack_resources(form, _):
    stack, latest = stack_of(form), {}
    for event in stack["events"]:
        latest[event["logical"]] = event
    return {
        "StackResources": [
            {"StackName": stack["name"], "StackId": stack["id"], "LogicalResourceId": logical,
             "PhysicalResourceId": event["physical"], "ResourceType": event["type"], "Timestamp": event["time"],
             "ResourceStatus": event["status"], "ResourceStatusReason": event["reason"]}
            for logical, event in latest.items() if logical != stack["name"]
        ]
    }  # fmt: skip


def list_stacks(*_):
    keys = ("StackId", "StackName", "CreationTime", "StackStatus", "StackStatusReason")
    return {"StackSummaries": [{key: described(stack)[key] for key in keys} for stack in cloud.stacks()]}


def delete_stack(form, _):
    """Goes on after the answer, as deletions do; a stack that is not there is no error."""
    stack = cloud.find(form.get("StackName", ""))
    if stack and stack["status"] != cloud.GONE:
        # The first event is there when the answer is: whoever asks next must not see the old state.
        stack["status"] = "DELETE_IN_PROGRESS"
        cloud.save(stack)
        threading.Thread(target=cloud.delete, args=(stack,), daemon=True).start()
    return {}


def get_caller_identity(*_):
    account = standin.setting("account", cloud.ACCOUNT)
    return {"Arn": f"arn:aws:iam::{account}:user/deployer", "UserId": "AIDAEXAMPLE", "Account": account}


ACTIONS = {
    "DescribeStacks": describe_stacks,
    "DescribeStackEvents": describe_stack_events,
    "DescribeStackResources": describe_stack_resources,
    "ListStacks": list_stacks,
    "DeleteStack": delete_stack,
    "GetCallerIdentity": get_caller_identity,
}


def refuse_by_scenario(served):
    credentials = standin.setting("credentials", "ok")
    if credentials == "expired":
        raise Refused(403, "ExpiredToken", "The security token included in the request is expired")
    if credentials in ("invalid", "missing"):
        raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    if credentials == "hang":
        standin.hang()
    if served <= int(standin.setting("throttle", "0")):
        raise Refused(400, "Throttling", "Rate exceeded")


class Endpoint(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    page_size = 100
    served = 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = dict(urllib.parse.parse_qsl(body))
        action = form.get("Action", "")
        Endpoint.served += 1
        self.record(action, form)
        if standin.setting("unreachable") == "yes":
            self.close_connection = True
            return
        try:
            refuse_by_scenario(Endpoint.served)
            if action not in ACTIONS:
                raise Refused(400, "InvalidAction", f"Could not find operation {action} for version 2010-05-15")
            self.answer(action, ACTIONS[action](form, self.page_size))
        except Refused as refused:
            self.refuse(*refused.args)

    def record(self, action, form):
        line = json.dumps({"action": action, "stack": form.get("StackName"), "token": form.get("NextToken")})
        with open(standin.folder() / "requests.log", "a", encoding="utf-8") as log:
            log.write(line + "\n")

    def answer(self, action, result):
        space = NAMESPACES["sts" if action == "GetCallerIdentity" else "cloudformation"]
        inner = element(f"{action}Result", result) + element("ResponseMetadata", {"RequestId": REQUEST_ID})
        self.send(200, f'<{action}Response xmlns="{space}">{inner}</{action}Response>')

    def refuse(self, status, code, message):
        error = element("Error", {"Type": "Sender", "Code": code, "Message": message})
        space = NAMESPACES["cloudformation"]
        self.send(status, f'<ErrorResponse xmlns="{space}">{error}{element("RequestId", REQUEST_ID)}</ErrorResponse>')

    def send(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """requests.log has it."""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--page-size", type=int, default=100)
    options = parser.parse_args()
    standin.folder()
    Endpoint.page_size = options.page_size
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Endpoint)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
