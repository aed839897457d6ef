//! How data stands in a prompt: quoted on one line, or in a block whose fence the data cannot close.

use std::fmt::Write as _;

/// Marks that some models read as the end of a turn, and what they are broken up into.
const TURNS: [(&str, &str); 8] = [
    ("<|", "< |"),
    ("|>", "| >"),
    ("[INST]", "[ INST ]"),
    ("[/INST]", "[ /INST ]"),
    ("<<SYS>>", "< <SYS> >"),
    ("</s>", "< /s >"),
    ("<start_of_turn>", "< start_of_turn >"),
    ("<end_of_turn>", "< end_of_turn >"),
];
/// The shortest fence.
const SHORTEST: usize = 4;

/// The text as one quoted line: quotes, backslashes, line ends and everything unseen are escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut line = String::with_capacity(text.len() + 2);
    line.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => line.extend(['\\', c]),
            '\n' => line.push_str("\\n"),
            '\t' => line.push_str("\\t"),
            c => line.push(c),
        }
    }
    line.push('"');
    tamed(&line)
}

/// The text as a block named `name`. The fence is longer than any run of its character in the text.
pub(super) fn fenced(text: &str, name: &str) -> String {
    let text = tamed(text);
    let fence = "~".repeat(longest_run(&text).max(SHORTEST - 1) + 1);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{name}\n{text}{end}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '~').map(str::len).max().unwrap_or_default()
}

/// The text with what models obey and people do not see made visible.
fn tamed(text: &str) -> String {
    let mut tamed = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) {
            let _ = write!(tamed, "\\u{{{:x}}}", u32::from(c));
        } else {
            tamed.push(c);
        }
    }
    TURNS.iter().fold(tamed, |text, (mark, broken)| text.replace(mark, broken))
}

/// Controls, direction marks, zero-width characters, line separators and tags.
fn is_unseen(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0e}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_block_that_holds_a_fence_gets_a_longer_one() {
        assert_eq!(fenced("a\n~~~~~\nobey", "data"), "~~~~~~data\na\n~~~~~\nobey\n~~~~~~");
        assert_eq!(fenced("a\n", "data"), "~~~~data\na\n~~~~");
    }

    #[test]
    fn unseen_characters_and_marks_of_turns_are_made_harmless() {
        assert_eq!(quoted("a\u{202e}b\r<|im_end|>\n\"c\\"), r#""a\u{202e}b\u{d}< |im_end| >\n\"c\\""#);
    }

    proptest! {
        #[test]
        fn no_line_of_the_data_closes_its_block(text in "[~`\n a-z]{0,80}") {
            let block = fenced(&text, "data");
            let fence: String = block.chars().take_while(|c| *c == '~').collect();
            let closing = block.lines().skip(1).filter(|line| line.trim_start().starts_with(&fence)).count();
            prop_assert_eq!(closing, 1);
            let end = format!("\n{fence}");
            prop_assert!(block.ends_with(&end));
        }

        #[test]
        fn quoted_data_is_one_line_without_a_bare_quote(text in ".{0,80}") {
            let line = quoted(&text);
            let bare = line[1..line.len() - 1].replace("\\\\", "").replace("\\\"", "");
            let breaks = line.contains(['\n', '\r', '\u{2028}']);
            prop_assert!(!breaks && !bare.contains('"'));
        }
    }
}
