//! For authors of rules: diagnoses standard input with the signature files as they now stand on disk, and
//! prints the JSON document.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::Read;
use std::path::Path;

use provision_rules::{Rulebook, diagnose};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            files.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    let book = Rulebook::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    println!("{}", serde_json::to_string_pretty(&diagnose(&input, &book)?)?);
    Ok(())
}
