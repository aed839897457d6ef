"""Renews the platform's token before it expires: the old one obtains the new one, the secret gets a new version."""
import datetime, json, os, urllib.request
import boto3


def generate(old, seconds, scope):
    body = {"expiresIn": seconds, **({"scope": scope} if scope else {})}
    request = urllib.request.Request(
        old["platformUrl"].rstrip("/") + "/api/user/generate-token", json.dumps(body).encode(),
        {"content-type": "application/json", "authorization": "Bearer " + old["password"]})
    with urllib.request.urlopen(request, timeout=20) as answer:
        answer = json.loads(answer.read())
    return answer.get("data", answer)


def handler(_event, _context):
    secrets, name = boto3.client("secretsmanager"), os.environ["PLATFORM_SECRET_NAME"]
    old = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    seconds = int(os.environ["TOKEN_DAYS"]) * 86400
    issued = generate(old, seconds, os.environ.get("TOKEN_SCOPE"))
    if not issued.get("accessToken"):
        raise RuntimeError("the platform issued no token")
    seconds = issued.get("expiresIn", seconds)
    now = datetime.datetime.now(datetime.timezone.utc)
    new = {**old, "password": issued["accessToken"], "expiresIn": seconds, "createdAt": now.isoformat(),
           "expiresAt": (now + datetime.timedelta(seconds=seconds)).isoformat()}
    if issued.get("refreshToken"):
        new["refreshToken"] = issued["refreshToken"]
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(new))
    return {"secret": name, "expiresAt": new["expiresAt"]}
