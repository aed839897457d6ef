//! Finds out how wide the terminal was that a text was copied from, and puts back together what it broke.
//!
//! A terminal breaks a line at its width and nowhere else. So no line is longer, those that are as long go on in the
//! next one, and that one does not look like the beginning of a row.

use std::borrow::Cow;
use std::collections::HashSet;

use unicode_width::UnicodeWidthStr;

use super::ansi;
use crate::status::may_hold_status;

/// Widths that terminals have, in columns.
const USUAL: std::ops::RangeInclusive<usize> = 40..=400;
/// Rows of one list begin alike in this many letters at least.
const ALIKE: usize = 4;
/// Prose that was broken between words, and rows of a list with fixed columns, are shorter than the longest line by
/// less than this.
const NEAR: usize = 12;
/// Nobody breaks prose at more columns than this.
const PROSE: usize = 100;

/// How long a line is: in letters and in columns, the smaller first. Copies go by the one or the other.
#[derive(Debug, Clone, Copy)]
struct Length {
    least: usize,
    most: usize,
}

impl Length {
    fn of(line: &str) -> Self {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let shown = if line.contains('\u{1b}') { ansi::strip(line) } else { Cow::Borrowed(line) };
        if shown.is_ascii() {
            return Self { least: shown.len(), most: shown.len() };
        }
        let (letters, columns) = (shown.chars().count(), shown.width());
        Self { least: letters.min(columns), most: letters.max(columns) }
    }

    fn is(self, width: usize) -> bool {
        (self.least..=self.most).contains(&width)
    }
}

/// What speaks for a terminal and what against it, in lines.
#[derive(Debug, Default)]
struct Signs {
    full: usize,
    /// Full lines that go on in the next.
    going_on: usize,
    /// Those of them whose next line is shorter: there the broken line ends.
    ends: usize,
    /// Full lines with columns, as the rows of a listing have them that happen to be of one length.
    columns: usize,
    /// Lines that are nearly full.
    near: usize,
    /// Those of them that go on.
    soft: usize,
}

impl Signs {
    fn tell_of_a_terminal(&self) -> bool {
        let Self { full, going_on, ends, columns, near, soft } = *self;
        let listing = ends < 2 && columns * 2 >= full;
        going_on >= 2 && going_on * 5 >= full * 4 && going_on > 2 * soft && going_on > near && !listing
    }
}

/// The lines of a text and how long they are.
struct Copied<'l, 't> {
    lines: &'l [&'t str],
    lengths: Vec<Length>,
    width: usize,
    /// Copies often lose the blanks at the end of a line; then a line may have been broken at one.
    trimmed: bool,
    /// How the lines begin that do not stand below one that may be full.
    beginnings: HashSet<&'t str>,
}

/// The first letters of a line; lines of one list begin alike.
fn beginning(line: &str) -> &str {
    line.char_indices().nth(ALIKE).map_or(line, |(end, _)| &line[..end])
}

