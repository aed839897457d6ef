//! Any bytes are diagnosed or refused without a panic, and what is named stands in the text.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use provision_rules::{Rulebook, diagnose, explain, DiagnoseOptions};

static BOOK: LazyLock<Rulebook> = LazyLock::new(Rulebook::builtin);

fuzz_target!(|bytes: &[u8]| {
    if let Ok(found) = diagnose(bytes, &BOOK) {
        for verdict in found.verdict.iter().chain(&found.also) {
            assert!(verdict.root.line <= found.source.lines.max(1), "a root beyond the end of the text");
            assert!((0.0..=1.0).contains(&verdict.confidence));
        }
    }
    let _ = explain(bytes, DiagnoseOptions { partial: true });
});
