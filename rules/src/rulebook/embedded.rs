//! The rules that come with the product, as constants that `build.rs` writes.

use std::borrow::Cow;

use super::literals::{Entry, Literals};

/// A rule without its examples.
#[derive(Debug)]
pub(super) struct Embedded {
    /// The file of the catalogue that it stands in.
    pub(super) file: &'static str,
    /// Its id.
    pub(super) id: &'static str,
    /// All of it as JSON, to be parsed when a text may match it.
    pub(super) json: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
