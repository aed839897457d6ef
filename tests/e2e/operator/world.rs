//! A platform and an AWS account on loopback, for the operator commands: data in, real HTTP out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use crate::env::TestEnv;

/// A stack of the scripted account.
#[derive(Debug, Clone)]
pub struct StackData {
    pub name: String,
    pub status: String,
    pub tags: Vec<(String, String)>,
    pub nested: bool,
}

impl StackData {
    pub fn tagged(name: &str, status: &str, org: &str) -> Self {
        let tags = [("pipeline-builder", format!("id-{name}")), ("OrgId", org.to_owned())];
        let tags = tags.map(|(key, value)| (key.to_owned(), value)).to_vec();
        Self { name: name.to_owned(), status: status.to_owned(), tags, nested: false }
    }

    pub fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), status: "CREATE_COMPLETE".to_owned(), tags: Vec::new(), nested: false }
    }
}

/// What the account and the platform hold and how they answer.
#[derive(Debug, Default)]
pub struct Data {
    /// The stacks of each region.
    pub stacks: BTreeMap<String, Vec<StackData>>,
    /// Regions that answer with this error code instead.
    pub denied: BTreeMap<String, String>,
    /// How many requests to CloudFormation are throttled before one is answered.
    pub throttle: u32,
    /// The registry's answer, with its status.
    pub registry: Option<(u16, Value)>,
    /// What was asked, in order: `region action` for AWS, `METHOD path` for the platform.
    pub asked: Vec<String>,
    /// Secrets by name, as `(region, value)`.
    pub secrets: BTreeMap<String, Vec<String>>,
    /// What the platform was sent, by route.
    pub bodies: Vec<(String, Value)>,
    /// How the platform's routes answer instead of well: by the beginning of the path, status and text.
    pub troubles: BTreeMap<String, (u16, String)>,
    /// Routes that are slow, by the beginning of the path.
    pub slow: BTreeMap<String, Duration>,
    /// Tags of the account's pipelines, by ARN.
    pub pipelines: BTreeMap<String, Vec<(String, String)>>,
}

/// How many stacks a page of DescribeStacks holds.
const PAGE: usize = 100;

/// The servers, what they hold, and the environment that leads the binary to them.
pub struct World {
    pub data: Arc<Mutex<Data>>,
    pub env: TestEnv,
    /// Where the platform and the account answer.
    pub url: String,
    // the server lives as long as its runtime
    _runtime: tokio::runtime::Runtime,
    _server: MockServer,
}

