//! When the model is asked about a goal, and what becomes of its answer: values for open slots, never more.

use provision_planner::goal::Goal;
use provision_planner::plan::Action;
use provision_planner::{Catalog, Request};

use crate::cli::Cli;
use crate::config::Config;
use crate::error::CommandError;
use crate::llm::{self, Availability, Llm, LlmError, Settings};
use crate::terminal::{self, DIM, paint};

/// What a model adds to a goal.
const ADDS: &str = "read what the parser left open in a goal";

/// What a model was asked, if it was.
pub enum Asked {
    /// The request goes on, with the model's values or without.
    Request(Box<Request>),
    /// The prompt was shown instead.
    Shown,
}

/// The request with the slots that a model fills, where one may be asked.
///
/// A model is asked about the text of a deploy, never of a teardown. One that was asked for always is; one that is only
/// there, because its key is, where something is missing and a person sees the plan before it runs.
///
/// # Errors
/// A usage error for a provider or template that cannot be used, or a prompt that cannot be shown.
pub fn fill(cli: &Cli, config: &Config, catalog: &Catalog, request: Request) -> Result<Asked, CommandError> {
    let args = &cli.global.llm;
    let sends = request.goal.text.is_some() && request.action == Action::Deploy;
    if !sends {
        return match args.show_prompt {
            true => {
                Err(CommandError::usage("--show-prompt: nothing would be sent; only the text of a deploy is"))
            }
            false => Ok(Asked::Request(Box::new(request))),
        };
    }
    let settings = match llm::availability(args, &config.model)? {
        Availability::On(settings) if is_wanted(cli, &settings, catalog, &request) => settings,
        Availability::On(_) => return Ok(Asked::Request(Box::new(request))),
        Availability::Off { reason, explicit: true } => {
            complain(&reason);
            return Ok(Asked::Request(Box::new(request)));
        }
        Availability::Off { .. } => {
            if !cli.global.wants_json() && is_missing_something(catalog, &request) {
                llm::hint(ADDS);
            }
            return Ok(Asked::Request(Box::new(request)));
        }
    };
    match (llm::fill(&mut Llm::new(*settings), catalog, &request), args.show_prompt) {
        (Ok(goal), _) => Ok(Asked::Request(Box::new(with(request, goal, catalog)))),
        (Err(LlmError::Shown), _) => Ok(Asked::Shown),
        (Err(error), true) => Err(CommandError::usage(error.to_string())),
        (Err(error), false) => {
            complain(&error);
            Ok(Asked::Request(Box::new(request)))
        }
    }
}

/// The request with the model's goal, unless a plan cannot be made with it: then as it was.
fn with(request: Request, goal: Goal, catalog: &Catalog) -> Request {
    let filled = Request { goal, ..request.clone() };
    match provision_planner::build(catalog, filled.clone()) {
        Ok(_) => filled,
        Err(error) => {
            complain(&LlmError::Unusable { reason: error.to_string() });
            request
        }
    }
}

fn is_wanted(cli: &Cli, settings: &Settings, catalog: &Catalog, request: &Request) -> bool {
    let person = !cli.global.wants_json() && !cli.yes && terminal::is_interactive();
    settings.explicit || (person && is_missing_something(catalog, request))
}

fn is_missing_something(catalog: &Catalog, request: &Request) -> bool {
    provision_planner::build(catalog, request.clone()).is_ok_and(|draft| !draft.plan.missing.is_empty())
}

fn complain(reason: &LlmError) {
    terminal::err(&format!("{}\n", paint(DIM, format!("nothing from the model: {reason}"))));
}
