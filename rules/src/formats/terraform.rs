//! Terraform's error about a stack: the reasons of all that failed, quoted, in one list behind the stack's status.

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::{Format, State, Taken};
use crate::status::Status;

/// How many lines such a list may be wrapped over.
const LINES: usize = 30;

/// Reads the list behind the status of a stack.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    let (head, list) = lines[at].text.split_once(": [\"")?;
    let status = head.trim_end_matches(')').rsplit(|c: char| !(c.is_ascii_uppercase() || c == '_')).next()?;
    let status = Status::exact(status).filter(|status| status.is_failed() || status.is_rollback())?;
    let below = lines[at + 1..].iter().take(LINES).map(|line| line.text.trim_start_matches(['│', ' ']));
    let whole = std::iter::once(list).chain(below).scan(false, until_closed).collect::<Vec<_>>();
    let next = at + whole.len();
    let number = lines[at].number;
    let events = reasons(&whole.join(" ")).map(|reason| event(status, &reason, number)).collect();
    Some(Taken { format: Format::Summary, events, next })
}

/// The lines up to the one that closes the list.
fn until_closed<'t>(closed: &mut bool, line: &'t str) -> Option<&'t str> {
    let go_on = !*closed;
    *closed |= line.trim_end().ends_with("\"]") || line.is_empty();
    go_on.then_some(line)
}

/// The quoted texts of a list of which the first quote is gone.
fn reasons(list: &str) -> impl Iterator<Item = String> {
    let list = list.trim_end().trim_end_matches("\"]");
    list.split("\" \"")
        .map(|text| text.replace("\\\"", "\"").replace("\\n", "\n"))
        .collect::<Vec<_>>()
        .into_iter()
}

fn event(stack: Status, reason: &str, number: usize) -> StackEvent {
    let of_stack = reason.contains("resource(s) failed to");
    let mut event = StackEvent::new(if of_stack { stack } else { Status::unspecified_failure() }, number);
    event.set_reason(reason, number);
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode;

    #[test]
    fn each_reason_of_the_list_is_an_event() {
        let text = "│ Error: waiting for CloudFormation Stack (web) create: rollback requested (ROLLBACK_COMPLETE): [\"The following resource(s) failed to create: [Site].\" \"name \\\"web\\\" is\n│ taken\"]\n";
        let lines = decode::lines(text);
        let taken = read(&lines, 0, &mut State::default()).expect("a list");
        let reasons: Vec<&str> = taken.events.iter().map(|event| &*event.reason).collect();
        assert_eq!(reasons, ["The following resource(s) failed to create: [Site].", "name \"web\" is taken"]);
        assert_eq!(taken.next, 2);
    }

    #[test]
    fn a_list_without_a_status_is_none() {
        let lines = decode::lines("allowed values: [\"a\" \"b\"]\n");
        assert!(read(&lines, 0, &mut State::default()).is_none());
    }
}
