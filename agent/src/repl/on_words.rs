//! A line without a slash: a question about what is loaded, or a goal that makes the plan grow.

use provision_planner::goal;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::repl::questions::{self, About, Question};
use crate::repl::session::Session;
use crate::repl::{advice, answers, on_incident, on_plan};
use crate::terminal::safe;

/// Answers a question, or takes a goal. Questions about what is loaded come first; only a leading slash is a command.
///
/// # Errors
/// A usage error for what is neither, and whatever the planner refuses.
pub fn answer(session: &mut Session, text: &str) -> Result<Exit, CommandError> {
    let questions = questions::read(text)?;
    let goal = goal::parse(text);
    let states_something = !goal.slots.is_empty() || !goal.unresolved.is_empty();
    if !states_something || questions::is_question(text) || !questions.is_empty() {
        let mut nobody = None;
        for question in &questions {
            if let Some(exit) = answered(session, question, nobody)? {
                return Ok(exit);
            }
            if question.intent == "why-resource" {
                nobody = nobody.or(question.subject.as_deref());
            }
        }
    }
    if states_something {
        return on_plan::grow(session, text, goal);
    }
    if let Some(exit) = named_resource(session, text)? {
        return Ok(exit);
    }
    Err(not_understood(session, &questions))
}

/// Answers a question where something loaded has the answer. That nothing is called what an earlier reading of the
/// question named is said first: an answer about something else must not look like one about that.
fn answered(
    session: &mut Session,
    question: &Question,
    nobody: Option<&str>,
) -> Result<Option<Exit>, CommandError> {
    let subject = question.subject.as_deref();
    match question.about {
        About::Any if question.intent == "next" => advice::next(session).map(Some),
        About::Incident | About::Any => {
            let answer =
                session.incident().and_then(|incident| answers::about(incident, &question.intent, subject));
            let named = |mut answer: answers::Answer| {
                let note = nobody.map(|name| format!("No resource here is called {:?}.", safe(name)));
                answer.text.splice(..0, note);
                answer
            };
            answer
                .map(named)
                .map(|answer| on_incident::say_answer(session, &question.intent, &answer))
                .transpose()
        }
        About::Plan => on_plan::answer(session, &question.intent, subject),
    }
}

/// A line that is nothing but the name of a resource asks about it.
fn named_resource(session: &Session, text: &str) -> Result<Option<Exit>, CommandError> {
    let exact = |incident: &crate::repl::incident::Incident| {
        let wanted = text.trim().trim_end_matches('?');
        incident.resources().contains_key(wanted).then(|| answers::resource(incident, wanted)).flatten()
    };
    let answer = session.incident().and_then(exact);
    answer.map(|answer| on_incident::say_answer(session, "why-resource", &answer)).transpose()
}

/// Why a line led to nothing, and what would.
fn not_understood(session: &Session, questions: &[Question]) -> CommandError {
    let about = |wanted: About| questions.iter().any(|question| question.about == wanted);
    let named = questions
        .iter()
        .filter(|question| question.intent == "why-resource")
        .find_map(|q| q.subject.as_deref());
    match (session.incident(), named) {
        (Some(incident), Some(name)) => return on_incident::no_such_resource(incident, name),
        (None, _) if about(About::Incident) => {
            return CommandError::Usage {
                message: "that asks about a failed deploy, and none is loaded".to_owned(),
                hint: Some("/diagnose FILE loads one, or paste its events".to_owned()),
            };
        }
        _ => {}
    }
    if about(About::Plan) {
        return on_plan::no_plan();
    }
    CommandError::Usage {
        message: "neither a goal nor a question that can be answered from what is loaded".to_owned(),
        hint: Some("/help shows what can be asked; /ask puts a question to the optional model".to_owned()),
    }
}
