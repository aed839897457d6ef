//! A plan rebuilt with a fix, and what then differs.

use provision_planner::build;
use provision_planner::plan::{InputChange, diff};
use serde_json::Value;

use crate::support::{builtin, command, complete_eks};

#[test]
fn a_fix_changes_one_input_and_the_command() {
    let request = complete_eks().0;
    let before = build(&builtin(), request.clone()).unwrap().plan;
    let after = build(&builtin(), request.with_override("skip_ses_identity", "true")).unwrap().plan;
    let change = InputChange {
        name: "skip_ses_identity".to_owned(),
        flag: "--skip-ses-identity".to_owned(),
        before: None,
        after: Some(Value::Bool(true)),
    };
    assert_eq!(diff(&before, &after), [change]);
    assert!(!command(&before).contains("--no-create-ses-identity"));
    assert!(command(&after).contains("--no-create-ses-identity"));
    assert_ne!(before.digest, after.digest);
}

#[test]
fn an_input_that_is_gone_is_a_change_too() {
    let with = complete_eks().flag("alert_email", "ops@example.com").plan();
    let changes = diff(&with, &complete_eks().plan());
    assert_eq!(changes.len(), 1);
    assert_eq!((&changes[0].before, &changes[0].after), (&Some(Value::from("ops@example.com")), &None));
}
