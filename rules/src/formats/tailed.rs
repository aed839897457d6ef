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
    event.stack = Some(found["stack"].to_owned());
    event.logical_id = event.stack.clone().filter(|_| kind == "AWS::CloudFormation::Stack");
    event.resource_type = Some(kind.to_owned()).filter(|kind| is_type(kind));
    event.set_reason(found.name("reason").map_or("", |reason| reason.as_str()), lines[at].number);
    Some(Taken { format: Format::Sam, events: vec![event], next: at + 1 })
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
}
