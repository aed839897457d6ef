//! One request to the platform and its JSON answer: login, bearer token, limits, errors of one line.

use std::time::Duration;

use provision_planner::Secret;
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};
use url::Url;

use super::{PlatformAccess, PlatformCredentials};
use crate::error::ExecutorError;
use crate::mask::Masker;

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(30);
/// How much of an answer is read; a registry of 100,000 pipelines fits.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;
/// How often a request is tried when the platform is busy or restarting.
const TRIES: u32 = 4;

/// A client of the platform, logged in.
#[derive(Debug)]
pub struct PlatformApi {
    base: Url,
    client: Client,
    token: Secret,
}

impl PlatformApi {
    /// A client; logs in first where no token is given.
    ///
    /// # Errors
    /// [`ExecutorError::BadUrl`], [`ExecutorError::HttpClient`], and [`ExecutorError::Platform`] if the login fails.
    pub async fn connect(access: PlatformAccess) -> Result<Self, ExecutorError> {
        let base = base(&access.base_url)?;
        let client = Client::builder()
            .timeout(REQUEST)
            // A token must not follow a redirect to another host.
            .redirect(redirect::Policy::none())
            .danger_accept_invalid_certs(!access.verify_tls)
            .build()
            .map_err(|error| ExecutorError::HttpClient { reason: error.to_string() })?;
        let mut api = Self { base, client, token: Secret::new(String::new()) };
        api.token = match access.credentials {
            PlatformCredentials::Token(token) => token,
            PlatformCredentials::Login { identifier, password } => api.login(&identifier, &password).await?,
        };
        Ok(api)
    }

    /// The token in use.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// The base URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    async fn login(&self, identifier: &str, password: &Secret) -> Result<Secret, ExecutorError> {
        let body = json!({ "identifier": identifier, "password": password.expose() });
        let answer = self.send(Method::POST, "api/auth/login", Some(&body)).await?;
        access_token(&answer).ok_or_else(|| self.problem("api/auth/login", "the answer has no accessToken"))
    }

    /// Gets a route and its JSON; `query` is given as pairs.
    pub(super) async fn get(&self, route: &str, query: &[(&str, String)]) -> Result<Value, ExecutorError> {
        let mut url = Url::parse("relative:/").map_err(|error| self.problem(route, &error.to_string()))?;
        url.query_pairs_mut().extend_pairs(query);
        let route = match url.query().filter(|query| !query.is_empty()) {
            Some(query) => format!("{route}?{query}"),
            None => route.to_owned(),
        };
        self.send(Method::GET, &route, None).await
    }

    /// Posts JSON to a route and reads the JSON that comes back.
    pub(super) async fn post(&self, route: &str, body: &Value) -> Result<Value, ExecutorError> {
        self.send(Method::POST, route, Some(body)).await
    }

    async fn send(&self, method: Method, route: &str, body: Option<&Value>) -> Result<Value, ExecutorError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let answer = self.request(method.clone(), route, body)?.send().await;
            match answer {
                Ok(answer) if is_busy(&answer) && tried < TRIES => {}
                Err(error) if is_passing(&error) && tried < TRIES => {}
                Ok(answer) => return self.json(route, answer).await,
                Err(error) => return Err(self.problem(route, &innermost(&error))),
            }
            tokio::time::sleep(Duration::from_millis(250) * 2_u32.pow(tried)).await;
        }
    }

    fn request(
        &self,
        method: Method,
        route: &str,
        body: Option<&Value>,
    ) -> Result<RequestBuilder, ExecutorError> {
        let url = self.base.join(route).map_err(|error| self.problem(route, &error.to_string()))?;
        let request = self.client.request(method, url).header("accept", "application/json");
        let request = match self.token.expose() {
            "" => request,
            token => request.bearer_auth(token),
        };
        Ok(match body {
            Some(body) => request.json(body),
            None => request,
        })
    }

    async fn json(&self, route: &str, mut answer: Response) -> Result<Value, ExecutorError> {
        let status = answer.status();
        let mut bytes = Vec::new();
        loop {
            let chunk = answer.chunk().await.map_err(|error| self.problem(route, &innermost(&error)))?;
            let Some(chunk) = chunk else { break };
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_LIMIT {
                return Err(self.problem(route, "the answer is too large"));
            }
        }
        if !status.is_success() {
            // a server may repeat what was sent to it
            let told = Masker::new([&self.token]).text(&refusal(status.as_u16(), &bytes));
            return Err(self.problem(route, &told));
        }
        serde_json::from_slice(&bytes).map_err(|_| self.problem(route, "the answer is not JSON"))
    }

    /// A failure of one route. Its query is left out: it may name an organisation, never a secret.
    pub(super) fn problem(&self, route: &str, reason: &str) -> ExecutorError {
        let route = route.split('?').next().unwrap_or(route);
        ExecutorError::Platform { url: format!("{}/{route}", self.base_url()), reason: reason.to_owned() }
    }
}

/// The base URL with a slash at its end, so that routes are joined below it.
///
/// # Errors
/// [`ExecutorError::BadUrl`] for what is no URL of a platform.
pub fn base(text: &str) -> Result<Url, ExecutorError> {
    let bad = |reason: String| ExecutorError::BadUrl { url: text.to_owned(), reason };
    let url =
        Url::parse(&format!("{}/", text.trim_end_matches('/'))).map_err(|error| bad(error.to_string()))?;
    match url.scheme() {
        "http" | "https" if url.username().is_empty() && url.password().is_none() => Ok(url),
        "http" | "https" => Err(ExecutorError::BadUrl {
            url: "the platform's URL".to_owned(),
            reason: "it must not carry a user or password".to_owned(),
        }),
        _ => Err(bad("only http and https are spoken here".to_owned())),
    }
}

/// The token of an answer, bare or below `data`.
pub(super) fn access_token(answer: &Value) -> Option<Secret> {
    let body = answer.get("data").unwrap_or(answer);
    let token = body.get("accessToken")?.as_str().filter(|token| !token.is_empty())?;
    Some(Secret::new(token.to_owned()))
}

/// Answers that pass: the platform is restarting, or asks for patience.
fn is_busy(answer: &Response) -> bool {
    matches!(answer.status().as_u16(), 429 | 502 | 503 | 504)
}

fn is_passing(error: &reqwest::Error) -> bool {
    error.is_connect() || error.is_timeout()
}

/// What a refusal says, without repeating what was sent.
fn refusal(status: u16, bytes: &[u8]) -> String {
    let body: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let told = ["message", "error"].iter().find_map(|field| body.get(field)?.as_str());
    let told = told.map(|told| told.chars().take(200).collect::<String>());
    match (status, told) {
        (401, _) => {
            "HTTP 401: the token or login is not accepted; log in again or renew PLATFORM_TOKEN".to_owned()
        }
        (_, Some(told)) => format!("HTTP {status}: {told}"),
        (_, None) => format!("HTTP {status}"),
    }
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
