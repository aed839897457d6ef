//! Groups tokens into items: phrases of the lexicon, values, punctuation, and words without a known meaning.

use super::key::Key;
use super::lexicon::{Action, Cue, Lexicon, Meaning, Phrase};
use super::spelling::Sense;
use super::token::{Kind, Token};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mean<'l> {
    Value(Key, &'l str),
    Toggle(Key),
    Label(Key),
    Act(Action),
    Cue(Cue),
    Place(&'static str),
    Region(&'static str),
    InstanceType,
    ZoneId,
    Domain,
    Email,
    Url,
    Path,
    Number(u32),
    /// A name read after its label, or a quoted value; no longer vocabulary.
    Name,
    Filler,
    Unknown,
    Punct(char),
    Break,
}

/// Why words that name a value are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Negated,
    Excluded,
    Maybe,
    Later,
    Past,
    Condition,
    Question,
    Quoted,
    Struck,
    Unchecked,
    Done,
    Reported,
    Disregarded,
    NoSuchType,
    NoSuchRegion,
    Torn,
    Permission,
    Heading,
    People,
    Against,
    Replaced,
    Unsafe,
    Unlabelled,
    Unclear,
}

impl Why {
    /// The reason in words, for the user.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Negated => "the text says not to",
            Self::Excluded => "named as what is not wanted",
            Self::Maybe => "mentioned as a possibility, not decided",
            Self::Later => "mentioned as a later option",
            Self::Past => "said of the past",
            Self::Condition => "depends on a condition",
            Self::Question => "asked, not stated",
            Self::Quoted => "part of a quotation",
            Self::Struck => "struck through",
            Self::Unchecked => "a box that is not ticked",
            Self::Done => "a box ticked as done",
            Self::Reported => "reported as somebody's words",
            Self::NoSuchRegion => "there is no such AWS region",
            Self::NoSuchType => "there is no such instance type",
            Self::Torn => "looks like a name with a comma for a dot",
            Self::Permission => "a permission, not an order",
            Self::Disregarded => "the text says to disregard it",
            Self::Heading => "stands under a heading that states no wish",
            Self::People => "where people are, not a region",
            Self::Against => "the text speaks against it",
            Self::Replaced => "replaced by a later statement",
            Self::Unsafe => "not a value that can be used safely",
            Self::Unlabelled => "nothing says what it is for",
            Self::Unclear => "it is not clear whether it is wanted",
        }
    }
}

/// A stretch of the text with one meaning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'l> {
    pub(super) mean: Mean<'l>,
    /// The byte range in the normalised text.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The sentence and the clause it stands in, counted over the whole text.
    pub(super) sentence: usize,
    pub(super) clause: usize,
    /// Whether its words are spelt as in the lexicon.
    pub(super) exact: bool,
    /// Why it does not count, if it does not.
    pub(super) why: Option<Why>,
}

impl Item<'_> {
    pub(super) fn is(&self, cue: Cue) -> bool {
        self.mean == Mean::Cue(cue)
    }

    pub(super) fn is_any(&self, cues: &[Cue]) -> bool {
        matches!(self.mean, Mean::Cue(cue) if cues.contains(&cue))
    }

    #[inline]
    pub(super) fn is_punct(&self, chars: &str) -> bool {
        matches!(self.mean, Mean::Punct(ch) if chars.contains(ch))
    }

    /// Whether its words are one of `words`, in any letter case.
    pub(super) fn says(&self, text: &str, words: &[&str]) -> bool {
        words.iter().any(|word| text[self.from..self.to].eq_ignore_ascii_case(word))
    }

    /// Whether it could fill a slot or start an action.
    pub(super) fn is_content(&self) -> bool {
        matches!(
            self.mean,
            Mean::Value(..)
                | Mean::Toggle(_)
                | Mean::Act(_)
                | Mean::Place(_)
                | Mean::Region(_)
                | Mean::InstanceType
                | Mean::ZoneId
                | Mean::Domain
                | Mean::Email
                | Mean::Url
                | Mean::Path
                | Mean::Name
        )
    }
}

/// How many words may stand in the gap of a phrase such as "set ~ up".
const GAP: usize = 6;

