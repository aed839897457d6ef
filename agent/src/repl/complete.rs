//! What Tab offers: commands, what is loaded, slots and their values, files, runs.

use std::collections::BTreeSet;

use provision_planner::Catalog;
use provision_planner::catalog::InputSpec;
use provision_planner::value::ValueType;

use crate::repl::filter;
use crate::repl::history::state;
use crate::repl::session::Session;
use crate::repl::slash;

/// The most that is offered at once.
const MOST: usize = 200;

/// Words in order, found by their beginning without regard to case.
#[derive(Debug, Default, Clone)]
pub struct Index(Vec<(String, String)>);

impl Index {
    /// The index of some words.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        let words: BTreeSet<String> = words.into_iter().collect();
        let mut entries: Vec<(String, String)> =
            words.into_iter().map(|word| (word.to_lowercase(), word)).collect();
        entries.sort();
        Self(entries)
    }

    /// The words that begin like this one.
    pub fn starting(&self, start: &str) -> Vec<String> {
        let start = start.to_lowercase();
        let from = self.0.partition_point(|(key, _)| *key < start);
        let found = self.0[from..].iter().take_while(|(key, _)| key.starts_with(&start));
        found.take(MOST).map(|(_, word)| word.clone()).collect()
    }
}

/// Everything that can be offered at the moment.
#[derive(Debug, Default, Clone)]
pub struct Vocabulary {
    commands: Index,
    resources: Index,
    labels: Index,
    rules: Index,
    targets: Index,
    slots: Vec<(String, Vec<String>)>,
    flags: Index,
    incidents: Index,
    seen: Option<u64>,
}

/// What Tab offers for a word.
#[derive(Debug, PartialEq, Eq)]
pub enum Offer {
    /// These words, each with whether a blank follows it.
    Words(Vec<String>),
    /// Files.
    Files,
}

impl Vocabulary {
    /// What a session with nothing loaded has.
    pub fn new(catalog: &Catalog, names: &[String]) -> Self {
        let inputs = catalog.inputs();
        let flags =
            inputs.iter().flat_map(|input| std::iter::once(input.flag.clone()).chain(input.negative.clone()));
        let general = ["--json", "--dry-run", "--explain", "--yes", "--approve", "--partial", "--help"];
        let labels = [
            "failed",
            "root",
            "cause",
            "cancelled",
            "consequence",
            "rollback",
            "echo",
            "repeated",
            "CREATE_FAILED",
            "UPDATE_FAILED",
            "DELETE_FAILED",
        ];
        Self {
            commands: Index::new(names.iter().map(|name| format!("/{name}"))),
            targets: Index::new(catalog.ids().into_iter().map(str::to_owned)),
            slots: inputs.iter().map(|input| (input.name.clone(), values(catalog, input))).collect(),
            flags: Index::new(flags.chain(general.map(str::to_owned))),
            labels: Index::new(labels.map(str::to_owned)),
            ..Self::default()
        }
    }

    /// Takes in what was loaded since.
    pub fn refresh(&mut self, session: &Session) {
        if self.seen.replace(session.loads) == Some(session.loads) {
            return;
        }
        let incident = session.incident();
        let ids = incident.into_iter().flat_map(|incident| incident.resources().into_keys());
        self.resources = Index::new(ids.map(str::to_owned));
        let numbers = (1..=session.incidents.len()).map(|number| number.to_string());
        self.incidents =
            Index::new(session.incidents.iter().map(|incident| incident.name.clone()).chain(numbers));
        if let Some(book) = session.loaded_book().filter(|_| self.rules.0.is_empty()) {
            self.rules = Index::new(book.signatures().map(|rule| rule.id.clone()));
        }
    }

    /// What is offered for the last word of a line.
    pub fn offer(&self, before: &str, word: &str) -> Offer {
        let words: Vec<&str> = before.split_whitespace().collect();
        let Some(first) = words.first() else {
            return if word.starts_with('/') {
                self.first_word(word)
            } else {
                Offer::Words(self.resources.starting(word))
            };
        };
        match words.last() {
            Some(&"|") => return Offer::Words(begun(filter::NAMES.iter().copied(), word)),
            Some(&(">" | ">>")) => return Offer::Files,
            _ => {}
        }
        let Some(command) = first.strip_prefix('/') else {
            return Offer::Words(self.resources.starting(word));
        };
        let names: Vec<String> =
            self.commands.0.iter().map(|(name, _)| name.trim_start_matches('/').to_owned()).collect();
        let command = slash::resolve(command, &names).unwrap_or_default();
        if word.starts_with('-') {
            return Offer::Words(self.flags.starting(word));
        }
        self.argument(&command, &words, word)
    }

    /// A command; a path that begins at the root is a file.
    fn first_word(&self, word: &str) -> Offer {
        let found = self.commands.starting(word);
        if found.is_empty() && word.len() > 1 { Offer::Files } else { Offer::Words(found) }
    }

