//! The vocabulary of goals, read from data: phrases with their meaning, one file per language.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::key::Key;
use super::spelling::{Sense, Spelling};
use super::text::fold;
use crate::regions;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/lexicon/languages");
static BUILTIN: LazyLock<Lexicon> = LazyLock::new(|| {
    Lexicon::from_toml(FILES.files().filter_map(|f| f.contents_utf8()))
        .expect("the embedded lexicon is valid")
});

/// What a phrase does to the reading of the words around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cue {
    /// "not", "never": negates what follows.
    Not,
    /// "no": negates what follows, or answers no.
    No,
    /// "without", "skip", "disable": switches off what follows.
    Drop,
    /// "except", "apart from".
    Except,
    /// "instead of", "away from": excludes the value that follows.
    Instead,
    /// "with", "load", "enable": switches on what follows.
    With,
    /// "needed", "wanted": switches on what stands before it, unless negated.
    Wanted,
    /// "on", "yes", "enabled", after what it switches on.
    On,
    /// "off", "disabled", after what it switches off.
    Off,
    /// "in" and "out": a preposition, or on and off.
    In,
    Out,
    /// "on": a preposition, or on.
    OnWord,
    /// "or", "either", "versus": a choice.
    Or,
    /// "and", "plus": a list.
    And,
    /// "but", "only": ends the scope of what came before.
    But,
    /// "because", "so that", "since": starts a clause of its own.
    Clause,
    /// "I", "we", "they": starts a clause of its own.
    Subject,
    /// "it", "them": stands for the last thing named.
    It,
    /// "is", "should be", "turned": carries no meaning between a thing and its state.
    Be,
    /// "called", "named".
    Called,
    /// "no wait", "actually": what follows replaces what came before.
    Correct,
    /// "settled on", "you know what": what follows is the choice.
    Decide,
    /// "maybe", "might": what follows is not decided.
    Maybe,
    /// "later", "next quarter": the clause is about the future.
    Later,
    /// "for now", "today": the clause is about the present.
    Now,
    /// "used to", "last year": the clause is about the past.
    Past,
    /// "if", "unless": a condition.
    If,
    /// "if possible": no condition on the goal.
    Polite,
    /// "if it fails": a condition on retries only.
    Failure,
    /// "should we", "what": opens a real question.
    Ask,
    /// "explain", "compare": asks for words, not for a deployment.
    Tell,
    /// "can you", "would you mind": opens a request in the form of a question.
    Please,
    /// "said", "wrote": what follows is somebody else's words.
    Said,
    /// "ignore", "disregard": what follows does not count.
    Ignore,
    /// "pricey", "overkill": speaks against what stands before it.
    Bad,
    /// "office", "team": makes the place before it a place of people.
    People,
    /// "based in", "we sit in": makes the place after it a place of people.
    Based,
    /// "region", "hosted in": makes the place near it a region.
    Hosted,
    /// "from": a sender, a source.
    From,
    /// "as".
    As,
    /// "to", "at", "into": a plain preposition.
    To,
    Into,
    /// "rollback plan", "contact": as a heading, its line states nothing.
    Heading,
    /// "unknown", "tbd": no value yet.
    Unknown,
    /// "both".
    Both,
    /// "already exists": said of the SES identity.
    Exists,
    /// "touch", "worry about": of what is negated, nothing is said.
    Leave,
    /// "create": said of the SES identity.
    Create,
    /// "the SES identity".
    Identity,
    /// "another", "a new one".
    Another,
    /// "by hand", "ourselves".
    ByHand,
    /// "clone", "check out": fetches the platform's repository.
    Clone,
    /// "the code", "the repository".
    Code,
    /// "times".
    Times,
    /// Another cloud or another AWS service: no target, and never a misspelt one.
    Foreign,
    /// "see", "docs": what follows is a reference.
    See,
    /// "stack", "environment": what a teardown may act on.
    Thing,
}

/// What an action verb asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Deploy,
    Teardown,
    /// A noun such as "deployment": a wish to deploy, or the object of a teardown.
    Deployment,
}

/// The meaning of a phrase.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    Value(Key, String),
    Toggle(Key),
    Label(Key),
    Act(Action),
    Cue(Cue),
    Place(&'static str),
    Number(u32),
    /// A function word without weight.
    Filler,
}

