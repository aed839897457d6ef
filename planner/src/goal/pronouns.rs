//! Reads the state of a feature that is said of "it": "leave it off", "build it", "skip those".

use super::key::Key;
use super::lexicon::Cue;
use super::reading::Reading;
use super::toggles::{State, after, before, denied};

/// "leave it off", "turn it on": "it" is the feature named last.
pub(super) fn read(reading: &mut Reading<'_>, toggles: &[(usize, Key)]) {
    for at in 0..reading.items.len() {
        let those = reading.items[at].says(reading.text, &["those", "these", "that"])
            && reading.boundary_or_end(reading.skip_filler(at + 1));
        if !(reading.is(at, Cue::It) || those) || reading.items[at].why.is_some() {
            continue;
        }
        let last = toggles.iter().rev().find(|(toggle, _)| *toggle < at);
        let Some((toggle, key)) = last.copied() else { continue };
        let near = reading.items[at].sentence - reading.items[toggle].sentence <= 1;
        let dropped = before(reading, at)
            .filter(|state| !state.on && at - state.by <= 2 && reading.is(state.by, Cue::Drop));
        let turned =
            (toggle..at).any(|index| reading.items[index].is_any(&[Cue::But, Cue::Correct, Cue::Decide]));
        let open = || turned || !reading.finds.iter().any(|find| find.key == key && find.why.is_none());
        let refused = at > 1 && carries_out(reading, at - 1, key) && denied(reading, at - 1);
        if let Some(state) = dropped.filter(|_| near) {
            reading.find(key, false, state.by, at, 3, None);
        } else if near && refused && open() {
            reading.find(key, false, at - 1, at, 3, None);
        } else if near && at > 0 && carries_out(reading, at - 1, key) && !denied(reading, at - 1) && open() {
            reading.find(key, true, at - 1, at, 3, None);
        } else if let Some(state) = after(reading, at).filter(|state| near && handled(reading, at, *state)) {
            let negated = before(reading, at).is_some_and(|before| reading.is(before.by, Cue::Not));
            reading.find(key, state.on != negated, at, state.by, 3, None);
        }
    }
}

/// Whether the verb is what one does to switch the feature on: "build it" of an image, "run it" of a test.
fn carries_out(reading: &Reading<'_>, verb: usize, key: Key) -> bool {
    let verbs: &[&str] = match key {
        Key::BuildBootstrap => &["build", "make", "include", "want"],
        Key::WithSmokeTest => &["run", "do", "execute", "perform", "include", "want"],
        Key::Email | Key::WithEvents => &["enable", "activate", "include", "want", "turn on", "switch on"],
        _ => &["load", "include", "add", "want", "enable", "install"],
    };
    reading.items[verb].says(reading.text, verbs)
}

/// Whether "it" is put into a state: "leave it off", not "do it on Monday".
fn handled(reading: &Reading<'_>, at: usize, state: State) -> bool {
    let verb = at.checked_sub(1).map_or("", |before| reading.words(before)).to_ascii_lowercase();
    let verbs = ["leave", "turn", "switch", "keep", "set", "have", "want", "make", "put"];
    verbs.contains(&verb.as_str())
        && (reading.items[state.by].is_any(&[Cue::Off, Cue::On, Cue::OnWord, Cue::Out, Cue::In]))
}
