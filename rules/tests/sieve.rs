//! A large input that is sieved is diagnosed as if it had been read whole.

mod common;
#[path = "common/incident.rs"]
mod incident;

use std::path::Path;

use proptest::prelude::*;
use provision_rules::{
    Block, DiagnoseOptions, Diagnosis, Explanation, Intake, Limits, Rulebook, RulesError, diagnose_with,
    explain,
};

const OPTIONS: DiagnoseOptions = DiagnoseOptions { partial: false };
/// So little is read whole that nearly everything is sieved, and nothing that matters has to make room.
const LIMITS: Limits = Limits { whole: 100, kept: 64 << 20 };

type Told = (Result<Diagnosis, String>, Result<Explanation, String>);

fn whole(bytes: &[u8], book: &Rulebook) -> Told {
    let told = |error: RulesError| error.to_string();
    (diagnose_with(bytes, book, OPTIONS).map_err(told), explain(bytes, OPTIONS).map_err(told))
}

fn sieved(bytes: &[u8], book: &Rulebook, step: usize) -> Told {
    let mut intake = Intake::new(LIMITS);
    let fed = bytes.chunks(step).try_for_each(|bytes| intake.feed(bytes)).and_then(|()| intake.end());
    if let Err(error) = fed {
        return (Err(error.to_string()), Err(error.to_string()));
    }
    let told = |error: RulesError| error.to_string();
    (intake.diagnosis(book, OPTIONS).map_err(told), intake.explanation(OPTIONS).map_err(told))
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/events");
    let files =
        std::fs::read_dir(folder).expect("the fixtures are there").map(|entry| entry.expect("a file"));
    let mut files: Vec<_> = files
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).expect("readable"))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_fixture_is_diagnosed_the_same_whole_and_sieved() {
    let book = Rulebook::builtin();
    for (name, bytes) in fixtures() {
        for step in [7, 4096, bytes.len().max(1)] {
            assert_eq!(sieved(&bytes, &book, step), whole(&bytes, &book), "{name}, {step} bytes at a time");
        }
    }
}

#[test]
fn every_format_in_a_long_log_is_diagnosed_the_same_whole_and_sieved() {
    let book = common::book();
    let noise = calm(1600, 1);
    for (name, text) in incident::all() {
        for around in
            [format!("{noise}{text}\n{noise}"), format!("{noise}{text}"), format!("{text}\n{noise}")]
        {
            assert_eq!(sieved(around.as_bytes(), &book, 1 << 16), whole(around.as_bytes(), &book), "{name}");
        }
    }
}

#[test]
fn blocks_scanned_elsewhere_give_the_same() {
    let book = common::book();
    let text = calm(4000, 2) + "Error: orders-uploads already exists\n" + &calm(4000, 3) + "the end";
    let mut intake = Intake::new(LIMITS);
    let (head, rest) = text.as_bytes().split_at(5000);
    intake.feed(head).expect("text");
    let mut splitter = intake.splitter().expect("lines");
    for bytes in rest.chunks(9000) {
        if let Some(lines) = splitter.split(bytes) {
            intake.take(Block::scan(lines, splitter.newline()));
        }
    }
    intake.take(Block::scan(splitter.end(), splitter.newline()));
    intake.end().expect("text");
    assert_eq!(intake.diagnosis(&book, OPTIONS).map_err(|e| e.to_string()), whole(text.as_bytes(), &book).0);
}

/// Lines of a log in which nothing is wrong.
fn calm(lines: usize, seed: usize) -> String {
    const WORDS: [&str; 12] = [
        "compiled", "module", "default", "queue", "cache", "asset", "linked", "12", "worker", "ms", "index",
        "0x7f",
    ];
    let line = |at: usize| {
        let word = |nth: usize| WORDS[(at * 7 + nth * (seed + 3) + at / 5) % WORDS.len()];
        format!("step {at}: {}\n", (0..6 + at % 5).map(word).collect::<Vec<_>>().join(" "))
    };
    (0..lines).map(line).collect()
}

