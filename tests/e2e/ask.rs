//! Missing inputs asked for at a terminal, one by one.

use crate::platform::Platform;
use crate::terminal::{code, session};

#[test]
fn missing_inputs_are_asked_for_validated_and_then_planned() {
    let platform = Platform::new().var("HOSTED_ZONE_ID", "Z0ENVIRONMENT");
    let mut terminal = session(&platform, &["--prompt", "EKS in Tokyo"]);
    terminal.expect("--domain").expect("the first question");
    terminal.send_line("not a domain").expect("an answer");
    terminal.expect("✗").expect("the refusal");
    terminal.send_line("ci.acme.example").expect("an answer");
    terminal
        .expect("Enter takes Z0ENVIRONMENT from HOSTED_ZONE_ID")
        .expect("the second question, with its suggestion");
    terminal.send_line("").expect("an answer");
    terminal.expect("Will run").expect("the plan");
    terminal.expect("Run this plan?").expect("the gate");
    terminal.send_line("no").expect("an answer");
    assert_eq!(code(terminal), 6);
}

#[test]
fn an_empty_answer_leaves_the_plan_blocked() {
    let platform = Platform::new();
    let mut terminal = session(&platform, &["--target", "eks"]);
    terminal.expect("Enter leaves it open").expect("the question");
    terminal.send_line("").expect("an answer");
    terminal.expect("Blocked:").expect("the plan");
    assert_eq!(code(terminal), 5);
}

#[test]
fn nothing_is_asked_with_yes_or_json() {
    let platform = Platform::new();
    for more in ["--yes", "--json"] {
        let mut terminal = session(&platform, &["--target", "eks", more]);
        terminal.expect("hosted-zone-id").expect("the plan");
        assert_eq!(code(terminal), 5);
    }
}
