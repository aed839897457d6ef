//! The smoke test: reads a few routes of the running platform and says how each answered.

use std::time::Duration;

use provision_planner::Secrets;
use provision_planner::plan::Probe;
use reqwest::{Client, Response, redirect};
use serde_json::Value;

use crate::error::ExecutorError;
use crate::health::innermost;

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(15);
/// No report is larger than this, in bytes.
const ANSWER_LIMIT: usize = 8 << 20;
/// How many of the bad answers are named at the end.
const NAMED: usize = 5;

/// Reads every probe in order, tells of each, and returns the lines of those whose answer is not as it should be.
///
/// # Errors
/// [`ExecutorError::HttpClient`], and [`ExecutorError::SecretMissing`] for a token that was not handed over.
pub(crate) async fn test(
    probes: &[Probe],
    secrets: &Secrets,
    accept_self_signed: bool,
    tell: &(dyn Fn(String) + Send + Sync),
) -> Result<Vec<String>, ExecutorError> {
    let client = Client::builder()
        .timeout(REQUEST)
        .user_agent("provision")
        // A login page is no answer, and a token must not follow to another host.
        .redirect(redirect::Policy::none())
        .danger_accept_invalid_certs(accept_self_signed)
        .build()
        .map_err(|error| ExecutorError::HttpClient { reason: error.to_string() })?;
    let mut bad = Vec::new();
    for probe in probes {
        let answer = answer(&client, probe, secrets).await?;
        let line = format!("GET {}: {}", probe.url, answer.as_ref().unwrap_or_else(|problem| problem));
        tell(format!("{} {line}", if answer.is_ok() { "✓" } else { "✗" }));
        if answer.is_err() {
            bad.push(line);
        }
    }
    Ok(bad)
}

/// What went wrong, in one line.
pub(crate) fn summary(bad: &[String], of: usize) -> String {
    let named = bad.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    let more = bad.len().saturating_sub(NAMED);
    let rest = if more == 0 { String::new() } else { format!("; and {more} more") };
    format!("{} of {of} answers are not as they should be: {named}{rest}", bad.len())
}

/// One answer: what is well about it, or what is not.
async fn answer(
    client: &Client,
    probe: &Probe,
    secrets: &Secrets,
) -> Result<Result<String, String>, ExecutorError> {
    let request = client.get(&probe.url).header("accept", "application/json");
    let request = match &probe.bearer {
        None => request,
        Some(name) => match secrets.get(name) {
            Some(token) => request.bearer_auth(token.expose()),
            None => return Err(ExecutorError::SecretMissing { name: name.clone() }),
        },
    };
    Ok(match request.send().await {
        Ok(response) => judged(response, probe.bearer.is_some()).await,
        Err(error) => Err(innermost(&error)),
    })
}

async fn judged(mut response: Response, wants_json: bool) -> Result<String, String> {
    let status = response.status();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| innermost(&error))? {
        body.extend_from_slice(&piece);
        if body.len() > ANSWER_LIMIT {
            return Err(format!("HTTP {}, and more than {ANSWER_LIMIT} bytes", status.as_u16()));
        }
    }
    let told = format!("HTTP {}", status.as_u16());
    match serde_json::from_slice::<Value>(&body) {
        _ if !status.is_success() => Err(format!("{told}{}", first_line(&body))),
        Err(_) if wants_json => Err(format!("{told}, but the answer is not JSON")),
        _ => Ok(told),
    }
}

fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line: String = text
        .trim()
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(120)
        .collect();
    if line.is_empty() { line } else { format!(": {line}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_few_bad_answers_are_named() {
        let bad: Vec<String> = (0..7).map(|n| format!("GET /{n}: HTTP 500")).collect();
        let text = summary(&bad, 15);
        assert!(
            text.starts_with("7 of 15 answers") && text.ends_with("GET /4: HTTP 500; and 2 more"),
            "{text}"
        );
    }
}