    fn argument(&self, command: &str, words: &[&str], word: &str) -> Offer {
        match command {
            "diagnose" | "export" | "apply" | "watch" => Offer::Files,
            "why" => Offer::Words(self.resources.starting(word)),
            "events" => Offer::Words([self.resources.starting(word), self.labels.starting(word)].concat()),
            "rule" => Offer::Words(self.rules.starting(word)),
            "rules" if words.get(1) == Some(&"show") => Offer::Words(self.rules.starting(word)),
            "rules" => Offer::Words(begun(["list", "show", "lint", "test", "new"].into_iter(), word)),
            "target" | "targets" => Offer::Words(self.targets.starting(word)),
            "set" => Offer::Words(self.assignment(word)),
            "unset" => Offer::Words(begun(self.slots.iter().map(|(name, _)| name.as_str()), word)),
            "use" | "compare" => Offer::Words(self.incidents.starting(word)),
            "runs" | "resume" => Offer::Words(begun(
                ["show", "follow"].into_iter().chain(runs().iter().map(String::as_str)),
                word,
            )),
            "help" => Offer::Words(
                self.commands
                    .starting(&format!("/{word}"))
                    .iter()
                    .map(|name| name.trim_start_matches('/').to_owned())
                    .collect(),
            ),
            _ => Offer::Words(Vec::new()),
        }
    }

    /// A slot with its equals sign, or behind that its values.
    fn assignment(&self, word: &str) -> Vec<String> {
        let Some((name, start)) = word.split_once('=') else {
            return begun(self.slots.iter().map(|(name, _)| name.as_str()), word)
                .iter()
                .map(|name| format!("{name}="))
                .collect();
        };
        let wanted = name.replace('-', "_");
        let values = self
            .slots
            .iter()
            .find(|(slot, _)| *slot == wanted)
            .map(|(_, values)| values.as_slice())
            .unwrap_or_default();
        begun(values.iter().map(String::as_str), start)
            .iter()
            .map(|value| format!("{name}={value}"))
            .collect()
    }
}

fn begun<'w>(words: impl Iterator<Item = &'w str>, start: &str) -> Vec<String> {
    let start = start.to_lowercase().replace('-', "_");
    let mut found: Vec<String> = words
        .filter(|word| word.to_lowercase().replace('-', "_").starts_with(&start))
        .map(str::to_owned)
        .collect();
    found.truncate(MOST);
    found
}

/// The values that an input takes, where there are only so many.
fn values(catalog: &Catalog, input: &InputSpec) -> Vec<String> {
    match &input.kind {
        ValueType::Target => catalog.ids().into_iter().map(str::to_owned).collect(),
        ValueType::Boolean => ["on", "off"].map(str::to_owned).to_vec(),
        ValueType::Choice(words) => words.clone(),
        ValueType::Integer { min, max } if max - min <= 20 => {
            (*min..=*max).map(|number| number.to_string()).collect()
        }
        ValueType::Region => {
            provision_planner::regions::all().iter().map(|region| region.code.clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// The ids of the runs that are journalled on this machine, the latest first.
fn runs() -> Vec<String> {
    let folder = state().map(|state| state.join("runs"));
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let id = |entry: std::fs::DirEntry| {
        let path = entry.path();
        path.extension()
            .is_some_and(|ending| ending == "jsonl")
            .then(|| Some(path.file_stem()?.to_str()?.to_owned()))?
    };
    let mut runs: Vec<String> = entries.filter_map(id).collect();
    runs.sort_by(|a, b| b.cmp(a));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let catalog = Catalog::builtin().expect("the catalog");
        let names = slash::names(&catalog);
        Vocabulary {
            resources: Index::new(["OrderQueue", "OrderTable", "LogBucket"].map(str::to_owned)),
            rules: Index::new(["eip-quota"].map(str::to_owned)),
            ..Vocabulary::new(&catalog, &names)
        }
    }

    fn offered(line: &str) -> Vec<String> {
        let at = line.rfind(' ').map_or(0, |at| at + 1);
        match vocabulary().offer(&line[..at], &line[at..]) {
            Offer::Words(words) => words,
            Offer::Files => vec!["(files)".to_owned()],
        }
    }

    #[test]
    fn each_place_is_offered_what_fits_there() {
        assert_eq!(offered("/timel"), ["/timeline"]);
        assert_eq!(offered("/why order"), ["OrderQueue", "OrderTable"]);
        assert_eq!(offered("why was Log"), ["LogBucket"]);
        assert_eq!(offered("/rule eip"), ["eip-quota"]);
        assert_eq!(offered("/target mini"), ["minikube"]);
        assert_eq!(offered("/set dom"), ["domain="]);
        assert_eq!(
            offered("/set region=eu-west-"),
            ["region=eu-west-1", "region=eu-west-2", "region=eu-west-3"]
        );
        assert_eq!(offered("/set email=o"), ["email=on", "email=off"]);
        assert_eq!(offered("/diagnose ev"), ["(files)"]);
        assert_eq!(offered("/diagnose a > "), ["(files)"]);
        assert_eq!(offered("/events | gr"), ["grep"]);
        assert_eq!(offered("/deploy --hosted"), ["--hosted-zone-id"]);
        assert_eq!(offered("/fi"), ["/fix"]);
        assert_eq!(offered("/home/x"), ["(files)"]);
    }

    #[test]
    fn of_many_words_only_some_are_looked_at() {
        let index = Index::new((0..50_000).map(|n| format!("Resource{n:05}")));
        assert_eq!(index.starting("resource0123").len(), 10);
        assert_eq!(index.starting("r").len(), MOST);
        assert!(index.starting("x").is_empty());
    }
}
