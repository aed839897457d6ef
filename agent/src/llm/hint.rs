//! The one quiet line that says what a model would add; once on a machine, and only to a person.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use super::settings::variable;
use crate::terminal::{self, DIM, paint};

/// Says what a key would add here, unless it was said before, nobody watches, or there is no place to remember it.
pub fn hint(adds: &str) {
    if terminal::is_live() && remembered().is_some() {
        let line = format!("A model could {adds}; set OPENAI_API_KEY, or see docs/model.md for a local one.");
        terminal::err(&format!("{}\n", paint(DIM, line)));
    }
}

/// Makes the mark that it was said; nothing when it is there already or cannot be made.
fn remembered() -> Option<()> {
    let state = variable("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.or_else(|| Some(PathBuf::from(variable("HOME")?).join(".local/state")))?;
    let folder = state.join("provision");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
    let mark = folder.join("model-hint");
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(mark).ok().map(|_| ())
}
