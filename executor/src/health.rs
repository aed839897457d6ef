//! Probes health and readiness of the deployed platform until it answers or its time is up.

use std::time::Duration;

use provision_planner::plan::HealthProbe;
use reqwest::{Client, redirect};
use tokio::time::{Instant, sleep, timeout_at};
use url::{Host, Url};

use crate::error::ExecutorError;
use crate::event::{Event, Observer};
use crate::interrupt::Interrupt;

/// How long one probe may take at most.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long even the last probe before the deadline may take.
const SHORTEST_PROBE: Duration = Duration::from_secs(1);
/// How much of an answer is read.
const ANSWER_LIMIT: usize = 4 * 1024;
/// How often the gateway's port forward is started again at most.
const REVIVE_LIMIT: u32 = 3;

/// How one probe ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeResult {
    /// A 2xx answer.
    Up {
        /// The status code.
        status: u16,
    },
    /// Another answer.
    Answer {
        /// The status code.
        status: u16,
        /// The first line of the body, shortened.
        body: String,
    },
    /// Nothing listens there.
    Refused {
        /// What the system says.
        reason: String,
    },
    /// No answer: name resolution, TLS, a broken connection, or no time left.
    Unreachable {
        /// What went wrong.
        reason: String,
    },
}

impl ProbeResult {
    fn is_up(&self) -> bool {
        matches!(self, Self::Up { .. })
    }
}

impl std::fmt::Display for ProbeResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Up { status } => write!(f, "HTTP {status}"),
            Self::Answer { status, body } if body.is_empty() => write!(f, "HTTP {status}"),
            Self::Answer { status, body } => write!(f, "HTTP {status}: {body}"),
            Self::Refused { reason } | Self::Unreachable { reason } => f.write_str(reason),
        }
    }
}

/// How waiting for health ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Healthy and ready.
    Healthy,
    /// Healthy, but not ready within the grace.
    Degraded {
        /// The last answer of the readiness probe.
        detail: String,
    },
    /// Not healthy in time.
    Failed {
        /// The last answer of the health probe.
        detail: String,
    },
    /// The user interrupted.
    Interrupted,
}

/// Waits for a platform to become healthy and ready.
pub struct Prober<'a> {
    probe: &'a HealthProbe,
    client: Client,
    interrupt: &'a Interrupt,
    observer: &'a dyn Observer,
    /// Starts the gateway's port forward again; says whether it started.
    revive: &'a (dyn Fn() -> bool + Send + Sync),
    started: Instant,
}

impl<'a> Prober<'a> {
    /// A prober for one platform; its time starts now.
    ///
    /// # Errors
    /// [`ExecutorError::BadUrl`] and [`ExecutorError::HttpClient`].
    pub fn new(
        probe: &'a HealthProbe,
        interrupt: &'a Interrupt,
        observer: &'a dyn Observer,
        revive: &'a (dyn Fn() -> bool + Send + Sync),
    ) -> Result<Self, ExecutorError> {
        let client = client(probe)?;
        Ok(Self { probe, client, interrupt, observer, revive, started: Instant::now() })
    }

    /// Probes health, then readiness. An interrupt ends it at once.
    pub async fn wait(&self) -> Health {
        tokio::select! {
            () = self.interrupt.reached(1) => Health::Interrupted,
            health = self.healthy_then_ready() => health,
        }
    }

    /// Probes health once; `None` if the user interrupts.
    pub async fn once(&self) -> Option<ProbeResult> {
        tokio::select! {
            () = self.interrupt.reached(1) => None,
            result = self.get(&self.probe.health_url, Instant::now() + PROBE_TIMEOUT) => Some(result),
        }
    }

    /// Probes health once, and if that is up, readiness once.
    pub async fn both_once(&self) -> (ProbeResult, Option<ProbeResult>) {
        let health = self.get(&self.probe.health_url, Instant::now() + PROBE_TIMEOUT).await;
        let ready = match health.is_up() {
            true => Some(self.get(&self.probe.ready_url, Instant::now() + PROBE_TIMEOUT).await),
            false => None,
        };
        (health, ready)
    }

    async fn healthy_then_ready(&self) -> Health {
        let timeout = Duration::from_secs(self.probe.timeout_seconds);
        if let Err(detail) = self.poll(&self.probe.health_url, timeout).await {
            return Health::Failed { detail };
        }
        let grace = Duration::from_secs(self.probe.ready_grace_seconds);
        match self.poll(&self.probe.ready_url, grace).await {
            Ok(()) => Health::Healthy,
            Err(detail) => Health::Degraded { detail },
        }
    }

