//! Health probes against a server on this machine.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use provision_executor::{Event, Health, Interrupt, ProbeResult, Prober, Silent};
use provision_planner::plan::{CommandLine, HealthProbe};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::Recorder;

fn probe(url: &str) -> HealthProbe {
    HealthProbe {
        url: url.to_owned(),
        health_url: format!("{url}/health"),
        ready_url: format!("{url}/ready"),
        timeout_seconds: 20,
        poll_seconds: 1,
        ready_grace_seconds: 0,
        accept_self_signed: false,
        revive: None,
    }
}

async fn answer(server: &MockServer, route: &str, status: u16, body: &str) {
    let response = ResponseTemplate::new(status).set_body_string(body);
    Mock::given(method("GET")).and(path(route)).respond_with(response).mount(server).await;
}

async fn wait(probe: &HealthProbe, observer: &Recorder) -> Health {
    Prober::new(probe, &Interrupt::new(), observer, &|| false).unwrap().wait().await
}

#[tokio::test]
async fn health_then_ready_is_healthy() {
    let server = MockServer::start().await;
    answer(&server, "/health", 200, "ok").await;
    answer(&server, "/ready", 204, "").await;
    let seen = Recorder::default();
    assert_eq!(wait(&probe(&server.uri()), &seen).await, Health::Healthy);
    let probed: Vec<String> = seen
        .events()
        .into_iter()
        .map(|event| match event {
            Event::HealthProbed { url, result, attempt, .. } => {
                format!("{} {result} {attempt}", url.rsplit('/').next().unwrap())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(probed, ["health HTTP 200 1", "ready HTTP 204 1"]);
}

#[tokio::test]
async fn a_platform_that_is_slow_to_start_is_waited_for() {
    let server = MockServer::start().await;
    let starting = ResponseTemplate::new(503);
    Mock::given(path("/health")).respond_with(starting).up_to_n_times(1).mount(&server).await;
    answer(&server, "/health", 200, "ok").await;
    answer(&server, "/ready", 200, "ok").await;
    assert_eq!(wait(&probe(&server.uri()), &Recorder::default()).await, Health::Healthy);
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn up_but_never_ready_is_degraded_and_says_what_it_answers() {
    let server = MockServer::start().await;
    answer(&server, "/health", 200, "ok").await;
    answer(&server, "/ready", 503, "mongo: connection refused\nmore").await;
    let health = wait(&probe(&server.uri()), &Recorder::default()).await;
    assert_eq!(health, Health::Degraded { detail: "HTTP 503: mongo: connection refused".to_owned() });
}

#[tokio::test]
async fn a_redirect_to_a_login_page_is_not_health() {
    let server = MockServer::start().await;
    let redirect =
        ResponseTemplate::new(302).insert_header("location", format!("{}/login", server.uri()).as_str());
    Mock::given(path("/health")).respond_with(redirect).mount(&server).await;
    answer(&server, "/login", 200, "welcome").await;
    let short = HealthProbe { timeout_seconds: 0, ..probe(&server.uri()) };
    let health = wait(&short, &Recorder::default()).await;
    assert_eq!(health, Health::Failed { detail: "HTTP 302".to_owned() });
}

#[tokio::test]
async fn an_endless_answer_is_read_only_so_far() {
    let server = MockServer::start().await;
    answer(&server, "/health", 500, &"x".repeat(5_000_000)).await;
    let prober =
        Prober::new(&probe(&server.uri()), &Interrupt::new(), &Silent, &|| false).unwrap().once().await;
    assert_eq!(prober, Some(ProbeResult::Answer { status: 500, body: "x".repeat(200) }));
}

#[tokio::test]
async fn when_nothing_listens_the_port_forward_is_started_again_a_few_times() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let revive = CommandLine { text: "kubectl port-forward".to_owned(), ..CommandLine::default() };
    let probe = HealthProbe {
        timeout_seconds: 6,
        revive: Some(revive),
        ..probe(&format!("http://127.0.0.1:{port}"))
    };
    let started = AtomicUsize::new(0);
    let revive = || started.fetch_add(1, Ordering::Relaxed) == 0;
    let seen = Recorder::default();
    let health = Prober::new(&probe, &Interrupt::new(), &seen, &revive).unwrap().wait().await;
    assert!(matches!(health, Health::Failed { .. }), "{health:?}");
    assert_eq!(started.load(Ordering::Relaxed), 3);
    let told = seen.events().into_iter().filter(|event| matches!(event, Event::Revived { .. })).count();
    assert_eq!(told, 3);
}

#[tokio::test]
async fn an_interrupt_ends_the_wait() {
    let server = MockServer::start().await;
    answer(&server, "/health", 503, "").await;
    let probe = HealthProbe { timeout_seconds: 7200, poll_seconds: 3600, ..probe(&server.uri()) };
    let interrupt = Interrupt::new();
    let raise = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        interrupt.raise();
    };
    let prober = Prober::new(&probe, &interrupt, &Silent, &|| false).unwrap();
    let (health, ()) = tokio::join!(prober.wait(), raise);
    assert_eq!(health, Health::Interrupted);
}

#[tokio::test]
async fn a_url_that_does_not_parse_is_an_error() {
    let error = Prober::new(&probe("not a url"), &Interrupt::new(), &Silent, &|| false).err().unwrap();
    assert!(error.to_string().starts_with("not a url/health: not a URL"), "{error}");
}
