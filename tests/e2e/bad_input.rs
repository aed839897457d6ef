//! Bad input: one clear line, the right exit code, nothing half-done.

use std::os::unix::fs::PermissionsExt;

use crate::env::{Run, TestEnv};

/// One line on standard error that begins with `error:` and contains these words; nothing on standard output.
fn refused(run: Run, words: &[&str]) {
    let run = run.expect_code(2);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    assert!(run.stderr.lines().count() <= 2, "more than a line and a hint:\n{}", run.stderr);
    for word in words {
        assert!(run.stderr.contains(word), "{word:?} is not in: {}", run.stderr);
    }
}

fn diagnose(content: &[u8]) -> Run {
    let env = TestEnv::new();
    env.file("events.txt", content);
    env.run(&["--diagnose", "events.txt"])
}

#[test]
fn a_flag_that_would_change_nothing_is_refused_or_named() {
    let platform = crate::platform::Platform::new();
    refused(platform.run(&["--target", "docker", "--ref", "v1", "--yes"]), &["--ref goes with --repo"]);
    let run = platform.run(&["--target", "ec2", "--teardown", "--stack-name", "demo", "--key-pair", "ops"]);
    assert!(run.stdout.contains("a teardown does not use --key-pair"), "{}", run.stdout);
}

#[test]
fn a_flag_without_its_value_says_what_is_expected() {
    let env = TestEnv::new();
    refused(env.run(&["--target", "ec2", "--ghcr-token"]), &["--ghcr-token <TOKEN>", "a value is required"]);
    refused(env.run(&["--diagnose"]), &["--diagnose <FILE>", "a value is required"]);
}

#[test]
fn an_empty_file_is_refused() {
    refused(diagnose(b""), &["events.txt", "empty"]);
}

#[test]
fn a_binary_file_is_refused() {
    let bytes: Vec<u8> = (0u8..=255).cycle().take(4096).collect();
    refused(diagnose(&bytes), &["events.txt"]);
}

#[test]
fn truncated_json_says_where_it_ends() {
    let text =
        r#"{"StackEvents":[{"StackName":"a","LogicalResourceId":"B","ResourceStatus":"CREATE_FAILED","#;
    refused(diagnose(text.as_bytes()), &["events.txt", "line 1", "JSON"]);
}

#[test]
fn a_file_of_zeros_is_refused_whatever_its_size() {
    let env = TestEnv::new();
    let path = env.file("big.txt", b"");
    let file = std::fs::OpenOptions::new().write(true).open(path).expect("the file opens");
    file.set_len(1 << 30).expect("a sparse file of a gigabyte");
    refused(env.run(&["--diagnose", "big.txt"]), &["big.txt", "binary"]);
}

#[test]
fn an_empty_folder_a_missing_file_and_silence_are_refused() {
    let env = TestEnv::new();
    refused(env.run(&["--diagnose", "."]), &["folder has no files"]);
    refused(env.run(&["--diagnose", "-", "-"]), &["standard input", "twice"]);
    refused(env.run(&["--diagnose", "nowhere.txt"]), &["nowhere.txt", "no such file"]);
    refused(env.run(&["--diagnose", "-"]), &["standard input", "empty"]);
}

#[test]
fn an_output_format_that_the_command_does_not_have_is_refused() {
    refused(TestEnv::new().run(&["--target", "eks", "--output", "sarif"]), &["--output sarif", "--diagnose"]);
    refused(TestEnv::new().run(&["targets", "--output", "github"]), &["--output github", "--diagnose"]);
}

#[test]
fn a_file_without_permission_is_refused() {
    let env = TestEnv::new();
    let path = env.file("secret.txt", b"x");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("the mode can be set");
    if std::fs::read(&path).is_ok() {
        // Root reads everything; then the binary must read it as well.
        env.run(&["--diagnose", "secret.txt"]).expect_code(0);
    } else {
        refused(env.run(&["--diagnose", "secret.txt"]), &["permission"]);
    }
}

#[test]
fn text_that_is_not_utf8_is_still_diagnosed() {
    let mut text =
        b"Resource handler returned message: \"Email identity caf\xe9.example already exist.".to_vec();
    text.extend_from_slice(b" (HandlerErrorCode: AlreadyExists)\n");
    diagnose(&text).expect_code(3);
}

