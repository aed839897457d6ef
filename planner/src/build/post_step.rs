//! The user's own commands: text into argument vectors, without a shell in between.

use super::context::Context;
use crate::PlannerError;
use crate::plan::{CommandLine, Effect, Step, StepKind};

/// Secrets shorter than this are not searched for in commands: they would be found by chance.
const MIN_SECRET: usize = 6;

/// One step for each `--post-step`.
pub(super) fn steps(context: &Context<'_>) -> Result<Vec<Step>, PlannerError> {
    context.request.post_steps.iter().enumerate().map(|(at, text)| step(context, at + 1, text)).collect()
}

fn step(context: &Context<'_>, number: usize, text: &str) -> Result<Step, PlannerError> {
    let secret = |(_, secret): (&String, &crate::Secret)| {
        secret.expose().len() >= MIN_SECRET && text.contains(secret.expose())
    };
    if context.resolution.secrets.iter().any(secret) {
        let reason = "it holds a secret of this plan; read it from a variable or a file instead".to_owned();
        return Err(PlannerError::PostStep { text: format!("{number}"), reason });
    }
    let argv = split(text).map_err(|reason| PlannerError::PostStep { text: shortened(text), reason })?;
    let command = CommandLine::new("", argv, Default::default(), Vec::new());
    Ok(Step {
        id: format!("post-step-{number}"),
        kind: StepKind::PostStep,
        // What a command of the user's does is not known; it is taken to change things.
        effect: Effect::CloudChange,
        title: command.text.clone(),
        commands: vec![command],
        notes: Vec::new(),
        probes: Vec::new(),
        until: None,
    })
}

/// Splits a command as a shell would, and refuses what only a shell could do.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    if let Some(found) = shell_syntax(text) {
        let script = super::super::plan::quote(text).into_owned();
        return Err(format!("{found} needs a shell, and none is started; write bash -c {script}"));
    }
    let words = shlex::split(text).ok_or("a quote is not closed")?;
    match words.first().map(String::as_str) {
        None | Some("") => Err("a command is expected".to_owned()),
        Some(first) if is_assignment(first) => Err(format!("write env {first} … to set a variable")),
        Some(_) => Ok(words),
    }
}

fn is_assignment(word: &str) -> bool {
    let name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    word.split_once('=').is_some_and(|(left, _)| name(left))
}

/// The first thing that a shell would act on: an operator outside quotes, or an expansion outside single quotes.
fn shell_syntax(text: &str) -> Option<&'static str> {
    let (mut single, mut double, mut start) = (false, false, true);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' if !double => single = !single,
            _ if single => {}
            '\\' => drop(chars.next()),
            '"' => double = !double,
            '$' => return Some("$"),
            '`' => return Some("`"),
            _ if double => {}
            '#' if start => return Some("#"),
            _ => {
                if let Some(found) = operator(c) {
                    return Some(found);
                }
            }
        }
        start = c.is_whitespace();
    }
    None
}

fn operator(c: char) -> Option<&'static str> {
    Some(match c {
        '|' => "|",
        '&' => "&",
        ';' => ";",
        '<' => "<",
        '>' => ">",
        '(' => "(",
        ')' => ")",
        '\n' | '\r' => "a line break",
        _ => return None,
    })
}

fn shortened(text: &str) -> String {
    const MAX: usize = 60;
    let line: String = text.chars().take(MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > MAX { format!("{line}…") } else { line }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::split;
    use crate::plan::quote;

    #[test]
    fn quoted_words_become_single_arguments() {
        let words = split(r#"curl -fsS 'https://ci.example.com/api?a=1&b=2' -H "X: y;z""#).unwrap();
        assert_eq!(words, ["curl", "-fsS", "https://ci.example.com/api?a=1&b=2", "-H", "X: y;z"]);
    }

    #[test]
    fn what_only_a_shell_can_do_is_refused_with_the_way_to_ask_for_one() {
        for text in [
            "a | b",
            "a && b",
            "a; b",
            "a > f",
            "a < f",
            "(a)",
            "a &",
            "a $HOME",
            "a \"$HOME\"",
            "a `b`",
            "a\nb",
            "a # b",
        ] {
            let refused = split(text).unwrap_err();
            assert!(refused.contains("write bash -c "), "{text}: {refused}");
        }
    }

    #[test]
    fn quoting_or_escaping_takes_away_the_meaning() {
        for text in ["a '|'", "a \\; b", "a \"x|y\"", "a '$HOME'", "a x#y", "a \\$HOME"] {
            assert!(split(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_command_is_refused() {
        assert!(split("").is_err() && split("  ").is_err() && split("'a").is_err());
        assert!(split("STAGE=dev make").unwrap_err().contains("write env STAGE=dev"));
    }

    proptest! {
        // Control characters and line separators are left out: they are quoted as $'…', which only a shell reads.
        #[test]
        fn any_arguments_survive_quoting_and_splitting(
            words in prop::collection::vec("[^\\p{C}\\p{Zl}\\p{Zp}=]{1,12}", 1..5)
        ) {
            let text = words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(split(&text).unwrap(), words);
        }
    }
}
