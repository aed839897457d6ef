//! For authors of rules: check signature files, or see which rules a text matches, without a rebuild.
//!
//! `try_rules check DIR` checks every rule of a folder; `try_rules match DIR` reads a failure text from
//! standard input and lists the matching rules, best first.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::path::Path;

use provision_rules::{Facts, Rulebook};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check", dir] => check(&load(dir)?),
        ["match", dir] => show_matches(&load(dir)?),
        _ => Err("usage: try_rules check|match DIR".into()),
    }
}

fn load(dir: &str) -> Result<Rulebook, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            files.push((name_of(&path), std::fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(Rulebook::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn check(book: &Rulebook) -> Result<(), Box<dyn Error>> {
    let problems = book.problems();
    println!("{} rules, {} problems", book.signatures().count(), problems.len());
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

fn show_matches(book: &Rulebook) -> Result<(), Box<dyn Error>> {
    let text = std::io::read_to_string(std::io::stdin())?;
    for found in book.matches(Facts { text: &text, ..Facts::default() }) {
        println!(
            "{:.2} {:?} {} [{:?}] {}",
            found.confidence,
            found.rule.tier,
            found.rule.id,
            found.rule.category,
            found.cause()
        );
    }
    Ok(())
}
