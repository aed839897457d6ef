//! The incident as tools print it that run a deploy for another tool, or in a layout of their own.

use super::{CAUSE, EVENTS, Event, STACK, clock, dash, joined};

fn oldest() -> impl DoubleEndedIterator<Item = &'static Event> {
    EVENTS.iter()
}

fn serverless4() -> String {
    format!(
        "Deploying \"orders\" to stage \"prod\" (eu-west-1)\n\n✖ ServerlessError2: CREATE_FAILED: Uploads (AWS::S3::Bucket)\n{CAUSE}\nView the full error: https://example.com/\n    at throwMonitorError (file:///src/sf-core.js:905:2512)\n\nLearn more: \n\n https://example.com/docs\n"
    )
}

fn sst() -> String {
    let rows = oldest().map(|e| format!("{STACK} | {} | {} | {} | {}", e.status, e.kind, e.id, e.reason));
    format!(
        "Deploying stacks\nChecking deploy status...\n{}\n\n ❌  {STACK} failed: {CAUSE}\n\n\nStack {STACK}\n  Status: failed\n  Error: {CAUSE}\n\n\nFailed to deploy the app\n",
        joined(rows.map(|row| row.trim_end_matches([' ', '|']).to_owned()))
    )
}

fn jenkins() -> String {
    let row = |e: &Event| match e.reason {
        "" => format!("{} - {} - {} - null", e.id, e.kind, e.status),
        reason => format!("{} - {} - {} - {reason}", e.id, e.kind, e.status),
    };
    format!(
        "Creating Cloud Formation stack: {STACK}\n{}\nFailed to create stack: {STACK}. Reason: The following resource(s) failed to create: [Uploads, Work]. . Rollback requested by user.\nBuild step 'AWS Cloud Formation' marked build as failure\nFinished: FAILURE\n",
        joined(oldest().map(row))
    )
}

fn rain_messages() -> String {
    format!(
        "Deploying template 'orders.yaml' as stack '{STACK}' in eu-west-1.\nStack {STACK}: ROLLBACK_COMPLETE \nMessages:\n  - Uploads: {CAUSE}\n\nfailed deploying stack '{STACK}'\n"
    )
}

fn ansible(spread: bool) -> String {
    let events: Vec<String> =
        oldest().rev().map(|e| format!("StackEvent {} {} {}", e.kind, e.id, e.status)).collect();
    let failed = oldest().rev().filter(|e| e.status.ends_with("FAILED"));
    let log: Vec<String> =
        failed.map(|e| format!("{} {} {}: {}", e.kind, e.id, e.status, e.reason)).collect();
    let result = serde_json::json!({
        "changed": true, "events": events, "log": log, "output": "Problem with CREATE. Rollback complete",
    });
    let result =
        if spread { serde_json::to_string_pretty(&result).expect("json") } else { result.to_string() };
    format!(
        "TASK [orders : stack] *****\nfatal: [localhost]: FAILED! => {result}\n\nPLAY RECAP *****\nlocalhost : ok=3    changed=0    unreachable=0    failed=1\n"
    )
}

/// CloudFormation's action for GitHub, which calls every event of a rollback an error.
fn action() -> String {
    let row = |(at, e): (usize, &Event)| {
        let head = format!("2026-03-01T10:{at:02}:00.046Z {}/{} {}", e.kind, e.id, e.status);
        let is_error = e.status.contains("FAILED") || e.status.contains("ROLLBACK");
        match (is_error, e.reason) {
            (true, "") => format!("{head} ERROR: Unknown error occurred"),
            (true, reason) => format!("{head} ERROR: {reason}"),
            (false, "") => head,
            (false, reason) => format!("{head} - {reason}"),
        }
    };
    format!(
        "Starting event monitoring for stack: {STACK}\n{}\n\n============\nDeployment Summary for {STACK}\n============\nFinal Status: DEPLOYMENT_FAILED\nTotal Events: 13\nErrors: 5 error(s)\n",
        joined(EVENTS.iter().enumerate().map(row))
    )
}

fn terraform() -> String {
    format!(
        "aws_cloudformation_stack.orders: Still creating... [1m10s elapsed]\n\nError: waiting for CloudFormation Stack ({STACK}) create: failed to create CloudFormation stack, rollback requested (ROLLBACK_COMPLETE): [\"The following resource(s) failed to create: [Uploads]. Rollback requested by user.\" \"{CAUSE}\"]\n\n  with aws_cloudformation_stack.orders,\n  on main.tf line 12, in resource \"aws_cloudformation_stack\" \"orders\":\n"
    )
}

