"""The stacks that "exist": played from timelines, kept as files, read by the endpoint.

A timeline (timelines/*.json) says how one deploy goes: its events in order and, for a
failing one, when it fails: `unless` names a parameter value that avoids the failure,
`attempts` the number of attempts that fail before one succeeds.
"""

import collections
import datetime
import hashlib
import json
import os
import pathlib
import time

import standin

TIMELINES = pathlib.Path(__file__).resolve().parents[1] / "timelines"
ACCOUNT = "123456789012"
GONE = "DELETE_COMPLETE"


def now():
    moment = datetime.datetime.now(datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def stacks():
    """Every stack of this run, oldest first, deleted ones too."""
    home = standin.folder() / "cloud"
    files = sorted(home.glob("*.json")) if home.is_dir() else []
    return [json.loads(file.read_text()) for file in files]


def find(name):
    """The stack of that name (or id, then also a deleted one)."""
    for stack in reversed(stacks()):
        if name == stack["id"] or (name == stack["name"] and stack["status"] != GONE):
            return stack
    return None


def save(stack):
    """Whole or not at all: the endpoint reads while a deploy writes."""
    home = standin.folder() / "cloud"
    home.mkdir(exist_ok=True)
    file = home / f"{stack['serial']:04d}.json"
    part = file.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(stack, indent=1))
    part.replace(file)


def create(name, region, parameters):
    serial = len(stacks()) + 1
    digest = hashlib.sha1(f"{name}/{serial}".encode()).hexdigest()
    unique = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
    stack = {
        "serial": serial, "name": name, "region": region,
        "id": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{unique}",
        "status": "REVIEW_IN_PROGRESS", "reason": None, "created": now(),
        "parameters": parameters, "outputs": {}, "events": [],
    }  # fmt: skip
    save(stack)
    return stack


def attempts(name):
    """How many deploys of that name there were, the one that is about to start among them."""
    file = standin.folder() / "attempts.json"
    counts = json.loads(file.read_text()) if file.exists() else {}
    counts[name] = counts.get(name, 0) + 1
    file.write_text(json.dumps(counts))
    return counts[name]


def timeline(name):
    return json.loads((TIMELINES / f"{name}.json").read_text())


def choose(wanted, parameters, attempt, usual):
    """The timeline this attempt follows: the wanted failure, unless it is avoided by now."""
    if wanted in ("", "ok"):
        return timeline(usual)
    line = timeline(wanted)
    avoided = any(parameters.get(key) == value for key, value in line.get("unless", {}).items())
    if avoided or attempt > line.get("attempts", attempt):
        return timeline(usual)
    return line


def add_event(stack, names, event):
    """One event, newest last; an event of the stack itself sets the stack's status."""
    if event.get("in"):
        return add_event(child(stack, event["in"]), {**names, "stack": child_name(stack, event["in"])},
                         {key: value for key, value in event.items() if key != "in"})  # fmt: skip
    logical, kind, status = event["id"].format(**names), event["type"], event["status"]
    reason = event.get("reason")
    reason = reason.format_map(collections.defaultdict(str, names)) if reason else None
    nested = kind == "AWS::CloudFormation::Stack" and logical != stack["name"]
    own = kind == "AWS::CloudFormation::Stack" and logical == stack["name"]
    stack["events"].append(
        {
            "event": f"{logical}-{status}-{len(stack['events']):04d}",
            "time": now(), "logical": logical, "type": kind, "status": status, "reason": reason, "hook": event.get("hook"),
            "physical": stack["id"] if own else child(stack, logical)["id"] if nested else f"{stack['name']}-{logical}",
        }
    )  # fmt: skip
    if own:
        stack["status"], stack["reason"] = status, reason
    save(stack)


def child_name(stack, logical):
    return f"{stack['name']}-{logical}-1A2B3C"


def child(stack, logical):
    """The stack nested in a resource; a deleted one too, for its events."""
    name = child_name(stack, logical)
    there = [other for other in stacks() if other["name"] == name]
    return there[-1] if there else create(name, stack["region"], {})


def play(stack, line, names):
    """Plays a timeline; `event_delay` seconds between events, for ever at `hang`."""
    delay = float(standin.setting("event_delay", "0.01"))
    names = {"stack": stack["name"], "region": stack["region"], "account": ACCOUNT, **names}
    for event in line["events"]:
        add_event(stack, names, event)
        if event.get("hang"):
            standin.hang()
        time.sleep(delay)
    if stack["status"].endswith("_COMPLETE") and "ROLLBACK" not in stack["status"]:
        stack["outputs"] = {key: value.format_map(collections.defaultdict(str, names)) for key, value in line.get("outputs", {}).items()}
        save(stack)
    return stack["status"]


def delete(stack):
    """Plays the deletion of everything that was created and not yet deleted."""
    parts = {}
    for event in stack["events"]:
        parts[event["logical"]] = event
    events = [{"id": stack["name"], "type": "AWS::CloudFormation::Stack", "status": "DELETE_IN_PROGRESS",
               "reason": "User Initiated"}]  # fmt: skip
    for logical, last in reversed(list(parts.items())):
        if logical != stack["name"] and last["status"] != GONE:
            events += [{"id": logical, "type": last["type"], "status": status}
                       for status in ("DELETE_IN_PROGRESS", GONE)]  # fmt: skip
    if standin.setting("delete") == "fail":
        events.append({"id": "Network", "type": "AWS::EC2::VPC", "status": "DELETE_FAILED",
                       "reason": "The vpc 'vpc-0a1b2c3d' has dependencies and cannot be deleted. (Service: Ec2, "
                                 "Status Code: 400, Request ID: 5e6f)"})  # fmt: skip
        events.append({"id": stack["name"], "type": "AWS::CloudFormation::Stack", "status": "DELETE_FAILED",
                       "reason": "The following resource(s) failed to delete: [Network]. "})  # fmt: skip
    else:
        events.append({"id": stack["name"], "type": "AWS::CloudFormation::Stack", "status": GONE})
    return play(stack, {"events": events}, {})
