//! Makes the data quick to load: every rule without its examples in one file, and the tables beside them, as JSON.
//!
//! A diagnosis needs no examples, and parsing them all as TOML would be most of what a cold start costs.

use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=catalog");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir("catalog")?.map(|e| Ok(e?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let catalog: Vec<(String, toml::Table)> =
        files.iter().map(|path| slim(path)).collect::<Result<_, _>>()?;
    write("catalog", &serde_json::to_string(&catalog)?)?;
    table("categories")?;
    table("deciding")
}

/// Writes a data file as JSON.
fn table(name: &str) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={name}.toml");
    let table: toml::Table = toml::from_str(&std::fs::read_to_string(format!("{name}.toml"))?)?;
    write(name, &serde_json::to_string(&table)?)
}

/// Written aside and renamed: an interrupted build leaves no half of it, and a copy of the folder is not changed.
fn write(name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let (new, place) = (out.join(format!("{name}.new")), out.join(format!("{name}.json")));
    std::fs::write(&new, text)?;
    Ok(std::fs::rename(new, place)?)
}

/// A file's name and its rules, their examples left out.
fn slim(path: &Path) -> Result<(String, toml::Table), Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let mut file: toml::Table =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let rules = file.get_mut("rule").and_then(toml::Value::as_array_mut);
    for rule in rules.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
        for examples in ["hits", "near_misses"] {
            rule.insert(examples.to_owned(), toml::Value::Array(Vec::new()));
        }
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((name, file))
}
