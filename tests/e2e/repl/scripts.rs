//! Sessions without a person: lines from a pipe or a file.

use crate::env::{TestEnv, fixtures};
use crate::platform::Platform;

const TWO_CAUSES: &str = "two-causes-at-once.cdk.log";
const SES: &str = "ses-identity-exists.describe.json";

fn events(name: &str) -> String {
    fixtures().join("events").join(name).display().to_string()
}

/// What a script prints on standard output and how it ends.
fn script(lines: &str) -> (String, String, Option<i32>) {
    let run = TestEnv::new().run_with_input(&["repl"], lines.as_bytes());
    (run.stdout, run.stderr, run.code)
}

#[test]
fn a_piped_session_has_no_banner_colour_or_prompt() {
    let (out, err, code) = script(&format!("/diagnose {}\nwhat failed first?\n", events(SES)));
    assert_eq!(code, Some(3), "{err}");
    for unwanted in ["provision (", "\u{1b}", "/help"] {
        assert!(!out.contains(unwanted) && !err.contains(unwanted), "{unwanted:?} in\n{out}\n{err}");
    }
    assert!(out.contains("That is the root."), "{out}");
}

#[test]
fn the_first_failure_ends_a_script_and_sets_its_code() {
    let (out, err, code) = script("/rule no-such-rule\n/targets\n");
    assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
    let run = TestEnv::new()
        .run_with_input(&["repl", "--keep-going"], b"/diagonse x\n/targets\n/diagnose nowhere.txt\n");
    assert_eq!(run.code, Some(2));
    assert!(run.stdout.contains("minikube") && run.stderr.contains("did you mean /diagnose?"), "{run:?}");
    assert!(run.stderr.contains("nowhere.txt: no such file"), "{run:?}");
}

#[test]
fn a_script_file_is_read_like_a_pipe() {
    let env = TestEnv::new();
    let file = env.file("session.txt", "# a remark\n\n/target eks \\\n\n/quit\n/nonsense\n");
    let run = env.run(&["repl", "--script", file.to_str().expect("text")]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(env.run(&["repl", "--script", "nowhere"]).expect_code(2).stderr.contains("--script nowhere"));
}

#[test]
fn a_plan_grows_over_turns_and_each_change_is_shown_and_undone() {
    let lines = "deploy to EKS in us-east-1 with email\nmake it public\nother region\nactually eu-west-1\ndrop the samples\n/undo\n/missing\n";
    let (out, err, code) = script(lines);
    assert_eq!(code, Some(0), "{err}");
    let after = |mark: &str| out.split_once(mark).unwrap_or_else(|| panic!("{mark} in\n{out}")).1.to_owned();
    assert!(after("deploy mode").contains("→ public"), "{out}");
    assert!(after("which region instead of us-east-1?").contains("→ eu-west-1"), "{out}");
    assert!(after("undone: drop the samples").contains("--hosted-zone-id"), "{out}");
}

#[test]
fn a_gate_is_not_answered_from_a_script() {
    let lines = "deploy to EKS in us-east-1\n/set domain=ci.acme.example hosted-zone-id=Z123\n/deploy";
    let script = |flags: &str| {
        let run = Platform::new().env().run_with_input(&["repl"], format!("{lines} {flags}\n").as_bytes());
        run.expect_code(6).stderr
    };
    assert!(script("--yes").contains("a script cannot say yes"));
    let another = format!("--approve sha256:{}", "0".repeat(64));
    assert!(script(&another).contains("another plan was approved"));
}

#[test]
fn outputs_go_through_filters_and_into_files() {
    let env = TestEnv::new();
    let lines = format!(
        "/diagnose {} > verdict.txt\n/events failed | grep -i bucket | wc -l\n/events > all.txt\n/timeline | rm -rf x\n",
        events(TWO_CAUSES)
    );
    let run = env.run_with_input(&["repl"], lines.as_bytes());
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("no such filter"), "{run:?}");
    assert!(run.stdout.trim().parse::<usize>().is_ok(), "{run:?}");
    let verdict = std::fs::read_to_string(env.dir().join("verdict.txt")).expect("the file");
    assert!(verdict.contains("Cause") && !verdict.contains('\u{1b}'), "{verdict}");
}

#[test]
fn pasted_lines_are_diagnosed_and_compared_with_a_file() {
    let pasted =
        std::fs::read_to_string(events("role-creation-denied.console-lines.txt")).expect("a fixture");
    let lines = format!("/paste\n{pasted}\n.\n/diagnose {}\n/incidents\n/compare\n", events(SES));
    let (out, err, code) = script(&lines);
    assert_eq!(code, Some(3), "{err}");
    assert!(out.contains("pasted-1") && out.contains("The causes differ."), "{out}");
}

#[test]
fn a_question_that_says_exit_never_ends_the_session() {
    let (out, err, code) =
        script(&format!("/diagnose {}\nwhy did it exit?\nis it retryable?\n/targets\n", events(SES)));
    assert_eq!(code, Some(3), "{err}");
    assert!(out.contains("minikube") && out.contains("Retry:"), "{out}");
    let (_, err, code) = script("why did it exit?\n");
    assert_eq!(code, Some(2));
    assert!(err.contains("none is loaded"), "{err}");
}

#[test]
fn every_view_is_one_json_document_with_json() {
    let lines = |command: &str| format!("/diagnose {} > /dev/null\n{command} --json\n", events(TWO_CAUSES));
    for command in [
        "/why LogBucket",
        "/timeline",
        "/graph",
        "/events failed",
        "/next",
        "/fix 1",
        "/incidents",
        "/explain",
        "/target",
        "/help",
    ] {
        let (out, err, _) = script(&lines(command));
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&out);
        assert!(parsed.is_ok() || err.contains("no resource"), "{command}:\n{out}\n{err}");
    }
    let run = TestEnv::new().run_with_input(&["repl", "--json"], b"deploy to EKS in us-east-1\n");
    assert_eq!(run.json()["plan"]["target"]["id"], "eks");
}
