//! One incident, printed the way each supported tool prints it.
#![allow(dead_code)]

#[path = "incident_wrappers.rs"]
mod wrappers;

/// One event of the incident.
pub(crate) struct Event {
    pub(crate) id: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) status: &'static str,
    pub(crate) reason: &'static str,
}

pub(crate) const STACK: &str = "orders-prod";
pub(crate) const ARN: &str =
    "arn:aws:cloudformation:eu-west-1:111122223333:stack/orders-prod/0a1b2c3d-1111-2222-3333-444455556666";
pub(crate) const ROOT: &str = "Uploads";
pub(crate) const CAUSE: &str = "orders-uploads already exists";

/// The events, the oldest first: a bucket's name is taken, a queue is cancelled, all is rolled back.
pub(crate) const EVENTS: &[Event] = &[
    event(STACK, "AWS::CloudFormation::Stack", "CREATE_IN_PROGRESS", "User Initiated"),
    event("Ledger", "AWS::DynamoDB::Table", "CREATE_IN_PROGRESS", ""),
    event("Uploads", "AWS::S3::Bucket", "CREATE_IN_PROGRESS", ""),
    event("Ledger", "AWS::DynamoDB::Table", "CREATE_IN_PROGRESS", "Resource creation Initiated"),
    event("Ledger", "AWS::DynamoDB::Table", "CREATE_COMPLETE", ""),
    event("Work", "AWS::SQS::Queue", "CREATE_IN_PROGRESS", ""),
    event("Uploads", "AWS::S3::Bucket", "CREATE_FAILED", CAUSE),
    event("Work", "AWS::SQS::Queue", "CREATE_FAILED", "Resource creation cancelled"),
    event(
        STACK,
        "AWS::CloudFormation::Stack",
        "ROLLBACK_IN_PROGRESS",
        "The following resource(s) failed to create: [Uploads, Work]. Rollback requested by user.",
    ),
    event("Ledger", "AWS::DynamoDB::Table", "DELETE_IN_PROGRESS", ""),
    event("Uploads", "AWS::S3::Bucket", "DELETE_COMPLETE", ""),
    event("Ledger", "AWS::DynamoDB::Table", "DELETE_COMPLETE", ""),
    event(STACK, "AWS::CloudFormation::Stack", "ROLLBACK_COMPLETE", ""),
];

const fn event(id: &'static str, kind: &'static str, status: &'static str, reason: &'static str) -> Event {
    Event { id, kind, status, reason }
}

fn newest() -> impl Iterator<Item = (usize, &'static Event)> {
    EVENTS.iter().enumerate().rev()
}

fn oldest() -> impl Iterator<Item = (usize, &'static Event)> {
    EVENTS.iter().enumerate()
}

fn iso(at: usize) -> String {
    format!("2026-03-01T10:{:02}:00.{:03}000+00:00", at, at * 7)
}

fn clock(at: usize) -> String {
    format!("10:{at:02}:00 AM")
}

fn dash(reason: &str) -> &str {
    if reason.is_empty() { "-" } else { reason }
}

pub(crate) fn json_event(at: usize, event: &Event) -> serde_json::Value {
    let mut value = serde_json::json!({
        "StackId": ARN, "EventId": format!("{}-{}-{}", event.id, event.status, iso(at)), "StackName": STACK,
        "LogicalResourceId": event.id, "ResourceType": event.kind, "Timestamp": iso(at),
        "ResourceStatus": event.status,
        "PhysicalResourceId": if event.id == STACK { ARN } else { "" },
    });
    if !event.reason.is_empty() {
        value["ResourceStatusReason"] = event.reason.into();
    }
    value
}

fn json_events() -> Vec<serde_json::Value> {
    newest().map(|(at, event)| json_event(at, event)).collect()
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line + "\n").collect()
}

fn python() -> String {
    let events: Vec<String> = newest()
        .map(|(at, e)| {
            format!(
                "{{'StackId': '{ARN}', 'LogicalResourceId': '{}', 'ResourceType': '{}', 'Timestamp': datetime.datetime(2026, 3, 1, 10, {at}, tzinfo=tzutc()), 'ResourceStatus': '{}', 'ResourceStatusReason': '{}'}}",
                e.id, e.kind, e.status, e.reason
            )
        })
        .collect();
    format!("{{'StackEvents': [{}], 'NextToken': None}}", events.join(", "))
}

