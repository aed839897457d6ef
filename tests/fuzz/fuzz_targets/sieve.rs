//! Any bytes, fed in any pieces, are sieved or refused without a panic and in bounded memory.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use provision_rules::{DiagnoseOptions, Intake, Limits, Rulebook, Watch};

static BOOK: LazyLock<Rulebook> = LazyLock::new(Rulebook::builtin);

fuzz_target!(|input: (u16, &[u8])| {
    let (step, bytes) = (usize::from(input.0).max(1), input.1);
    let options = DiagnoseOptions { partial: true };
    let mut intake = Intake::new(Limits { whole: 64, kept: 4096 });
    let fed = bytes.chunks(step).try_for_each(|bytes| intake.feed(bytes)).and_then(|()| intake.end());
    // what is kept, a long line, the last lines and the first calm ones
    assert!(intake.held() < 8 << 20, "{} bytes are held", intake.held());
    if fed.is_ok()
        && let Ok(found) = intake.diagnosis(&BOOK, options)
    {
        for verdict in found.verdict.iter().chain(&found.also) {
            assert!(verdict.root.line <= found.source.lines.max(1), "a root beyond the end of the text");
        }
        let _ = intake.explanation(options);
    }
    let mut watch = Watch::default();
    for bytes in bytes.chunks(step) {
        if watch.feed(bytes).is_err() {
            return;
        }
        let _ = watch.news(&BOOK);
    }
    let _ = watch.end(&BOOK, options);
});
