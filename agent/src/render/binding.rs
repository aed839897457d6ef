//! What a plan is bound to, and what differs from an approved one, as text.

use std::fmt::Write;

use provision_planner::plan::{Drift, Plan};

use crate::render::layout::wrap;
use crate::render::plan::listed;
use crate::terminal::{BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// Which of the operator's variables the commands see, and whose account they change.
pub(super) fn handed_on(plan: &Plan, width: usize) -> String {
    let binding = &plan.binding;
    let mut text = String::new();
    if let Some(account) = &binding.account {
        let region =
            binding.region.as_ref().map_or_else(String::new, |region| format!(" in {}", safe(region)));
        text.push_str(&listed("account", DIM, &format!("AWS {}{region}", shortened(account)), width));
    }
    if let Some(reason) = &binding.account_unknown {
        let line = format!("AWS account not known: {}; the approval does not bind to it", safe(reason));
        text.push_str(&listed("account", WARN, &line, width));
    }
    if plan.target.is_some() {
        let line = format!("passed on: {}; nothing else (--pass-env NAME adds)", binding.passed.join(", "));
        text.push_str(&listed("environment", DIM, &line, width));
    }
    text
}

/// An account number needs recognising, not publishing: its first and last four digits.
fn shortened(account: &str) -> String {
    match (account.get(..4), account.len().checked_sub(4).and_then(|at| account.get(at..))) {
        (Some(first), Some(last)) if account.len() > 8 => format!("{first}…{last}"),
        _ => account.to_owned(),
    }
}

/// What differs from the plan that was approved.
pub fn drift(drifts: &[Drift], width: usize) -> String {
    let mut text = format!("{}\n", paint(HEAD, "Differs from the approved plan"));
    for drift in drifts {
        let _ = writeln!(text, "  {}", safe(&drift.what));
        for (mark, style, value) in [("−", BAD, &drift.before), ("+", GOOD, &drift.after)] {
            let value = value.as_deref().unwrap_or("not there");
            for (row, line) in wrap(&safe(value), width.saturating_sub(6)).into_iter().enumerate() {
                let mark = if row == 0 { mark } else { " " };
                let _ = writeln!(text, "    {} {line}", paint(style, mark));
            }
        }
    }
    text
}
