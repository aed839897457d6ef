//! Runs within a session: Ctrl-C asks, detached runs go on and are watched again, failed ones become incidents.

use std::process::Command;

use crate::platform::Platform;
use crate::screen::Screen;

const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";

fn platform(scenario: &str) -> Platform {
    Platform::serving().scenario(scenario).var("TERM", "xterm-256color").var("NO_COLOR", "1")
}

/// A session with a deploy that was approved.
fn deploying(platform: &Platform) -> Screen {
    let mut screen = Screen::repl(platform.env(), 100);
    screen.line("deploy to ec2 in us-east-1");
    screen.line("/set domain=pipeline.example.com hosted_zone_id=Z123 key_pair=ops retries=0");
    screen.keys("/deploy\r");
    screen.shows("Run this plan? [y/N]");
    screen.keys("y\r");
    screen
}

fn detach(screen: &mut Screen) {
    // The terminal may still be changing its mode after a question.
    std::thread::sleep(std::time::Duration::from_millis(300));
    screen.keys(CTRL_C);
    screen.until("the question", |text| {
        text.lines().next_back().is_some_and(|line| line.starts_with("Stop this run, or detach it?"))
    });
    screen.keys("detach\r");
    screen.shows("goes on; /runs follow shows it again");
    screen.until("a prompt", |text| {
        text.lines().next_back().is_some_and(|line| line.contains("1 run at work"))
    });
}

fn status(platform: &Platform) -> String {
    let runs = platform.run(&["runs", "--json"]).json();
    runs["runs"][0]["status"].as_str().expect("a status").to_owned()
}

fn journal(platform: &Platform) -> String {
    let runs = platform.run(&["runs", "--json"]).json();
    let id = runs["runs"][0]["id"].as_str().expect("an id").to_owned();
    platform.run(&["runs", "show", &id]).stdout
}

#[test]
fn a_detached_run_goes_on_is_listed_and_is_watched_again() {
    let platform = platform("deploy=hangs\n");
    let mut screen = deploying(&platform);
    screen.shows("Waiting for stack create/update to complete");
    screen.keys(CTRL_C);
    screen.shows("Stop this run, or detach it?");
    screen.keys("\r");
    detach(&mut screen);
    assert_eq!(status(&platform), "running");
    screen.line("/runs");
    screen.shows("running");
    screen.line("what would run?");
    screen.keys("/runs follow\r");
    screen.shows("Ctrl-C asks");
    screen.keys(CTRL_C);
    screen
        .until("the question a third time", |text| text.matches("Stop this run, or detach it?").count() == 3);
    screen.keys("stop\r");
    screen.shows("interrupted at deploy");
    screen.shows("no incident · model off)>");
    assert_eq!(status(&platform), "interrupted");
    screen.keys("/quit\r");
    assert_eq!(screen.code(), 0);
}

#[test]
fn a_session_does_not_end_under_a_run_without_an_answer() {
    let platform = platform("deploy=hangs\n");
    let mut screen = deploying(&platform);
    screen.shows("Waiting for stack create/update to complete");
    detach(&mut screen);
    screen.keys(CTRL_D);
    screen.shows("Stop it, wait for it, or stay?");
    screen.keys("\r");
    screen.line("/runs | head 1");
    assert_eq!(status(&platform), "running");
    screen.keys("/quit\r");
    screen.until("the question again", |text| text.matches("Stop it, wait for it, or stay?").count() == 2);
    screen.keys("stop\r");
    assert_eq!(screen.code(), 0);
    assert_eq!(status(&platform), "interrupted");
}

#[test]
fn a_terminal_that_goes_away_stops_no_detached_run() {
    let platform = platform("deploy=ok\nevent_delay=0.2\n");
    let mut screen = deploying(&platform);
    screen.shows("Waiting for stack create/update to complete");
    detach(&mut screen);
    let hung_up = Command::new("kill").args(["-HUP", &screen.pid()]).status();
    assert!(hung_up.expect("kill runs").success());
    screen.line("/runs | head 1");
    let begun = std::time::Instant::now();
    while !journal(&platform).contains("deploy: done") {
        assert!(begun.elapsed() < std::time::Duration::from_secs(120), "{}", journal(&platform));
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert_eq!(status(&platform), "running", "it waits for the platform's health");
}

#[test]
fn a_run_that_failed_is_an_incident_of_the_session() {
    let platform = platform("deploy=access-denied\n");
    let mut screen = deploying(&platform);
    screen.shows("loaded as incident 1");
    screen.shows("run:pipeline-builder: 1 cause · model off)>");
    screen.line("/next");
    screen.shows("Read the events of the failed operation");
    screen.line("/incidents");
    screen.shows("* 1  run:pipeline-builder");
    screen.keys("/quit\r");
    assert_eq!(screen.code(), 0);
}

#[test]
fn a_detached_run_that_failed_tells_so_at_the_next_prompt() {
    let platform = platform("deploy=access-denied\nevent_delay=0.2\n");
    let mut screen = deploying(&platform);
    screen.shows("Waiting for stack create/update to complete");
    detach(&mut screen);
    let begun = std::time::Instant::now();
    while status(&platform) == "running" {
        assert!(begun.elapsed() < std::time::Duration::from_secs(120), "it does not end");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    screen.line("");
    screen.shows("The detached run");
    screen.shows("loaded as incident 1");
    screen.line("why did it fail?");
    screen.shows("cause · model off)>");
    screen.keys("/quit\r");
    assert_eq!(screen.code(), 0);
}

#[test]
fn a_script_finds_its_failed_run_loaded() {
    let platform = platform("deploy=access-denied\n");
    let plan = [
        "plan",
        "--target",
        "ec2",
        "--region",
        "us-east-1",
        "--domain",
        "pipeline.example.com",
        "--hosted-zone-id",
        "Z123",
        "--key-pair",
        "ops",
        "--retries",
        "0",
    ];
    let shown = platform.env().run_with_input(&["repl"], format!("/{} --json\n", plan.join(" ")).as_bytes());
    let digest = shown.json()["digest"].as_str().expect("a digest").to_owned();
    let lines = format!("/{}\n/deploy --approve {digest}\n/next\n", plan.join(" "));
    let run = platform.env().run_with_input(&["repl", "--keep-going"], lines.as_bytes());
    assert_eq!(run.code, Some(7), "{run:?}");
    assert!(run.stdout.contains("Read the events of the failed operation"), "{run:?}");
}
