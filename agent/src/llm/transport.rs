//! One request to a server and its answer: no redirects, no retries, no more bytes than an answer can have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures_util::StreamExt;
use provision_planner::Secret;
use provision_prompts::Outgoing;
use url::Url;

use super::egress;
use super::error::LlmError;
use super::settings::Settings;
use super::wire::{Chunk, Models, Usage};

/// The most that is read of any answer, in bytes. A real one has a few thousand.
const MOST: usize = 512 * 1024;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest message of a server that is repeated.
const BRIEF: usize = 200;

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Its text.
    pub text: String,
    /// Tokens sent and received, where the server tells.
    pub usage: Option<(u64, u64)>,
}

/// A server that can be asked.
pub struct Transport {
    client: Client<OpenAIConfig>,
    observed: Arc<Mutex<Observed>>,
    host: String,
    max_tokens: u64,
}

/// What the HTTP layer saw of the last answer, which the protocol layer does not tell.
#[derive(Debug, Default)]
struct Observed {
    status: Option<u16>,
    wait: Option<Duration>,
    too_large: bool,
}

impl Transport {
    /// A server as the settings describe it.
    ///
    /// # Errors
    /// When the policy of egress keeps requests from it, or it is no address.
    pub fn new(settings: &Settings, timeout: Duration, max_tokens: u64) -> Result<Self, LlmError> {
        let url = settings.egress.admit(&settings.address)?;
        let http = http(&url, timeout)?;
        let observed: Arc<Mutex<Observed>> = Arc::default();
        let seen = Arc::clone(&observed);
        let service = tower::service_fn(move |request: HttpRequestFactory| {
            let (http, seen) = (http.clone(), Arc::clone(&seen));
            async move { send(&http, request, seen).await }
        });
        let key = settings.key.as_ref().map_or("", Secret::expose);
        let config = OpenAIConfig::new().with_api_key(key).with_api_base(settings.address.as_str());
        let config = if settings.provider.name == "openai" {
            config
        } else {
            config.with_org_id("").with_project_id("")
        };
        let client = Client::with_config(config).with_http_service(service);
        Ok(Self { client, observed, host: egress::host(&url), max_tokens })
    }

    /// The answer to a prompt; `on_text` gets each piece of it as it comes.
    ///
    /// # Errors
    /// Why there is no whole answer.
    pub async fn ask(&self, outgoing: &Outgoing, on_text: &mut dyn FnMut(&str)) -> Result<Reply, LlmError> {
        let chat = self.client.chat();
        let opened = chat.create_stream_byot::<_, Chunk>(outgoing).await;
        let mut stream = opened.map_err(|error| self.failure(error))?;
        let (mut text, mut usage, mut finish) = (String::new(), None, None);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| self.failure(error))?;
            usage = chunk.usage.or(usage);
            for choice in chunk.choices.into_iter().take(1) {
                let piece = choice.delta.content.unwrap_or_default();
                on_text(&piece);
                text.push_str(&piece);
                finish = choice.finish_reason.or(finish);
            }
        }
        self.whole(text, usage, finish.as_deref())
    }

    /// The answer, if it is a whole one.
    fn whole(&self, text: String, usage: Option<Usage>, finish: Option<&str>) -> Result<Reply, LlmError> {
        match finish {
            None if text.is_empty() => Err(LlmError::Empty),
            None => Err(LlmError::BrokenOff),
            Some("length") => Err(LlmError::Cut { tokens: self.max_tokens }),
            Some("content_filter") => Err(unusable("the server's filter stopped it")),
            Some(_) if text.trim().is_empty() => Err(LlmError::Empty),
            Some(_) => {
                let usage = usage.map(|usage| (usage.prompt_tokens, usage.completion_tokens));
                Ok(Reply { text, usage })
            }
        }
    }

    /// The names of the server's models.
    ///
    /// # Errors
    /// Why they cannot be listed.
    pub async fn models(&self) -> Result<Vec<String>, LlmError> {
        let listed = self.client.models().list_byot::<Models>().await;
        let listed = listed.map_err(|error| self.failure(error))?;
        Ok(listed.data.into_iter().map(|model| model.id).collect())
    }

    /// What an error of the protocol layer means, with what the HTTP layer saw.
    fn failure(&self, error: OpenAIError) -> LlmError {
        let observed = std::mem::take(&mut *self.observed.lock().unwrap_or_else(PoisonError::into_inner));
        if observed.too_large {
            return LlmError::TooLarge { kib: MOST / 1024 };
        }
        if let Some(status) = observed.status.filter(|status| !(200..300).contains(status)) {
            let message = match error {
                OpenAIError::ApiError(said) => brief(&said.api_error.message),
                _ => String::new(),
            };
            return LlmError::Refused { status, message, wait: observed.wait };
        }
        match error {
            OpenAIError::Reqwest(error) if observed.status.is_none() => {
                LlmError::Unreachable { host: self.host.clone(), reason: reason(&error) }
            }
            OpenAIError::Reqwest(_) | OpenAIError::StreamError(_) => LlmError::BrokenOff,
            OpenAIError::JSONDeserialize(..) => unusable("it is not the JSON of the OpenAI protocol"),
            other => unusable(&brief(&other.to_string())),
        }
    }
}

fn unusable(reason: &str) -> LlmError {
    LlmError::Unusable { reason: reason.to_owned() }
}

/// An HTTP client that follows no redirect. To this machine it goes without a proxy, and never looks `localhost` up.
fn http(url: &Url, timeout: Duration) -> Result<reqwest::Client, LlmError> {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let builder = builder.connect_timeout(CONNECT).timeout(timeout);
    let builder = if egress::is_local(url) {
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        let loopback = loopback.map(|ip| SocketAddr::new(ip, 0));
        builder.no_proxy().resolve_to_addrs("localhost", &loopback)
    } else {
        builder
    };
    builder.build().map_err(|error| LlmError::Internal { message: brief(&error.to_string()) })
}

/// Sends one request, and notes what the answer's head says.
async fn send(
    http: &reqwest::Client,
    request: HttpRequestFactory,
    seen: Arc<Mutex<Observed>>,
) -> Result<reqwest::Response, OpenAIError> {
    *seen.lock().unwrap_or_else(PoisonError::into_inner) = Observed::default();
    let response = http.execute(request.build().await?).await.map_err(OpenAIError::Reqwest)?;
    {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.status = Some(response.status().as_u16());
        seen.wait = retry_after(response.headers());
    }
    Ok(bounded(response, seen))
}

/// `Retry-After` in seconds; its other form, a date, is not used by these servers.
fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    let value = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

/// The response with a body that ends in an error after [`MOST`] bytes.
fn bounded(response: reqwest::Response, seen: Arc<Mutex<Observed>>) -> reqwest::Response {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut read = 0;
    let body = response.bytes_stream().map(move |piece| {
        let piece = piece.map_err(std::io::Error::other)?;
        read += piece.len();
        if read > MOST {
            seen.lock().unwrap_or_else(PoisonError::into_inner).too_large = true;
            return Err(std::io::Error::other("too large"));
        }
        Ok(piece)
    });
    let mut rebuilt = http::Response::new(reqwest::Body::wrap_stream(body));
    *rebuilt.status_mut() = status;
    *rebuilt.headers_mut() = headers;
    rebuilt.into()
}

/// Why a server could not be reached, in a few words.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it does not answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    brief(&cause.to_string())
}

/// The first line of a message; servers answer with whole pages.
fn brief(message: &str) -> String {
    message
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .trim()
        .chars()
        .take(BRIEF)
        .collect()
}