/// Words that may follow a phrase inside one hyphenated word: "eks-only".
const TAILS: [&str; 6] = ["only", "based", "style", "region", "target", "hosted"];

/// The items of a text, in order.
pub(super) fn build<'l>(tokens: &[Token], lexicon: &'l Lexicon) -> Vec<Item<'l>> {
    let ids = tokens.iter().map(|token| word_id(token, lexicon)).collect();
    let mut builder = Builder {
        tokens,
        ids,
        absorbed: vec![false; tokens.len()],
        items: Vec::with_capacity(tokens.len()),
        lexicon,
    };
    let mut at = 0;
    while at < tokens.len() {
        at = builder.step(at);
    }
    builder.items
}

fn word_id(token: &Token, lexicon: &Lexicon) -> Option<Sense> {
    (!token.word.is_empty()).then(|| lexicon.word(&token.word)).flatten()
}

struct Builder<'t, 'l> {
    tokens: &'t [Token],
    ids: Vec<Option<Sense>>,
    /// Particles of a phrase with a gap, already read with its head.
    absorbed: Vec<bool>,
    items: Vec<Item<'l>>,
    lexicon: &'l Lexicon,
}

impl<'l> Builder<'_, 'l> {
    fn step(&mut self, at: usize) -> usize {
        if self.absorbed[at] {
            return self.push(Mean::Filler, at, at + 1);
        }
        match self.tokens[at].kind {
            Kind::Word => self.word(at),
            Kind::Punct('.') if self.abbreviates(at) => at + 1,
            kind => self.push(plain(kind), at, at + 1),
        }
    }

    /// The dot of "N. Virginia" ends no sentence.
    fn abbreviates(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map(|before| &self.tokens[before]);
        before.is_some_and(|token| {
            token.word.len() == 1
                && token.kind == Kind::Word
                && !token.glued
                && token.word.bytes().all(|byte| byte.is_ascii_alphabetic())
                && token.word != "k"
                && token.to == self.tokens[at].from
        })
    }

    fn word(&mut self, at: usize) -> usize {
        let lexicon = self.lexicon;
        let Some(Sense { number: id, .. }) = self.ids[at] else { return self.unknown(at) };
        for phrase in lexicon.starting(id) {
            if let Some(end) = self.matches(phrase, at).filter(|end| !strict(phrase) || self.exact(at, *end))
            {
                return self.push(meaning(&phrase.meaning), at, end);
            }
        }
        self.unknown(at)
    }

    fn exact(&self, from: usize, to: usize) -> bool {
        self.ids[from..to].iter().flatten().all(|id| id.exact)
    }

    fn unknown(&mut self, at: usize) -> usize {
        let end = self.chunk_end(at + 1);
        self.push(Mean::Unknown, at, end)
    }

    fn chunk_end(&self, mut end: usize) -> usize {
        while self.tokens.get(end).is_some_and(|token| token.glued) {
            end += 1;
        }
        end
    }

    /// Where `phrase` ends if it begins at `at`; for one with a gap, where its head ends.
    fn matches(&mut self, phrase: &Phrase, at: usize) -> Option<usize> {
        if phrase.gap == 0 {
            let end = self.run(&phrase.words, at)?;
            if self.switch(phrase, end) {
                return Some(end);
            }
            return self.closes(end).then(|| self.past_tail(end));
        }
        let head = self.run(&phrase.words[..phrase.gap], at)?;
        let tail = &phrase.words[phrase.gap..];
        let found = (head + 1..=head + GAP)
            .take_while(|from| self.tokens.get(*from - 1).is_some_and(inside_gap))
            .find(|from| self.run(tail, *from).is_some_and(|end| self.closes(end)))?;
        (found..found + tail.len()).for_each(|index| self.absorbed[index] = true);
        Some(head)
    }

    fn run(&self, words: &[u32], at: usize) -> Option<usize> {
        let ids = self.ids.get(at..at + words.len())?;
        ids.iter()
            .zip(words)
            .all(|(id, word)| id.is_some_and(|id| id.number == *word))
            .then_some(at + words.len())
    }

    /// Whether a phrase may end before `end`: not in the middle of a hyphenated word.
    fn closes(&self, end: usize) -> bool {
        let tail = &self.tokens[end..self.chunk_end(end)];
        tail.iter().all(|token| TAILS.contains(&token.word.as_str()))
    }

    /// "no-email", "with-events": a switch may be hyphenated to what it switches.
    fn switch(&self, phrase: &Phrase, end: usize) -> bool {
        let cue = matches!(phrase.meaning, Meaning::Cue(Cue::No | Cue::With | Cue::Drop | Cue::Not));
        let next = self.ids.get(end).copied().flatten().map(|id| id.number);
        let thing =
            |id: u32| self.lexicon.starting(id).any(|phrase| matches!(phrase.meaning, Meaning::Toggle(_)));
        cue && self.tokens.get(end).is_some_and(|token| token.glued) && next.is_some_and(thing)
    }

    fn past_tail(&self, end: usize) -> usize {
        self.chunk_end(end)
    }

    fn push(&mut self, mean: Mean<'l>, from: usize, to: usize) -> usize {
        let (from_byte, to_byte) = (self.tokens[from].from, self.tokens[to - 1].to);
        self.items.push(Item {
            mean,
            from: from_byte,
            to: to_byte,
            sentence: 0,
            clause: 0,
            exact: self.exact(from, to),
            why: None,
        });
        to
    }
}

