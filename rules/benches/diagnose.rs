//! How long the engine takes: to load the rules, for a small event file, for a large log, with ten times the rules.

use std::path::Path;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use provision_rules::{Block, DiagnoseOptions, Intake, Rulebook, diagnose};

fn main() {
    divan::main();
}

/// The size of the large log, in bytes.
const LARGE: usize = 64 << 20;

/// A log of calm lines with one failure in it.
fn log() -> String {
    let line = |n: usize| {
        format!(
            "2026-11-22T10:{:02}:{:02}.{:03}Z INFO [worker-{}] step {n}: compiled the default module in {} ms\n",
            n / 60 % 60,
            n % 60,
            n % 1000,
            n % 8,
            n % 97
        )
    };
    let calm: String = (0..20_000).map(line).collect();
    let failed = "shop | 3/7 | 10:00:20 AM | CREATE_FAILED | AWS::S3::Bucket | Uploads (Uploads) media already exists\n";
    let half = calm.repeat(LARGE / calm.len() / 2);
    format!("{half}{failed}{half}")
}

/// Some 20 KB of events in JSON, one of them failed.
fn events() -> String {
    let event = |n: usize| {
        let (status, reason) =
            if n == 9 { ("CREATE_FAILED", "shop-media already exists") } else { ("CREATE_COMPLETE", "") };
        format!(
            "{{\"StackId\": \"arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/0a1b2c3d\", \"EventId\": \"e{n}\", \
             \"StackName\": \"shop\", \"LogicalResourceId\": \"Resource{n}\", \"PhysicalResourceId\": \"\", \
             \"ResourceType\": \"AWS::S3::Bucket\", \"Timestamp\": \"2026-03-01T10:{:02}:00.000Z\", \
             \"ResourceStatus\": \"{status}\", \"ResourceStatusReason\": \"{reason}\"}}",
            59 - n % 60
        )
    };
    format!("{{\"StackEvents\": [{}]}}", (0..60).map(event).collect::<Vec<_>>().join(",\n"))
}

/// The built-in rules so many times, each further time with literals of its own.
fn rules(times: usize) -> Rulebook {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the catalogue is there") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let table: toml::Table =
                toml::from_str(&std::fs::read_to_string(&path).expect("readable")).expect("TOML");
            files.extend((0..times).map(|time| (format!("{time}-{}", path.display()), copy(&table, time))));
        }
    }
    Rulebook::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).expect("the rules parse")
}

fn copy(table: &toml::Table, time: usize) -> String {
    let mut table = table.clone();
    let rules = table.get_mut("rule").and_then(toml::Value::as_array_mut).expect("rules");
    for rule in rules.iter_mut().filter(|_| time > 0).filter_map(toml::Value::as_table_mut) {
        let id = format!("{}-{time}", rule["id"].as_str().expect("an id"));
        rule.insert("id".to_owned(), id.into());
        let literals = rule["literals"].as_array().expect("literals").clone();
        let own = |literal: &toml::Value| format!("{} {time}", literal.as_str().expect("a text")).into();
        rule.insert("literals".to_owned(), toml::Value::Array(literals.iter().map(own).collect()));
    }
    toml::to_string(&table).expect("TOML")
}

#[divan::bench]
fn load_the_rules() -> Rulebook {
    Rulebook::builtin()
}

#[divan::bench(args = [1, 10])]
fn event_file_of_20_kb(bencher: Bencher<'_, '_>, times: usize) {
    let (text, book) = (events(), rules(times));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| diagnose(black_box(text.as_bytes()), &book).expect("readable"));
}

#[divan::bench(sample_count = 10)]
fn scan_of_a_large_log(bencher: Bencher<'_, '_>) {
    let text = log();
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        for bytes in text.as_bytes().chunks(256 << 10) {
            black_box(Block::scan(bytes.to_vec(), b'\n'));
        }
    });
}

#[divan::bench(args = [1, 10], sample_count = 10)]
fn large_log_on_one_thread(bencher: Bencher<'_, '_>, times: usize) {
    let (text, book) = (log(), rules(times));
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let mut intake = Intake::default();
        for bytes in text.as_bytes().chunks(256 << 10) {
            intake.feed(bytes).expect("text");
        }
        intake.end().expect("text");
        intake.diagnosis(&book, DiagnoseOptions::default()).expect("readable")
    });
}
