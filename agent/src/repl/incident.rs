//! A loaded incident: its diagnosis, its events, and finding a resource in it by what a person calls it.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use provision_rules::{
    DiagnoseOptions, Diagnosis, Explanation, History, HistoryEvent, Role, Rulebook, Verdict, diagnose_with,
    explain, history,
};

use crate::error::CommandError;
use crate::render::plural;
use crate::{input, masking};

/// One incident.
#[derive(Debug, Clone)]
pub struct Incident {
    /// What it is called in the session.
    pub name: String,
    /// The diagnosis.
    pub diagnosis: Diagnosis,
    /// Why the root is the root.
    pub explanation: Explanation,
    /// Every event.
    pub history: History,
}

impl Incident {
    /// Reads a file.
    ///
    /// # Errors
    /// A usage error when the file cannot be read or its text cannot be diagnosed.
    pub fn of_file(path: &Path, book: &Rulebook, options: DiagnoseOptions) -> Result<Self, CommandError> {
        let (bytes, name) = input::read(path)?;
        Self::of_text(&name, &bytes, book, options)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// A usage error when the text cannot be diagnosed.
    pub fn of_text(
        name: &str,
        bytes: &[u8],
        book: &Rulebook,
        options: DiagnoseOptions,
    ) -> Result<Self, CommandError> {
        let unreadable = |error| CommandError::usage(format!("{name}: {error}"));
        Ok(Self {
            name: name.to_owned(),
            diagnosis: masking::diagnosis(diagnose_with(bytes, book, options).map_err(unreadable)?)?,
            explanation: masking::explanation(explain(bytes, options).map_err(unreadable)?)?,
            history: masking::history(history(bytes, options).map_err(unreadable)?)?,
        })
    }

    /// The root cause and the others, the root first.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.diagnosis.verdict.iter().chain(&self.diagnosis.also)
    }

    /// The stack, or the name of the text where that tells none.
    pub fn subject(&self) -> &str {
        self.diagnosis.source.stack.as_deref().unwrap_or(&self.name)
    }

    /// In a few words, for the prompt: `app-stack: 1 cause`.
    pub fn brief(&self) -> String {
        let count = self.verdicts().count();
        let found = match (&self.diagnosis.verdict, count) {
            (None, _) => "healthy".to_owned(),
            (Some(verdict), 1) if verdict.rule.is_none() => "cause unknown".to_owned(),
            _ => plural(count, "cause", "causes"),
        };
        let name = self.subject().rsplit('/').next().unwrap_or_default();
        format!("{name}: {found}")
    }

    /// The events that tell of a failure, in the order they happened.
    pub fn failures(&self) -> impl Iterator<Item = &HistoryEvent> {
        self.history.events.iter().filter(|event| event.role.is_some())
    }

    /// The events with a given role.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &HistoryEvent> {
        self.failures().filter(move |event| event.role == Some(role))
    }

    /// The event of the root, where the text has events.
    pub fn root(&self) -> Option<&HistoryEvent> {
        self.with_role(Role::Root).next()
    }

    /// Every logical id with its type, each once, by name.
    pub fn resources(&self) -> BTreeMap<&str, Option<&str>> {
        let mut found: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for event in &self.history.events {
            if let Some(id) = event.logical_id.as_deref() {
                let kind = found.entry(id).or_default();
                *kind = kind.or(event.resource_type.as_deref());
            }
        }
        found
    }

    /// The events of one resource.
    pub fn events_of(&self, logical_id: &str) -> Vec<&HistoryEvent> {
        self.history.events.iter().filter(|event| event.logical_id.as_deref() == Some(logical_id)).collect()
    }

    /// The logical ids that a person may mean by some words: exactly that id, else ids and types that hold the words,
    /// those that failed before the others.
    pub fn find(&self, words: &str) -> Vec<&str> {
        let wanted = key(words);
        if wanted.is_empty() {
            return Vec::new();
        }
        let resources = self.resources();
        let ids = |test: Test<'_>| -> Vec<&str> {
            resources.iter().filter(|(id, kind)| test(id, **kind)).map(|(id, _)| *id).collect()
        };
        let singular = wanted.strip_suffix('s').unwrap_or(&wanted).to_owned();
        let tests: [Test<'_>; 4] = [
            &|id, _| id == words.trim(),
            &|id, _| key(id) == wanted,
            &|_, kind| kind.is_some_and(|kind| key(kind.rsplit("::").next().unwrap_or(kind)) == singular),
            &|id, kind| {
                let kind = kind.map(key).unwrap_or_default();
                key(id).contains(&singular) || (singular.len() > 2 && kind.contains(&singular))
            },
        ];
        let mut found = tests.into_iter().map(ids).find(|found| !found.is_empty()).unwrap_or_default();
        let failed = |id: &&str| self.failures().any(|event| event.logical_id.as_deref() == Some(*id));
        if found.iter().any(failed) {
            found.retain(|id| failed(id));
        }
        found
    }
}

