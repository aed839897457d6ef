"""The Lambda handlers against a platform on loopback; AWS is stood in for by small objects."""
import http.server
import importlib.util
import json
import os
import pathlib
import sys
import threading
import types
import unittest

ASSETS = pathlib.Path(__file__).resolve().parents[2] / "executor" / "assets"


class Platform(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.path, self.headers["authorization"], body))
        status, answer = self.server.answers.pop(0) if self.server.answers else (200, {})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


class Aws:
    """Every client in one: secrets and the tags of pipelines."""

    def __init__(self):
        self.secret = {"username": "orchard", "password": "old-token", "platformUrl": "", "expiresIn": 1}
        self.issuer = None
        self.read, self.put, self.tags, self.denied = 0, [], {}, False

    def get_secret_value(self, SecretId):
        self.read += 1
        return {"SecretString": json.dumps(self.issuer if SecretId == "issuer" else self.secret)}

    def put_secret_value(self, SecretId, SecretString):
        self.put.append((SecretId, json.loads(SecretString)))

    def list_tags_for_resource(self, resourceArn, nextToken=None):
        if self.denied:
            raise PermissionError("codepipeline:ListTagsForResource")
        if nextToken is None:
            return {"tags": [{"key": "team", "value": "x"}], "nextToken": "2"}
        return {"tags": self.tags.get(resourceArn, [])}


def event(pipeline="orders", **detail):
    return {"id": "e-1", "detail-type": "CodePipeline Pipeline Execution State Change", "region": "eu-west-1",
            "account": "000000000000", "time": "2026-01-01T00:00:00Z",
            "detail": {"pipeline": pipeline, "execution-id": "x-1", "state": "SUCCEEDED", **detail}}


class Handlers(unittest.TestCase):
    def setUp(self):
        self.aws = Aws()
        sys.modules["boto3"] = types.SimpleNamespace(client=lambda _name: self.aws)
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Platform)
        self.server.asked, self.server.answers = [], []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        url = "http://127.0.0.1:%d" % self.server.server_port
        self.aws.secret["platformUrl"] = url
        os.environ.update(PLATFORM_BASE_URL=url, PLATFORM_SECRET_NAME="s", TOKEN_DAYS="7", TOKEN_SCOPE="reporting:ingest")
        self.aws.tags["arn:aws:codepipeline:eu-west-1:000000000000:orders"] = [
            {"key": "PIPELINE_EVENT_ID", "value": "p-77"}]

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def load(self, name):
        spec = importlib.util.spec_from_file_location("handler_under_test", ASSETS / name)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def ingest(self, *events):
        records = [{"messageId": "m%d" % n, "body": json.dumps(e)} for n, e in enumerate(events)]
        return self.load("events-handler.py").handler({"Records": records}, None)

    def test_an_event_is_posted_under_the_platforms_id_without_arn_or_account(self):
        self.assertEqual(self.ingest(event(stage="Build")), {"batchItemFailures": []})
        (path, bearer, body), = self.server.asked
        self.assertEqual((path, bearer), ("/api/reports/events", "Bearer old-token"))
        self.assertEqual((body["pipelineId"], body["stage"], body["state"]), ("p-77", "Build", "SUCCEEDED"))
        self.assertNotIn("000000000000", json.dumps(body))

    def test_a_pipeline_without_the_tag_is_not_posted(self):
        self.assertEqual(self.ingest(event("other")), {"batchItemFailures": []})
        self.assertEqual(self.server.asked, [])

    def test_only_the_failed_record_goes_back_to_the_queue(self):
        self.server.answers = [(200, {}), (503, {}), (200, {})]
        self.assertEqual(self.ingest(event(), event(), event()), {"batchItemFailures": [{"itemIdentifier": "m1"}]})

    def test_a_refused_token_is_read_again_once(self):
        self.server.answers = [(401, {}), (200, {})]
        self.assertEqual(self.ingest(event()), {"batchItemFailures": []})
        self.assertEqual(self.aws.read, 2)
        self.server.answers = [(401, {}), (401, {})]
        self.assertEqual(len(self.ingest(event())["batchItemFailures"]), 1)

    def test_an_event_told_twice_is_no_failure(self):
        self.server.answers = [(409, {})]
        self.assertEqual(self.ingest(event()), {"batchItemFailures": []})

    def test_a_denied_tag_lookup_and_a_broken_body_go_back_to_the_queue(self):
        self.aws.denied = True
        self.assertEqual(len(self.ingest(event())["batchItemFailures"]), 1)
        broken = {"Records": [{"messageId": "m9", "body": "not JSON"}]}
        self.assertEqual(self.load("events-handler.py").handler(broken, None),
                         {"batchItemFailures": [{"itemIdentifier": "m9"}]})

    def test_a_token_is_renewed_with_the_old_one(self):
        self.server.answers = [(200, {"data": {"accessToken": "new-token", "expiresIn": 604800}})]
        self.load("renewal-handler.py").handler({}, None)
        self.assertEqual(self.server.asked[0][1:], ("Bearer old-token", {"expiresIn": 604800, "scope": "reporting:ingest"}))
        (name, value), = self.aws.put
        self.assertEqual((name, value["password"], value["username"]), ("s", "new-token", "orchard"))

    def test_another_token_issues_the_successor_of_one_with_a_scope(self):
        self.aws.issuer = {**self.aws.secret, "username": "issuer", "password": "issuer-token"}
        self.server.answers = [(200, {"data": {"accessToken": "new-token"}})]
        os.environ["ISSUER_SECRET_NAME"] = "issuer"
        self.addCleanup(os.environ.pop, "ISSUER_SECRET_NAME")
        self.load("renewal-handler.py").handler({}, None)
        self.assertEqual(self.server.asked[0][1], "Bearer issuer-token")
        (name, value), = self.aws.put
        self.assertEqual((name, value["password"], value["username"]), ("s", "new-token", "orchard"))

    def test_an_answer_without_a_token_leaves_the_secret_alone(self):
        self.server.answers = [(200, {"data": {}})]
        with self.assertRaises(RuntimeError):
            self.load("renewal-handler.py").handler({}, None)
        self.assertEqual(self.aws.put, [])

    def test_the_code_fits_into_a_template(self):
        for name in ("events-handler.py", "renewal-handler.py"):
            self.assertLessEqual(len((ASSETS / name).read_text()), 4096, name)


if __name__ == "__main__":
    unittest.main()