/// A stretch of a generated log.
#[derive(Debug, Clone)]
enum Stretch {
    Calm(usize, usize),
    Incident(usize),
    Line(&'static str),
}

const LINES: &[&str] = &[
    "",
    "Error: orders-uploads already exists",
    "error: Rate exceeded",
    "tests: 0 failed, 12 passed, 0 errors",
    "WARNING: retrying in 2 seconds after a timeout",
    "shop | 1/3 | 10:00:10 AM | CREATE_COMPLETE | AWS::SNS::Topic | Alarms (Alarms)",
    "shop | 3/3 | 10:00:20 AM | UPDATE_COMPLETE | AWS::CloudFormation::Stack | shop",
    "CREATE_FAILED     AWS::SQS::Queue    Work    orders-uploads already exis",
    "                                             ts",
    "Successfully created/updated stack - billing in eu-west-1",
    "Traceback (most recent call last):",
    "  File \"deploy.py\", line 3, in <module>",
    "botocore.exceptions.ClientError: x is not authorized to perform: s3:CreateBucket",
    "{\"level\":\"error\",\"msg\":\"toomanyrequests: retry later\"}",
    "{",
    "[",
    "}",
    "ResourceStatus: CREATE_FAILED",
    "LogicalResourceId: Uploads",
    "\u{1b}[31mfatal: could not read\u{1b}[0m",
    "✅  shop",
    " ❌ shop failed: x has dependencies",
    "The following resource(s) failed to create: [Uploads, Work]. Rollback requested by user.",
    "Uploads     orders-uploads already exists",
];

fn stretch() -> impl Strategy<Value = Stretch> {
    prop_oneof![
        3 => (1usize..400, 0usize..9).prop_map(|(lines, seed)| Stretch::Calm(lines, seed)),
        1 => (0..incident::all().len()).prop_map(Stretch::Incident),
        4 => prop::sample::select(LINES).prop_map(Stretch::Line),
    ]
}

fn log(stretches: &[Stretch]) -> String {
    let all = incident::all();
    let text = |stretch: &Stretch| match stretch {
        Stretch::Calm(lines, seed) => calm(*lines, *seed),
        Stretch::Incident(which) => format!("{}\n", all[*which].1),
        Stretch::Line(line) => format!("{line}\n"),
    };
    stretches.iter().map(text).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_generated_log_is_diagnosed_the_same_whole_and_sieved(
        stretches in prop::collection::vec(stretch(), 1..24),
        step in 1usize..20_000,
    ) {
        let (text, book) = (log(&stretches), common::book());
        prop_assert_eq!(sieved(text.as_bytes(), &book, step), whole(text.as_bytes(), &book));
    }

    #[test]
    fn any_bytes_are_sieved_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000), step in 1usize..300) {
        let _ = sieved(&bytes, &common::book(), step);
    }

}

#[test]
fn a_document_that_ends_in_the_middle_ends_in_the_same_line_whole_and_sieved() {
    let book = common::book();
    for stretches in [
        [Stretch::Line("["), Stretch::Incident(0)],
        [Stretch::Line("{"), Stretch::Incident(0)],
        [Stretch::Incident(0), Stretch::Line("{")],
        [Stretch::Incident(0), Stretch::Line("[")],
    ] {
        let text = log(&stretches);
        assert_eq!(sieved(text.as_bytes(), &book, 4096), whole(text.as_bytes(), &book), "{stretches:?}");
    }
}

#[test]
fn what_is_kept_of_a_flood_is_bounded() {
    let (limits, book) = (Limits { whole: 1000, kept: 20_000 }, common::book());
    for line in LINES {
        let mut intake = Intake::new(limits);
        let text = format!("{line}\n{}", calm(3, 1)).repeat(1000);
        for bytes in text.repeat(20).as_bytes().chunks(30_011) {
            intake.feed(bytes).expect("text");
            // what is kept, the last lines, the first calm lines
            assert!(intake.held() < 20_000 + (1 << 20), "{} bytes are held of {line}", intake.held());
        }
        intake.end().expect("text");
        let _ = intake.diagnosis(&book, OPTIONS);
    }
}
