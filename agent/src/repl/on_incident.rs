//! Commands about loaded incidents: looking at them, comparing them.

use serde::Serialize;
use serde_json::{Value, json};

use crate::commands::{self, diagnose};
use crate::diagnoses::{Diagnoses, Document, FileReport, Outcome};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::repl::answers::{self, Answer};
use crate::repl::incident::Incident;
use crate::repl::session::Session;
use crate::repl::show;
use crate::terminal::{self, DIM, HEAD, paint, safe};

/// The diagnosis that is loaded, once more.
///
/// # Errors
/// A usage error when no incident is loaded.
pub fn again(session: &Session) -> Result<Exit, CommandError> {
    let incident = session.need_incident()?;
    present(session, &[incident])
}

/// Shows one diagnosis in full, several as the causes they share.
///
/// # Errors
/// A usage error when there is none.
pub fn present(session: &Session, incidents: &[&Incident]) -> Result<Exit, CommandError> {
    let width = terminal::width();
    match incidents {
        [] => Err(CommandError::usage("no file could be read")),
        [one] => {
            let text = render::diagnosis(&one.diagnosis, &one.name, width);
            session.say(&text, || document(&one.diagnosis))?;
            Ok(diagnose::exit(&one.diagnosis))
        }
        several => {
            let reports = several.iter().map(|incident| report(incident)).collect();
            let Some(book) = session.loaded_book() else { return Ok(Exit::Done) };
            let found = Diagnoses::new(reports, book);
            session.say(&render::clusters(&found, width), || document(&found))?;
            let exits = several.iter().map(|incident| diagnose::exit(&incident.diagnosis));
            Ok(exits.filter(|exit| *exit != Exit::Done).min().unwrap_or(Exit::Done))
        }
    }
}

fn report(incident: &Incident) -> FileReport {
    let document = Document { diagnosis: incident.diagnosis.clone(), explanation: None, opinion: None };
    FileReport { path: incident.name.clone(), outcome: Outcome::Diagnosis(Box::new(document)) }
}

fn document(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// `/explain`.
///
/// # Errors
/// A usage error when there is nothing to explain.
pub fn explain(session: &Session) -> Result<Exit, CommandError> {
    let width = terminal::width();
    match (session.incident(), &session.workspace.plan) {
        (Some(incident), _) => session
            .say(&render::explanation(&incident.explanation, width), || document(&incident.explanation)),
        (None, Some(plan)) => session.say(&render::goal(&plan.goal, width), || document(&plan.goal)),
        (None, None) => session.need_incident().map(|_| Exit::Done),
    }
}

/// `/why RESOURCE`.
///
/// # Errors
/// A usage error when no resource is called so.
pub fn why(session: &Session, words: &str) -> Result<Exit, CommandError> {
    let incident = session.need_incident()?;
    let answer = answers::resource(incident, words).ok_or_else(|| no_such_resource(incident, words))?;
    say_answer(session, "why-resource", &answer)
}

/// That no resource is called so, and which one may be meant.
pub fn no_such_resource(incident: &Incident, words: &str) -> CommandError {
    let resources = incident.resources();
    let score = |id: &&&str| strsim::jaro_winkler(&id.to_lowercase(), &words.to_lowercase());
    let near = resources.keys().max_by(|a, b| score(a).total_cmp(&score(b))).filter(|id| score(id) > 0.7);
    let near = near.map_or_else(String::new, |id| format!("; did you mean {}?", safe(id)));
    CommandError::Usage {
        message: format!("no resource in {} is called {words:?}{near}", incident.name),
        hint: Some("/events lists them; Tab completes their names".to_owned()),
    }
}

/// Prints an answer with the lines it rests on.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn say_answer(session: &Session, intent: &str, answer: &Answer) -> Result<Exit, CommandError> {
    let width = terminal::width();
    let mut text = String::new();
    for paragraph in &answer.text {
        let hang = paragraph.len()
            - paragraph.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' ').len();
        for (row, line) in render::wrap(paragraph, width.saturating_sub(2 + hang)).iter().enumerate() {
            let indent = if row == 0 { 2 } else { 2 + hang };
            text.push_str(&format!("{:indent$}{line}\n", ""));
        }
    }
    if !answer.lines.is_empty() {
        let numbers: Vec<String> = answer.lines.iter().take(12).map(ToString::to_string).collect();
        let more = if answer.lines.len() > 12 { ", …" } else { "" };
        let word = if answer.lines.len() == 1 { "line" } else { "lines" };
        text.push_str(&format!("  {}\n", paint(DIM, format!("{word} {}{more}", numbers.join(", ")))));
    }
    session.say(&text, || json!({ "question": intent, "answer": answer.text, "lines": answer.lines }))
}

