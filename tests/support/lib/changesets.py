"""Change sets of the scripted CloudFormation: kept as files, executed as timelines.

What a change set would do is read off the timeline that its execution will play: its `changes`, or an addition for
each resource that the timeline starts. Scenario keys: `deploy` (which timeline, as for `aws`), `changes` (a file of
changes.json's lists), `change_set` = a reason to fail with, `needs` = capabilities to insist on.
"""

import json
import threading

import cloud
import standin


def folder():
    home = standin.folder() / "changesets"
    home.mkdir(exist_ok=True)
    return home


def save(change_set):
    (folder() / f"{change_set['name']}.json").write_text(json.dumps(change_set))


def find(name):
    """By name or id."""
    for file in folder().glob("*.json"):
        change_set = json.loads(file.read_text())
        if name in (change_set["name"], change_set["id"]):
            return change_set
    return None


def make(stack, name, kind, parameters):
    usual = "ok" if kind == "CREATE" else "update"
    line = cloud.choose(standin.setting("deploy", "ok"), parameters, cloud.attempts(stack["name"]), usual)
    change_set = {
        "name": name, "stack": stack["id"], "kind": kind, "parameters": parameters, "line": line, "asked": 0,
        "id": stack["id"].replace(":stack/", ":changeSet/").replace(stack["name"], name, 1),
        "status": "CREATE_COMPLETE", "execution": "AVAILABLE", "reason": None, "changes": changes(line, stack),
    }  # fmt: skip
    failure = standin.setting("change_set")
    if failure:
        change_set.update(status="FAILED", execution="UNAVAILABLE", reason=failure)
    save(change_set)
    return change_set


def changes(line, stack):
    named = standin.setting("changes")
    if named:
        return json.loads((cloud.TIMELINES / "changes.json").read_text())[named]
    started = {}
    for event in line["events"]:
        if event["status"] == "CREATE_IN_PROGRESS" and not event.get("in") and "{stack}" not in event["id"]:
            started.setdefault(event["id"], event["type"])
    return [{"Action": "Add", "LogicalResourceId": logical, "ResourceType": kind} for logical, kind in started.items()]


def execute(change_set):
    """Goes on after the answer, as the service does."""
    stack = cloud.find(change_set["stack"])
    stack["status"] = f"{change_set['kind']}_IN_PROGRESS"
    stack["parameters"] = change_set["parameters"]
    cloud.save(stack)
    change_set["execution"] = "EXECUTE_IN_PROGRESS"
    save(change_set)
    # The review was before: once executed, a stack is never under review again.
    events = [event for event in change_set["line"]["events"] if event["status"] != "REVIEW_IN_PROGRESS"]
    line = {**change_set["line"], "events": events}
    play = threading.Thread(target=cloud.play, args=(stack, line, change_set["parameters"]), daemon=True)
    play.start()
