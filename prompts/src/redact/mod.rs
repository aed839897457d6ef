//! Redaction: the only maker of text that may leave the machine.

mod arn;
mod decode;
mod known;
mod patterns;
mod placeholders;
mod shown;
mod spans;
mod view;

use std::ops::Range;

use provision_planner::Secret;

use crate::error::PromptsError;
use known::Known;
use patterns::{Found, Patterns};
use placeholders::Placeholders;
pub use shown::{may_hold_secret, without_secrets};
use spans::{Stretch, Taken};

/// How often a text is gone over at most. Nearly always two: one to replace, one that finds nothing more.
const PASSES: usize = 8;
/// The rank of a secret that is known by value; patterns rank behind, in the order of their file.
const KNOWN: usize = 0;

/// Text without secrets. Only [`Redactor`] and this crate's templates make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted(String);

impl Redacted {
    /// The text that may leave the machine.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For this crate's templates, whose every value is redacted already.
    pub(crate) fn assembled(text: String) -> Self {
        Self(text)
    }
}

impl AsRef<str> for Redacted {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Redacted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Takes secrets out of texts and keeps identifiers apart by stable placeholders.
///
/// A secret becomes `[secret]` (known by value) or `[secret:kind]` (known by its looks) and is gone. An identifier
/// becomes a placeholder of its shape, the same in every text this redactor sees, and [`Redactor::restore`] puts it back.
#[derive(Debug)]
pub struct Redactor {
    patterns: &'static Patterns,
    known: Known,
    canaries: Known,
    /// A line with the canary, put behind every text and taken off again; see [`Redactor::planting`].
    plant: Option<String>,
    /// Whether a plant survived: then nothing that this redactor has made may leave.
    failed: bool,
    placeholders: Placeholders,
}

impl Redactor {
    /// A redactor that also knows these secrets by value, in whatever text and encoding they stand. Values shorter
    /// than four bytes are not looked for.
    ///
    /// # Errors
    /// When the pattern files do not parse; their tests prove that they do.
    pub fn new<'a>(known: impl IntoIterator<Item = &'a Secret>) -> Result<Self, PromptsError> {
        let patterns = Patterns::shared()?;
        let secrets = patterns.secrets.iter().map(|pattern| pattern.kind.as_str());
        Ok(Self {
            patterns,
            known: Known::new(known.into_iter().map(Secret::expose)),
            canaries: Known::default(),
            plant: None,
            failed: false,
            placeholders: Placeholders::new(secrets, &patterns.placeholders)?,
        })
    }