    /// Probes a URL until it is up or `allowed` has passed; then the last answer is the error.
    async fn poll(&self, url: &str, allowed: Duration) -> Result<(), String> {
        let deadline = Instant::now() + allowed;
        let pause = Duration::from_secs(self.probe.poll_seconds.max(1));
        let mut revived = 0;
        for attempt in 1.. {
            let now = Instant::now();
            let result = self.get(url, deadline.clamp(now + SHORTEST_PROBE, now + PROBE_TIMEOUT)).await;
            self.tell(url, attempt, &result, deadline);
            if result.is_up() {
                return Ok(());
            }
            if Instant::now() + pause > deadline {
                return Err(result.to_string());
            }
            self.revive_if_refused(&result, &mut revived);
            sleep(pause).await;
        }
        Err("never probed".to_owned())
    }

    fn tell(&self, url: &str, attempt: u32, result: &ProbeResult, deadline: Instant) {
        self.observer.event(Event::HealthProbed {
            url: url.to_owned(),
            attempt,
            result: result.clone(),
            elapsed: self.started.elapsed(),
            left: deadline.saturating_duration_since(Instant::now()),
        });
    }

    fn revive_if_refused(&self, result: &ProbeResult, revived: &mut u32) {
        let Some(command) = self.probe.revive.as_ref().filter(|_| *revived < REVIVE_LIMIT) else { return };
        if matches!(result, ProbeResult::Refused { .. }) {
            *revived += 1;
            self.observer.event(Event::Revived { text: command.text.clone(), started: (self.revive)() });
        }
    }

    async fn get(&self, url: &str, deadline: Instant) -> ProbeResult {
        match timeout_at(deadline, self.answer(url)).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => failure(&error),
            Err(_) => ProbeResult::Unreachable { reason: "no answer in time".to_owned() },
        }
    }

    async fn answer(&self, url: &str) -> Result<ProbeResult, reqwest::Error> {
        let mut response = self.client.get(url).send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(ProbeResult::Up { status: status.as_u16() });
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await?.filter(|_| body.len() < ANSWER_LIMIT) {
            body.extend_from_slice(&piece[..piece.len().min(ANSWER_LIMIT - body.len())]);
        }
        Ok(ProbeResult::Answer { status: status.as_u16(), body: first_line(&body) })
    }
}

/// The first line of a body, at most 200 characters, without control characters.
fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.trim().lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// A client for a platform: no redirects (a login page is not health), self-signed only on this machine.
fn client(probe: &HealthProbe) -> Result<Client, ExecutorError> {
    let urls = [&probe.health_url, &probe.ready_url];
    let mut local = true;
    for url in urls {
        let parsed = Url::parse(url)
            .map_err(|error| ExecutorError::BadUrl { url: url.clone(), reason: error.to_string() })?;
        local &= is_loopback(&parsed);
    }
    let mut builder = Client::builder().redirect(redirect::Policy::none()).user_agent("provision");
    if local {
        builder = builder.no_proxy().danger_accept_invalid_certs(probe.accept_self_signed);
    }
    builder.build().map_err(|error| ExecutorError::HttpClient { reason: innermost(&error) })
}

/// Whether a URL names this machine; a name such as `localhost.example.com` does not.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn failure(error: &reqwest::Error) -> ProbeResult {
    let reason = innermost(error);
    if error.is_connect() && refused(error) {
        ProbeResult::Refused { reason }
    } else {
        ProbeResult::Unreachable { reason }
    }
}

/// Whether the connection was refused: nothing listens.
fn refused(error: &reqwest::Error) -> bool {
    let causes =
        std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |cause| cause.source());
    causes
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|io| io.kind() == std::io::ErrorKind::ConnectionRefused)
}

/// The innermost cause: "error sending request" says nothing.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_counts_as_loopback() {
        for (url, expected) in [
            ("https://localhost:8443/health", true),
            ("https://127.0.0.1/", true),
            ("https://[::1]:8443/", true),
            ("https://localhost.example.com/", false),
            ("https://ci.example.com/", false),
            ("https://127.0.0.1.nip.io/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn an_answer_is_reduced_to_its_first_line() {
        assert_eq!(first_line(b"\n  starting\x1b[31m up\r\nmore"), "starting[31m up");
    }
}