fn parallel_cluster() -> String {
    let failed = oldest().filter(|e| e.status.ends_with("FAILED"));
    format!(
        "Creating stack named: {STACK}\nStatus: {STACK} - ROLLBACK_IN_PROGRESS\nCluster creation failed.  Failed events:\n{}\n",
        joined(failed.map(|e| format!("  - {} {} {}", e.kind, e.id, e.reason)))
    )
}

fn pairs() -> String {
    joined(oldest().map(|e| {
        format!("CloudformationEvent resource={} status={} reason=\"{}\"", e.id, e.status, e.reason)
    }))
}

/// What `--query` leaves of the events: lists of some values.
fn query_lists() -> String {
    let row = |(at, e): (usize, &Event)| {
        let reason = (!e.reason.is_empty()).then_some(e.reason);
        serde_json::json!([format!("2026-03-01T10:{at:02}:00+00:00"), e.id, e.status, reason])
    };
    let rows: Vec<_> = EVENTS.iter().enumerate().rev().map(row).collect();
    serde_json::to_string_pretty(&rows).expect("json")
}

/// What `--query` leaves of the events: objects with keys of the asker's choice.
fn query_objects() -> String {
    let rows: Vec<_> = oldest()
        .rev()
        .map(
            |e| serde_json::json!({"Resource": e.id, "Status": e.status, "Type": e.kind, "Reason": e.reason}),
        )
        .collect();
    serde_json::to_string_pretty(&rows).expect("json")
}

/// A log of a build service with its line numbers, pasted as a table.
fn numbered() -> String {
    let row = |(at, e): (usize, &Event)| {
        format!(
            "{} | {STACK} \\|  {at}/13 \\| {} \\| {} \\| {} \\| {} {}",
            194 + at,
            clock(at),
            e.status,
            e.kind,
            e.id,
            e.reason
        )
    };
    joined(EVENTS.iter().enumerate().map(row))
}

/// The newer console's rows, one cell a line, with its column for a detailed status.
fn console_details() -> String {
    let row = |(at, e): (usize, &Event)| {
        let detail = if e.reason == CAUSE { "Likely root cause\n-" } else { "-" };
        format!("2026-03-01 10:{at:02}:00 UTC+0200\n{}\n{}\n{detail}\n{}", e.id, e.status, dash(e.reason))
    };
    let head = "Timestamp\nLogical ID\nStatus\nDetailed status\nStatus reason\n";
    head.to_owned() + &joined(EVENTS.iter().enumerate().rev().map(row))
}

/// A sandbox whose own lines, each with its time and level, go on below a reason.
fn sandbox() -> String {
    let named =
        |e: &Event| if e.id == STACK { STACK.to_owned() } else { format!("Shop/{} ({})", e.id, e.id) };
    let row = |(at, e): (usize, &Event)| {
        let head = format!("{} [INFO] {STACK} | {} | {} | {}", clock(at), e.status, e.kind, named(e));
        if e.reason.is_empty() { head } else { format!("{head}\n{}", e.reason) }
    };
    joined(EVENTS.iter().enumerate().map(row))
        + &format!(
            "\n10:14:00 AM [ERROR] [CloudFormationDeploymentError] The CloudFormation deployment has failed.\n  ∟ Caused by: [ToolkitError] The stack named {STACK} failed to deploy: ROLLBACK_COMPLETE: {CAUSE}\n"
        )
}

pub(crate) fn all() -> Vec<(&'static str, String)> {
    vec![
        ("Serverless 4", serverless4()),
        ("SST 1", sst()),
        ("a plugin of Jenkins", jenkins()),
        ("rain's messages", rain_messages()),
        ("Ansible on one line", ansible(false)),
        ("Ansible over many lines", ansible(true)),
        ("console with detailed statuses", console_details()),
        ("a sandbox with levels", sandbox()),
        ("an action of GitHub", action()),
        ("Terraform", terraform()),
        ("a log with line numbers", numbered()),
        ("ParallelCluster", parallel_cluster()),
        ("pairs of a logger", pairs()),
        ("a query's lists", query_lists()),
        ("a query's objects", query_objects()),
    ]
}
