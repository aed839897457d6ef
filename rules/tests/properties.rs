//! Any input is read without a panic, and what surrounds an incident does not change its root.

mod common;
#[path = "common/incident.rs"]
mod incident;

use proptest::prelude::*;
use provision_rules::{DiagnoseOptions, diagnose, diagnose_with, explain};

/// Pieces that the readers look for, so that random texts get past their first checks.
const PIECES: &[&str] = &[
    "CREATE_FAILED",
    "UPDATE_ROLLBACK_IN_P",
    "ROLLBACK_COMPLETE",
    "AWS::S3::Bucket",
    "AWS::CloudFormation::Stack",
    "10:00:00 AM",
    "2026-03-01T10:00:00.123Z ",
    "| ",
    "\t",
    "   ",
    "\n",
    "\r",
    "\r\n",
    "\\n",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    ":",
    ",",
    "\"ResourceStatus\"",
    "\"StackEvents\"",
    "ResourceStatus: ",
    "LogicalResourceId: x",
    "- ",
    " - ",
    "[update failed]",
    "The following resource(s) failed to create: [A, B",
    "Embedded stack x was not successfully",
    "Resource handler returned message: \"",
    "\u{1b}[31m",
    "[0m",
    "\u{1b}",
    "Error: ",
    "é",
    "│",
    "/",
    "::",
    "STACKEVENTS",
    "An error occurred: X",
    "\\u00",
    "\\",
    "already exists",
    ">-",
    "Reason: ",
    "ERROR ",
    "(",
    ")",
    "Status reason",
    "Logical ID",
    "The resource X is in a CREATE_FAILED state",
    "----",
    "_",
    "datetime(",
    "\u{feff}",
    "null",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![prop::sample::select(PIECES).prop_map(str::to_owned), "\\PC{0,6}"],
        0..60,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = diagnose(&bytes, &common::book());
        let _ = explain(&bytes, DiagnoseOptions::default());
    }

    #[test]
    fn any_text_of_telling_pieces_is_read_or_refused(text in text()) {
        let options = DiagnoseOptions { partial: true };
        if let Ok(diagnosis) = diagnose_with(text.as_bytes(), &common::book(), options) {
            prop_assert_eq!(diagnosis.verdict.is_none(), diagnosis.status == provision_rules::Status::Healthy);
            if let Some(verdict) = diagnosis.verdict {
                prop_assert!((1..=diagnosis.source.lines).contains(&verdict.root.line));
                prop_assert!((0.0..=1.0).contains(&verdict.confidence));
                prop_assert!(!verdict.evidence.is_empty());
            }
        }
        let _ = explain(text.as_bytes(), options);
    }

    #[test]
    fn any_cut_of_any_format_is_read_or_refused(which in 0..incident::all().len(), at in 0.0f64..1.0) {
        let (_, text) = incident::all().swap_remove(which);
        let end = (text.len() as f64 * at) as usize;
        let _ = diagnose(&text.as_bytes()[..end], &common::book());
    }

    #[test]
    fn calm_lines_around_an_incident_change_nothing(
        which in 0..incident::all().len(),
        before in prop::collection::vec("[a-z]{3,9} [a-z]{3,9} [0-9]{1,4}", 0..20),
        after in prop::collection::vec("[a-z]{3,9} [a-z]{3,9} [0-9]{1,4}", 0..20),
    ) {
        let (name, text) = incident::all().swap_remove(which);
        let around = format!("{}\n\n{text}\n\n{}\n", before.join("\n"), after.join("\n"));
        let verdict = diagnose(around.as_bytes(), &common::book()).expect("readable").verdict;
        let root = verdict.and_then(|verdict| verdict.root.logical_id);
        prop_assert_eq!(root.as_deref(), Some(incident::ROOT), "{}", name);
    }
}