    /// Watches for values that the caller has planted in the input as secrets. They are not known to redaction, which
    /// has to destroy them by their looks; a prompt in which one survives, in any encoding, is refused.
    #[must_use]
    pub fn with_canaries<'a>(self, planted: impl IntoIterator<Item = &'a Secret>) -> Self {
        Self { canaries: Known::new(planted.into_iter().map(Secret::expose)), ..self }
    }

    /// Plants a value behind every text that is redacted from here on, as a password would stand in a log, and takes
    /// it off again. It is not known to redaction. Where it survives once, every later [`Redactor::check`] refuses.
    #[must_use]
    pub fn planting(self, canary: &Secret) -> Self {
        let plant = Some(format!("PLANTED_PASSWORD={}", canary.expose()));
        Self { plant, ..self.with_canaries([canary]) }
    }

    /// The text without secrets. What is redacted already stays as it is.
    pub fn redact(&mut self, text: &str) -> Redacted {
        let Some(plant) = self.plant.clone() else { return self.redacted(text) };
        let Redacted(whole) = self.redacted(&format!("{text}\n{plant}"));
        self.failed |= self.stands(&self.canaries, &whole);
        // A block that swallowed the last line, such as a key without an end, has destroyed the plant with it.
        let name = plant.split('=').next().unwrap_or_default();
        match whole.rsplit_once('\n') {
            Some((text, last)) if last.starts_with(name) => Redacted(text.to_owned()),
            _ => Redacted(whole),
        }
    }

    fn redacted(&mut self, text: &str) -> Redacted {
        self.reserve(text);
        let mut text = text.to_owned();
        for _ in 0..PASSES {
            let destroyed = self.destroyed(&text);
            let replaced = self.replaced(destroyed.as_deref().unwrap_or(&text));
            match replaced.or(destroyed) {
                Some(next) => text = next,
                None => break,
            }
        }
        Redacted(text)
    }

    /// Announces a foreign text before the first of a group is redacted: what looks like a placeholder in any of them
    /// will not be made for something else.
    pub fn reserve(&mut self, text: &str) {
        self.placeholders.reserve(text);
    }

    /// Puts the identifiers back into an answer. Placeholders that were never made stay.
    pub fn restore(&self, answer: &str) -> String {
        self.placeholders.restore(answer)
    }

    /// Whether a secret known by value still stands in the text, in any encoding; the last check before it leaves.
    pub fn leaks(&self, text: &Redacted) -> bool {
        self.stands(&self.known, &text.0)
    }

    /// The last check before a text leaves.
    ///
    /// # Errors
    /// When a secret known by value or a planted canary still stands in it.
    pub fn check(&self, text: &Redacted) -> Result<(), PromptsError> {
        if self.leaks(text) {
            Err(PromptsError::Leak)
        } else if self.failed || self.stands(&self.canaries, &text.0) {
            Err(PromptsError::Canary)
        } else {
            Ok(())
        }
    }

    fn stands(&self, values: &Known, text: &str) -> bool {
        let protected = self.placeholders.spans(text);
        values.find(text.as_bytes()).iter().any(|span| !spans::outside(span, &protected).is_empty())
    }

    /// The text without the secrets that are found in it; nothing if there are none.
    fn destroyed(&self, text: &str) -> Option<String> {
        let protected = self.placeholders.spans(text);
        let mut stretches: Vec<Stretch> = self.known_in(text, &protected);
        stretches.extend(self.secrets_in(text, &protected));
        let stretches = spans::merged(stretches);
        (!stretches.is_empty()).then(|| spans::replaced(text, &stretches))
    }

    fn known_in(&self, text: &str, protected: &[Range<usize>]) -> Vec<Stretch> {
        let found = self.known.find(text.as_bytes()).into_iter();
        let found = found.filter(|span| !spans::outside(span, protected).is_empty());
        let whole = found.map(|span| {
            let touching = spans::touching(&span, protected);
            let start = touching.first().map_or(span.start, |first| first.start.min(span.start));
            start..touching.last().map_or(span.end, |last| last.end.max(span.end))
        });
        whole.map(|span| Stretch { span, rank: KNOWN, with: "[secret]".to_owned() }).collect()
    }

    fn secrets_in(&self, text: &str, protected: &[Range<usize>]) -> Vec<Stretch> {
        let seen = decode::seen(text.as_bytes());
        let others = [decode::rejoined(seen.bytes()), decode::backslash(seen.bytes())];
        let mut stretches = Vec::new();
        for (at, pattern) in self.patterns.secrets.iter().enumerate() {
            let here = pattern.find(seen.bytes()).map(|found| seen.below(found.span));
            let elsewhere = others
                .iter()
                .flatten()
                .flat_map(|view| pattern.find(view.bytes()).map(|found| seen.below(view.below(found.span))));
            let bare = here.chain(elsewhere).flat_map(|span| spans::outside(&span, protected));
            let telling =
                bare.filter(|span| text.as_bytes()[span.clone()].iter().any(u8::is_ascii_alphanumeric));
            let with = format!("[secret:{}]", pattern.kind);
            stretches.extend(telling.map(|span| Stretch { span, rank: KNOWN + 1 + at, with: with.clone() }));
        }
        stretches
    }

    /// The text with its identifiers as placeholders; nothing if there are none.
    fn replaced(&mut self, text: &str) -> Option<String> {
        let seen = decode::seen(text.as_bytes());
        let mut taken = Taken::default();
        let kept = self.patterns.keep.iter().flat_map(|keep| keep.find_iter(seen.bytes()));
        for span in self.placeholders.spans(text).into_iter().chain(kept.map(|kept| seen.below(kept.range())))
        {
            taken.take(&span);
        }
        let found = self.identifiers_in(seen.bytes());
        let found = found.into_iter().map(|found| Found { span: seen.below(found.span.clone()), ..found });
        let mut found: Vec<Found> = found.filter(|found| taken.take(&found.span)).collect();
        found.sort_by_key(|found| found.span.start);
        let mut stretches: Vec<Stretch> = found.into_iter().map(|found| self.issued(text, found)).collect();
        let learned = self.placeholders.learned(seen.bytes()).into_iter().map(|span| seen.below(span));
        let learned: Vec<_> = learned.filter(|span| taken.take(span)).collect();
        stretches.extend(
            learned.into_iter().map(|span| self.issued(text, Found { span, kind: "name".to_owned() })),
        );
        let stretches = spans::merged(stretches);
        (!stretches.is_empty()).then(|| spans::replaced(text, &stretches))
    }

    /// Every identifier; those found first stand first, and win.
    fn identifiers_in(&self, text: &[u8]) -> Vec<Found> {
        let mut found = arn::find(text);
        found.extend(self.patterns.identifiers.iter().flat_map(|pattern| pattern.find(text)));
        found
    }

    fn issued(&mut self, text: &str, found: Found) -> Stretch {
        let clean = decode::seen(&text.as_bytes()[found.span.clone()]).bytes().to_vec();
        let with = self.placeholders.issue(&String::from_utf8_lossy(&clean), &found.kind);
        Stretch { span: found.span, rank: KNOWN, with }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redactor(secret: &str) -> Redactor {
        Redactor::new([&Secret::new(secret.to_owned())]).unwrap()
    }

    #[test]
    fn known_secrets_go_wherever_they_stand_and_identifiers_come_back() {
        let mut redactor = redactor("hunter2!");
        let text = redactor.redact("xhunter2!x by 123456789012 and ops@acme.example, again 123456789012");
        assert_eq!(
            text.as_str(),
            "x[secret]x by 000000000001 and hidden-person-1@mail.example, again 000000000001"
        );
        assert_eq!(
            redactor.restore("000000000001 asked hidden-person-1@mail.example"),
            "123456789012 asked ops@acme.example"
        );
        assert!(!redactor.leaks(&text));
    }

    #[test]
    fn a_secret_that_is_a_word_of_a_placeholder_does_not_tear_it_apart() {
        let mut redactor = redactor("secret");
        let text = redactor.redact("the secret, for 123456789012");
        assert_eq!(text.as_str(), "the [secret], for 000000000001");
        assert!(!redactor.leaks(&text));
    }

    #[test]
    fn a_secret_dressed_as_a_placeholder_goes() {
        let mut redactor = redactor("hunter-2");
        assert_eq!(redactor.redact("[hunter-2] [secret:hunter-2]").as_str(), "[[secret]] [secret:[secret]]");
    }

    #[test]
    fn a_name_learned_from_an_arn_goes_everywhere() {
        let mut redactor = redactor("unused-value");
        let text = redactor
            .redact("web-shop: arn:aws:iam::111122223333:role/web-shop cannot be assumed by web-shop-Fn");
        assert_eq!(
            text.as_str(),
            "hidden-name-1: arn:aws:iam::000000000001:role/hidden-name-1 cannot be assumed by hidden-name-1-Fn"
        );
    }

    #[test]
    fn a_planted_value_leaves_no_trace_and_its_survival_stops_everything() {
        let text =
            "failed for 123456789012\n-----BEGIN PRIVATE KEY-----\nMIIabcdefghijklmnopqrstuvwxyz0123456789";
        let bare = Redactor::new([]).unwrap().redact(text);
        let mut planting = Redactor::new([]).unwrap().planting(&Secret::new("qV7tLm2Zx9".to_owned()));
        let redacted = planting.redact(text);
        assert_eq!(redacted.as_str().lines().next(), bare.as_str().lines().next());
        assert!(planting.check(&redacted).is_ok());
        let mut plain = Redactor::new([]).unwrap().planting(&Secret::new("qV7tLm2Zx9".to_owned()));
        assert_eq!(plain.redact("a\nb").as_str(), "a\nb");
        // A mask is no secret to redaction: planted, it survives.
        let mut blind = Redactor::new([]).unwrap().planting(&Secret::new("********".to_owned()));
        let text = blind.redact("nothing here");
        assert!(matches!(blind.check(&text), Err(PromptsError::Canary)));
    }

    proptest! {
        #[test]
        fn no_known_secret_survives_any_surroundings(secret in "[A-Za-z0-9!/+=]{8,40}", before in ".{0,40}", after in ".{0,40}") {
            let mut redactor = redactor(&secret);
            let text = redactor.redact(&format!("{before}{secret}{after}"));
            prop_assert!(!redactor.leaks(&text));
        }
    }
}
