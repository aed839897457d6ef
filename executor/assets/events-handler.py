"""Posts CodePipeline state changes to the platform; what cannot be posted goes back to the queue."""
import json, os, time, urllib.error, urllib.request
import boto3

_clients, _tags, _secret = {}, {}, {"value": None, "until": 0}


def client(name):
    if name not in _clients:
        _clients[name] = boto3.client(name)
    return _clients[name]


def token(fresh=False):
    if fresh or time.time() > _secret["until"]:
        answer = client("secretsmanager").get_secret_value(SecretId=os.environ["PLATFORM_SECRET_NAME"])
        _secret.update(value=json.loads(answer["SecretString"])["password"], until=time.time() + 300)
    return _secret["value"]


def pipeline_id(arn):
    """The platform's id of a pipeline; None for one that is not the platform's. Cached while the function is warm."""
    if arn not in _tags:
        tags, more = [], {}
        while True:
            page = client("codepipeline").list_tags_for_resource(resourceArn=arn, **more)
            tags += page.get("tags", [])
            if not page.get("nextToken"):
                break
            more = {"nextToken": page["nextToken"]}
        _tags[arn] = next((t["value"] for t in tags if t["key"] == "PIPELINE_EVENT_ID"), None)
    return _tags[arn]


def report(event):
    """What the platform is told: no ARN and no account number."""
    detail = event["detail"]
    arn = "arn:%s:codepipeline:%s:%s:%s" % (
        os.environ.get("PARTITION", "aws"), event["region"], event["account"], detail["pipeline"])
    found = pipeline_id(arn)
    if found is None:
        return None
    names = {"executionId": "execution-id", "state": "state", "stage": "stage", "action": "action",
             "startTime": "start-time", "version": "version"}
    body = {"pipelineId": found, "eventId": event["id"], "eventType": event["detail-type"], "time": event["time"]}
    body.update({name: detail[key] for name, key in names.items() if key in detail})
    return body


def post(body):
    for fresh in (False, True):
        request = urllib.request.Request(
            os.environ["PLATFORM_BASE_URL"].rstrip("/") + "/api/reports/events", json.dumps(body).encode(),
            {"content-type": "application/json", "authorization": "Bearer " + token(fresh)})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            if error.code == 409:  # told before: the queue delivers at least once
                return error.code
            if error.code != 401 or fresh:
                raise


def handler(batch, _context):
    failed = []
    for record in batch["Records"]:
        try:
            body = report(json.loads(record["body"]))
            if body is not None:
                post(body)
        except Exception as error:
            print("not posted:", record["messageId"], type(error).__name__, getattr(error, "code", ""))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
