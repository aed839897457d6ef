//! What happens around an incident, and how wide the terminal was, change nothing about its verdict.

mod common;
#[path = "common/incident.rs"]
mod incident;

use common::read;
use serde_json::json;

/// Breaks every line at a width, in the middle of words, as a terminal does. Most copies lose blanks at the ends.
fn hard_wrapped(text: &str, width: usize, trimmed: bool) -> String {
    let wrap = |line: &str| {
        let letters: Vec<char> = line.chars().collect();
        let piece = |letters: &[char]| letters.iter().collect::<String>();
        let trim = |piece: String| if trimmed { piece.trim_end().to_owned() } else { piece };
        letters.chunks(width).map(|letters| trim(piece(letters)) + "\n").collect::<String>()
    };
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { wrap(line) }).collect()
}

#[test]
fn a_terminal_of_any_usual_width_changes_nothing() {
    // a list of failures at 40 columns has too few full lines to tell a terminal by
    let rows =
        [("CDK events", 40), ("Sceptre", 40), ("Serverless 3", 60), ("Serverless 2", 40), ("rain", 40)];
    let mut found = Vec::new();
    let least = |name: &str| rows.iter().find(|(row, _)| *row == name).map(|(_, least)| *least);
    for (name, least, text) in
        incident::all().into_iter().filter_map(|(name, text)| Some((name, least(name)?, text)))
    {
        let widths = [40, 60, 80, 100, 120, 140, 160, 200].into_iter().filter(|width| *width >= least);
        for (width, trimmed) in widths.flat_map(|width| [(width, false), (width, true)]) {
            let verdict = read(&hard_wrapped(&text, width, trimmed)).verdict;
            let root = verdict.as_ref().and_then(|verdict| verdict.root.logical_id.as_deref());
            let rule = verdict.as_ref().and_then(|verdict| verdict.rule.as_deref());
            if (root, rule) != (Some(incident::ROOT), Some("name-taken")) {
                found.push(format!("{name} at {width}, trimmed {trimmed}: {root:?} by {rule:?}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn other_names_change_nothing() {
    let book = common::book();
    for (name, text) in incident::all() {
        for (root, stack) in [("Quay7Gate", "harbour-eu-9"), ("X", "s"), ("FailedErrors", "error-reports")] {
            let renamed = text.replace(incident::ROOT, root).replace(incident::STACK, stack);
            let verdict = provision_rules::diagnose(renamed.as_bytes(), &book).expect("readable").verdict;
            let got = verdict.and_then(|verdict| verdict.root.logical_id);
            assert_eq!(got.as_deref(), Some(root), "{name} of {stack}");
        }
    }
}

/// An event of a stack that is well.
fn calm(number: usize) -> serde_json::Value {
    json!({
        "StackName": "calm-errors", "LogicalResourceId": format!("FailedQueue{}", number / 2),
        "ResourceType": "AWS::SQS::Queue", "Timestamp": format!("2026-03-01T09:{:02}:{:02}Z", number / 60 % 60, number % 60),
        "ResourceStatus": if number.is_multiple_of(2) { "CREATE_IN_PROGRESS" } else { "CREATE_COMPLETE" },
    })
}

fn newest_first(events: impl DoubleEndedIterator<Item = serde_json::Value>) -> String {
    json!({ "StackEvents": events.rev().collect::<Vec<_>>() }).to_string()
}

#[test]
fn ten_thousand_events_of_a_stack_that_is_well_change_nothing() {
    let own = || incident::EVENTS.iter().enumerate().map(|(at, event)| incident::json_event(at, event));
    for text in [
        newest_first((0..10_000).map(calm).chain(own())),
        newest_first(own().chain((0..10_000).map(calm)).collect::<Vec<_>>().into_iter()),
    ] {
        let found = read(&text);
        assert_eq!(found.source.events, 10_000 + incident::EVENTS.len());
        assert_eq!(found.verdict.expect("a verdict").root.logical_id.as_deref(), Some(incident::ROOT));
    }
}

#[test]
fn events_of_another_stack_between_those_of_the_incident_change_nothing() {
    let both = incident::EVENTS
        .iter()
        .enumerate()
        .flat_map(|(at, event)| [calm(2 * at), incident::json_event(at, event), calm(2 * at + 1)]);
    let found = read(&newest_first(both.collect::<Vec<_>>().into_iter()));
    assert_eq!(found.source.stack.as_deref(), Some(incident::STACK));
    assert_eq!(found.verdict.expect("a verdict").root.logical_id.as_deref(), Some(incident::ROOT));
}