impl<'l, 't> Copied<'l, 't> {
    /// `None` where the longest line is no terminal's width.
    fn new(lines: &'l [&'t str]) -> Option<Self> {
        if lines.iter().any(|line| line.len() > 8 * USUAL.end()) {
            return None;
        }
        let lengths: Vec<Length> = lines.iter().map(|line| Length::of(line)).collect();
        let width = lengths.iter().map(|length| length.least).max().filter(|width| USUAL.contains(width))?;
        let trimmed = !lines.iter().any(|line| line.trim_end_matches('\r').ends_with(' '));
        let mut copied = Self { lines, lengths, width, trimmed, beginnings: HashSet::new() };
        let starts = |at: &usize| *at == 0 || !copied.is_full(*at - 1) && !copied.ended_at_blank(*at - 1);
        let beginnings = (0..lines.len()).filter(starts).map(|at| beginning(lines[at]));
        copied.beginnings = beginnings.filter(|letters| !letters.trim().is_empty()).collect();
        Some(copied)
    }

    /// Whether a line is as long as the terminal was wide, and no rule or row of a table.
    fn is_full(&self, at: usize) -> bool {
        let line = self.lines[at].trim_end_matches('\r').trim_start();
        let framed = line.starts_with(['|', '+', '│']) && line.ends_with(['|', '+', '│']);
        let rule = !line.is_empty() && !line.contains(char::is_alphanumeric);
        self.lengths[at].is(self.width) && !framed && !rule
    }

    /// Whether a line may be a full one that lost its last blank.
    fn ended_at_blank(&self, at: usize) -> bool {
        self.trimmed && self.lengths[at].is(self.width - 1)
    }

    /// Whether the line below one goes on with it, rather than being blank or beginning as rows do.
    fn goes_on(&self, start: usize, at: usize) -> bool {
        self.lines.get(at + 1).is_some_and(|next| {
            let begins = beginning(next);
            let as_rows = begins == beginning(self.lines[start]) || self.beginnings.contains(begins);
            !next.trim_end_matches('\r').is_empty() && !as_rows
        })
    }

    /// Whether the lines were broken by a terminal: those that are full mostly go on, and few are nearly full.
    fn is_broken(&self) -> bool {
        self.signs().tell_of_a_terminal()
    }

    fn signs(&self) -> Signs {
        let (mut signs, mut start) = (Signs::default(), 0);
        for at in 0..self.lines.len() {
            self.look_at(start, at, &mut signs);
            if self.lost_blanks(start, at).is_none() {
                start = at + 1;
            }
        }
        signs
    }

    /// Whether that is so of a few lines, which tell less: all that are full go on, and none is nearly full.
    fn is_surely_broken(&self) -> bool {
        let signs = self.signs();
        signs.tell_of_a_terminal() && signs.going_on == signs.full && signs.near == 0
    }

    /// The lines as they were.
    fn joined(&self) -> Vec<Whole<'t>> {
        let mut whole: Vec<Whole<'t>> = Vec::new();
        let mut lost = None;
        for (at, line) in self.lines.iter().enumerate() {
            match (lost, whole.last_mut()) {
                (Some(lost), Some((_, text))) => {
                    let ended = text.trim_end_matches('\r').len();
                    let text = text.to_mut();
                    text.truncate(ended);
                    text.extend(std::iter::repeat_n(' ', lost));
                    text.push_str(line);
                }
                _ => whole.push((at, Cow::Borrowed(*line))),
            }
            lost = whole.last().and_then(|(start, _)| self.lost_blanks(*start, at));
        }
        whole
    }

    /// Counts what a line, which belongs to the one that begins at `start`, says about the terminal.
    fn look_at(&self, start: usize, at: usize, signs: &mut Signs) {
        let goes_on = self.goes_on(start, at);
        let in_gap = self.ended_in_gap(at);
        if self.is_full(at) || in_gap {
            let ends = self.lengths.get(at + 1).is_some_and(|next| next.most < self.width);
            signs.full += 1;
            signs.going_on += usize::from(goes_on);
            signs.ends += usize::from(goes_on && ends);
            signs.columns += usize::from(self.lines[at].trim().contains("  "));
        } else if start == at || self.width <= PROSE {
            // the end of a broken line is of any length, and so is a line of a paragraph
            let shorter = self.width.saturating_sub(self.lengths[at].least);
            let least = if self.trimmed && goes_on { 2 } else { 1 };
            let near = (least..=NEAR).contains(&shorter);
            signs.near += usize::from(near);
            signs.soft += usize::from(near && goes_on && shorter > 1);
        }
    }

    /// Whether a line lost the blanks between two columns, in which it was broken.
    fn ended_in_gap(&self, at: usize) -> bool {
        let barred = |next: &&str| next.starts_with(' ') && next.trim_start().starts_with(['|', '│']);
        let shorter = self.width.saturating_sub(self.lengths[at].most);
        self.trimmed
            && shorter <= 4 * NEAR
            && self.lines[at].contains(['|', '│'])
            && self.lines.get(at + 1).is_some_and(barred)
    }

    /// How many blanks were lost between this line and the next, where both are pieces of one.
    fn lost_blanks(&self, start: usize, at: usize) -> Option<usize> {
        let broken = self.is_full(at) || self.ended_at_blank(at) || self.ended_in_gap(at);
        let lost = if self.is_full(at) { 0 } else { self.width.saturating_sub(self.lengths[at].most) };
        (broken && self.goes_on(start, at)).then_some(lost)
    }
}

/// A line that is whole again, with the index of its first piece.
type Whole<'t> = (usize, Cow<'t, str>);

/// The lines as they were before a terminal broke them; `None` where none did.
pub(super) fn unbroken<'t>(lines: &[&'t str]) -> Option<Vec<Whole<'t>>> {
    match Copied::new(lines).filter(Copied::is_broken) {
        Some(copied) => Some(copied.joined()),
        None => in_paragraphs(lines),
    }
}

