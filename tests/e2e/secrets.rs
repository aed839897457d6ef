//! Canaries: planted secrets that must show up nowhere but in the environment of the commands that need them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::lab::eventually;
use crate::platform::Platform;

/// With characters that every encoding writes differently.
const TOKEN: &str = "ghp_Canary0123456789abcdefABCDEF012345";
const PASSWORD: &str = "p\"ä/s+s w&rd=canary\\9";
const CLOUD_KEY: &str = "wJalr/Canary+bPxRfiCYEXAMPLEKEYcanary";

/// A value raw, URL-encoded, in base64 and as JSON writes it.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let url = secret.bytes().fold(String::new(), |text, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            text + &char::from(byte).to_string()
        }
        _ => text + &format!("%{byte:02X}"),
    });
    vec![secret.to_owned(), json.trim_matches('"').to_owned(), url, base64(secret.as_bytes())]
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| char::from(DIGITS[(bits & 63) as usize]);
    bytes.chunks(3).fold(String::new(), |text, chunk| {
        let bits =
            chunk.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        let four: String =
            [18, 12, 6, 0].into_iter().take(chunk.len() + 1).map(|at| digit(bits >> at)).collect();
        text + &format!("{four:=<4}")
    })
}

/// The canaries that a text holds.
fn found(text: &str) -> BTreeSet<String> {
    let all = [TOKEN, PASSWORD, CLOUD_KEY].into_iter().flat_map(forms);
    all.filter(|form| text.contains(form.as_str())).collect()
}

/// Everything that a run leaves on disk below its home, but the stand-ins' own records of their environment.
fn artefacts(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some("standin" | "platform") => {}
            _ if path.is_dir() => text += &artefacts(&path),
            _ => text += &String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()),
        }
    }
    text
}

/// The script prints its secrets in every encoding, as careless ones do, and then fails.
const LEAKY: &str = r#"
python3 - <<'PY'
import base64, json, os, urllib.parse
for name in ("GHCR_TOKEN", "AWS_SECRET_ACCESS_KEY"):
    value = os.environ[name]
    print("raw", value)
    print("url", urllib.parse.quote(value, safe=""))
    print("base64", base64.b64encode(value.encode()).decode())
    print("json", json.dumps({name: value}))
PY
sleep "${STANDIN_PAUSE:-0}"
exit 1
"#;

const EC2: [&str; 8] =
    ["--target", "ec2", "--domain", "ci.acme.example", "--hosted-zone-id", "Z123", "--key-pair", "ops"];

fn leaky(pause: &str) -> Platform {
    let platform = Platform::new()
        .var("GHCR_TOKEN", TOKEN)
        .var("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .var("AWS_SECRET_ACCESS_KEY", CLOUD_KEY)
        .var("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .var("STANDIN_PAUSE", pause);
    std::fs::write(platform.root().join("deploy/aws/ec2/bin/setup.sh"), LEAKY).expect("a script");
    platform
}

#[test]
fn no_artefact_of_a_failed_run_holds_a_secret_in_any_encoding() {
    let platform = leaky("0");
    for extra in [&["--yes", "--retries", "0"][..], &["--yes", "--retries", "0", "-vv"], &["--json"]] {
        let run = platform.run(&[&EC2[..], extra].concat());
        assert_eq!(found(&(run.stdout.clone() + &run.stderr)), BTreeSet::new(), "{extra:?}");
        if extra[0] == "--yes" {
            assert_eq!(run.code, Some(7), "{}\n{}", run.stdout, run.stderr);
            assert!(run.stdout.contains("base64 ***") && run.stdout.contains("raw ***"), "{}", run.stdout);
        }
    }
    let id = platform.run(&["runs", "--json"]).json()["runs"][0]["id"].as_str().expect("an id").to_owned();
    let shown = platform.run(&["runs", "show", &id, "--json"]).expect_code(0);
    assert!(shown.stdout.contains("base64 ***"), "the last lines are kept, masked: {}", shown.stdout);
    assert_eq!(found(&shown.stdout), BTreeSet::new());
    assert_eq!(found(&artefacts(platform.env().home())), BTreeSet::new());
}

#[test]
fn no_command_line_of_a_child_holds_a_secret_while_it_runs() {
    let platform = leaky("2").var("PLATFORM_PASSWORD", PASSWORD);
    let mut command = platform.env().command(&[&EC2[..], &["--yes", "--retries", "0"]].concat());
    let mut child = command.stdout(std::process::Stdio::null()).spawn().expect("the binary starts");
    let (mut children, mut leaks) = (BTreeSet::new(), BTreeSet::new());
    let ended = eventually(|| {
        for (pid, line) in command_lines(child.id()) {
            leaks.extend(found(&line));
            children.insert(pid);
        }
        child.try_wait().expect("it can be waited for").is_some()
    });
    assert!(ended && !children.is_empty(), "no child was seen");
    assert_eq!(leaks, BTreeSet::new());
}

/// The command lines of everything that runs below a process.
fn command_lines(root: u32) -> Vec<(u32, String)> {
    let entries = std::fs::read_dir("/proc").expect("a process list").filter_map(Result::ok);
    let pids: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let parent = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let below = |pid: &u32| std::iter::successors(parent(*pid), |pid| parent(*pid)).any(|pid| pid == root);
    let line = |pid: u32| std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    pids.into_iter()
        .filter(below)
        .map(|pid| (pid, String::from_utf8_lossy(&line(pid)).into_owned()))
        .collect()
}

#[test]
fn an_error_about_a_secret_does_not_repeat_it() {
    let platform = Platform::new();
    for args in [
        &["--target", "ec2", "--ghcr-token", "not a token but canary-7f3a"][..],
        &["--target", "ec2", "--ghcr-token=ghp_tooshortcanary", "--region", "nowhere"],
    ] {
        let run = platform.run(args);
        assert_ne!(run.code, Some(0));
        assert!(!(run.stdout.clone() + &run.stderr).contains("canary"), "{}\n{}", run.stdout, run.stderr);
    }
}
