//! `provision status`: every part seen or said why not, pods diagnosed by the rules, exit codes, width.

use serde_json::{Value, json};

use super::deployment::{
    answer, certificate, denied, healthy_eks, instance, kubernetes, platform, pod_ready, pod_unscheduled,
    pod_waiting, refusal, warning, zone,
};
use crate::env::TestEnv;
use crate::platform::Platform;

const EKS: [&str; 9] = [
    "status",
    "--target",
    "eks",
    "--cluster-name",
    "demo",
    "--domain",
    "ci.example.invalid",
    "--hosted-zone-id",
    "Z0123456789ABC",
];

/// A finding of a status document.
fn finding<'a>(document: &'a Value, id: &str) -> &'a Value {
    let findings = document["findings"].as_array().expect("findings");
    findings.iter().find(|finding| finding["id"] == id).unwrap_or_else(|| panic!("no {id} in {document}"))
}

/// The stacks that eksctl leaves of a cluster.
fn with_stacks(platform: Platform) -> Platform {
    platform.operate(
        "deploy/aws/eks",
        &["eksctl", "create", "cluster", "--name", "demo", "--region", "us-east-1"],
    );
    platform
}

/// The text without what differs between runs.
fn steady(text: &str) -> String {
    let time = regex::Regex::new(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC").expect("a pattern");
    let days = regex::Regex::new(r"\(\d{4,6} days\)").expect("a pattern");
    let lookup = regex::Regex::new(r"(?s)\(failed to lookup.*?\)").expect("a pattern");
    let text = time.replace_all(text, "2026-01-01 00:00:00 UTC");
    let text = lookup.replace_all(&text, "(no such host)");
    days.replace_all(&text, "(many days)").into_owned()
}

/// What a terminal without colours shows, so many columns wide.
fn screen(platform: Platform, args: &[&str], width: u16) -> String {
    let platform = platform.var("NO_COLOR", "1");
    let mut session = crate::terminal::session(&platform, args);
    session.set_window_size(width, 60).expect("a window size");
    let ended = session.expect(expectrl::Eof).expect("the screen ends");
    String::from_utf8_lossy(ended.as_bytes()).replace("\r\n", "\n")
}

#[test]
fn a_healthy_cluster_is_well_and_what_is_private_is_not_called_down() {
    let platform = with_stacks(platform(&healthy_eks()));
    let run = platform.run(&EKS).expect_code(0);
    insta::assert_snapshot!(steady(&run.stdout));
    assert!(!run.stdout.contains('\u{1b}'), "no colours without a terminal");
}

#[test]
fn the_json_has_every_part_with_its_state() {
    let platform = with_stacks(platform(&healthy_eks()));
    let document = platform.run(&[&EKS[..], &["--json"]].concat()).expect_code(0).json();
    assert_eq!((&document["schema"], &document["state"]), (&json!("provision.status/v1"), &json!("well")));
    let states = ["stacks", "health", "cluster", "certificate", "dns", "mail", "pods", "claims"]
        .map(|id| finding(&document, id)["state"].as_str().unwrap_or_default().to_owned());
    assert_eq!(states, ["well", "unseen", "well", "well", "well", "well", "well", "well"]);
    assert_eq!(document["costs"][0], "about $150-400 a month");
    assert!(
        document["costs"].to_string().contains("10 GiB of volumes, about $1 a month"),
        "{}",
        document["costs"]
    );
}

#[test]
fn kubectl_is_asked_about_this_cluster_whatever_its_current_context() {
    let platform = with_stacks(platform(&healthy_eks()));
    platform.run(&EKS).expect_code(0);
    let calls = platform.calls_with("kubectl", "pods");
    assert_eq!(calls.len(), 1);
    let argv: Vec<&str> =
        calls[0]["argv"].as_array().expect("arguments").iter().filter_map(Value::as_str).collect();
    assert_eq!(argv[..4], ["--context", "demo", "--namespace", "pipeline-builder"]);
    assert_eq!(platform.calls_with("aws", "describe-cluster").len(), 1, "one question is asked once");
}

#[test]
fn a_cluster_that_kubectl_does_not_know_is_not_seen_and_the_command_is_named() {
    let mut answers = healthy_eks();
    answers.insert(0, answer("kubectl", &["config", "view"], json!({ "contexts": null, "clusters": null })));
    let document =
        with_stacks(platform(&answers)).run(&[&EKS[..], &["--json"]].concat()).expect_code(0).json();
    let pods = finding(&document, "pods");
    assert_eq!(pods["state"], "unseen");
    assert_eq!(pods["next"][0], "aws eks update-kubeconfig --region us-east-1 --name demo");
}

/// The rule that a pod's trouble is put down to, and what the pod says.
fn pod_trouble(pod: Value, events: Value) -> (String, String) {
    let answers =
        [kubernetes(json!([pod_ready("nginx-1"), pod]), events), super::deployment::around()].concat();
    let platform = with_stacks(platform(&answers));
    let document = platform.run(&[&EKS[..], &["--json"]].concat()).expect_code(1).json();
    let pods = finding(&document, "pods");
    assert_eq!(pods["summary"], "1 of 2 not ready");
    let item = &pods["items"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&item["cause"]["rule"]), text(&item["says"]))
}

