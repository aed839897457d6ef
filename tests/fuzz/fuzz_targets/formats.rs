//! Texts made of what one family of layouts looks for are read without a panic, and the same in one piece and in several.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use provision_rules::{DiagnoseOptions, Intake, Limits, Rulebook, diagnose_with};

static BOOK: LazyLock<Rulebook> = LazyLock::new(Rulebook::builtin);

/// For each family of layouts the pieces its readers look for.
const FAMILIES: [&[&str]; 6] = [
    &[
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"StackEvents\":",
        "\"ResourceStatus\": \"CREATE_FAILED\"",
        "\"LogicalResourceId\": \"A\"",
        "\"StackName\": \"s\"",
        "\"ResourceStatusReason\": \"",
        "\"",
        "\\",
        "\\u00",
        "'",
        "null",
        "datetime(",
        ")",
        "\n",
        " ",
    ],
    &[
        "s | 1/2 | ",
        "10:00:00 AM",
        " | ",
        "CREATE_FAILED",
        "UPDATE_ROLLBACK_IN_P",
        "AWS::S3::Bucket",
        "A/B (AB12)",
        "│",
        "\\|",
        " reason",
        "\n",
        "   ",
        "❌",
        "Failed resources:",
        "s failed: ",
    ],
    &[
        "\t",
        "2026-03-01T10:00:00Z",
        "STACKEVENTS",
        "CREATE_FAILED",
        "AWS::SQS::Queue",
        "Logical ID",
        "Status",
        "Status reason",
        "Timestamp",
        "arn:aws:cloudformation:a:1:stack/s/1",
        "-",
        "None",
        "\n",
        "Likely root cause",
        "    ",
        "----",
    ],
    &[
        "ResourceStatus: ",
        "LogicalResourceId: ",
        "ResourceStatusReason: ",
        "StackName: ",
        "- ",
        "  ",
        "CREATE_FAILED",
        ">-",
        "|",
        "=",
        "A",
        "\n",
        "'",
        "\"",
        "Timestamp: ",
        ":",
    ],
    &[
        "- ",
        "  ",
        "[create failed]",
        "[delete in progress]",
        "AWS::S3::Bucket A",
        "An error occurred: ",
        "CREATE_FAILED - ",
        "AWS::EC2::VPC/VPC: CREATE_FAILED – \"",
        "\"",
        "ERROR ",
        "Reason: ",
        "Stack named 's' aborted",
        "The resource A is in a CREATE_FAILED state",
        "resource(s) failed to create: [A, B]",
        "✘",
        "\n",
        "(",
        ")",
    ],
    &[
        "Error: ",
        "Traceback (most recent call last):",
        "An error occurred (X) when calling the Y operation: ",
        "\u{1b}[31m",
        "[0m",
        "\r",
        "2026-03-01T10:00:00.1234567Z ",
        "##[error]",
        "already exists",
        "is not authorized to perform: a:B",
        "\\n",
        "{\"msg\":\"",
        "\"}",
        "\n",
        "Successfully created",
        "Resource handler returned message: \"",
        "(RequestToken: 1)",
    ],
];

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (family, step, choices) = input;
    let pieces = FAMILIES[usize::from(family) % FAMILIES.len()];
    let text: String =
        choices.iter().take(400).map(|choice| pieces[usize::from(*choice) % pieces.len()]).collect();
    let options = DiagnoseOptions { partial: true };
    let whole = diagnose_with(text.as_bytes(), &BOOK, options).ok();
    let mut intake = Intake::new(Limits { whole: 1 << 20, kept: 1 << 20 });
    let step = usize::from(step).max(1);
    let fed =
        text.as_bytes().chunks(step).try_for_each(|bytes| intake.feed(bytes)).and_then(|()| intake.end());
    assert_eq!(fed.ok().and_then(|()| intake.diagnosis(&BOOK, options).ok()), whole);
});