/// The same of a text in which a terminal broke only some paragraphs, because a tool printed the others narrower or
/// they come from elsewhere. Only paragraphs with a status are looked at.
fn in_paragraphs<'t>(lines: &[&'t str]) -> Option<Vec<Whole<'t>>> {
    let (mut whole, mut any, mut first) = (Vec::new(), false, 0);
    for paragraph in lines.split_inclusive(|line| line.trim().is_empty()) {
        let copied = if paragraph.iter().any(|line| may_hold_status(line)) {
            Copied::new(paragraph).filter(Copied::is_surely_broken)
        } else {
            None
        };
        any |= copied.is_some();
        let joined = copied.map_or_else(
            || paragraph.iter().enumerate().map(|(at, line)| (at, Cow::Borrowed(*line))).collect(),
            |copied| copied.joined(),
        );
        whole.extend(joined.into_iter().map(|(at, line)| (first + at, line)));
        first += paragraph.len();
    }
    any.then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [&str; 5] = [
        "shop | 1/4 | 10:00:00 AM | CREATE_IN_PROGRESS   | AWS::S3::Bucket            | Uploads (Uploads4F1A2B3C)",
        "shop | 1/4 | 10:00:07 AM | CREATE_FAILED | AWS::S3::Bucket | Uploads (Uploads4F1A2B3C) shop-media already exists ❌",
        "shop | 1/4 | 10:00:08 AM | CREATE_FAILED        | AWS::SQS::Queue            | Jobs (Jobs0A1B2C3D) Resource creation cancelled",
        "done",
        "shop | 2/4 | 10:00:09 AM | ROLLBACK_IN_PROGRESS | AWS::CloudFormation::Stack | shop The following failed",
    ];

    fn broken(width: usize, trimmed: bool) -> String {
        let pieces = |row: &&str| {
            let letters: Vec<char> = row.chars().collect();
            letters.chunks(width).map(|piece| piece.iter().collect::<String>()).collect::<Vec<_>>()
        };
        let trim = |piece: String| if trimmed { piece.trim_end().to_owned() } else { piece };
        ROWS.iter().flat_map(pieces).map(trim).collect::<Vec<_>>().join("\n")
    }

    fn mended(text: &str) -> Option<Vec<(usize, String)>> {
        let lines: Vec<&str> = text.split('\n').collect();
        Some(unbroken(&lines)?.into_iter().map(|(at, line)| (at, line.into_owned())).collect())
    }

    #[test]
    fn rows_are_whole_again_at_every_width() {
        for width in [40, 50, 60, 72, 80, 90] {
            for trimmed in [false, true] {
                let text = broken(width, trimmed);
                let rows: Vec<String> =
                    mended(&text).expect("broken").into_iter().map(|(_, row)| row).collect();
                assert_eq!(rows, ROWS, "{width} columns, blanks lost: {trimmed}");
            }
        }
    }

    #[test]
    fn a_row_keeps_the_place_of_its_first_piece() {
        let starts: Vec<usize> =
            mended(&broken(60, false)).expect("broken").into_iter().map(|(at, _)| at).collect();
        assert_eq!(starts, [0, 2, 4, 7, 8]);
    }

    #[test]
    fn a_paragraph_that_was_broken_is_found_beside_longer_lines() {
        let text = format!("{}\n\n{}\n\nend", "a longer line ".repeat(20), broken(80, false));
        let rows: Vec<String> = mended(&text).expect("broken").into_iter().map(|(_, row)| row).collect();
        assert_eq!(rows[2..7], ROWS);
    }

    #[test]
    fn what_no_terminal_broke_stays() {
        let uniform = "2026-03-01T10:00:00Z INFO compiled the module of orders\n".repeat(9);
        let table = "|  CREATE_FAILED  |  AWS::S3::Bucket  |  Uploads  |\n".repeat(9);
        let rule = format!("{}\n", "-".repeat(72)).repeat(4);
        let prose = "The bucket that you tried to create is there already, and it\n\
                     does not belong to you. Choose another name for it, or delete\n\
                     the one that has it, and deploy again as soon as its name is\n\
                     free, which takes about an hour.";
        let pairs = "10:00 | CREATE_FAILED\nUser orchard-ci is not authorized to perform: sqs:CreateQueue\n"
            .repeat(4);
        let pods: String =
            ('a'..='h').map(|pod| format!("{pod}{pod}-7c9f0a   1/1     Running     0     3d\n")).collect();
        let pods = format!("NAME       READY   STATUS\n{pods}");
        for text in [pods.as_str(), &pairs, &uniform, &table, &rule, prose, "one line", ""] {
            assert_eq!(mended(text), None, "{text}");
        }
    }
}
