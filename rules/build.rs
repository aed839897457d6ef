//! Makes the data quick to load: the index of all literals and every rule without its examples as constants, and the
//! tables beside them as JSON.
//!
//! A diagnosis needs no examples and a handful of rules; parsing all of them would be most of what a cold start costs.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

// The index is made here and searched there: one file holds both.
#[allow(dead_code)]
#[path = "src/rulebook/literals.rs"]
mod literals;

use literals::{Entry, Literals};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=catalog");
    println!("cargo::rerun-if-changed=src/rulebook/literals.rs");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir("catalog")?.map(|e| Ok(e?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut rules = Vec::new();
    for path in &files {
        rules.extend(slim(path)?);
    }
    write("catalog.rs", &constants(&rules)?)?;
    table("categories")?;
    table("deciding")
}

/// A rule without its examples, and the file it stands in.
struct Rule {
    file: String,
    id: String,
    table: toml::Table,
}

/// The rules of a file, their examples left out.
fn slim(path: &Path) -> Result<Vec<Rule>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let mut file: toml::Table =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(toml::Value::Array(rules)) = file.remove("rule") else { return Ok(Vec::new()) };
    let rule = |value| {
        let toml::Value::Table(mut table) = value else { return Err(format!("{name}: a rule is no table")) };
        for examples in ["hits", "near_misses"] {
            table.insert(examples.to_owned(), toml::Value::Array(Vec::new()));
        }
        let id = table.get("id").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        Ok(Rule { file: name.clone(), id, table })
    };
    Ok(rules.into_iter().map(rule).collect::<Result<_, _>>()?)
}

/// The rules and the index of their literals as Rust.
fn constants(rules: &[Rule]) -> Result<String, Box<dyn Error>> {
    let mut text = String::from("pub(super) static EMBEDDED: &[Embedded] = &[\n");
    for Rule { file, id, table } in rules {
        let json = serde_json::to_string(table)?;
        writeln!(text, "Embedded {{ file: {file:?}, id: {id:?}, json: {json:?} }},")?;
    }
    let literals = |(position, rule): (u32, &'_ Rule)| -> Vec<(u32, String)> {
        let list = rule.table.get("literals").and_then(toml::Value::as_array);
        let texts = list.into_iter().flatten().filter_map(toml::Value::as_str);
        texts.map(|literal| (position, literal.to_owned())).collect()
    };
    let all: Vec<(u32, String)> = (0..).zip(rules).flat_map(literals).collect();
    let index = Literals::file(all.iter().map(|(rule, literal)| (*rule, literal.as_str())));
    text += "];\n";
    text += &index_as_rust(&index);
    Ok(text)
}

fn index_as_rust(index: &Literals) -> String {
    let entry = |Entry { rule, start, length, at }: &Entry| {
        format!("Entry {{ rule: {rule}, start: {start}, length: {length}, at: {at} }},")
    };
    let entries: String = index.entries.iter().map(entry).collect();
    let Literals { text, bits, pieces, starts, always, .. } = index;
    format!(
        "pub(super) static LITERALS: Literals = Literals {{\n\
         text: Cow::Borrowed({text:?}),\nbits: Cow::Borrowed(&{bits:?}),\npieces: Cow::Borrowed(&{pieces:?}),\n\
         starts: Cow::Borrowed(&{starts:?}),\nentries: Cow::Borrowed(&[{entries}]),\nalways: Cow::Borrowed(&{always:?}),\n}};\n"
    )
}

/// Writes a data file as JSON.
fn table(name: &str) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={name}.toml");
    let table: toml::Table = toml::from_str(&std::fs::read_to_string(format!("{name}.toml"))?)?;
    write(&format!("{name}.json"), &serde_json::to_string(&table)?)
}

/// Written aside and renamed: an interrupted build leaves no half of it, and a copy of the folder is not changed.
fn write(name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let (new, place) = (out.join(format!("{name}.new")), out.join(name));
    std::fs::write(&new, text)?;
    Ok(std::fs::rename(new, place)?)
}