fn pages() -> String {
    let events = json_events();
    let (first, second) = events.split_at(5);
    let page = |events: &[serde_json::Value]| {
        serde_json::to_string_pretty(&serde_json::json!({ "StackEvents": events })).expect("json")
    };
    format!("{}\n{}\n", page(first), page(second))
}

fn notifications() -> String {
    joined(oldest().map(|(at, e)| {
        serde_json::json!({"time": iso(at), "detail-type": "CloudFormation Resource Status Change", "detail": {
            "stack-id": ARN, "logical-resource-id": e.id, "resource-type": e.kind,
            "status-details": {"status": e.status, "detailed-status": "", "status-reason": e.reason}}})
        .to_string()
    }))
}

fn cli_text() -> String {
    joined(newest().map(|(at, e)| {
        format!(
            "STACKEVENTS\t{}-{}-x{at}\t{}\t\t{}\t{}\t{}\t{ARN}\t{STACK}\t{}",
            e.id,
            e.status,
            e.id,
            e.status,
            e.reason,
            e.kind,
            iso(at)
        )
    }))
}

fn cli_query_text() -> String {
    joined(newest().map(|(at, e)| {
        let reason = if e.reason.is_empty() { "None" } else { e.reason };
        format!("{}\t{}\t{}\t{reason}", iso(at), e.id, e.status)
    }))
}

fn cli_table() -> String {
    let rule = "|+------+------+------+------+|\n";
    let row = |cells: [&str; 5]| format!("||  {}  ||\n", cells.map(|c| format!("{c:<50}")).join("|  "));
    let mut out = format!("----\n|  DescribeStackEvents  |\n+----+\n||  StackEvents  ||\n{rule}");
    out += &row(["LogicalResourceId", "ResourceStatus", "ResourceStatusReason", "ResourceType", "Timestamp"]);
    out += rule;
    newest().for_each(|(at, e)| out += &row([e.id, e.status, e.reason, e.kind, &iso(at)]));
    out + rule
}

fn cli_vertical_table() -> String {
    joined(newest().map(|(at, e)| {
        let mut rows = vec![
            ("LogicalResourceId", e.id.to_owned()),
            ("ResourceStatus", e.status.to_owned()),
            ("ResourceType", e.kind.to_owned()),
            ("StackName", STACK.to_owned()),
            ("Timestamp", iso(at)),
        ];
        if !e.reason.is_empty() {
            rows.insert(2, ("ResourceStatusReason", e.reason.to_owned()));
        }
        let rows: String = rows.iter().map(|(key, value)| format!("||  {key:<22}|  {value:<90}||\n")).collect();
        format!("||  StackEvents  ||\n|+----------------------+-------+|\n{rows}|+----------------------+-------+|")
    }))
}

fn yaml() -> String {
    "StackEvents:\n".to_owned()
        + &joined(newest().map(|(at, e)| {
            let reason = if e.reason.is_empty() {
                String::new()
            } else {
                format!("\n  ResourceStatusReason: >-\n    {}", e.reason.replacen(' ', "\n    ", 1))
            };
            format!(
                "- EventId: x{at}\n  LogicalResourceId: {}\n  ResourceStatus: {}{reason}\n  ResourceType: {}\n  StackName: {STACK}\n  Timestamp: '{}'",
                e.id, e.status, e.kind, iso(at)
            )
        }))
}

fn powershell() -> String {
    joined(newest().map(|(at, e)| {
        format!(
            "\nEventId              : x{at}\nLogicalResourceId    : {}\nResourceStatus       : {}\nResourceStatusReason : {}\nResourceType         : {}\nStackName            : {STACK}\nTimestamp            : 3/1/2026 10:{at:02}:00 AM",
            e.id, e.status, e.reason, e.kind
        )
    }))
}