/// One language as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    #[serde(rename = "language")]
    _language: String,
    /// Whether misspellings of its words are understood.
    #[serde(default = "forgiving")]
    typos: bool,
    #[serde(default)]
    filler: Vec<String>,
    #[serde(default)]
    plain: Vec<String>,
    #[serde(default)]
    not_names: Vec<String>,
    #[serde(default)]
    values: BTreeMap<Key, BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    toggles: BTreeMap<Key, Vec<String>>,
    #[serde(default)]
    labels: BTreeMap<Key, Vec<String>>,
    #[serde(default)]
    actions: BTreeMap<Action, Vec<String>>,
    #[serde(default)]
    cues: BTreeMap<Cue, Vec<String>>,
    #[serde(default)]
    places: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    numbers: BTreeMap<String, Vec<String>>,
}

fn forgiving() -> bool {
    true
}

/// Why a lexicon file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LexiconError {
    /// The file is not the expected TOML.
    #[error("lexicon: {source}")]
    Toml {
        /// What the TOML reader says.
        #[from]
        source: toml::de::Error,
    },
    /// A phrase is empty or has a gap at an end.
    #[error("lexicon: the phrase {phrase:?} needs a word at both ends")]
    Phrase {
        /// The phrase as written.
        phrase: String,
    },
    /// A place is given for a region that does not exist.
    #[error("lexicon: there is no region {code:?}")]
    Region {
        /// The code as written.
        code: String,
    },
    /// The key of a number word is not a number.
    #[error("lexicon: {number:?} is not a whole number")]
    Number {
        /// The key as written.
        number: String,
    },
}

/// A phrase ready for matching: word numbers, and where words may stand in between.
#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) words: Vec<u32>,
    /// How many leading words stand before the gap; zero when there is none.
    pub(super) gap: usize,
    pub(super) meaning: Meaning,
}

/// The vocabulary of every language loaded.
#[derive(Debug, Default)]
pub struct Lexicon {
    spelling: Spelling,
    not_names: HashSet<String>,
    phrases: Vec<Phrase>,
    by_first: Vec<Vec<u32>>,
    seen: HashMap<(Vec<u32>, usize), u32>,
}

