//! Text that a shell reads back as exactly the given arguments.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use super::{CommandLine, EnvValue};

/// What stands for a secret.
const MASK: &str = "***";

/// One argument, quoted only where a POSIX shell would otherwise read it differently.
///
/// Characters that a terminal would act on or that hide themselves (controls, text direction marks, zero widths)
/// become escapes in `$'…'`, which bash, zsh and ksh read; so the text is always one visible line.
pub fn quote(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        Cow::Borrowed(text)
    } else if text.chars().any(is_hidden) {
        Cow::Owned(escaped(text))
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

fn is_plain(text: &str) -> bool {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&b);
    // A leading `=` is expanded by zsh.
    !text.is_empty() && text.bytes().all(safe) && !text.starts_with('=')
}

/// Controls, and the characters of Unicode's category Cf plus the line separators.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0001}'..='\u{e007f}')
}

fn escaped(text: &str) -> String {
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            '\n' => out.push_str(r"\n"),
            '\t' => out.push_str(r"\t"),
            '\r' => out.push_str(r"\r"),
            '\'' => out.push_str(r"\'"),
            '\\' => out.push_str(r"\\"),
            // Bytes in octal, always three digits, so that no digit after them is read along.
            c if is_hidden(c) || c == '!' => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, r"\{byte:03o}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// A whole command for pasting at the root of the checkout, secrets as `***`.
pub(crate) fn command_text(command: &CommandLine) -> String {
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    let program_is_assignment = command.argv.first().is_some_and(|program| program.contains('='));
    if !command.unset.is_empty() {
        words.push("env".into());
        words.extend(command.unset.iter().flat_map(|name| ["-u".into(), quote(name)]));
    }
    words.extend(command.env.iter().map(|(name, value)| assignment(name, value)));
    words.extend(command.argv.iter().enumerate().map(|(at, word)| match at == 0 && program_is_assignment {
        true => Cow::Owned(format!("'{}'", word.replace('\'', r"'\''"))),
        false => quote(word),
    }));
    let line = words.join(" ");
    match command.dir.is_empty() {
        true => line,
        false => format!("(cd {} && {line})", quote(&command.dir)),
    }
}

fn assignment<'a>(name: &str, value: &EnvValue) -> Cow<'a, str> {
    Cow::Owned(match value {
        EnvValue::Plain(text) => format!("{name}={}", quote(text)),
        EnvValue::Secret { .. } => format!("{name}={MASK}"),
    })
}

impl CommandLine {
    /// A command with its text form.
    pub fn new(dir: &str, argv: Vec<String>, env: BTreeMap<String, EnvValue>, unset: Vec<String>) -> Self {
        let mut command = Self { dir: dir.to_owned(), argv, env, unset, text: String::new() };
        command.text = command_text(&command);
        command
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::Command;

    use proptest::prelude::*;

    use super::{CommandLine, EnvValue, quote};

    /// What bash makes of a line, byte for byte: each argument followed by a NUL.
    fn bash(line: &str) -> Vec<u8> {
        Command::new("bash").args(["--norc", "-c", line]).output().unwrap().stdout
    }

    fn nul_separated(words: &[String]) -> Vec<u8> {
        words.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect()
    }

    fn argument() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~]{0,20}",
            "[\n\t\r'\"\\\\$`!~=#*?;&|<>(){}\\[\\]^%-]{0,12}",
            any::<String>().prop_map(|text| text.replace('\0', "")),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn bash_reads_back_exactly_the_arguments(words in prop::collection::vec(argument(), 1..6)) {
            let quoted = words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
            prop_assert!(!quoted.chars().any(char::is_control), "one visible line: {quoted}");
            prop_assert_eq!(bash(&format!("printf '%s\\0' {quoted}")), nul_separated(&words));
        }

        #[test]
        fn a_whole_command_line_does_what_its_parts_say(value in argument(), word in argument()) {
            let script = r#"printf '%s\0' "$PWD" "$VALUE" "${STRAY-unset}" "$1""#.to_owned();
            let argv = ["bash", "-c"].map(str::to_owned).into_iter().chain([script, "x".to_owned(), word.clone()]);
            let env = BTreeMap::from([("VALUE".to_owned(), EnvValue::Plain(value.clone()))]);
            let command = CommandLine::new("usr/bin", argv.collect(), env, vec!["STRAY".to_owned()]);
            let expected = ["/usr/bin".to_owned(), value, "unset".to_owned(), word];
            let line = format!("cd / && export STRAY=1 && {}", command.text);
            prop_assert_eq!(bash(&line), nul_separated(&expected));
        }
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        for word in ["--domain", "ci.example.com", "KEY=value", "a@b.c", "/opt/x", "50%"] {
            assert_eq!(quote(word), word);
        }
    }

    #[test]
    fn anything_else_is_quoted() {
        assert_eq!(quote(""), "''");
        assert_eq!(quote("~"), "'~'");
        assert_eq!(quote("=cmd"), "'=cmd'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("a\nb!"), r"$'a\nb\041'");
        assert_eq!(quote("x\u{202e}y"), r"$'x\342\200\256y'");
    }

    #[test]
    fn secrets_stand_as_stars() {
        let env =
            BTreeMap::from([("TOKEN".to_owned(), EnvValue::Secret { secret: "ghcr_token".to_owned() })]);
        let command =
            CommandLine::new("deploy/x", vec!["bash".to_owned()], env, vec!["EMAIL_FROM".to_owned()]);
        assert_eq!(command.text, "(cd deploy/x && env -u EMAIL_FROM TOKEN=*** bash)");
    }
}