fn sns() -> String {
    joined(oldest().map(|(_, e)| {
        format!(
            "StackId='{ARN}'\nTimestamp='x'\nLogicalResourceId='{}'\nResourceStatus='{}'\nResourceStatusReason='{}'\nResourceType='{}'\nStackName='{STACK}'\n",
            e.id, e.status, e.reason, e.kind
        )
    }))
}

fn console_tabs() -> String {
    joined(
        newest().map(|(at, e)| {
            format!("10:{at:02}:00 UTC+0100\t{}\t{}\t{}\t{}", e.status, e.kind, e.id, e.reason)
        }),
    )
}

fn console_header() -> String {
    let head = "Timestamp\tLogical ID\tStatus\tDetailed status\tStatus reason\n".to_owned();
    head + &joined(newest().map(|(at, e)| {
        format!("2026-03-01 10:{at:02}:00 UTC+0100\t{}\t{}\t-\t{}", e.id, e.status, dash(e.reason))
    }))
}

fn console_bars() -> String {
    joined(newest().map(|(at, e)| {
        format!("2026-03-01 10:{at:02}:00 UTC+0100 | {} | {} | {}", e.id, e.status, dash(e.reason))
    }))
}

fn markdown() -> String {
    let head = "| Timestamp | Logical ID | Status | Status reason |\n| --- | --- | --- | --- |\n".to_owned();
    head + &joined(newest().map(|(at, e)| {
        format!("| 2026-03-01 10:{at:02}:00 | {} | {} | {} |", e.id, e.status, dash(e.reason))
    }))
}

fn console_gaps() -> String {
    joined(newest().map(|(at, e)| {
        format!("10:{at:02}:00 UTC+0100   {}   {}   {}   {}", e.status, e.kind, e.id, e.reason)
    }))
}

fn console_two_lines() -> String {
    joined(newest().map(|(at, e)| {
        format!("2026-03-01 10:{at:02}:00 UTC-0600\t{}\t\n{}\t{}\n", e.id, e.status, dash(e.reason))
    }))
}

fn console_lines() -> String {
    joined(newest().map(|(at, e)| {
        format!("2026-03-01 10:{at:02}:00 UTC-0600\n{}\n{}\n{}", e.id, e.status, dash(e.reason))
    }))
}

fn cdk() -> String {
    let mut out = format!("{STACK}: deploying... [1/1]\n{STACK}: creating CloudFormation changeset...\n");
    oldest().for_each(|(at, e)| {
        let name = if e.id == STACK { STACK.to_owned() } else { format!("Shop/{} ({})", e.id, e.id) };
        out += &format!(
            "{STACK} | {:>2}/5 | {} | {:<20} | {:<26} | {name} {}\n",
            at / 3,
            clock(at),
            e.status,
            e.kind,
            e.reason
        );
    });
    out + &format!(
        "\n❌  {STACK} failed: ToolkitError: The stack named {STACK} failed creation, it may need to be manually deleted from the AWS console: ROLLBACK_COMPLETE: {CAUSE}\n    at FullCloudFormationDeployment.monitorDeployment (/app/node_modules/aws-cdk/lib/index.js:1:1)\n"
    )
}

fn cdk_bar() -> String {
    let mut out = String::new();
    oldest().filter(|(_, e)| e.status.contains("FAILED") || e.status.contains("ROLLBACK")).for_each(
        |(at, e)| {
            out += &format!(" {} | {:<20} | {:<40} | {}\n", clock(at), e.status, e.kind, e.id);
            if !e.reason.is_empty() {
                out += &format!("{}\n", e.reason);
            }
        },
    );
    out + "[██████████▌·······················] (5/9)\n"
}

fn sam(width: usize) -> String {
    let rule = "-".repeat(width * 4 + 3) + "\n";
    let mut out = format!("CloudFormation events from stack operations (refresh every 5.0 seconds)\n{rule}");
    out += &sam_row(["ResourceStatus", "ResourceType", "LogicalResourceId", "ResourceStatusReason"], width);
    out += &rule;
    oldest().for_each(|(_, e)| out += &sam_row([e.status, e.kind, e.id, dash(e.reason)], width));
    out + &rule
        + &format!(
            "\nError: Failed to create/update the stack: {STACK}, Waiter StackCreateComplete failed: Waiter encountered a terminal failure state: For expression \"Stacks[].StackStatus\" we matched expected path: \"ROLLBACK_COMPLETE\" at least once\n"
        )
}

