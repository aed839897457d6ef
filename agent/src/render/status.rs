//! How a deployment stands, as one screen.

use std::fmt::Write;

use provision_executor::status::{Finding, Item, State};

use crate::operator::StatusDocument;
use crate::render::layout::{plural, visible, wrap};
use crate::terminal::{BAD, DIM, GOOD, HEAD, WARN, paint, safe};

/// The column where texts begin, on a screen that is wide enough.
const COLUMN: usize = 16;
/// A screen narrower than this has texts below their titles.
const NARROW: usize = 60;

/// The whole screen, for a terminal of the given width.
pub fn text(status: &StatusDocument, width: usize) -> String {
    let mut text = head(status, width);
    for finding in status.findings.iter().filter(|finding| finding.state != State::Unseen) {
        text.push_str(&section(finding, width));
    }
    text.push_str(&unseen(status, width));
    text.push_str(&row(" ", "Last run", &last_run(status), width));
    for (position, cost) in status.costs.iter().enumerate() {
        text.push_str(&row(" ", if position == 0 { "Costs" } else { "" }, &safe(cost), width));
    }
    if !status.remembered.is_empty() {
        let names: Vec<String> = status.remembered.iter().map(|name| name.replace('_', " ")).collect();
        let line = format!("{}: as in the last run", names.join(", "));
        text.push_str(&dimmed(&line, 2, width));
    }
    let _ = writeln!(text, "\n{}", verdict(status));
    text
}

fn head(status: &StatusDocument, width: usize) -> String {
    let title = safe(&status.title);
    let room = width.saturating_sub(visible(&title) + visible(&status.at));
    match room >= 2 {
        true => format!("{}{}{}\n", paint(HEAD, title), " ".repeat(room), paint(DIM, &status.at)),
        false => format!("{}\n{}\n", paint(HEAD, title), paint(DIM, &status.at)),
    }
}

fn section(finding: &Finding, width: usize) -> String {
    let mut text = row(&mark(finding.state), &finding.title, &safe(&finding.summary), width);
    for part in &finding.items {
        text.push_str(&item(part, width));
    }
    for command in &finding.next {
        text.push_str(&dimmed(&format!("→ {}", safe(command)), indent(width), width));
    }
    text
}

fn item(item: &Item, width: usize) -> String {
    let from = indent(width);
    let mut text = String::new();
    let line = format!("{}: {}", safe(&item.name), safe(&item.says));
    for (position, part) in wrap(&line, width.saturating_sub(from + 2)).into_iter().enumerate() {
        let head = if position == 0 { mark(item.state) } else { " ".to_owned() };
        let _ = writeln!(text, "{}{head} {part}", " ".repeat(from));
    }
    if let Some(cause) = &item.cause {
        let rule = cause.rule.as_deref().unwrap_or("no rule");
        for line in
            [format!("cause  {} ({rule})", safe(&cause.cause)), format!("fix    {}", safe(&cause.fix))]
        {
            for (position, part) in wrap(&line, width.saturating_sub(from + 9)).into_iter().enumerate() {
                let gap = if position == 0 { 2 } else { 9 };
                let _ = writeln!(text, "{}{part}", " ".repeat(from + gap));
            }
        }
    }
    text
}

/// What was not seen, those with the same reason together.
fn unseen(status: &StatusDocument, width: usize) -> String {
    let mut groups: Vec<(String, Vec<&Finding>)> = Vec::new();
    for finding in status.findings.iter().filter(|finding| finding.state == State::Unseen) {
        match groups.iter_mut().find(|(reason, _)| *reason == finding.summary) {
            Some((_, findings)) => findings.push(finding),
            None => groups.push((finding.summary.clone(), vec![finding])),
        }
    }
    groups.iter().fold(String::new(), |mut text, (reason, findings)| {
        let titles: Vec<&str> = findings.iter().map(|finding| finding.title.as_str()).collect();
        let (title, says) = match titles.as_slice() {
            [one] => ((*one).to_owned(), format!("not seen: {}", safe(reason))),
            several => ("Not seen".to_owned(), format!("{}: {}", several.join(", "), safe(reason))),
        };
        text.push_str(&row(&mark(State::Unseen), &title, &says, width));
        let mut commands: Vec<&String> = findings.iter().flat_map(|finding| &finding.next).collect();
        commands.dedup();
        for command in commands {
            text.push_str(&dimmed(&format!("→ {}", safe(command)), indent(width), width));
        }
        text
    })
}

fn last_run(status: &StatusDocument) -> String {
    match &status.last_run {
        None => "none by this tool on this machine".to_owned(),
        Some(run) => {
            let at = run.at.as_deref().unwrap_or("at an unknown time");
            format!("{} {at}: {} ({})", safe(&run.action), safe(&run.status), safe(&run.id))
        }
    }
}

fn verdict(status: &StatusDocument) -> String {
    let count = |state: State| status.findings.iter().filter(|finding| finding.state == state).count();
    let hidden = match count(State::Unseen) {
        0 => String::new(),
        count => format!("; {} not seen", plural(count, "part was", "parts were")),
    };
    match status.state {
        State::Unseen => paint(WARN, "? nothing could be seen"),
        State::Wrong => {
            let wrong = plural(count(State::Wrong), "part is", "parts are");
            format!("{} {wrong} not well{hidden}", paint(BAD, "✗"))
        }
        State::Attention => {
            let parts = plural(count(State::Attention), "part wants", "parts want");
            format!("{} nothing is broken; {parts} attention{hidden}", paint(WARN, "!"))
        }
        State::Well => format!("{} all that was seen is well{hidden}", paint(GOOD, "✓")),
    }
}

fn mark(state: State) -> String {
    match state {
        State::Well => paint(GOOD, "✓"),
        State::Attention => paint(WARN, "!"),
        State::Wrong => paint(BAD, "✗"),
        State::Unseen => paint(DIM, "?"),
    }
}

/// Where texts begin.
fn indent(width: usize) -> usize {
    if width < NARROW { 4 } else { COLUMN }
}

/// A title with its text, beside it or, on a narrow screen, below it.
fn row(mark: &str, title: &str, says: &str, width: usize) -> String {
    let from = indent(width);
    let lines = wrap(says, width.saturating_sub(from));
    let mut text = String::new();
    if width < NARROW {
        if !title.is_empty() {
            let _ = writeln!(text, "{mark} {title}");
        }
        for line in lines {
            let _ = writeln!(text, "{}{line}", " ".repeat(from));
        }
        return text;
    }
    for (position, line) in lines.into_iter().enumerate() {
        let head = if position == 0 { format!("{mark} {title:<13} ") } else { " ".repeat(from) };
        let _ = writeln!(text, "{head}{line}");
    }
    text
}

/// A line to copy stays whole; what is no command is wrapped by the terminal.
fn dimmed(line: &str, from: usize, _width: usize) -> String {
    format!("{}{}\n", " ".repeat(from), paint(DIM, line))
}
