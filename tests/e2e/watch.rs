//! `--watch FILE` and a growing pipe: the verdict comes while the input is still open.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use crate::env::TestEnv;

const CALM: &str = "shop | 1/3 | 10:00:10 AM | CREATE_IN_PROGRESS | AWS::S3::Bucket | Uploads (Uploads)\n";
const FAILED: &str = "shop | 1/3 | 10:00:20 AM | CREATE_FAILED | AWS::S3::Bucket | Uploads (Uploads) shop-media already exists\n";
const OTHER: &str = "shop | 2/3 | 10:00:19 AM | CREATE_FAILED | AWS::IAM::Role | Role (Role) User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:CreateRole on resource: role shop\n";

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the binary starts")
}

/// Reads lines up to one that has a text, and gives them all.
fn until(output: &mut impl BufRead, wanted: &str) -> String {
    let mut told = String::new();
    while !told.contains(wanted) {
        let read = output.read_line(&mut told).expect("text");
        assert!(read > 0, "ended before {wanted:?}:\n{told}");
    }
    told
}

fn append(env: &TestEnv, name: &str, text: &str) {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(env.dir().join(name));
    file.expect("the log opens").write_all(text.as_bytes()).expect("the log grows");
}

/// Asks for the end as Ctrl-C does, and gives the exit code and the rest of the output.
fn interrupt(mut child: Child, mut output: impl Read) -> (Option<i32>, String) {
    let asked = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(asked.expect("kill runs").success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("text");
    (child.wait().expect("the binary ends").code(), rest)
}

#[test]
fn a_growing_pipe_is_answered_before_it_ends_and_not_twice() {
    let env = TestEnv::new();
    let mut child = start(env.command(&["--diagnose", "-"]));
    let mut input = child.stdin.take().expect("piped");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    input.write_all(CALM.as_bytes()).expect("written");
    input.write_all(FAILED.as_bytes()).expect("written");
    input.flush().expect("flushed");
    let told = until(&mut output, "Retry");
    assert!(told.contains("Uploads") && told.contains("shop-media"), "{told}");
    input.write_all(CALM.as_bytes()).expect("written");
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("text");
    assert!(!rest.contains("Uploads"), "told twice:\n{rest}");
    assert_eq!(child.wait().expect("the binary ends").code(), Some(3));
}

#[test]
fn a_watched_file_is_answered_as_it_grows_and_ends_with_the_code_of_its_verdict() {
    let env = TestEnv::new();
    let mut child = start(env.command(&["--watch", "deploy.log", "--json"]));
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    append(&env, "deploy.log", CALM);
    append(&env, "deploy.log", FAILED);
    let first = until(&mut output, "\n");
    append(&env, "deploy.log", OTHER);
    let second = until(&mut output, "\n");
    let (code, last) = interrupt(child, output);
    let document = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("one document a line");
    assert_eq!(document(&first)["verdict"]["root"]["logical_id"], "Uploads");
    assert_eq!(document(&second)["also"].as_array().expect("a list").len(), 1, "{second}");
    assert_eq!(document(&last)["verdict"], document(&second)["verdict"]);
    assert_eq!(code, Some(3));
}

#[test]
fn a_watched_file_that_is_truncated_or_replaced_is_read_anew() {
    let env = TestEnv::new();
    env.file("deploy.log", format!("{CALM}{CALM}{CALM}{FAILED}"));
    let mut child = start(env.command(&["--watch", "deploy.log", "--json"]));
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let mut errors = BufReader::new(child.stderr.take().expect("piped"));
    assert!(until(&mut output, "\n").contains("Uploads"));
    env.file("deploy.log", "");
    until(&mut errors, "truncated");
    append(&env, "deploy.log", OTHER);
    let second = until(&mut output, "\n");
    assert!(second.contains("iam:CreateRole") && !second.contains("shop-media"), "{second}");
    std::fs::rename(env.dir().join("deploy.log"), env.dir().join("deploy.log.1")).expect("renamed");
    env.file("deploy.log", FAILED);
    until(&mut errors, "replaced");
    assert!(until(&mut output, "\n").contains("shop-media"));
    let (code, _) = interrupt(child, output);
    assert_eq!(code, Some(3));
}

#[test]
fn a_watched_file_in_which_nothing_fails_ends_healthy() {
    let env = TestEnv::new();
    env.file("deploy.log", CALM);
    let mut child = start(env.command(&["--watch", "deploy.log"]));
    let output = child.stdout.take().expect("piped");
    // the file is read within the first looks at it; what is read after this line counts too
    append(&env, "deploy.log", "done\n");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let (code, told) = interrupt(child, output);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("no failure found"), "{told}");
}
