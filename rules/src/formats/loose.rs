//! A failed status next to a resource's name, in the many small layouts of scripts and wrappers.

use std::sync::OnceLock;

use regex::Regex;

use crate::decode::Line;
use crate::event::StackEvent;
use crate::formats::cells::is_type;
use crate::formats::{Format, State, Taken};
use crate::status::Status;

/// The layouts, most telling first. Groups: `status`, `name`, `type`, `reason`.
const LAYOUTS: &[&str] = &[
    // what StackSets write into their own reason
    r"ResourceLogicalId:\s*(?<name>[\w-]+),\s*ResourceType:\s*(?<type>[\w:@-]+),\s*ResourceStatusReason:\s*(?<reason>.+?)\.?[\x22']?,?$",
    // what rain writes of a change set that an early validation refused
    r"Resource: (?<name>\w+) \((?<type>\w+(?:::[\w@-]+)+)\), Validation: \w+, Reason: (?<reason>.+)$",
    r"(?<name>\w[\w/-]*) [(\[](?<type>\w+(?:::[\w@-]+)+)[)\]]:?\s*(?:-\s*)?\b(?<status>[A-Z_]+_FAILED)\b[\s:—–-]*(?<reason>.*)$",
    r"[(\[](?<type>\w+(?:::[\w@-]+)+)[)\]]\s*(?<name>[\w/-]+):?\s*(?:-\s*)?\b(?<status>[A-Z_]+_FAILED)\b[\s:—–-]*(?<reason>.*)$",
    r"(?:^|\s)(?<name>[A-Za-z][\w/-]*)(?:\s*[:|]\s*|\s+-\s+|\s+)\[?(?<status>(?:CREATE|UPDATE|DELETE|IMPORT)_FAILED)\b\]?[\s:—–-]*(?<reason>.*)$",
    r"\[?\b(?<status>(?:CREATE|UPDATE|DELETE|IMPORT)_FAILED)\b\]?(?:\s*[:|]\s*|\s+-\s+|\s+)(?<name>[A-Za-z][\w/-]*)(?:\s*[:—–-]\s+|\s*$|\s+[(\[](?<type>\w+(?:::[\w@-]+)+)[)\]][\s:—–-]*)(?<reason>.*)$",
];

/// Reads one line that names a resource and says that it failed.
pub(super) fn read(lines: &[Line<'_>], at: usize, _: &mut State) -> Option<Taken> {
    let line = &*lines[at].text;
    const SIGNS: [&str; 3] = ["_FAILED", "ResourceStatusReason:", ", Validation: "];
    if !SIGNS.iter().any(|sign| line.contains(sign)) || line.len() > 8000 {
        return None;
    }
    let event = layouts().iter().find_map(|layout| event(layout, line, lines[at].number))?;
    Some(Taken { format: Format::Summary, events: vec![event], next: at + 1 })
}

/// What a reason of a stack set tells of the resource of one of its stacks: its event, on the line given.
pub(super) fn of_stack_set(reason: &str, number: usize) -> Option<StackEvent> {
    let has = reason.contains("ResourceLogicalId:");
    has.then(|| layouts().first().and_then(|layout| event(layout, reason, number))).flatten()
}

fn layouts() -> &'static [Regex] {
    static LAYOUT: OnceLock<Vec<Regex>> = OnceLock::new();
    LAYOUT.get_or_init(|| LAYOUTS.iter().filter_map(|layout| Regex::new(layout).ok()).collect())
}

fn event(layout: &Regex, line: &str, number: usize) -> Option<StackEvent> {
    let found = layout.captures(line)?;
    let get = |group| found.name(group).map(|text| text.as_str()).filter(|text| !text.is_empty());
    let name = get("name").filter(|name| is_chosen(name))?;
    let status = match get("status") {
        Some(status) => Status::exact(status)?,
        None => Status::unspecified_failure(),
    };
    let mut event = StackEvent::new(status, number);
    event.logical_id = Some(name.to_owned());
    event.resource_type = get("type").filter(|kind| is_type(kind)).map(str::to_owned);
    event.set_reason(get("reason").unwrap_or_default(), number);
    Some(event)
}

/// Whether a word is a name somebody chose for a resource rather than a word of a sentence.
fn is_chosen(word: &str) -> bool {
    let inner =
        word.chars().skip(1).any(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-' || c == '/');
    let capital = word.starts_with(|c: char| c.is_ascii_uppercase());
    const WORDS: [&str; 12] = [
        "Stack", "Status", "State", "Error", "Resource", "Current", "The", "Is", "In", "Failed", "Got",
        "With",
    ];
    (inner || capital) && !WORDS.contains(&word) && Status::exact(word).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> Option<(String, String)> {
        layouts()
            .iter()
            .find_map(|layout| event(layout, line, 1))
            .map(|e| (e.logical_id.unwrap_or_default(), e.reason))
    }

    #[test]
    fn every_layout_compiles() {
        assert_eq!(layouts().len(), LAYOUTS.len());
    }

    #[test]
    fn the_small_layouts_of_scripts_are_read() {
        let want = Some(("Uploads".to_owned(), "media already exists".to_owned()));
        for line in [
            "Uploads (AWS::S3::Bucket) CREATE_FAILED: media already exists",
            "[AWS::S3::Bucket] Uploads CREATE_FAILED media already exists",
            "12:00:01 Uploads - CREATE_FAILED - media already exists",
            "Uploads: CREATE_FAILED media already exists",
            "* CREATE_FAILED Uploads: media already exists",
            "CREATE_FAILED: Uploads (AWS::S3::Bucket) - media already exists",
            "  - Resource: Uploads (AWS::S3::Bucket), Validation: NAME_CONFLICT_VALIDATION, Reason: media already exists",
            "ResourceLogicalId:Uploads, ResourceType:AWS::S3::Bucket, ResourceStatusReason:media already exists.",
        ] {
            assert_eq!(parts(line), want, "{line}");
        }
    }

    #[test]
    fn a_sentence_about_a_status_is_no_event() {
        for line in [
            "the stack is in CREATE_FAILED",
            "Current state: 'CREATE_FAILED'",
            "Stack entered CREATE_FAILED state",
        ] {
            assert_eq!(parts(line), None, "{line}");
        }
    }
}