#[test]
fn an_unknown_target_is_refused_with_a_near_name() {
    refused(TestEnv::new().run(&["--target", "ekss"]), &["--target", "ekss", "eks"]);
}

#[test]
fn an_unknown_flag_is_refused_with_a_near_name_and_never_echoes_its_value() {
    refused(TestEnv::new().run(&["--target", "eks", "--domian", "x.example"]), &["--domian", "--domain"]);
    let run = TestEnv::new().run(&["--target", "eks", "--ghcr-tokn=ghp_verysecret"]);
    assert!(!run.stderr.contains("verysecret"), "{}", run.stderr);
    refused(run, &["--ghcr-tokn"]);
}

#[test]
fn contradicting_flags_are_refused() {
    refused(TestEnv::new().run(&["--target", "eks", "--email", "--no-email"]), &["--email", "--no-email"]);
    refused(TestEnv::new().run(&["--teardown", "--diagnose", "x"]), &["--teardown", "--diagnose"]);
    refused(TestEnv::new().run(&["--target", "eks", "--force"]), &["--teardown"]);
}

#[test]
fn invalid_values_name_the_flag_the_value_and_what_is_accepted() {
    let cases: [(&[&str], &[&str]); 7] = [
        (&["--target", "eks", "--region", "us-east-9"], &["--region", "us-east-9", "us-east-"]),
        (&["--target", "eks", "--domain", "no spaces.example"], &["--domain", "no spaces.example"]),
        (&["--target", "eks", "--hosted-zone-id", "z!"], &["--hosted-zone-id", "z!"]),
        (&["--target", "eks", "--deploy-mode", "publik"], &["--deploy-mode", "publik", "public"]),
        (&["--target", "eks", "--email-from", "nobody"], &["--email-from", "nobody"]),
        (&["--target", "eks", "--retries", "6"], &["--retries", "6", "5"]),
        (&["--target", "eks", "--lean"], &["--lean", "eks"]),
    ];
    for (args, words) in cases {
        refused(TestEnv::new().run(args), words);
    }
}

#[test]
fn an_invalid_token_is_refused_without_being_shown() {
    let run = TestEnv::new().run(&["--target", "eks", "--ghcr-token", "hunter2 with spaces"]);
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    refused(run, &["--ghcr-token"]);
}

#[test]
fn no_wish_and_no_terminal_say_what_can_be_said() {
    refused(TestEnv::new().run(&[]), &["--prompt", "--target", "--diagnose"]);
}

#[test]
fn a_broken_configuration_names_file_and_line() {
    let env = TestEnv::new();
    env.file("config.toml", "[defaults]\nregion = \n");
    refused(env.run(&["--config", "config.toml", "--target", "eks"]), &["config.toml", "line 2"]);
    refused(env.run(&["--config", "none.toml", "--target", "eks"]), &["none.toml"]);
}

#[test]
fn a_catalog_with_a_misspelt_field_is_refused() {
    let env = TestEnv::new();
    std::fs::create_dir(env.dir().join("targets")).expect("a folder");
    env.file("targets/mine.toml", "id = \"mine\"\ntitel = \"Mine\"\n");
    refused(env.run(&["--catalog", "targets", "--target", "mine"]), &["mine.toml", "titel"]);
}

#[test]
fn a_broken_configuration_stops_neither_help_nor_diagnosis() {
    let env = TestEnv::new();
    env.file("config.toml", "not toml ][");
    env.run(&["--config", "config.toml", "--help"]).expect_code(0);
    env.file(
        "events.txt",
        "Email identity ci.acme.example already exists. (HandlerErrorCode: AlreadyExists)\n",
    );
    let run = env.run(&["--config", "config.toml", "--diagnose", "events.txt"]).expect_code(3);
    assert!(run.stderr.contains("config.toml"), "{}", run.stderr);
}

#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the full device");
    let env = TestEnv::new();
    let mut command = env.command(&["schema", "plan"]);
    let status = command.stdout(full).stderr(std::process::Stdio::null()).status().expect("the binary runs");
    assert_eq!(status.code(), Some(1));
}

#[test]
fn a_negative_number_is_a_wrong_value_not_a_flag() {
    refused(TestEnv::new().run(&["--target", "eks", "--retries", "-1"]), &["--retries", "-1", "5"]);
}
