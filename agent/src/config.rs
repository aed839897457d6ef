//! The configuration file: defaults for inputs and where to find more targets and rules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::CommandError;
use crate::llm::ModelConfig;

/// The configuration, as written in TOML.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder with target files that add to or override the built-in targets.
    pub catalog: Option<PathBuf>,
    /// Folders with rules that add to the built-in ones, as `--rules`.
    #[serde(default)]
    pub rules: Vec<PathBuf>,
    /// Variables of the environment to hand on to the commands besides those that the catalog names.
    #[serde(default)]
    pub pass_env: Vec<String>,
    /// Values for inputs that neither flags nor the goal give, by input name.
    #[serde(default)]
    pub defaults: BTreeMap<String, toml::Value>,
    /// Which model is asked, where and how much.
    #[serde(default)]
    pub model: ModelConfig,
}

impl Config {
    /// Reads the file named by `--config`, or the usual one if it exists.
    ///
    /// # Errors
    /// A usage error when a named file is not there or a file does not parse.
    pub fn load(named: Option<&Path>) -> Result<Self, CommandError> {
        let path = match named {
            Some(path) => path.to_path_buf(),
            None => match usual_path().filter(|path| path.exists()) {
                Some(path) => path,
                None => return Ok(Self::default()),
            },
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| CommandError::usage(format!("{}: {error}", path.display())))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| syntax(&path, &text, &error))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        config.rules = config.rules.iter().map(|rules| folder.join(rules)).collect();
        config.catalog = config.catalog.map(|catalog| folder.join(catalog));
        config.model.prompts = config.model.prompts.map(|prompts| folder.join(prompts));
        Ok(config)
    }

    /// The default values as text, by input name in snake case.
    pub fn inputs(&self) -> BTreeMap<String, String> {
        self.defaults.iter().map(|(name, value)| (name.replace('-', "_"), plain(value))).collect()
    }
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> CommandError {
    let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
    CommandError::usage(format!("{}: line {line}: {}", path.display(), error.message().replace('\n', " ")))
}

/// `$XDG_CONFIG_HOME/provision/config.toml`, else below `~/.config`.
fn usual_path() -> Option<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")))?;
    Some(folder.join("provision/config.toml"))
}

/// The TOML files of a folder that a flag names, as name and text, sorted by name.
///
/// # Errors
/// A usage error when the folder or one of its files cannot be read, or it has no such files.
pub fn toml_files(flag: &str, what: &str, folder: &Path) -> Result<Vec<(String, String)>, CommandError> {
    let problem = |path: &Path, error: &dyn std::fmt::Display| {
        CommandError::usage(format!("{flag} {}: {error}", path.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| problem(folder, &error))? {
        let path = entry.map_err(|error| problem(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).map_err(|error| problem(&path, &error))?;
            files.push((path.display().to_string(), text));
        }
    }
    if files.is_empty() {
        return Err(problem(folder, &format!("no {what} files (*.toml) in this folder")));
    }
    files.sort();
    Ok(files)
}
