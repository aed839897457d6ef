//! Picks the one live query that decides where a text does not tell the cause, from `deciding.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::category::Category;
use crate::families;
use crate::rulebook::in_scope;
use crate::signature::{Signature, Tier};
use crate::template::{self, Values};

/// The table as `build.rs` makes it from `deciding.toml`.
const TABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/deciding.json"));
/// A general rule that is less sure than this asks for a live query.
const UNSURE: f64 = 0.7;

static DECIDING: LazyLock<Deciding> =
    LazyLock::new(|| serde_json::from_str(TABLE).expect("a constant that a test of this file reads"));

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deciding {
    query: Vec<Query>,
    /// What CloudTrail calls the services whose resource types have another name.
    event_sources: HashMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    categories: Vec<Category>,
    command: String,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    without_events: bool,
}

/// What a query is picked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The category of the verdict.
    pub(crate) category: Category,
    /// The rule that gave it, and how sure it is.
    pub(crate) rule: Option<(&'a Signature, f64)>,
    /// Whether the text has events from the API.
    pub(crate) has_events: bool,
}

/// The command that decides; nothing where the text tells enough, or nothing is known that could be asked for.
pub(crate) fn query(asked: Asked<'_>, facts: &Values) -> Option<String> {
    if let Some(own) = asked.rule.and_then(|(rule, _)| rule.decide.as_ref()) {
        return Some(template::command(own, facts));
    }
    let facts = with_source(facts);
    let found = DECIDING.query.iter().find(|query| query.fits(asked, &facts))?;
    let command = found.filled(&facts);
    let told = asked
        .rule
        .is_some_and(|(rule, _)| rule.remedy.commands.iter().any(|known| asks_the_same(known, &command)));
    (!told).then_some(command)
}

/// Whether two commands are the same call with other arguments.
fn asks_the_same(a: &str, b: &str) -> bool {
    a.split_whitespace().take(3).eq(b.split_whitespace().take(3))
}

/// Whether the text of such a verdict leaves the cause open.
fn is_open(asked: Asked<'_>) -> bool {
    let unsure = |(rule, confidence): (&Signature, f64)| rule.tier == Tier::General && confidence < UNSURE;
    families::of(asked.category).decides || asked.rule.is_none_or(unsure)
}

/// The facts with the name that CloudTrail has for the service of the resource.
fn with_source(facts: &Values) -> Values {
    let mut facts = facts.clone();
    let service = facts.get("resource_type").and_then(|kind| kind.strip_prefix("AWS::")?.split("::").next());
    if let Some(service) = service {
        let named = DECIDING.event_sources.get(service).cloned();
        let source = named.unwrap_or_else(|| service.to_ascii_lowercase());
        facts.insert("event_source".to_owned(), format!("{source}.amazonaws.com"));
    }
    facts
}

impl Query {
    fn fits(&self, asked: Asked<'_>, facts: &Values) -> bool {
        let kind = facts.get("resource_type").map(String::as_str);
        let typed = self.types.is_empty() || in_scope(&self.types, kind) == Some(true);
        let wanted = if self.categories.is_empty() {
            is_open(asked)
        } else {
            self.categories.contains(&asked.category)
        };
        let missing = !self.without_events || !asked.has_events;
        typed && wanted && missing && template::is_complete(&self.command, facts)
    }

    fn filled(&self, facts: &Values) -> String {
        let options = self.options.iter().filter(|option| template::is_complete(option, facts));
        std::iter::once(&self.command)
            .chain(options)
            .map(|part| template::command(part, facts))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context;

    fn facts(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn unknown(pairs: &[(&str, &str)]) -> Option<String> {
        query(Asked { category: Category::Unknown, rule: None, has_events: true }, &facts(pairs))
    }

    #[test]
    fn every_placeholder_of_a_query_is_a_fact() {
        for query in &DECIDING.query {
            for text in std::iter::once(&query.command).chain(&query.options) {
                for name in template::placeholders(text) {
                    let known = context::NAMES.contains(&name.as_str())
                        || ["event_source", "addon"].contains(&name.as_str());
                    assert!(known, "{name} in {text}");
                }
            }
        }
    }

    #[test]
    fn a_custom_resource_asks_for_the_log_of_its_function_at_that_time() {
        let known = [
            ("resource_type", "Custom::Seeder"),
            ("function", "orchard-Seeder-1A2B"),
            ("log_stream", "2026/03/01/[$LATEST]0a1b"),
            ("start_ms", "1"),
            ("end_ms", "2"),
        ];
        assert_eq!(
            unknown(&known).as_deref(),
            Some(
                "aws logs filter-log-events --log-group-name /aws/lambda/orchard-Seeder-1A2B --log-stream-names \
                 '2026/03/01/[$LATEST]0a1b' --filter-pattern '?ERROR ?Error ?error ?Task' --start-time 1 --end-time 2"
            )
        );
        let vague = unknown(&[("resource_type", "Custom::Seeder"), ("stack", "orchard")]);
        assert!(
            vague.is_some_and(|command| command.contains("--log-group-name-prefix /aws/lambda/orchard "))
        );
    }

    #[test]
    fn any_other_resource_asks_for_the_failed_calls_to_its_service() {
        let command =
            unknown(&[("resource_type", "AWS::StepFunctions::StateMachine"), ("region", "eu-west-1")]);
        let command = command.expect("a query");
        assert!(command.contains("AttributeValue=states.amazonaws.com"), "{command}");
        assert!(command.ends_with("--region eu-west-1") && !command.contains("--start-time"), "{command}");
    }

    #[test]
    fn a_text_that_names_nothing_has_no_query() {
        assert_eq!(unknown(&[]), None);
    }
}
