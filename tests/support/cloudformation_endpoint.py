#!/usr/bin/env python3
"""CloudFormation's query API over HTTP, on the stacks that the stand-ins made.

    STANDIN_DIR=DIR cloudformation_endpoint.py [--port 0] [--page-size 100]

Prints `http://127.0.0.1:PORT` and serves until it is ended. Answers what deploying, following and
deleting stacks takes, and STS GetCallerIdentity; any other action is refused as the service does.
Each request goes to requests.log in STANDIN_DIR. Scenario keys besides those of lib/changesets.py:

credentials        as for `aws`
account            whose credentials STS says they are
account_of_KEY     the same for one access key
invalid_template   what ValidateTemplate refuses a template with
hook_results       denied: what hooks said may not be read
throttle           how many requests are refused first
throttle_every     each request with a number that this divides is refused, too
unreachable        yes: closes the connection without an answer
cut                an action whose first answer breaks off in the middle
expire_after       how many requests are answered before the credentials expire
expire_for         how many are then refused before they work again; without it all
describe_events    yes: DescribeEvents is there
stack_state        the state of the stack of any name that is there from the beginning
protected          yes: stacks are protected against deletion
forget             yes: of a deleted stack nothing can be read any more
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
import changesets  # noqa: E402
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
    stack = cloud.find(name) or seeded(name)
    if not stack or is_forgotten(stack):
        raise Refused(400, "ValidationError", f"Stack with id {name} does not exist")
    return stack


def is_forgotten(stack):
    return stack["status"] == cloud.GONE and standin.setting("forget") == "yes"


def seeded(name):
    """The stack that the scenario says was there from the beginning, once."""
    state = standin.setting("stack_state")
    if not state or not name or cloud.stacks():
        return None
    stack = cloud.create(name, "us-east-1", {})
    cloud.add_event(stack, {"stack": name}, {"id": name, "type": "AWS::CloudFormation::Stack", "status": state})
    return stack


def described(stack):
    parameters = [{"ParameterKey": key, "ParameterValue": "****" if key == "GhcrToken" else value}
                  for key, value in stack["parameters"].items()]  # fmt: skip
    return {
        "StackName": stack["name"], "StackId": stack["id"], "CreationTime": stack["created"],
        "StackStatus": stack["status"], "StackStatusReason": stack["reason"], "DisableRollback": "false",
        "Parameters": parameters, "EnableTerminationProtection": str(standin.setting("protected") == "yes").lower(),
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in stack["outputs"].items()],
    }  # fmt: skip


def described_event(stack, event):
    return {
        "EventId": event["event"], "StackId": stack["id"], "StackName": stack["name"],
        "LogicalResourceId": event["logical"], "PhysicalResourceId": event["physical"],
        "ResourceType": event["type"], "Timestamp": event["time"], "ResourceStatus": event["status"],
        "ResourceStatusReason": event["reason"], **(event.get("hook") or {}),
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


def describe_events(form, page_size):
    """The same events under their newer action, where the endpoint has it."""
    if standin.setting("describe_events") != "yes":
        raise Refused(400, "InvalidAction", "Could not find operation DescribeEvents for version 2010-05-15")
    answer = describe_stack_events(form, page_size)
    events = [{**event, "EventType": "STACK_EVENT", "OperationId": "0f1e2d3c"} for event in answer.pop("StackEvents")]
    for event in events:
        event.pop("HookInvocationId", None)
    return {"OperationEvents": events, **answer}


def hook_results():
    """What hooks said, by the id of the result."""
    return json.loads((cloud.TIMELINES / "hook-results.json").read_text())


def get_hook_result(form, _):
    if standin.setting("hook_results") == "denied":
        raise Refused(403, "AccessDenied", "User is not authorized to perform: cloudformation:GetHookResult")
    result = hook_results().get(form["HookResultId"])
    if not result:
        raise Refused(404, "HookResultNotFound", f"Hook result {form['HookResultId']} does not exist")
    return {"HookResultId": form["HookResultId"], **result}


def list_hook_results(form, _):
    """Those of a change set, or, without a target, those of every stack."""
    of_change_set = form.get("TargetType") == "CHANGE_SET"
    found = []
    for name, result in hook_results().items():
        if of_change_set == (result["Target"]["TargetType"] == "CHANGE_SET"):
            summary = {key: result[key] for key in ("TypeName", "Status", "HookStatusReason", "FailureMode")}
            targets = [None] if of_change_set else [stack["id"] for stack in cloud.stacks()]
            found += [{"HookResultId": name, **summary, "HookExecutionTarget": target} for target in targets]
    return {"HookResults": found}


def validate_template(form, _):
    failure = standin.setting("invalid_template")
    if failure:
        raise Refused(400, "ValidationError", failure)
    return {"Parameters": []}


def members(form, prefix):
    """A list of a query: `Prefix.member.N` or `Prefix.member.N.Key`."""
    found = {}
    for key, value in form.items():
        if key.startswith(f"{prefix}.member."):
            number, _, field = key[len(prefix) + 8 :].partition(".")
            found.setdefault(int(number), {})[field] = value
    return [found[number] for number in sorted(found)]


def create_change_set(form, _):
    name, kind = form["StackName"], form.get("ChangeSetType", "UPDATE")
    stack = cloud.find(name) or seeded(name)
    if changesets.find(form["ChangeSetName"]):
        raise Refused(409, "AlreadyExistsException", f"ChangeSet {form['ChangeSetName']} already exists")
    insist_on_capabilities(form)
    if not stack and kind == "UPDATE":
        raise Refused(400, "ValidationError", f"Stack [{name}] does not exist")
    refuse_state(stack)
    previous = stack["parameters"] if stack else {}
    parameters = {
        given["ParameterKey"]: given.get("ParameterValue", previous.get(given["ParameterKey"], ""))
        for given in members(form, "Parameters")
    }
    stack = stack or cloud.create(name, "us-east-1", {})
    change_set = changesets.make(stack, form["ChangeSetName"], kind, parameters)
    return {"Id": change_set["id"], "StackId": stack["id"]}


def insist_on_capabilities(form):
    given = [capability[""] for capability in members(form, "Capabilities")]
    needs = [capability for capability in standin.setting("needs").split(",") if capability]
    missing = [capability for capability in needs if capability not in given]
    if missing:
        raise Refused(400, "InsufficientCapabilitiesException", f"Requires capabilities : [{', '.join(missing)}]")


def refuse_state(stack):
    """No update leads out of these states."""
    if not stack or stack["status"] == "REVIEW_IN_PROGRESS":
        return
    state = stack["status"]
    if state.endswith(("_IN_PROGRESS", "_FAILED")) or state == "ROLLBACK_COMPLETE":
        message = f"Stack:{stack['id']} is in {state} state and can not be updated."
        raise Refused(400, "ValidationError", message)


def change_set_of(form):
    change_set = changesets.find(form.get("ChangeSetName", ""))
    if not change_set:
        raise Refused(404, "ChangeSetNotFound", f"ChangeSet [{form.get('ChangeSetName')}] does not exist")
    return change_set


def describe_change_set(form, page_size):
    """Still being worked out at the first look; the changes come in pages."""
    change_set = change_set_of(form)
    change_set["asked"] += 1
    changesets.save(change_set)
    if change_set["asked"] == 1:
        return {"ChangeSetId": change_set["id"], "Status": "CREATE_IN_PROGRESS", "ExecutionStatus": "UNAVAILABLE"}
    first = int(form.get("NextToken") or 0)
    changes = change_set["changes"] if change_set["status"] != "FAILED" else []
    page = [{"Type": "Resource", "ResourceChange": change} for change in changes[first : first + page_size]]
    more = first + page_size if first + page_size < len(changes) else None
    return {
        "ChangeSetId": change_set["id"], "ChangeSetName": change_set["name"], "Status": change_set["status"],
        "StatusReason": change_set["reason"], "ExecutionStatus": change_set["execution"], "Changes": page,
        "NextToken": more,
    }  # fmt: skip


def execute_change_set(form, _):
    change_set = change_set_of(form)
    state = change_set["execution"]
    if state != "AVAILABLE":
        message = f"ChangeSet [{change_set['id']}] cannot be executed in its current status of [{state}]"
        raise Refused(400, "InvalidChangeSetStatus", message)
    changesets.execute(change_set)
    return {}


def delete_change_set(form, _):
    (changesets.folder() / f"{change_set_of(form)['name']}.json").unlink()
    return {}


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
    there = [stack for stack in cloud.stacks() if not is_forgotten(stack)]
    return {"StackSummaries": [{key: described(stack)[key] for key in keys} for stack in there]}


def delete_stack(form, _):
    """Goes on after the answer, as deletions do; a stack that is not there is no error."""
    stack = cloud.find(form.get("StackName", ""))
    if stack and stack["status"] != cloud.GONE:
        # The first event is there when the answer is: whoever asks next must not see the old state.
        stack["status"] = "DELETE_IN_PROGRESS"
        cloud.save(stack)
        threading.Thread(target=cloud.delete, args=(stack,), daemon=True).start()
    return {}


def get_caller_identity(form, _):
    account = standin.setting(f"account_of_{form['key']}") or standin.setting("account", cloud.ACCOUNT)
    return {"Arn": f"arn:aws:iam::{account}:user/deployer", "UserId": "AIDAEXAMPLE", "Account": account}


ACTIONS = {
    "CreateChangeSet": create_change_set,
    "DeleteChangeSet": delete_change_set,
    "DescribeChangeSet": describe_change_set,
    "DescribeEvents": describe_events,
    "ExecuteChangeSet": execute_change_set,
    "DescribeStacks": describe_stacks,
    "DescribeStackEvents": describe_stack_events,
    "DescribeStackResources": describe_stack_resources,
    "ListStacks": list_stacks,
    "DeleteStack": delete_stack,
    "GetCallerIdentity": get_caller_identity,
    "GetHookResult": get_hook_result,
    "ListHookResults": list_hook_results,
    "ValidateTemplate": validate_template,
}


def refuse_by_scenario(served):
    credentials = standin.setting("credentials", "ok")
    if credentials == "expired":
        raise Refused(403, "ExpiredToken", "The security token included in the request is expired")
    if credentials in ("invalid", "missing"):
        raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    if credentials == "hang":
        standin.hang()
    after, count = standin.setting("expire_after"), standin.setting("expire_for")
    if after and int(after) < served <= (int(after) + int(count) if count else served):
        raise Refused(403, "ExpiredToken", "The security token included in the request is expired")
    every = int(standin.setting("throttle_every", "0"))
    if served <= int(standin.setting("throttle", "0")) or (every and served % every == 0):
        raise Refused(400, "Throttling", "Rate exceeded")


class Endpoint(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    page_size = 100
    served = 0
    cuts = set()
    cut = False

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = dict(urllib.parse.parse_qsl(body))
        # Credential=KEY/DATE/REGION/SERVICE/aws4_request
        form["key"] = self.headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]
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
            answer = ACTIONS[action](form, self.page_size)
            self.cut = standin.setting("cut") == action and action not in Endpoint.cuts
            Endpoint.cuts.add(action)
            self.answer(action, answer)
        except Refused as refused:
            self.refuse(*refused.args)

    def record(self, action, form):
        line = json.dumps({"action": action, "stack": form.get("StackName"), "token": form.get("NextToken"),
                           "key": form["key"]})  # fmt: skip
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
        if self.cut:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
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