/// Whether a resource, by logical id and type, is meant.
type Test<'t> = &'t dyn Fn(&str, Option<&str>) -> bool;

/// A name without what people leave out when they say it.
fn key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The time of an event, where it is printed in a way that can be read.
pub fn time(event: &HistoryEvent) -> Option<Timestamp> {
    let text = event.time.as_deref()?.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let formats = ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S UTC%z"];
    let zoned = formats.iter().find_map(|format| Timestamp::strptime(format, text).ok());
    zoned.or_else(|| local(text))
}

/// A time without an offset; differences between two such times are all that is used of them.
fn local(text: &str) -> Option<Timestamp> {
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%I:%M:%S %p", "%H:%M:%S"];
    let read = |format: &&str| {
        if format.contains("%Y") {
            return jiff::civil::DateTime::strptime(format, text).ok();
        }
        let time = jiff::civil::Time::strptime(format, text).ok()?;
        Some(time.to_datetime(jiff::civil::date(2000, 1, 1)))
    };
    let time = formats.iter().find_map(read)?;
    time.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A failed create with a cancelled sibling, newest first, as the console shows it.
    pub const EVENTS: &str = "\
2026-03-01 10:00:09 UTC+0000\tshop\tROLLBACK_IN_PROGRESS\tThe following resource(s) failed to create: [OrderQueue, SesIdentity]. Rollback requested by user.
2026-03-01 10:00:08 UTC+0000\tOrderQueue\tCREATE_FAILED\tResource creation cancelled
2026-03-01 10:00:06 UTC+0000\tSesIdentity\tCREATE_FAILED\tEmail identity mail.shop.example already exists. (Service: Ses, Status Code: 400)
2026-03-01 10:00:02 UTC+0000\tLogBucket\tCREATE_COMPLETE\t-
2026-03-01 10:00:00 UTC+0000\tshop\tCREATE_IN_PROGRESS\tUser Initiated
";

    /// The incident of a text, with the built-in rules.
    pub fn incident(text: &str) -> Incident {
        let book = Rulebook::builtin();
        Incident::of_text("events.txt", text.as_bytes(), &book, DiagnoseOptions::default()).expect("readable")
    }

    #[test]
    fn a_resource_is_found_by_what_people_call_it() {
        let incident = incident(EVENTS);
        assert_eq!(incident.find("OrderQueue"), ["OrderQueue"]);
        assert_eq!(incident.find("order queue"), ["OrderQueue"]);
        assert_eq!(incident.find("queue"), ["OrderQueue"]);
        assert_eq!(incident.find("bucket"), ["LogBucket"]);
        assert!(incident.find("lambda").is_empty() && incident.find(" ").is_empty());
    }

    #[test]
    fn times_of_many_spellings_are_read() {
        for text in [
            "2026-03-01T10:00:06.123Z",
            "2026-03-01T10:00:06+00:00",
            "2026-03-01 10:00:06 UTC+0000",
            "2026-03-01 10:00:06",
            "10:00:06 AM",
            "10:00:06",
        ] {
            let event = HistoryEvent { time: Some(text.to_owned()), ..HistoryEvent::default() };
            assert!(time(&event).is_some(), "{text}");
        }
        assert!(time(&HistoryEvent::default()).is_none());
    }
}