/// `/timeline`.
///
/// # Errors
/// A usage error when no incident is loaded.
pub fn timeline(session: &Session) -> Result<Exit, CommandError> {
    let incident = session.need_incident()?;
    session.say(&show::timeline(incident, terminal::width()), || document(&incident.history.events))
}

/// `/graph`.
///
/// # Errors
/// A usage error when no incident is loaded.
pub fn graph(session: &Session) -> Result<Exit, CommandError> {
    let incident = session.need_incident()?;
    session.say(&show::graph(incident, terminal::width()), || document(&incident.explanation))
}

/// `/events`.
///
/// # Errors
/// A usage error when no incident is loaded.
pub fn events(session: &Session, terms: &[String]) -> Result<Exit, CommandError> {
    let incident = session.need_incident()?;
    session
        .say(&show::events(incident, terms, terminal::width()), || document(&show::matching(incident, terms)))
}

/// `/rule`: the verdict's, or the one that is named.
///
/// # Errors
/// A usage error when no rule is meant.
pub fn rule(session: &Session, id: Option<&str>) -> Result<Exit, CommandError> {
    let id = match id {
        Some(id) => id.to_owned(),
        None => {
            match session.need_incident()?.diagnosis.verdict.as_ref().and_then(|verdict| verdict.rule.clone())
            {
                Some(rule) => rule,
                None => {
                    return Err(CommandError::usage("no rule knows this failure; /rule ID shows any rule"));
                }
            }
        }
    };
    let words: Vec<String> = ["rules", "show", &id].iter().map(|word| (*word).to_owned()).collect();
    let json = session.wants_json().then(|| "--json".to_owned());
    let words: Vec<String> = words.into_iter().chain(json).collect();
    let Some(invocation) = session.invocation(&words)? else { return Ok(Exit::Done) };
    commands::run(invocation, &session.catalog, &session.config)
}

/// `/incidents`.
///
/// # Errors
/// When the list cannot be written as JSON.
pub fn list(session: &Session) -> Result<Exit, CommandError> {
    if session.incidents.is_empty() {
        return session.say("  no incident is loaded; /diagnose FILE loads one\n", || json!([]));
    }
    let rows: Vec<[String; 3]> = session
        .incidents
        .iter()
        .enumerate()
        .map(|(at, incident)| {
            let mark = if at == session.current { "*" } else { " " };
            [format!("{mark} {}", at + 1), paint(HEAD, safe(&incident.name)), safe(&incident.brief())]
        })
        .collect();
    let names: Vec<&str> = session.incidents.iter().map(|incident| incident.name.as_str()).collect();
    session.say(&render::columns(&rows, 1), || json!(names))
}

/// `/use`.
///
/// # Errors
/// A usage error when no incident is meant.
pub fn choose(session: &mut Session, wanted: &str) -> Result<Exit, CommandError> {
    session.current = find(session, wanted)?;
    session.loads += 1;
    again(session)
}

fn find(session: &Session, wanted: &str) -> Result<usize, CommandError> {
    let number = wanted.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_number = number.filter(|at| *at < session.incidents.len());
    let matches = |incident: &Incident| {
        incident.name == wanted
            || incident.subject() == wanted
            || incident.name.ends_with(&format!("/{wanted}"))
    };
    by_number.or_else(|| session.incidents.iter().position(matches)).ok_or_else(|| CommandError::Usage {
        message: format!("{wanted}: no such incident is loaded"),
        hint: Some("/incidents lists them".to_owned()),
    })
}

/// `/compare`: the named incidents, or all.
///
/// # Errors
/// A usage error when there are fewer than two.
pub fn compare(session: &Session, wanted: &[String]) -> Result<Exit, CommandError> {
    let places: Result<Vec<usize>, CommandError> = match wanted {
        [] => Ok((0..session.incidents.len()).collect()),
        [other] if session.incident().is_some() => find(session, other).map(|at| vec![session.current, at]),
        several => several.iter().map(|one| find(session, one)).collect(),
    };
    let incidents: Vec<&Incident> = places?.into_iter().filter_map(|at| session.incidents.get(at)).collect();
    if incidents.len() < 2 {
        return Err(CommandError::usage("two loaded incidents are needed; /diagnose FILE FILE loads them"));
    }
    let documents =
        || json!(incidents.iter().map(|incident| document(&incident.diagnosis)).collect::<Vec<_>>());
    session.say(&show::comparison(&incidents, terminal::width()), documents)
}
