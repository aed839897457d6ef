//! `provision schema`: the JSON Schema of what this tool prints.

use provision_planner::plan::Plan;

use crate::cli::SchemaDocument;
use crate::diagnoses::{Diagnoses, Document};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::terminal;

/// Prints the schema of one document.
///
/// # Errors
/// Never in practice: schemas are made from types.
pub fn run(document: SchemaDocument) -> Result<Exit, CommandError> {
    let schema = match document {
        SchemaDocument::Plan => schemars::schema_for!(Plan),
        SchemaDocument::Diagnosis => schemars::schema_for!(Document),
        SchemaDocument::Diagnoses => schemars::schema_for!(Diagnoses),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(CommandError::internal)?;
    terminal::out(&(text + "\n"));
    Ok(Exit::Done)
}
