//! The checked-in JSON Schema of a plan is the one of the types.

use std::path::Path;

use provision_planner::plan::schema;

#[test]
fn the_checked_in_schema_is_fresh() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/plan.v1.json");
    let current = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, &current).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        stored == current,
        "stale: run UPDATE_SCHEMA=1 cargo test -p provision-planner --test planning schema"
    );
}

#[test]
fn a_plan_survives_being_written_and_read() {
    let plan = crate::support::complete_eks().ready();
    let text = serde_json::to_string(&plan).unwrap();
    let read: provision_planner::plan::Plan = serde_json::from_str(&text).unwrap();
    assert_eq!(read, plan);
    assert_eq!(read.current_digest(), plan.digest);
}
