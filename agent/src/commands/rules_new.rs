//! `provision rules new`: the draft of a rule from a failure that no rule knows, its words left open or the model's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use provision_rules::{DiagnoseOptions, Diagnosis, Rulebook, Verdict, diagnose, diagnose_with};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::llm::{self, Availability, Llm, LlmError, ModelArgs, ModelConfig, Unmatched};
use crate::terminal::{self, DIM, paint};
use crate::{draft, input, masking, rulebase};

/// What the command line says about asking the model.
pub struct Asked<'a> {
    /// The flags.
    pub llm: &'a ModelArgs,
    /// The configuration.
    pub config: &'a ModelConfig,
    /// Failures whose verdicts must not move.
    pub against: &'a [PathBuf],
}

/// Prints a draft.
///
/// # Errors
/// A usage error when the file has no unknown failure.
pub fn run(
    book: &Rulebook,
    from: &Path,
    rules: &[PathBuf],
    asked: Option<Asked<'_>>,
) -> Result<Exit, CommandError> {
    let (bytes, name) = input::read(from)?;
    let found = diagnose_with(&bytes, book, DiagnoseOptions { partial: true })
        .map_err(|error| CommandError::usage(format!("{name}: {error}")))?;
    let found = masking::diagnosis(found)?;
    let verdicts = found.verdict.iter().chain(&found.also);
    let unknown = verdicts.clone().find(|verdict| verdict.rule.is_none());
    let verdict = unknown.ok_or_else(|| nothing_to_draft(&name, verdicts.clone().next()))?;
    let own = draft::rule(verdict, &name, book);
    let Some(asked) = asked else {
        terminal::out(&own);
        remark("Fill it in, save it as DIR/NAME.toml, then: provision rules lint --rules DIR");
        return Ok(Exit::Done);
    };
    let proof = Proof::new(book, rules, &bytes, asked.against)?;
    let categories = categories(book);
    let unmatched = Unmatched { found: &found, verdict, draft: &own, categories: &categories };
    match ask(&asked, &unmatched, &proof, book)? {
        Ok(rule) => {
            terminal::out(&format!(
                "# Drafted from {name}, line {}, by a model. Read it before you keep it.\n{rule}",
                verdict.root.line
            ));
            remark(&proof.told());
        }
        Err(LlmError::Shown) => {}
        Err(reason) => {
            remark(&format!("no rule from the model: {reason}"));
            terminal::out(&own);
        }
    }
    Ok(Exit::Done)
}

fn ask(
    asked: &Asked<'_>,
    unmatched: &Unmatched<'_>,
    proof: &Proof<'_>,
    book: &Rulebook,
) -> Result<Result<String, LlmError>, CommandError> {
    Ok(match llm::availability(asked.llm, asked.config)? {
        Availability::Off { reason, .. } => Err(reason),
        Availability::On(settings) => {
            let mut llm = Llm::new(*settings);
            llm::rule(&mut llm, unmatched, &rulebase::version(book), |text| proof.check(text))
        }
    })
}

fn remark(line: &str) {
    terminal::err(&format!("{}\n", paint(DIM, line)));
}

/// The families that rules name, as rule files write them.
fn categories(book: &Rulebook) -> Vec<String> {
    let used: BTreeSet<_> = book.signatures().map(|rule| rule.category).collect();
    let name = |category| serde_json::to_value(category).ok()?.as_str().map(str::to_owned);
    used.into_iter().filter_map(name).collect()
}

fn nothing_to_draft(name: &str, known: Option<&Verdict>) -> CommandError {
    match known.and_then(|verdict| verdict.rule.as_deref()) {
        None => {
            CommandError::usage(format!("{name}: no failure in it; there is nothing to draft a rule from"))
        }
        Some(rule) => CommandError::Usage {
            message: format!("{name}: the rule {rule} knows this failure already"),
            hint: Some(format!("`provision rules show {rule}` prints it")),
        },
    }
}

/// What a new rule must not change: the examples of all rules, and the verdicts of further files.
struct Proof<'a> {
    files: Vec<(String, String)>,
    bytes: &'a [u8],
    /// Each further file with its verdicts as they are.
    known: Vec<(String, Vec<u8>, Vec<Option<String>>)>,
    book: &'a Rulebook,
    examples: usize,
    /// How many further files have no verdict that could move: they cannot be read or diagnosed.
    without: usize,
}

impl<'a> Proof<'a> {
    fn new(
        book: &'a Rulebook,
        rules: &[PathBuf],
        bytes: &'a [u8],
        against: &[PathBuf],
    ) -> Result<Self, CommandError> {
        let files = rulebase::files(rules)?;
        let paths = if against.is_empty() { Vec::new() } else { input::expand(against)? };
        let (mut known, mut without) = (Vec::new(), 0);
        for path in paths {
            let read = input::read(&path).ok();
            match read.and_then(|(text, name)| Some((diagnose(&text, book).ok()?, text, name))) {
                // The failure itself is the one whose verdict has to move.
                Some((_, text, _)) if text == bytes => {}
                Some((found, text, name)) => known.push((name, text, named(&found))),
                None => without += 1,
            }
        }
        let examples = book.signatures().map(|rule| rule.hits.len() + rule.near_misses.len()).sum();
        Ok(Self { files, bytes, known, book, examples, without })
    }

    /// What does not hold of a rule, in words for whoever wrote it.
    fn check(&self, text: &str) -> Result<(), String> {
        let alone = Rulebook::parse([("draft", text)]).map_err(|error| error.to_string())?;
        if let Some(problem) = alone.form_problems().first() {
            return Err(problem.message.clone());
        }
        let own: Vec<String> = alone.signatures().map(|rule| rule.id.clone()).collect();
        let files = self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let whole =
            Rulebook::builtin_with(files.chain([("draft", text)])).map_err(|error| error.to_string())?;
        let failed = whole.failed_examples();
        // Rules whose examples did not hold before are not this rule's doing.
        let failing = |rule: &String| self.book.failed_examples().iter().any(|before| before.rule == *rule);
        if let Some(problem) = failed.iter().find(|problem| !failing(&problem.rule)) {
            return Err(format!("{}: {}", problem.rule, problem.message));
        }
        let moved = |(_, text, before): &&(String, Vec<u8>, Vec<Option<String>>)| {
            diagnose(text, &whole).map(|found| named(&found)).ok().as_ref() != Some(before)
        };
        if let Some((name, ..)) = self.known.iter().find(moved) {
            return Err(format!("the verdict of {name} would change; the literals are too general"));
        }
        let found = diagnose_with(self.bytes, &whole, DiagnoseOptions { partial: true });
        let found = found.map_err(|error| error.to_string())?;
        let hit = named(&found).into_iter().flatten().any(|rule| own.contains(&rule));
        if hit { Ok(()) } else { Err("the rule does not match the failure it is made from".to_owned()) }
    }

    fn told(&self) -> String {
        let unread = match self.without {
            0 => String::new(),
            count => format!(" ({count} more cannot be diagnosed)"),
        };
        let (examples, files) = (self.examples, self.known.len());
        format!(
            "It matches its failure; {examples} examples of all rules and the verdicts of {files} files stay as they are{unread}."
        )
    }
}

/// The rules of all causes, in order.
fn named(found: &Diagnosis) -> Vec<Option<String>> {
    found.verdict.iter().chain(&found.also).map(|verdict| verdict.rule.clone()).collect()
}
