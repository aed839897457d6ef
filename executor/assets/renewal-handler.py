"""Renews a platform token before it expires: an issuer's token obtains it, its secret gets a new version."""
import datetime, json, os, urllib.request
import boto3


def generate(issuer, seconds, scope):
    body = {"expiresIn": seconds, **({"scope": scope} if scope else {})}
    request = urllib.request.Request(
        issuer["platformUrl"].rstrip("/") + "/api/user/generate-token", json.dumps(body).encode(),
        {"content-type": "application/json", "authorization": "Bearer " + issuer["password"]})
    with urllib.request.urlopen(request, timeout=20) as answer:
        answer = json.loads(answer.read())
    return answer.get("data", answer)


def handler(_event, _context):
    secrets, name = boto3.client("secretsmanager"), os.environ["PLATFORM_SECRET_NAME"]
    read = lambda name: json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    old = read(name)
    # a token with a scope may do what its scope says only: another one issues its successor
    issuer = read(os.environ.get("ISSUER_SECRET_NAME") or name)
    seconds = int(os.environ["TOKEN_DAYS"]) * 86400
    issued = generate(issuer, seconds, os.environ.get("TOKEN_SCOPE"))
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
