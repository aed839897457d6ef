//! Host ports: a stranger's are a conflict that is found before anything starts, one's own stack is none.

use std::net::TcpListener;

use crate::platform::Platform;

const DEPLOY: [&str; 5] = ["--target", "docker", "--init", "skip", "--yes"];

#[test]
fn a_port_that_somebody_else_listens_on_stops_the_deploy_before_its_script() {
    let platform = Platform::serving();
    let stranger = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = stranger.local_addr().expect("an address").port();
    let compose = platform.root().join("deploy/local/docker/docker-compose.yml");
    std::fs::write(
        &compose,
        format!("services:\n  gateway:\n    ports:\n      - \"127.0.0.1:{port}:443\"\n"),
    )
    .expect("the compose file");
    let run = platform.run(&DEPLOY).expect_code(5);
    assert!(run.stdout.contains(&format!("already in use on this machine: port {port}")), "{}", run.stdout);
    assert!(!run.stdout.contains("bin/setup.sh\n  │"), "the script ran: {}", run.stdout);
}

#[test]
fn ones_own_running_stack_is_no_conflict() {
    let platform = Platform::serving();
    platform.run(&DEPLOY).expect_code(0);
    platform.run(&DEPLOY).expect_code(0);
    platform.run(&["--target", "docker", "--teardown", "--yes"]).expect_code(0);
}
