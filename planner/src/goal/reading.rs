//! The text as items, with what every reader needs: neighbours, negation, and a place for what it finds.

use serde_json::Value;

use super::item::{Item, Mean, Why};
use super::key::Key;
use super::lexicon::{Action, Cue, Lexicon};

/// A value that the text names for a slot, taken or not.
#[derive(Debug, Clone)]
pub(super) struct Find {
    pub(super) key: Key,
    pub(super) value: Value,
    /// The byte range in the normalised text.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The item that holds the value.
    pub(super) item: usize,
    /// How firmly the words tie the value to the slot: 0 a weak hint, 1 by itself, 2 by a label.
    pub(super) strength: u8,
    pub(super) why: Option<Why>,
}

/// A goal under reading.
pub(super) struct Reading<'l> {
    pub(super) text: &'l str,
    pub(super) items: Vec<Item<'l>>,
    pub(super) lexicon: &'l Lexicon,
    pub(super) finds: Vec<Find>,
}

impl<'l> Reading<'l> {
    pub(super) fn mean(&self, at: usize) -> Mean<'l> {
        self.items.get(at).map_or(Mean::Break, |item| item.mean)
    }

    pub(super) fn is(&self, at: usize, cue: Cue) -> bool {
        self.mean(at) == Mean::Cue(cue)
    }

    pub(super) fn words(&self, at: usize) -> &'l str {
        self.items.get(at).map_or("", |item| &self.text[item.from..item.to])
    }

    /// The first item from `at` on that has weight.
    pub(super) fn skip_filler(&self, at: usize) -> usize {
        (at..self.items.len()).find(|index| !self.light(*index)).unwrap_or(self.items.len())
    }

    fn light(&self, at: usize) -> bool {
        matches!(self.mean(at), Mean::Filler | Mean::Punct('"' | '\'' | '`' | '*' | '_'))
    }

    /// The last item before `at` that has weight.
    pub(super) fn before(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|index| !self.light(*index))
    }

    /// Whether a phrase may end at `at`: punctuation, a line's end, or a word that begins something new.
    pub(super) fn boundary(&self, at: usize) -> bool {
        matches!(self.mean(at), Mean::Punct(_) | Mean::Break)
            || self.items[at].is_any(&[Cue::And, Cue::But, Cue::Clause, Cue::Subject, Cue::Correct])
    }

    /// Whether a phrase ends before `at`, at the end of the text too.
    pub(super) fn boundary_or_end(&self, at: usize) -> bool {
        at >= self.items.len() || self.boundary(at)
    }

    /// Whether no verb of the text takes anything down.
    pub(super) fn removes_nothing(&self) -> bool {
        !self.items.iter().any(|item| item.mean == Mean::Act(Action::Teardown))
    }

    /// Whether the item at `at` ends a clause or sentence.
    pub(super) fn stops(&self, at: usize) -> bool {
        self.items.get(at).is_none_or(|item| {
            item.mean == Mean::Break
                || item.is_punct(".,;!?()\u{2014}|[]")
                || item.is_any(&[Cue::But, Cue::Clause, Cue::Subject, Cue::Correct])
        })
    }

    /// Notes that items `from..=to` name `value` for `key`; `why` is a reason not to take it.
    pub(super) fn find(
        &mut self,
        key: Key,
        value: impl Into<Value>,
        from: usize,
        to: usize,
        strength: u8,
        why: Option<Why>,
    ) {
        let item = to;
        let (from, to) = (self.items[from.min(to)].from, self.items[from.max(to)].to);
        self.finds.push(Find { key, value: value.into(), from, to, item, strength, why });
    }

    /// Gives the names read so far the reasons against them that were found since.
    pub(super) fn refuse_names(&mut self) {
        for index in 0..self.finds.len() {
            let why = self.refusal(self.finds[index].item);
            let find = &mut self.finds[index];
            find.why = find.why.or(why);
        }
    }

    /// How the words before the item at `at` negate it, and where; nothing if they do not.
    ///
    /// The scan passes over words without weight, prepositions, verbs and up to two unknown words.
    pub(super) fn negation(&self, at: usize) -> Option<(Why, usize)> {
        let mut unknown = 0;
        for index in (0..at).rev() {
            match self.mean(index) {
                Mean::Cue(Cue::Not | Cue::No) => return Some((Why::Negated, index)),
                Mean::Cue(Cue::Instead) if self.words(index) == "over" && !self.is_choice(at) => {}
                Mean::Cue(Cue::Drop | Cue::Except | Cue::Instead) => return Some((Why::Excluded, index)),
                Mean::Unknown if unknown < 2 => unknown += 1,
                Mean::Cue(Cue::Or) if self.negated_value_before(index) => {}
                _ if self.transparent(index) => {}
                _ => return None,
            }
        }
        None
    }

    /// Whether the item is one that "over" can set aside: "minikube over docker", not "over the VPN".
    fn is_choice(&self, at: usize) -> bool {
        matches!(self.mean(at), Mean::Value(Key::Target, _) | Mean::Place(_) | Mean::Region(_))
    }

    /// "not eks or ec2": the negation covers both.
    fn negated_value_before(&self, at: usize) -> bool {
        self.before(at).is_some_and(|value| {
            matches!(self.mean(value), Mean::Value(..) | Mean::Region(_) | Mean::Place(_))
                && self.negation(value).is_some()
        })
    }

    fn transparent(&self, at: usize) -> bool {
        let cues = [
            Cue::To,
            Cue::In,
            Cue::OnWord,
            Cue::Be,
            Cue::With,
            Cue::Into,
            Cue::As,
            Cue::Hosted,
            Cue::Thing,
            Cue::It,
            Cue::Create,
            Cue::Leave,
            Cue::Clone,
        ];
        match self.mean(at) {
            // "do not run any initialisation on docker": the step is negated, not the target.
            Mean::Label(key) => !matches!(key, Key::Init | Key::Retries),
            Mean::Filler | Mean::Number(_) | Mean::Act(_) | Mean::Punct('"' | '\'' | '`' | '\u{2013}') => {
                true
            }
            _ => self.items[at].is_any(&cues),
        }
    }

    /// The reason a value at `at` does not count: its scope, a negation before it or a refusal after it.
    pub(super) fn refusal(&self, at: usize) -> Option<Why> {
        self.items[at]
            .why
            .or_else(|| self.negation(at).map(|found| found.0))
            .or_else(|| self.refused_after(at))
            .or_else(|| self.inherited(at))
    }

    /// "EKS is not needed", "Tokyo: no".
    fn refused_after(&self, at: usize) -> Option<Why> {
        let mut next = self.skip_filler(at + 1);
        while matches!(self.mean(next), Mean::Cue(Cue::Be) | Mean::Punct(':' | '=' | '\u{2192}')) {
            next = self.skip_filler(next + 1);
        }
        let no = self.is(next, Cue::No)
            && (self.skip_filler(next + 1) >= self.items.len() || self.boundary(self.skip_filler(next + 1)));
        let not = self.is(next, Cue::Not)
            && matches!(self.mean(self.skip_filler(next + 1)), Mean::Cue(Cue::Wanted));
        let out = self.is(next, Cue::Out) && self.stops(next + 1);
        let waved_off = self.waved_off(at).is_some();
        (self.is(next, Cue::Off) || no || not || out || waved_off).then_some(Why::Negated)
    }

    /// "Tokyo we do not want.", "they like Tokyo, I don't": somebody's bare refusal right after the item; where it stands.
    pub(super) fn waved_off(&self, at: usize) -> Option<usize> {
        let light = |index: &usize| {
            matches!(
                self.mean(*index),
                Mean::Filler | Mean::Punct(',' | '\u{2014}') | Mean::Cue(Cue::Thing | Cue::But)
            )
        };
        let who = (at + 1..self.items.len()).find(|index| !light(index))?;
        let not = self.skip_filler(who + 1);
        let mut end = self.skip_filler(not + 1);
        while self
            .items
            .get(end)
            .is_some_and(|item| item.is_any(&[Cue::It, Cue::Wanted, Cue::With, Cue::Now]))
        {
            end = self.skip_filler(end + 1);
        }
        let ends = end >= self.items.len() || matches!(self.mean(end), Mean::Punct(_) | Mean::Break);
        (self.is(who, Cue::Subject) && self.is(not, Cue::Not) && ends).then_some(not)
    }

    /// Whether the words before or after the item deny no more than that it is needed: "we do not use … any more".
    pub(super) fn unneeded(&self, at: usize) -> bool {
        let clause = self.items[at].clause;
        let verbs =
            ["need", "needs", "needed", "use", "uses", "using", "required", "want", "wanted", "longer"];
        let same = self.items.iter().filter(|item| item.clause == clause);
        let mut words = same.flat_map(|item| self.text[item.from..item.to].split(' '));
        words.any(|word| verbs.iter().any(|verb| word.eq_ignore_ascii_case(verb)))
    }

    /// A place, a region or a name that hangs on a refused target is refused with it.
    fn inherited(&self, at: usize) -> Option<Why> {
        if matches!(self.mean(at), Mean::Value(..)) {
            return None;
        }
        let mut index = at;
        while let Some(before) = self.before(index) {
            match self.mean(before) {
                Mean::Cue(Cue::In | Cue::To | Cue::OnWord | Cue::Called | Cue::Thing | Cue::Hosted)
                | Mean::Label(_) => index = before,
                Mean::Value(Key::Target, _) | Mean::Act(Action::Teardown) if before < at => {
                    return self.negation(before).map(|found| found.0);
                }
                _ => return None,
            }
        }
        None
    }
}