#[test]
fn an_image_that_cannot_be_pulled_is_named_with_the_registrys_answer() {
    let message = "Back-off pulling image \"ghcr.io/acme/platform:1\"";
    let events = json!([warning(
        "platform-1",
        "Failed",
        "Failed to pull image \"ghcr.io/acme/platform:1\": failed to resolve reference: unexpected status from HEAD request to https://ghcr.io/v2/acme/platform/manifests/1: 403 Forbidden"
    )]);
    let (rule, says) = pod_trouble(pod_waiting("platform-1", "ImagePullBackOff", message, None), events);
    assert!(rule.contains("image") || rule.contains("registry"), "{rule}");
    assert_eq!(says, "main: ImagePullBackOff, 6 restarts");
}

#[test]
fn a_pod_that_no_node_takes_is_unschedulable() {
    let message = "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.";
    let (rule, says) = pod_trouble(pod_unscheduled("platform-1", message), json!([]));
    assert_eq!(rule, "kubernetes-unschedulable");
    assert!(says.contains("3 Insufficient cpu"), "{says}");
}

#[test]
fn a_crash_loop_says_how_the_container_ended() {
    let end = json!({ "reason": "OOMKilled", "exitCode": 137 });
    let pod =
        pod_waiting("platform-1", "CrashLoopBackOff", "back-off 5m0s restarting failed container", Some(end));
    let (rule, says) = pod_trouble(pod, json!([]));
    assert_eq!(rule, "kubernetes-pod-crash");
    assert_eq!(says, "main: CrashLoopBackOff, last ended OOMKilled (exit code 137), 6 restarts");
}

#[test]
fn a_volume_in_another_zone_is_a_matter_of_the_volume_and_not_of_the_nodes() {
    let message = "0/4 nodes are available: 1 node(s) had volume node affinity conflict, 3 Insufficient cpu.";
    let (rule, _) = pod_trouble(pod_unscheduled("postgres-0", message), json!([]));
    assert_eq!(rule, "kubernetes-volume-unbound");
}