impl Lexicon {
    /// The lexicon that comes with the program: English and Spanish.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// A lexicon from the texts of language files; where two give a phrase a meaning, the first one wins.
    pub fn from_toml<'a>(files: impl IntoIterator<Item = &'a str>) -> Result<Self, LexiconError> {
        let mut lexicon = Self::default();
        for text in files {
            lexicon.add(toml::from_str(text)?)?;
        }
        lexicon.spelling.forgive(true);
        for region in regions::all() {
            let spaced = region.code.replace('-', " ");
            lexicon.places(&region.code, region.places.iter().chain([&spaced]))?;
        }
        lexicon.finish();
        Ok(lexicon)
    }

    fn add(&mut self, language: Language) -> Result<(), LexiconError> {
        self.spelling.forgive(language.typos);
        for (key, values) in language.values {
            for (value, phrases) in values {
                self.phrases(&phrases, &Meaning::Value(key, value))?;
            }
        }
        for (key, phrases) in language.toggles {
            self.phrases(&phrases, &Meaning::Toggle(key))?;
        }
        for (key, phrases) in language.labels {
            self.phrases(&phrases, &Meaning::Label(key))?;
        }
        for (action, phrases) in language.actions {
            self.phrases(&phrases, &Meaning::Act(action))?;
        }
        for (cue, phrases) in language.cues {
            self.phrases(&phrases, &Meaning::Cue(cue))?;
        }
        for (code, phrases) in language.places {
            self.places(&code, phrases.iter())?;
        }
        for (number, phrases) in language.numbers {
            let value = number.parse().map_err(|_| LexiconError::Number { number })?;
            self.phrases(&phrases, &Meaning::Number(value))?;
        }
        let not_names = language.not_names.iter().flat_map(|words| words.split_whitespace());
        self.not_names.extend(not_names.map(fold));
        self.phrases(&language.filler, &Meaning::Filler)?;
        language
            .plain
            .iter()
            .for_each(|words| words.split_whitespace().for_each(|word| self.spelling.block(&fold(word))));
        Ok(())
    }

    fn places<'a>(
        &mut self,
        code: &str,
        names: impl Iterator<Item = &'a String>,
    ) -> Result<(), LexiconError> {
        let region = regions::find(code).ok_or_else(|| LexiconError::Region { code: code.to_owned() })?;
        names.into_iter().try_for_each(|name| self.phrase(name, &Meaning::Place(&region.code)))
    }

    fn phrases(&mut self, phrases: &[String], meaning: &Meaning) -> Result<(), LexiconError> {
        phrases.iter().try_for_each(|phrase| self.phrase(phrase, meaning))
    }

    /// Adds every reading of one written phrase: `a|b` are alternatives, `c?` may be absent, `~` is a gap.
    fn phrase(&mut self, written: &str, meaning: &Meaning) -> Result<(), LexiconError> {
        for words in readings(written) {
            let gap = words.iter().position(|word| *word == "~");
            let ids: Vec<u32> = words
                .iter()
                .filter(|word| **word != "~")
                .map(|word| self.spelling.learn(&fold(word)))
                .collect();
            if ids.is_empty() || gap == Some(0) || gap == Some(ids.len()) {
                return Err(LexiconError::Phrase { phrase: written.to_owned() });
            }
            self.insert(ids, gap.unwrap_or(0), meaning);
        }
        Ok(())
    }

    fn insert(&mut self, words: Vec<u32>, gap: usize, meaning: &Meaning) {
        let number = u32::try_from(self.phrases.len()).unwrap_or(u32::MAX);
        if *self.seen.entry((words.clone(), gap)).or_insert(number) == number {
            let first = words[0] as usize;
            self.by_first.resize_with(self.by_first.len().max(first + 1), Vec::new);
            self.by_first[first].push(number);
            self.phrases.push(Phrase { words, gap, meaning: meaning.clone() });
        }
    }

    /// Sorts longer phrases first and indexes the vocabulary for misspelt words.
    fn finish(&mut self) {
        let phrases = &self.phrases;
        for list in &mut self.by_first {
            list.sort_by_key(|number| std::cmp::Reverse(phrases[*number as usize].words.len()));
        }
        self.seen.clear();
        self.spelling.index();
    }

    /// The vocabulary word that `word` is or, if need be, was meant to be.
    pub(super) fn word(&self, word: &str) -> Option<Sense> {
        self.spelling.find(word)
    }

    /// Whether `word` can be no name at all, though it follows a label.
    pub(super) fn nameless(&self, word: &str) -> bool {
        self.not_names.contains(word)
    }

    /// Whether `word` is a plain word that is no name.
    pub(super) fn plain(&self, word: &str) -> bool {
        self.spelling.blocked(word)
    }

    /// The meaning of a single word, as a phrase of its own.
    pub(super) fn meaning(&self, word: &str) -> Option<&Meaning> {
        let first = self.spelling.find(word)?.number;
        self.starting(first).find(|phrase| phrase.words.len() == 1).map(|phrase| &phrase.meaning)
    }

    /// The phrases that begin with a word, longest first.
    pub(super) fn starting(&self, word: u32) -> impl Iterator<Item = &Phrase> {
        self.by_first.get(word as usize).into_iter().flatten().map(|number| &self.phrases[*number as usize])
    }
}

/// Every word sequence a written phrase stands for.
fn readings(written: &str) -> Vec<Vec<&str>> {
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    for part in written.split_whitespace() {
        let (part, optional) = part.strip_suffix('?').map_or((part, false), |part| (part, true));
        let mut next = if optional { all.clone() } else { Vec::new() };
        for word in part.split('|') {
            next.extend(all.iter().map(|head| head.iter().copied().chain([word]).collect::<Vec<_>>()));
        }
        all = next;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_lexicon_loads() {
        assert!(Lexicon::builtin().phrases.len() > 500);
    }

    #[test]
    fn a_written_phrase_unfolds_into_its_readings() {
        assert_eq!(
            readings("a|b c? d"),
            [vec!["a", "d"], vec!["b", "d"], vec!["a", "c", "d"], vec!["b", "c", "d"]]
        );
    }

    #[test]
    fn mistakes_in_a_file_are_named() {
        let error = |text: &str| Lexicon::from_toml([text]).expect_err("a mistake").to_string();
        assert!(error("language = \"xx\"\nfiller = [\"~ up\"]").contains("a word at both ends"));
        assert!(error("language = \"xx\"\n[places]\nus-east-9 = [\"nowhere\"]").contains("us-east-9"));
        assert!(error("language = \"xx\"\n[numbers]\nmany = [\"lots\"]").contains("whole number"));
        assert!(error("language = \"xx\"\n[cues]\nfoo = []").contains("foo"));
    }
}
