//! Diagnoses as annotations of a GitHub Actions run: one workflow command per cause.

use provision_rules::Verdict;

use crate::diagnoses::{Diagnoses, FileReport};

/// Annotations for every failure and every file that cannot be read; a healthy file has none.
pub fn github(found: &Diagnoses) -> String {
    found.files.iter().flat_map(annotations).collect()
}

fn annotations(file: &FileReport) -> Vec<String> {
    match file.error() {
        Some(reason) => vec![command("warning", &[("file", &place(file)), ("title", "unreadable")], reason)],
        None => file.verdicts().map(|verdict| annotation(file, verdict)).collect(),
    }
}

fn annotation(file: &FileReport, verdict: &Verdict) -> String {
    let subject = verdict.root.logical_id.as_deref().map_or_else(String::new, |id| format!("{id}: "));
    let title = format!("{subject}{}", verdict.rule.as_deref().unwrap_or("unknown cause"));
    let line = verdict.root.line.to_string();
    let message = match verdict.rule {
        Some(_) => format!("{}\nFix: {}", verdict.cause, verdict.fix.text),
        None => format!("{}\n{}", verdict.cause, verdict.root.text),
    };
    command("error", &[("file", &place(file)), ("line", &line), ("title", &title)], &message)
}

/// The file's path; standard input has none that GitHub could show.
fn place(file: &FileReport) -> String {
    if file.path == "-" { String::new() } else { file.path.clone() }
}

/// `::name key=value,…::message`, without the properties that are empty.
fn command(name: &str, properties: &[(&str, &str)], message: &str) -> String {
    let given = properties.iter().filter(|(_, value)| !value.is_empty());
    let given: Vec<String> = given.map(|(key, value)| format!("{key}={}", property(value))).collect();
    format!("::{name} {}::{}\n", given.join(","), data(message))
}

/// The escapes of a command's message (actions/toolkit, `escapeData`); other control characters are dropped.
fn data(text: &str) -> String {
    let shown = text.chars().filter(|c| !c.is_control() || matches!(c, '\r' | '\n' | '\t'));
    shown.collect::<String>().replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a property's value (actions/toolkit, `escapeProperty`).
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_end_its_command_or_begin_another() {
        let line =
            command("error", &[("file", "a,b:c%.txt"), ("line", "3")], "50 %\r\n::set-output name=x::y");
        assert_eq!(line, "::error file=a%2Cb%3Ac%25.txt,line=3::50 %25%0D%0A::set-output name=x::y\n");
    }

    #[test]
    fn an_empty_property_is_left_out() {
        assert_eq!(command("warning", &[("file", ""), ("title", "t")], "m"), "::warning title=t::m\n");
    }
}
