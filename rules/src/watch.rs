//! Diagnoses an input while it grows: the verdict as soon as it can be told, and again when it changes.

use crate::category::Category;
use crate::diagnose::DiagnoseOptions;
use crate::error::RulesError;
use crate::rulebook::Rulebook;
use crate::sieve::{Intake, Splitter};
use crate::stems::Stems;
use crate::verdict::Diagnosis;

/// An input that grows.
#[derive(Debug)]
pub struct Watch {
    intake: Intake,
    splitter: Splitter,
    /// Whether something came that may change the verdict.
    stirred: bool,
    told: Option<Told>,
}

/// What makes a verdict the same as another: not how many lines were read.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    rule: Option<String>,
    category: Category,
    line: usize,
    text: String,
    also: usize,
}

impl Told {
    fn of(found: &Diagnosis) -> Option<Self> {
        let verdict = found.verdict.as_ref()?;
        Some(Self {
            rule: verdict.rule.clone(),
            category: verdict.category,
            line: verdict.root.line,
            text: verdict.root.text.clone(),
            also: found.also.len(),
        })
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self { intake: Intake::default(), splitter: Splitter::new(b'\n'), stirred: false, told: None }
    }
}

impl Watch {
    /// Takes the next bytes. A line counts once it has ended.
    ///
    /// # Errors
    /// As [`Intake::feed`].
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), RulesError> {
        let Some(lines) = self.splitter.split(bytes) else { return Ok(()) };
        // packed text and UTF-16 do not show what they hold; a success behind an error matters as the error does
        let opaque = !lines.is_ascii() || lines.contains(&0);
        self.stirred |= opaque || self.told.is_some() || Stems::new(&lines).find(0).is_some();
        self.intake.feed(&lines)
    }

    /// Whether something came that may change the verdict.
    pub fn is_stirred(&self) -> bool {
        self.stirred
    }

    /// The diagnosis of what came so far, if its verdict is another than the last one that was given.
    pub fn news(&mut self, book: &Rulebook) -> Option<Diagnosis> {
        if !std::mem::take(&mut self.stirred) {
            return None;
        }
        // what is cut off now may come later
        let found = self.intake.diagnosis(book, DiagnoseOptions { partial: true }).ok()?;
        self.is_new(&found).then_some(found)
    }

    /// Whether a diagnosis has another verdict than the last one that was given; from now on it is the last one.
    fn is_new(&mut self, found: &Diagnosis) -> bool {
        let told = Told::of(found);
        let new = told != self.told;
        self.told = told;
        new
    }

    /// Ends the input. The second part says whether the verdict was given before.
    ///
    /// # Errors
    /// When the input cannot be read: empty, binary, damaged gzip, or JSON events cut off in the middle.
    pub fn end(
        &mut self,
        book: &Rulebook,
        options: DiagnoseOptions,
    ) -> Result<(Diagnosis, bool), RulesError> {
        let last = self.splitter.end();
        self.intake.feed(&last)?;
        self.intake.end()?;
        let found = self.intake.diagnosis(book, options)?;
        let given = self.told.is_some() && !self.is_new(&found);
        Ok((found, given))
    }

    /// What came, for more than its diagnosis.
    pub fn intake(&self) -> &Intake {
        &self.intake
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Rulebook {
        let rule = "[[rule]]\nid = \"taken\"\ntitle = \"t\"\ncategory = \"already-exists\"\nliterals = [\"already exists\"]\n\
                    cause = \"c\"\nfix = \"f\"\nhits = [\"x already exists\"]\nnear_misses = [\"x\"]\n";
        Rulebook::parse([("own.toml", rule)]).expect("parses")
    }

    const FAILED: &str =
        "shop | 10:00:20 AM | CREATE_FAILED | AWS::S3::Bucket | Uploads (Uploads) media already exists\n";

    #[test]
    fn a_verdict_is_told_once_as_soon_as_its_line_has_ended() {
        let (mut watch, book) = (Watch::default(), book());
        watch
            .feed(b"calm\nshop | 10:00:10 AM | CREATE_IN_PROGRESS | AWS::S3::Bucket | Uploads\n")
            .expect("text");
        assert!(watch.news(&book).is_none());
        let (first, rest) = FAILED.split_at(FAILED.len() - 10);
        watch.feed(first.as_bytes()).expect("text");
        assert!(watch.news(&book).is_none(), "the line has not ended");
        watch.feed(rest.as_bytes()).expect("text");
        let verdict = watch.news(&book).and_then(|found| found.verdict).expect("a verdict");
        assert_eq!((verdict.rule.as_deref(), verdict.root.line), (Some("taken"), 3));
        watch.feed(b"calm again\nand again\n").expect("text");
        assert!(watch.news(&book).is_none(), "nothing new");
        let (found, given) = watch.end(&book, DiagnoseOptions::default()).expect("text");
        assert!(given && found.source.lines == 5, "{found:?}");
    }

    #[test]
    fn a_verdict_that_changes_is_told_again() {
        let (mut watch, book) = (Watch::default(), book());
        watch.feed(b"Error: something odd\n").expect("text");
        let first = watch.news(&book).and_then(|found| found.verdict).expect("a verdict");
        assert_eq!(first.rule, None);
        watch.feed(FAILED.as_bytes()).expect("text");
        let second = watch.news(&book).and_then(|found| found.verdict).expect("another verdict");
        assert_eq!(second.rule.as_deref(), Some("taken"));
        watch.feed(b"Error: something odd\n").expect("text");
        assert!(watch.news(&book).is_none());
    }

    #[test]
    fn a_failure_that_went_away_is_told() {
        let (mut watch, book) = (Watch::default(), book());
        watch.feed(b"Error: media already exists\n").expect("text");
        assert!(watch.news(&book).is_some_and(|found| found.verdict.is_some()));
        watch.feed(b"retrying\nSuccessfully created/updated stack - shop in eu-west-1\n").expect("text");
        assert!(watch.news(&book).is_some_and(|found| found.verdict.is_none()));
    }
}
