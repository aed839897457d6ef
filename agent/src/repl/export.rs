//! `/export FILE`: the diagnosis, or else the plan, in the form that the file's ending says.

use std::path::Path;

use crate::diagnoses::{Diagnoses, Document, FileReport, Outcome};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::repl::incident::Incident;
use crate::repl::line::Target;
use crate::repl::output;
use crate::repl::session::Session;
use crate::{render, terminal};

/// Columns of a text in a file.
const WIDTH: usize = 100;

/// Writes the file.
///
/// # Errors
/// A usage error for an ending that says nothing, a file that cannot be written, or nothing to write.
pub fn run(session: &mut Session, file: &Path) -> Result<Exit, CommandError> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    let text = match (session.incident(), &session.workspace.plan) {
        (Some(_), _) => incidents(session, &ending)?,
        (None, Some(plan)) => match ending.as_str() {
            "json" => json(plan)?,
            "txt" => render::plan(plan, WIDTH),
            _ => return Err(unknown(&ending, "json, txt")),
        },
        (None, None) => session.need_incident().map(|_| String::new())?,
    };
    output::write(&Target { path: file.to_owned(), append: false }, &text)?;
    Ok(Exit::Done)
}

/// The diagnosis of one incident; SARIF and Markdown hold all that are loaded.
fn incidents(session: &mut Session, ending: &str) -> Result<String, CommandError> {
    let book = session.book()?;
    let found = || Diagnoses::new(session.incidents.iter().map(report).collect(), &book);
    let incident = session.need_incident()?;
    match ending {
        "json" => json(&incident.diagnosis),
        "md" => Ok(render::markdown(&found())),
        "sarif" => json(&render::sarif(&found(), &book)),
        "txt" => Ok(render::diagnosis(&incident.diagnosis, &incident.name, WIDTH)),
        other => Err(unknown(other, "json, md, sarif, txt")),
    }
}

fn report(incident: &Incident) -> FileReport {
    let document = Document { diagnosis: incident.diagnosis.clone(), explanation: None, opinion: None };
    FileReport { path: incident.name.clone(), outcome: Outcome::Diagnosis(Box::new(document)) }
}

fn json(value: &impl serde::Serialize) -> Result<String, CommandError> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(CommandError::internal)
}

fn unknown(ending: &str, known: &str) -> CommandError {
    CommandError::usage(format!("the ending {:?} says nothing; there are {known}", terminal::safe(ending)))
}
