//! Questions for missing inputs, one by one, for a person at a terminal.

use provision_planner::plan::MissingInput;
use provision_planner::{Catalog, PlannerError, Request};

use crate::error::CommandError;
use crate::gate;
use crate::terminal::{self, BAD, DIM, paint, safe};

/// Asks for every required input that has no value, until none is missing or the user gives an empty answer.
///
/// The answers count as flags. Each is validated as a flag is; an invalid one is asked again.
///
/// # Errors
/// What the planner refuses apart from the answers; interrupted, on Ctrl-C.
pub fn complete(catalog: &Catalog, mut request: Request) -> Result<Request, CommandError> {
    loop {
        let plan = provision_planner::build(catalog, request.clone())?.plan;
        let Some(missing) = plan.missing_help.first() else { return Ok(request) };
        match answered(catalog, &request, missing)? {
            Some(next) => request = next,
            None => return Ok(request),
        }
    }
}

/// The request with a valid answer to one question; `None` for an empty answer.
fn answered(
    catalog: &Catalog,
    request: &Request,
    missing: &MissingInput,
) -> Result<Option<Request>, CommandError> {
    let suggestion = suggestion(request, &missing.name);
    terminal::err(&question(missing, suggestion.as_ref()));
    loop {
        let answer = gate::ask("  > ", "not a terminal")?;
        let answer =
            if answer.is_empty() { suggestion.clone().map(|(_, value)| value) } else { Some(answer) };
        let Some(answer) = answer else { return Ok(None) };
        let next = request.with_override(&missing.name, &answer);
        match provision_planner::build(catalog, next.clone()) {
            Ok(_) => return Ok(Some(next)),
            Err(error @ PlannerError::InvalidValue { .. }) => {
                terminal::err(&format!("  {} {}\n", paint(BAD, "✗"), safe(&error.to_string())));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn question(missing: &MissingInput, suggestion: Option<&(String, String)>) -> String {
    let mut text = format!("\n{}  {}\n", missing.flag, missing.help);
    if let Some(find) = &missing.find {
        text.push_str(&format!("  {}\n", paint(DIM, find)));
    }
    if let Some((variable, value)) = suggestion {
        text.push_str(&format!("  Enter takes {} from {variable} in your environment\n", safe(value)));
    } else {
        text.push_str(&format!("  {}\n", paint(DIM, "Enter leaves it open")));
    }
    text
}

/// A value that stands in the operator's environment under the name that the platform's scripts read. It is offered,
/// never taken silently: a variable left over in a shell is no decision.
fn suggestion(request: &Request, input: &str) -> Option<(String, String)> {
    let name = input.to_uppercase();
    let names = [format!("{name}_NAME"), name];
    names.into_iter().find_map(|name| Some((name.clone(), request.environment.get(&name)?.clone())))
}