/// Cues that a misspelling may stand for; any other cue must be spelt right, since a name could look like it.
const FORGIVING: [Cue; 24] = [
    Cue::Not,
    Cue::No,
    Cue::Drop,
    Cue::Except,
    Cue::Instead,
    Cue::With,
    Cue::Wanted,
    Cue::On,
    Cue::Off,
    Cue::Called,
    Cue::Be,
    Cue::Correct,
    Cue::Maybe,
    Cue::Later,
    Cue::From,
    Cue::Into,
    Cue::Exists,
    Cue::Create,
    Cue::Identity,
    Cue::Another,
    Cue::ByHand,
    Cue::Clone,
    Cue::Leave,
    Cue::Now,
];

/// Whether a phrase counts only as it is spelt in the lexicon.
fn strict(phrase: &Phrase) -> bool {
    let single = phrase.words.len() == 1;
    match phrase.meaning {
        Meaning::Cue(cue) => single && !FORGIVING.contains(&cue),
        Meaning::Filler => single,
        _ => code(phrase),
    }
}

/// Whether a phrase is a region's code with spaces, which must be spelt right.
fn code(phrase: &Phrase) -> bool {
    matches!(phrase.meaning, Meaning::Place(code) if phrase.words.len() == code.split('-').count())
}

fn inside_gap(token: &Token) -> bool {
    !matches!(token.kind, Kind::Break | Kind::Punct('.' | ',' | ';' | '!' | '?' | ':'))
}

fn meaning(meaning: &Meaning) -> Mean<'_> {
    match meaning {
        Meaning::Value(key, value) => Mean::Value(*key, value),
        Meaning::Toggle(key) => Mean::Toggle(*key),
        Meaning::Label(key) => Mean::Label(*key),
        Meaning::Act(action) => Mean::Act(*action),
        Meaning::Cue(cue) => Mean::Cue(*cue),
        Meaning::Place(code) => Mean::Place(code),
        Meaning::Number(number) => Mean::Number(*number),
        Meaning::Filler => Mean::Filler,
    }
}

fn plain(kind: Kind) -> Mean<'static> {
    match kind {
        Kind::Word => Mean::Unknown,
        Kind::Number(number) => Mean::Number(number),
        Kind::Punct('&') => Mean::Cue(Cue::And),
        Kind::Punct('+') => Mean::Punct(','),
        Kind::Punct(ch) => Mean::Punct(ch),
        Kind::Break => Mean::Break,
        Kind::Region(code) => Mean::Region(code),
        Kind::InstanceType => Mean::InstanceType,
        Kind::ZoneId => Mean::ZoneId,
        Kind::Domain => Mean::Domain,
        Kind::Email => Mean::Email,
        Kind::Url => Mean::Url,
        Kind::Path => Mean::Path,
    }
}
