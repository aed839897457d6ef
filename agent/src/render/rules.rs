//! Rules as text: the list, one in full, and the catalogue page.

use std::collections::BTreeMap;
use std::fmt::Write;

use provision_rules::{Category, Example, FixKind, Signature};

use crate::render::diagnosis::duration;
use crate::render::layout::{category, clip, columns, name, plural, wrap};
use crate::terminal::{DIM, HEAD, paint};

/// One line for each rule: id, category, whether to run again, cause.
pub fn rule_list(rules: &[&Signature], width: usize) -> String {
    let names = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let categories = rules.iter().map(|rule| category(rule.category).len()).max().unwrap_or(0);
    let room = width.saturating_sub(names + categories + 13).max(30);
    let row = |rule: &&Signature| {
        let cause = paint(DIM, clip(&rule.plain_cause(), room));
        [paint(HEAD, &rule.id), category(rule.category), retry(rule).to_owned(), cause]
    };
    columns(&rules.iter().map(row).collect::<Vec<_>>(), 0)
}

fn retry(rule: &Signature) -> &'static str {
    if rule.retryable { "retryable" } else { "" }
}

/// Everything a rule says.
pub fn rule(rule: &Signature, file: &str, width: usize) -> String {
    let mut text = format!("{}  {}\n", paint(HEAD, &rule.id), paint(DIM, file));
    let retry = rule.wait().map_or_else(
        || if rule.retryable { "yes, with the fix".to_owned() } else { "no".to_owned() },
        |(seconds, advice)| format!("yes, unchanged, after {}. {advice}", duration(seconds)),
    );
    let facts = [
        ("title", rule.headline().to_owned()),
        ("category", category(rule.category)),
        ("sure", format!("{:.2}, tier {}", rule.confidence, tier(rule))),
        ("cause", rule.cause.clone()),
        ("fix", rule.fix.clone()),
        ("remedy", remedy(rule)),
        ("effect", name(rule.usual_effect())),
        ("destroys", rule.destroys.clone().unwrap_or_default()),
        ("retry", retry),
        ("decide", rule.decide.clone().unwrap_or_default()),
        ("docs", rule.docs.clone().unwrap_or_default()),
        ("types", rule.scope.types.join(" ")),
        ("statuses", rule.scope.statuses.join(" ")),
    ];
    for (label, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(&field(label, value, width));
    }
    for (label, items) in
        [("literals", &rule.literals), ("patterns", &rule.patterns), ("unless", &rule.unless)]
    {
        text.push_str(&list(label, items));
    }
    text + &examples("hits", &rule.hits) + &examples("near misses", &rule.near_misses)
}

fn tier(rule: &Signature) -> String {
    name(rule.tier)
}

fn remedy(rule: &Signature) -> String {
    let remedy = &rule.remedy;
    let wait = remedy.wait_seconds.map_or_else(String::new, |seconds| format!("wait {}", duration(seconds)));
    match remedy.kind {
        FixKind::None => String::new(),
        FixKind::Wait => wait,
        FixKind::Rerun => format!("run again {wait}").trim_end().to_owned(),
        FixKind::Param => {
            format!(
                "{} = {}",
                remedy.input.as_deref().unwrap_or_default(),
                remedy.value.as_deref().unwrap_or_default()
            )
        }
        FixKind::Operator => remedy.commands.join("; "),
    }
}

fn field(label: &str, value: &str, width: usize) -> String {
    let mut text = String::new();
    for (row, line) in wrap(value, width.saturating_sub(12)).into_iter().enumerate() {
        let label = if row == 0 { label } else { "" };
        let _ = writeln!(text, "  {}{line}", paint(DIM, format!("{label:<10}")));
    }
    text
}

/// Patterns and literals are shown whole: a wrapped one could not be copied.
fn list(label: &str, items: &[String]) -> String {
    items.iter().enumerate().fold(String::new(), |mut text, (row, item)| {
        let label = if row == 0 { label } else { "" };
        let _ = writeln!(text, "  {}{item}", paint(DIM, format!("{label:<10}")));
        text
    })
}

fn examples(label: &str, examples: &[Example]) -> String {
    let mut text = format!("{}\n", paint(HEAD, label));
    for example in examples {
        let facts: Vec<&str> =
            [&example.resource_type, &example.status].into_iter().flatten().map(String::as_str).collect();
        let facts =
            if facts.is_empty() { String::new() } else { paint(DIM, format!("  [{}]", facts.join(" "))) };
        let _ = writeln!(text, "  {}{facts}", example.text);
    }
    text
}

/// The catalogue page in Markdown: every rule with its id, category, whether to run again, and cause.
pub fn rules_page(rules: &[&Signature]) -> String {
    let mut families: BTreeMap<Category, Vec<&Signature>> = BTreeMap::new();
    for rule in rules {
        families.entry(rule.category).or_default().push(rule);
    }
    let mut text = "# Rules\n\n".to_owned();
    text.push_str("Every cause that `provision --diagnose` knows by name. `provision rules show ID` prints a rule with its fix, ");
    text.push_str("its wording and its examples; `--rules DIR` adds rules of your own.\n\n");
    text.push_str("This page is generated: `provision rules list --output markdown > docs/rules.md`.\n\n");
    let _ = writeln!(
        text,
        "{} in {}:\n",
        plural(rules.len(), "rule", "rules"),
        plural(families.len(), "category", "categories")
    );
    for (family, members) in &families {
        let name = category(*family);
        let _ = writeln!(text, "- [{name}](#{name}): {}", members.len());
    }
    for (family, mut members) in families {
        members.sort_by(|a, b| a.id.cmp(&b.id));
        let _ = write!(text, "\n## {}\n\n| id | retryable | cause |\n|---|---|---|\n", category(family));
        for rule in members {
            let retry = if rule.retryable { "yes" } else { "no" };
            let cause = rule.plain_cause().replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*");
            let _ = writeln!(text, "| `{}` | {retry} | {cause} |", rule.id);
        }
    }
    text
}
