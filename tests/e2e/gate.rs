//! The questions at the gate, asked on a real pseudo-terminal.

use crate::platform::Platform;
use crate::terminal::{code, session};

const EKS: [&str; 6] = ["--target", "eks", "--domain", "pipeline.example.com", "--hosted-zone-id", "Z123"];

#[test]
fn a_no_at_the_gate_runs_nothing() {
    let env = Platform::new();
    let mut terminal = session(&env, &EKS);
    terminal.expect("Run this plan? [y/N]").expect("the question");
    terminal.send_line("n").expect("an answer");
    assert_eq!(code(terminal), 6);
}

#[test]
fn a_wrong_name_does_not_destroy_even_with_yes() {
    let env = Platform::new();
    let args = ["--target", "eks", "--teardown", "--cluster-name", "demo", "--yes"];
    let mut terminal = session(&env, &args);
    terminal.expect("Type demo to destroy it:").expect("the question");
    terminal.send_line("eks").expect("an answer");
    terminal.expect("does not match").expect("the refusal");
    assert_eq!(code(terminal), 6);
}

#[test]
fn control_c_at_the_gate_is_an_interrupt() {
    let env = Platform::new();
    let mut terminal = session(&env, &EKS);
    terminal.expect("Run this plan? [y/N]").expect("the question");
    terminal.send("\u{3}").expect("a key");
    assert_eq!(code(terminal), 130);
}

#[test]
fn without_a_wish_a_terminal_gets_the_repl() {
    let env = Platform::new();
    let mut terminal = session(&env, &[]);
    terminal.expect("provision (no plan").expect("the prompt");
    terminal.send_line("/parse EKS in Tokyo").expect("a line");
    terminal.expect("ap-northeast-1").expect("the answer");
    terminal.send_line("/quit").expect("a line");
    assert_eq!(code(terminal), 0);
}