#[test]
fn a_screen_with_troubles_names_each_with_cause_and_fix() {
    let end = json!({ "reason": "OOMKilled", "exitCode": 137 });
    let pods = json!([
        pod_ready("nginx-1"),
        pod_waiting(
            "platform-7d9f",
            "CrashLoopBackOff",
            "back-off 5m0s restarting failed container",
            Some(end)
        ),
        pod_unscheduled(
            "postgres-0",
            "0/4 nodes are available: 1 node(s) had volume node affinity conflict, 3 Insufficient cpu."
        ),
    ]);
    let mut answers = vec![
        answer("aws", &["acm", "describe-certificate"], certificate("PENDING_VALIDATION")),
        answer("aws", &["route53", "list-resource-record-sets"], zone(false)),
        answer(
            "aws",
            &["sesv2", "get-account"],
            json!({ "SendingEnabled": true, "ProductionAccessEnabled": false }),
        ),
        denied(&["sns", "list-topics"], "ListTopics", "SNS:ListTopics"),
    ];
    answers.extend([kubernetes(pods, json!([])), super::deployment::around()].concat());
    let platform = with_stacks(platform(&answers));
    let run = platform.run(&EKS).expect_code(1);
    insta::assert_snapshot!(steady(&run.stdout));
    insta::assert_snapshot!("a_screen_with_troubles_on_forty_columns", steady(&screen(platform, &EKS, 40)));
}

#[test]
fn denied_slow_and_garbage_answers_are_said_and_nothing_is_guessed() {
    let mut answers = vec![
        denied(&["acm", "list-certificates"], "ListCertificates", "acm:ListCertificates"),
        json!({ "tool": "aws", "words": ["sesv2", "get-account"], "stdout": "<html>proxy</html>" }),
        refusal(
            "kubectl",
            &["get", "pods"],
            "Error from server (Forbidden): pods is forbidden: User \"watcher\" cannot list resource \"pods\"",
        ),
    ];
    answers.extend(healthy_eks());
    let document =
        with_stacks(platform(&answers)).run(&[&EKS[..], &["--json"]].concat()).expect_code(0).json();
    let certificate = finding(&document, "certificate");
    assert_eq!(certificate["state"], "unseen");
    assert!(
        certificate["summary"].as_str().is_some_and(|why| why.starts_with("AccessDeniedException: ")),
        "{certificate}"
    );
    assert_eq!(
        finding(&document, "pods")["summary"],
        "Forbidden: pods is forbidden: User \"watcher\" cannot list resource \"pods\""
    );
    let mail = finding(&document, "mail");
    assert_eq!(
        (&mail["state"], &mail["items"][0]["says"]),
        (&json!("well"), &json!("aws printed something else than JSON"))
    );
}

#[test]
fn a_tool_that_never_answers_is_given_up_in_time() {
    let mut answers =
        vec![json!({ "tool": "aws", "words": ["acm", "list-certificates"], "json": {}, "delay": 3600 })];
    answers.extend(healthy_eks());
    let document =
        with_stacks(platform(&answers)).run(&[&EKS[..], &["--json", "--timeout", "5"]].concat()).json();
    assert!(
        finding(&document, "certificate")["summary"].to_string().contains("without an end"),
        "{document}"
    );
}

#[test]
fn without_credentials_or_tools_nothing_is_seen_and_the_code_says_so() {
    let env = TestEnv::new();
    let empty = env.dir().to_path_buf();
    let env = env.only_tools(&[empty]);
    let run = env.run(&EKS).expect_code(2);
    assert!(run.stdout.contains("nothing could be seen"), "{}", run.stdout);
    let document = env.run(&[&EKS[..], &["--json"]].concat()).expect_code(2).json();
    assert_eq!(document["state"], "unseen");
    assert_eq!(finding(&document, "cluster")["summary"], "aws is not installed");
    assert_eq!(finding(&document, "pods")["summary"], "kubectl is not installed");
}