/// A row of SAM's table: each cell wrapped at blanks, longer words in the middle.
fn sam_row(cells: [&str; 4], width: usize) -> String {
    let wrapped: Vec<Vec<String>> = cells.iter().map(|cell| wrap(cell, width - 2)).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| {
        let cell = |pieces: &Vec<String>| format!("{:<width$}", pieces.get(at).map_or("", String::as_str));
        wrapped.iter().map(cell).collect::<String>() + "\n"
    };
    (0..height).map(line).collect()
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        let mut free = width - lines[lines.len() - 1].chars().count();
        let blank = usize::from(free < width);
        if word.len() + blank > free && word.len() <= width {
            lines.push(String::new());
            free = width;
        }
        while !word.is_empty() {
            let last = lines.len() - 1;
            let blank = usize::from(!lines[last].is_empty() && free == width - lines[last].chars().count());
            let room = (width - lines[last].chars().count()).saturating_sub(blank);
            if room == 0 {
                lines.push(String::new());
                continue;
            }
            let piece: String = word.drain(..word.len().min(room)).collect();
            lines[last] += &format!("{}{piece}", " ".repeat(blank));
            free = usize::MAX;
        }
    }
    lines
}

fn serverless3() -> String {
    let mut out = "Deploying orders to stage prod (eu-west-1)\n".to_owned();
    oldest().for_each(|(_, e)| out += &format!("  {} - {} - {}\n", e.status, e.kind, e.id));
    out + &format!(
        "\n✖ Stack {STACK} failed to deploy (42s)\nEnvironment: linux, node 20.1.0, framework 3.40.0\n\nError:\nCREATE_FAILED: Uploads (AWS::S3::Bucket)\n{CAUSE}\n\nView the full error: https://example.com/\n"
    )
}

fn serverless2() -> String {
    let mut out = "Serverless: Checking Stack update progress...\n".to_owned();
    oldest().for_each(|(_, e)| out += &format!("CloudFormation - {} - {} - {}\n", e.status, e.kind, e.id));
    out + &format!(
        "Serverless: Operation failed!\n \n  Serverless Error ---------------------------------------\n \n  An error occurred: Uploads - {CAUSE}.\n \n  Get Support --------------------------------------------\n"
    )
}

fn eksctl() -> String {
    let mut out = format!(
        "2026-03-01 10:00:00 [✖]  unexpected status \"ROLLBACK_IN_PROGRESS\" while waiting for CloudFormation stack \"{STACK}\"\n2026-03-01 10:00:00 [ℹ]  fetching stack events in attempt to troubleshoot the root cause of the failure\n"
    );
    newest().filter(|(at, _)| *at > 5).for_each(|(_, e)| {
        let mark = if e.status == "CREATE_FAILED" { '✖' } else { '!' };
        let reason = if e.reason.is_empty() { String::new() } else { format!(" – {:?}", e.reason) };
        out += &format!("2026-03-01 10:00:00 [{mark}]  {}/{}: {}{reason}\n", e.kind, e.id, e.status);
    });
    out + "2026-03-01 10:00:00 [!]  1 error(s) occurred and cluster hasn't been created properly, you may wish to check CloudFormation console\nError: failed to create cluster \"orders\"\n"
}

fn copilot() -> String {
    let row = |depth: usize, title: &str, state: &str| {
        format!("{}- {title:<70}  [{state}]  [3.1s]\n", "  ".repeat(depth))
    };
    row(0, &format!("Creating the infrastructure for stack {STACK}"), "rollback complete")
        + "  The following resource(s) failed to create: [Uploads, Work]. Rollback \n  requested by user.                                                    \n"
        + &row(1, "AWS::DynamoDB::Table Ledger", "delete complete")
        + &row(1, "AWS::S3::Bucket Uploads", "delete complete")
        + &format!("    {CAUSE}                    \n")
        + &row(1, "AWS::SQS::Queue Work", "delete complete")
        + "    Resource creation cancelled      \n"
        + &format!(
            "✘ deploy service: stack {STACK} did not complete successfully and exited with status ROLLBACK_COMPLETE\n"
        )
}

