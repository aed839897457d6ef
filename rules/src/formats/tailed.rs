//! Events as stack builders tail them: `[stack] STATUS TYPE reason`, without the resource's name.

use std::sync::OnceLock;

use regex::Regex;

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::cells::is_type;
use crate::formats::{Format, State, Taken};
use crate::status::{Status, may_hold_status};

const LAYOUT: &str = r"^(?:\[[\d:T. -]+\]\s+)?\[(?<stack>[A-Za-z][\w-]*)\] (?<status>[A-Z_]+) (?<type>\w+(?:::[\w@-]+)+)(?: (?<reason>.+))?$";

/// Reads one such line.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    static FOUND: OnceLock<Option<Regex>> = OnceLock::new();
    let line = lines[at].text.trim();
    if !may_hold_status(line) || !line.contains("] ") {
        return None;
    }
    let found = FOUND.get_or_init(|| Regex::new(LAYOUT).ok()).as_ref()?.captures(line)?;
    let kind = &found["type"];
    let mut event = StackEvent::new(Status::exact(&found["status"])?, lines[at].number);
    let reason = found.name("reason").map_or("", |reason| reason.as_str());
    event.stack = Some(found["stack"].to_owned());
    event.logical_id = event
        .stack
        .clone()
        .filter(|_| kind == "AWS::CloudFormation::Stack" && is_own(&found["status"], reason));
    event.resource_type = Some(kind.to_owned()).filter(|kind| is_type(kind));
    event.set_reason(reason, lines[at].number);
    Some(Taken { format: Format::Sam, events: vec![event], next: at + 1 })
}

/// Whether an event of the type of a stack is about the stack itself rather than about one nested in it.
fn is_own(status: &str, reason: &str) -> bool {
    reason == "User Initiated" || status.contains("ROLLBACK") || status.contains("CLEANUP")
}

#[cfg(test)]
mod tests {
    use crate::decode;
    use crate::formats::parse;

    #[test]
    fn a_builder_that_tails_a_stack_names_no_resources() {
        let text = "[2026-05-04T09:12:33] [kiln-web] CREATE_FAILED AWS::S3::Bucket kiln-media already exists\n\
                    [2026-05-04T09:12:34] [kiln-web] ROLLBACK_IN_PROGRESS AWS::CloudFormation::Stack The following \
                    resource(s) failed to create: [Media].\n";
        let events = parse(&decode::lines(text)).events;
        let told = |at: usize| (events[at].logical_id.as_deref(), events[at].reason.as_str());
        assert_eq!(told(0), (None, "kiln-media already exists"));
        assert_eq!(told(1).0, Some("kiln-web"));
    }

    #[test]
    fn a_nested_stack_is_not_the_stack_that_is_tailed() {
        let text = "[kiln-web] CREATE_FAILED AWS::CloudFormation::Stack Embedded stack arn:aws:cloudformation:eu-west-1:\
                    444455556666:stack/kiln-web-Data-0A1B/2c3d was not successfully created\n";
        assert_eq!(parse(&decode::lines(text)).events[0].logical_id, None);
    }
}
