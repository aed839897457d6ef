//! The JSON Schema of a plan, from the same types that are printed.

use schemars::Schema;

use super::Plan;

/// The JSON Schema of [`Plan`]; `schema/plan.v1.json` is its checked-in form.
pub fn schema() -> Schema {
    schemars::schema_for!(Plan)
}
