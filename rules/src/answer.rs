//! Puts a verdict together: a rule's texts filled in, what its category usually means, and the query that decides.

use crate::category::Category;
use crate::decide::{self, Asked};
use crate::families;
use crate::rulebook::Match;
use crate::signature::Signature;
use crate::template::{self, Values};
use crate::verdict::{Candidate, Effect, Evidence, Fix, FixKind, Root, Verdict};

/// Where a cause was read, and what is known around it.
pub(crate) struct Place {
    /// The event or line.
    pub(crate) root: Root,
    /// The lines that carry it.
    pub(crate) evidence: Vec<Evidence>,
    /// What the event tells besides its reason.
    pub(crate) facts: Values,
    /// Whether the text has events from the API.
    pub(crate) has_events: bool,
}

/// The verdict of a rule.
pub(crate) fn known(best: &Match<'_>, confidence: f64, place: Place) -> Verdict {
    let rule = best.rule;
    // what the wording says goes before what the event says
    let values: Values = place.facts.into_iter().chain(best.captures.clone()).collect();
    let asked =
        Asked { category: rule.category, rule: Some((rule, confidence)), has_events: place.has_events };
    Verdict {
        rule: Some(rule.id.clone()),
        title: template::fill(rule.headline(), &values),
        category: rule.category,
        confidence: round(confidence),
        retryable: rule.retryable,
        cause: template::fill(&rule.cause, &values),
        fix: fix(rule, &values),
        decide: decide::query(asked, &values),
        root: place.root,
        evidence: place.evidence,
        captures: best.captures.clone(),
        docs: rule.docs.clone(),
        near: Vec::new(),
    }
}

/// The verdict on a failure that no rule knows.
pub(crate) fn unknown(near: Vec<Candidate>, place: Place) -> Verdict {
    let asked = Asked { category: Category::Unknown, rule: None, has_events: place.has_events };
    Verdict {
        rule: None,
        title: families::of(Category::Unknown).title.clone(),
        category: Category::Unknown,
        confidence: 0.0,
        retryable: false,
        cause: "No rule knows this failure.".to_owned(),
        fix: Fix::default(),
        decide: decide::query(asked, &place.facts),
        root: place.root,
        evidence: place.evidence,
        captures: Values::new(),
        docs: None,
        near,
    }
}

/// A confidence as it is told: two digits.
pub(crate) fn round(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}

fn fix(rule: &Signature, values: &Values) -> Fix {
    let remedy = &rule.remedy;
    let fill = |text: &String| template::fill(text, values);
    Fix {
        text: fill(&rule.fix),
        kind: remedy.kind,
        effect: Some(rule.usual_effect()),
        destroys: rule.destroys.as_ref().map(fill),
        input: remedy.input.clone(),
        value: remedy.value.as_ref().map(fill),
        wait_seconds: remedy.wait_seconds.or(rule.wait().map(|(seconds, _)| seconds)),
        wait_advice: rule.wait().map(|(_, advice)| advice.to_owned()),
        commands: remedy.commands.iter().map(|text| template::command(text, values)).collect(),
    }
}

impl Signature {
    /// What carrying out the fix does: the rule's own word, else what its kind of remedy or its category usually does.
    pub fn usual_effect(&self) -> Effect {
        let usual = match self.remedy.kind {
            FixKind::Wait | FixKind::Rerun => Effect::Read,
            FixKind::Param => Effect::LocalWrite,
            FixKind::None | FixKind::Operator => families::of(self.category).effect,
        };
        self.effect.unwrap_or(usual)
    }

    /// Seconds to wait before the next try and why that long, where the same run may succeed later.
    pub fn wait(&self) -> Option<(u64, &'static str)> {
        let family = families::of(self.category);
        let seconds = self.remedy.wait_seconds.unwrap_or(family.wait);
        (self.retryable && self.remedy.kind != FixKind::Param).then_some((seconds, family.advice.as_str()))
    }

    /// The headline: the rule's own, else its category's.
    pub fn headline(&self) -> &str {
        if self.title.is_empty() { &families::of(self.category).title } else { &self.title }
    }
}