fn amplify() -> String {
    let mut out = "⠏ Updating resources in the cloud. This may take a few minutes...\n\n".to_owned();
    oldest().for_each(|(at, e)| {
        out += &format!(
            "{:<20} {:<20} {:<27} Sun Mar 01 2026 10:{at:02}:00 GMT+0100 (Central European Standard Time) {}\n",
            e.status, e.id, e.kind, e.reason
        );
    });
    out + "✖ An error occurred when pushing the resources to the cloud\nResource is not in the state stackUpdateComplete\n"
}

fn sceptre() -> String {
    joined(oldest().map(|(at, e)| {
        format!("[2026-03-01 10:{at:02}:01] - prod/orders {} {} {} {}", e.id, e.kind, e.status, e.reason)
    }))
}

fn rain() -> String {
    format!(
        "Deploying template 'orders.yaml' as stack '{STACK}' in eu-west-1.\nStack {STACK}: ROLLBACK_COMPLETE\n  Messages:\n    - {STACK}: \"The following resource(s) failed to create: [Uploads, Work]. Rollback requested by user.\"\n    - Uploads: \"{CAUSE}\"\n    - Work: \"Resource creation cancelled\"\nfailed deploying stack '{STACK}'\n"
    )
}

fn listing() -> String {
    format!(
        "Stack:   {STACK}\nError:   Stack creation failed\n\n{STACK}          The following resource(s) failed to create: [Uploads, Work]. Rollback requested by user.\nWork                 Resource creation cancelled\nUploads              {CAUSE}\n\naborted\n"
    )
}

fn operations() -> String {
    let events: Vec<_> = newest()
        .map(|(at, event)| {
            let mut value = json_event(at, event);
            value["OperationId"] = "op-1".into();
            value["OperationType"] = if at > 7 { "ROLLBACK" } else { "CREATE_STACK" }.into();
            value["EventType"] = "STACK_EVENT".into();
            value
        })
        .collect();
    serde_json::to_string_pretty(&serde_json::json!({ "OperationEvents": events })).expect("json")
}

/// The incident in every format, each with its name.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    let events = json_events();
    let wrapped = serde_json::json!({ "StackEvents": events });
    let mut all = vec![
        ("describe-stack-events", serde_json::to_string_pretty(&wrapped).expect("json")),
        ("describe-stack-events on one line", wrapped.to_string()),
        ("a bare array", serde_json::to_string_pretty(&events).expect("json")),
        ("one event per line", joined(events.iter().map(ToString::to_string))),
        ("pages one after the other", pages()),
        ("what Python prints", python()),
        ("describe-events", operations()),
        ("EventBridge notifications", notifications()),
        ("SNS notifications", sns()),
        ("AWS CLI text", cli_text()),
        ("AWS CLI text of a query", cli_query_text()),
        ("AWS CLI table", cli_table()),
        ("AWS CLI vertical table", cli_vertical_table()),
        ("YAML", yaml()),
        ("PowerShell", powershell()),
        ("console with tabs", console_tabs()),
        ("console with a header", console_header()),
        ("console with bars", console_bars()),
        ("a Markdown table", markdown()),
        ("console with gaps", console_gaps()),
        ("console in two lines", console_two_lines()),
        ("console in single lines", console_lines()),
        ("CDK events", cdk()),
        ("CDK bar", cdk_bar()),
        ("SAM", sam(40)),
        ("SAM in a narrow terminal", sam(24)),
        ("Serverless 3", serverless3()),
        ("Serverless 2", serverless2()),
        ("eksctl", eksctl()),
        ("Copilot", copilot()),
        ("Amplify", amplify()),
        ("Sceptre", sceptre()),
        ("rain", rain()),
        ("a tool's own list", listing()),
    ];
    all.extend(wrappers::all());
    all
}
