//! Stack traces of programs: which line of one tells the error, and which only say where it was.

use crate::decode::Line;
use crate::pattern::Pattern;
use crate::signs::Sign;

/// What a Python traceback begins with.
const PYTHON: &str = "Traceback (most recent call last)";
/// How many lines of frames a traceback may have.
const FRAMES: usize = 400;
/// How far above its announcement an error may stand.
const ABOVE: usize = 60;

/// Sets the signs of the lines of stack traces: the telling line is loud, frames are nothing.
pub(crate) fn mark(lines: &[Line<'_>], signs: &mut [(usize, Sign)]) {
    for start in 0..signs.len() {
        let text = &*lines[signs[start].0].text;
        if text.contains(PYTHON) {
            quieten_python(lines, &mut signs[start..]);
        } else if is_frame(text) {
            signs[start].1 = Sign::None;
        } else if text.trim_start().starts_with("Caused by: ") {
            quieten_outer(lines, &mut signs[..start]);
        }
    }
}

/// Of a Python traceback, the line below its frames tells the error; the frames tell nothing.
fn quieten_python(lines: &[Line<'_>], signs: &mut [(usize, Sign)]) {
    let inner = |line: &str| line.starts_with([' ', '\t']);
    let frames = signs[1..].iter().take(FRAMES).take_while(|(at, _)| inner(&lines[*at].text)).count();
    if frames == 0 || signs.len() <= frames + 1 {
        return;
    }
    signs[..=frames].iter_mut().for_each(|(_, sign)| *sign = Sign::None);
    signs[frames + 1].1 = Sign::Loud;
}

/// Of a Java stack trace the last cause tells the error; the exceptions around it, directly above its frames, repeat
/// that something went wrong.
fn quieten_outer(lines: &[Line<'_>], above: &mut [(usize, Sign)]) {
    let mut rest = above.iter_mut().rev();
    let frames = rest.by_ref().take(FRAMES).position(|(at, _)| !is_java_frame(&lines[*at].text));
    let Some(frames) = frames.filter(|frames| *frames > 0) else { return };
    let headline = above.len() - 1 - frames;
    above[headline].1 = above[headline].1.min(Sign::Soft);
}

fn is_java_frame(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with("at ") && text.contains('(') || text.starts_with("... ") && text.ends_with(" more")
}

/// Whether a line is a frame of a stack trace: of Java, of Node, or a caret below a quoted source line.
fn is_frame(line: &str) -> bool {
    let indented = line.starts_with([' ', '\t']);
    indented && (is_java_frame(line) || line.trim_start().starts_with("at ") && line.contains(".js:"))
}

/// A line that only says that a program before it failed.
static ANNOUNCES: Pattern = Pattern::new(
    r"(?i)subprocess exited with error|(?:process|command) (?:completed|exited|failed) with (?:exit )?(?:code|status)|ELIFECYCLE|exited with code \d",
);

/// The first line of a stack trace, which tells the error.
static HEADLINE: Pattern =
    Pattern::new(r"^(?:Uncaught )?[\w.$]*(?:Error|Exception)\b(?: \[\w+\])?: \S|^«\w+» \S");

/// The line that tells what a line at the end of a program's output only announces: the headline of the stack trace
/// above it.
pub(crate) fn told_above(lines: &[Line<'_>], at: usize) -> Option<usize> {
    if !ANNOUNCES.is_match(&lines[at].text) {
        return None;
    }
    let from = at.saturating_sub(ABOVE);
    let first_frame = (from + 1..at).find(|above| is_frame(&lines[*above].text))?;
    (from..first_frame).rev().find(|above| HEADLINE.is_match(&lines[*above].text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode, signs};

    fn loud(text: &str) -> Vec<usize> {
        let lines = decode::lines(text);
        let mut signs: Vec<(usize, Sign)> =
            lines.iter().enumerate().map(|(at, line)| (at, signs::sign(&line.text))).collect();
        mark(&lines, &mut signs);
        signs.iter().filter(|(_, sign)| *sign == Sign::Loud).map(|(at, _)| lines[*at].number).collect()
    }

    #[test]
    fn every_pattern_compiles() {
        for pattern in [&ANNOUNCES, &HEADLINE] {
            pattern.assert_reads();
        }
    }

    #[test]
    fn the_last_line_of_a_python_traceback_tells_the_error() {
        let text = "Traceback (most recent call last):\n  File \"press.py\", line 9, in main\n    raise ValueError()\nLookupError: the drum is out of true\n";
        assert_eq!(loud(text), [4]);
    }

    #[test]
    fn the_last_cause_of_a_java_stack_trace_tells_the_error() {
        let text = "Exception in thread \"main\" java.lang.RuntimeException: deploy failed\n\tat press.Main.run(Main.java:9)\n\tat press.Main.main(Main.java:3)\nCaused by: press.DrumException: the drum is out of true\n\tat press.Drum.turn(Drum.java:7)\n\t... 2 more\n";
        assert_eq!(loud(text), [4]);
    }

    #[test]
    fn what_a_task_runner_announces_stands_at_the_headline_above_its_frames() {
        let text = "/src/app.js:15\n    throw new Error('the drum');\n    ^\n\nError: the drum is out of true\n    at Object.<anonymous> (/src/app.js:15:36)\n    at Module._compile (node:internal/modules/cjs/loader:1521:14)\n\nNode.js v20\nnode app.js: Subprocess exited with error 1\n";
        let lines = decode::lines(text);
        assert_eq!(told_above(&lines, 9), Some(4));
        assert_eq!(told_above(&lines, 4), None);
    }
}