impl World {
    pub fn new(data: Data) -> Self {
        let data = Arc::new(Mutex::new(data));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let server = runtime.block_on(serve(Arc::clone(&data)));
        let url = server.uri();
        let env = TestEnv::new()
            .var("AWS_ENDPOINT_URL", &url)
            .var("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .var("AWS_SECRET_ACCESS_KEY", "example-secret-key")
            .var("AWS_EC2_METADATA_DISABLED", "true")
            .var("PLATFORM_BASE_URL", &url)
            .var("PLATFORM_TOKEN", token("orchard"));
        Self { data, env, url, _runtime: runtime, _server: server }
    }

    /// Changes what is held, or how it is answered.
    pub fn change(&self, change: impl FnOnce(&mut Data)) {
        change(&mut self.data.lock().expect("no test panicked while it held the data"));
    }

    /// What the platform was sent to one route.
    pub fn sent(&self, route: &str) -> Vec<Value> {
        let data = self.data.lock().expect("no test panicked while it held the data");
        data.bodies.iter().filter(|(path, _)| path == route).map(|(_, body)| body.clone()).collect()
    }

    pub fn asked(&self, what: &str) -> usize {
        let data = self.data.lock().expect("no test panicked while it held the data");
        data.asked.iter().filter(|asked| asked.contains(what)).count()
    }
}

async fn serve(data: Arc<Mutex<Data>>) -> MockServer {
    let server = MockServer::start().await;
    let platform = Platform(Arc::clone(&data));
    Mock::given(matchers::path_regex("^/(api/|health|ready)")).respond_with(platform).mount(&server).await;
    Mock::given(matchers::path("/")).respond_with(Account(data)).mount(&server).await;
    server
}

/// A token of the platform's form; its signature is nobody's.
pub fn token(org: &str) -> String {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let claims = json!({ "organizationId": org, "sub": "user-1" }).to_string();
    format!("{}.{}.{}", encode(r#"{"alg":"HS256"}"#), encode(&claims), encode("signature-canary"))
}

struct Platform(Arc<Mutex<Data>>);

impl Respond for Platform {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut data = self.0.lock().expect("no test panicked while it held the data");
        let path = request.url.path().to_owned();
        data.asked.push(format!("{} {path}", request.method));
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        data.bodies.push((path.clone(), body.clone()));
        let trouble = data.troubles.iter().find(|(route, _)| path.starts_with(*route));
        let answer = match trouble {
            Some((_, (status, text))) => ResponseTemplate::new(*status).set_body_string(text),
            None => Self::well(&data, &path, &body, request),
        };
        match data.slow.iter().find(|(route, _)| path.starts_with(*route)) {
            Some((_, delay)) => answer.set_delay(*delay),
            None => answer,
        }
    }
}

impl Platform {
    fn well(data: &Data, path: &str, body: &Value, request: &Request) -> ResponseTemplate {
        let bearer = request.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("");
        match path {
            "/health" | "/ready" => ResponseTemplate::new(200).set_body_string("ok"),
            // only a token with the scope is taken here
            "/api/reports/events" if bearer == format!("Bearer {}-reporting:ingest", token("orchard")) => {
                ResponseTemplate::new(201).set_body_json(json!({ "data": {} }))
            }
            "/api/auth/login" if body["password"] == "right" => ResponseTemplate::new(200)
                .set_body_json(json!({ "data": { "accessToken": token("orchard") } })),
            "/api/auth/login" => {
                ResponseTemplate::new(401).set_body_json(json!({ "message": "wrong password" }))
            }
            _ if ![token("orchard"), format!("{}-issued", token("orchard"))]
                .iter()
                .any(|token| bearer == format!("Bearer {token}")) =>
            {
                ResponseTemplate::new(401).set_body_json(json!({ "message": "no session" }))
            }
            "/api/pipelines/registry" => match &data.registry {
                Some((status, answer)) => ResponseTemplate::new(*status).set_body_json(answer),
                None => ResponseTemplate::new(200).set_body_string("<html>not the API</html>"),
            },
            "/api/user/generate-token" => ResponseTemplate::new(200).set_body_json(json!({ "data": {
                "accessToken": format!("{}-{}", token("orchard"), body["scope"].as_str().unwrap_or("issued")),
                "refreshToken": "refresh-canary-7d1f",
                "expiresIn": body["expiresIn"],
            } })),
            report if report.starts_with("/api/reports/") && request.method == "GET" => {
                ResponseTemplate::new(200).set_body_json(json!({ "data": [] }))
            }
            _ => ResponseTemplate::new(404),
        }
    }
}

struct Account(Arc<Mutex<Data>>);

impl Respond for Account {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut data = self.0.lock().expect("no test panicked while it held the data");
        let signed = request.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("");
        let region = signed.split('/').nth(2).unwrap_or("none").to_owned();
        if let Some(target) = request.headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
            let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
            data.asked.push(format!("{region} {operation}"));
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            if operation == "ListTagsForResource" {
                return tags(&data, &body);
            }
            return super::secrets::answer(&mut data, &operation, &body);
        }
        let form: BTreeMap<String, String> =
            url::form_urlencoded::parse(&request.body).into_owned().collect();
        let action = form.get("Action").cloned().unwrap_or_default();
        data.asked.push(format!("{region} {action}"));
        if data.throttle > 0 {
            data.throttle -= 1;
            return error(400, "Throttling", "Rate exceeded");
        }
        if let Some(code) = data.denied.get(&region) {
            return error(403, code, "not allowed here");
        }
        let stacks = data.stacks.get(&region).map_or(&[] as &[StackData], Vec::as_slice);
        let from: usize = form.get("NextToken").and_then(|token| token.parse().ok()).unwrap_or(0);
        let page = &stacks[from.min(stacks.len())..(from + PAGE).min(stacks.len())];
        let next = (from + PAGE < stacks.len()).then(|| from + PAGE);
        ResponseTemplate::new(200).set_body_string(describe_stacks(&region, page, next))
    }
}

/// The tags of a pipeline, as CodePipeline lists them.
fn tags(data: &Data, body: &Value) -> ResponseTemplate {
    let tags = data.pipelines.get(body["resourceArn"].as_str().unwrap_or_default());
    let tags: Vec<Value> =
        tags.into_iter().flatten().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    ResponseTemplate::new(200).set_body_json(json!({ "tags": tags }))
}

fn error(status: u16, code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>0</RequestId></ErrorResponse>"
    ))
}

fn describe_stacks(region: &str, stacks: &[StackData], next: Option<usize>) -> String {
    let members: String = stacks.iter().map(|stack| member(region, stack)).collect();
    let next = next.map_or_else(String::new, |next| format!("<NextToken>{next}</NextToken>"));
    format!(
        "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><DescribeStacksResult>\
         <Stacks>{members}</Stacks>{next}</DescribeStacksResult></DescribeStacksResponse>"
    )
}

fn member(region: &str, stack: &StackData) -> String {
    let tags: String = stack
        .tags
        .iter()
        .map(|(key, value)| format!("<member><Key>{key}</Key><Value>{value}</Value></member>"))
        .collect();
    let id = format!("arn:aws:cloudformation:{region}:000000000000:stack/{}/0", stack.name);
    let parent = if stack.nested { format!("<ParentId>{id}-parent</ParentId>") } else { String::new() };
    format!(
        "<member><StackName>{}</StackName><StackId>{id}</StackId>{parent}<StackStatus>{}</StackStatus>\
         <CreationTime>2026-01-01T00:00:00Z</CreationTime><Tags>{tags}</Tags></member>",
        stack.name, stack.status
    )
}