#[test]
fn an_instance_with_an_unhealthy_target_is_not_well() {
    let mut answers = vec![answer(
        "aws",
        &["elbv2", "describe-target-health"],
        json!({ "TargetHealthDescriptions": [
        { "Target": { "Id": "i-0a1b2c" }, "TargetHealth": { "State": "unhealthy", "Description": "Health checks failed with these codes: [503]" } },
    ] }),
    )];
    answers.extend([instance(200), super::deployment::around()].concat());
    let args = ["status", "--target", "ec2", "--stack-name", "demo", "--json"];
    let document = platform(&answers).run(&args).expect_code(1).json();
    let found = finding(&document, "instance");
    assert_eq!(found["items"][0]["says"], "unhealthy: Health checks failed with these codes: [503]");
    assert!(
        found["next"][0].as_str().is_some_and(
            |next| next.starts_with("aws ssm start-session --region us-east-1 --target i-0a1b2c")
        )
    );
    assert_eq!(finding(&document, "volumes")["summary"], "2 volumes, 260 GiB");
    assert_eq!(finding(&document, "stacks")["summary"], "there is no stack demo in us-east-1");
    assert_eq!(finding(&document, "dns")["summary"], "--hosted-zone-id is not given");
}

#[test]
fn containers_of_the_compose_stack_are_seen_with_the_last_run() {
    // Nobody else may listen on the gateway's port meanwhile.
    let platform = Platform::serving();
    let lines = [
        json!({ "Service": "gateway", "State": "running", "Health": "healthy", "ExitCode": 0, "Status": "Up 2 hours (healthy)" }),
        json!({ "Service": "backend", "State": "restarting", "Health": "", "ExitCode": 137, "Status": "Restarting (137) 4 seconds ago" }),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    platform.standin_file("compose-ps", &text);
    let document = platform.run(&["status", "--target", "docker", "--json"]).expect_code(1).json();
    let containers = finding(&document, "containers");
    assert_eq!(
        (&containers["summary"], &containers["items"][0]["name"]),
        (&json!("1 of 2 not up"), &json!("backend"))
    );
    assert_eq!(finding(&document, "health")["state"], "wrong");
    assert_eq!(document["last_run"], Value::Null);
}

#[test]
fn the_last_run_gives_the_target_and_what_nobody_says_again() {
    let platform = Platform::new().scenario("deploy=access-denied\n").with_cloudformation();
    let deploy = [
        "--target",
        "ec2",
        "--stack-name",
        "demo",
        "--region",
        "eu-west-1",
        "--domain",
        "ci.example.invalid",
        "--hosted-zone-id",
        "Z0123456789ABC",
        "--key-pair",
        "ops",
        "--yes",
        "--retries",
        "0",
    ];
    platform.run(&deploy).expect_code(7);
    let args = ["status", "--stack-name", "demo", "--region", "eu-west-1", "--json"];
    let document = platform.run(&args).expect_code(1).json();
    assert_eq!(
        (&document["target"], &document["last_run"]["status"]),
        (&json!("ec2"), &json!("deploy-failed"))
    );
    assert_eq!(document["remembered"], json!(["domain", "hosted_zone_id"]));
    let stacks = finding(&document, "stacks");
    assert_eq!(
        (&stacks["state"], &stacks["next"][0]),
        (&json!("wrong"), &json!("provision --diagnose stack:demo"))
    );
}

#[test]
fn watching_looks_again_and_ends_with_the_code_of_the_last_screen() {
    use std::io::{BufRead as _, BufReader};
    let platform = with_stacks(platform(&healthy_eks()));
    let mut command = platform.env().command(&[&EKS[..], &["--watch=1", "--json"]].concat());
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for _ in 0..2 {
        let line = lines.next().expect("another look").expect("text");
        let document: Value = serde_json::from_str(&line).expect("one document a line");
        assert_eq!(document["state"], "well");
    }
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_deployment_that_nobody_names_is_a_usage_error_of_one_line() {
    let run = TestEnv::new().run(&["status"]).expect_code(2);
    assert!(run.stderr.contains("say which deployment is meant: --target NAME"), "{}", run.stderr);
    let run = TestEnv::new().run(&["status", "--target", "eks", "--region", "us-east-9"]).expect_code(2);
    assert!(run.stderr.contains("us-east-1"), "{}", run.stderr);
}
