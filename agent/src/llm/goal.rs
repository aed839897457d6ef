//! Slots of a goal that the parser left open, read by the model: only what the text says, and only what a flag may say.

use provision_planner::catalog::InputSpec;
use provision_planner::goal::{Goal, Slot, Source};
use provision_planner::value::ValueType;
use provision_planner::{Catalog, Request, regions};
use provision_prompts::{GoalQuestion, OpenSlot, Redactor, StatedSlot};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::error::LlmError;
use super::{Llm, Question, block_on, object, redactor};

/// The longest answer, in tokens.
const MAX_TOKENS: u64 = 700;
/// The longest goal that is sent, in bytes.
const LONGEST: usize = 8 * 1024;

/// The answer as a model gives it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    fills: Vec<Fill>,
    doubts: Vec<Fill>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fill {
    slot: String,
    value: String,
    words: String,
}

/// The goal with what the model adds: values for open slots, marked as the model's, and a warning for each slot that it
/// reads otherwise than the parser, whose reading stays.
///
/// # Errors
/// Why the model adds nothing.
pub fn fill(llm: &mut Llm, catalog: &Catalog, request: &Request) -> Result<Goal, LlmError> {
    let text = request.goal.text.clone().unwrap_or_default();
    if text.len() > LONGEST {
        return Err(LlmError::Ceiling { what: format!("{LONGEST} bytes of a goal") });
    }
    let open = open(catalog, request);
    let mut redactor = redactor([])?;
    let question = GoalQuestion {
        text: &text,
        stated: stated(catalog, &request.goal),
        open: open.iter().map(|spec| shown(catalog, spec)).collect(),
    };
    let prompt = llm.settings().templates.goal(&question, &mut redactor)?;
    let schema = Some(("goal", super::schema::<Answer>()));
    let question = Question { prompt, schema, max_tokens: MAX_TOKENS, context: "goal" };
    let reader = Reader { catalog, goal: &request.goal, text: &text, open: &open };
    let accept = |answer: &str, redactor: &Redactor| reader.read(answer, redactor);
    block_on(llm.converse(question, &mut redactor, accept, &mut |_| {}))
}

/// The inputs that the model may fill: those the target takes, that neither the text nor a flag states, and between
/// whose values the text does not waver. Secrets, paths and addresses to clone from are never a model's to choose.
fn open<'a>(catalog: &'a Catalog, request: &Request) -> Vec<&'a InputSpec> {
    let goal = &request.goal;
    let flagged = |name: &str| request.flags.contains_key(name);
    let target = request
        .flags
        .get("target")
        .cloned()
        .or_else(|| goal.slots.get("target").and_then(|slot| slot.value.as_str().map(str::to_owned)));
    let target = target.and_then(|id| catalog.target(&id));
    let wavers = |name: &str| goal.unresolved.iter().any(|unresolved| unresolved.slot == name);
    let fillable = |spec: &&InputSpec| {
        !spec.secret
            && !matches!(
                spec.kind,
                ValueType::Path | ValueType::GitUrl | ValueType::GithubToken | ValueType::Password
            )
            && !goal.slots.contains_key(&spec.name)
            && !flagged(&spec.name)
            && !wavers(&spec.name)
            && (spec.name == "target" || target.is_none_or(|target| catalog.takes(target, spec)))
    };
    catalog.inputs().iter().filter(fillable).collect()
}

/// What the parser has read; secrets stay out.
fn stated(catalog: &Catalog, goal: &Goal) -> Vec<StatedSlot> {
    let public = |name: &str| catalog.input(name).is_none_or(|spec| !spec.secret);
    let slots = goal.slots.iter().filter(|(name, _)| public(name));
    slots.map(|(name, slot)| StatedSlot { name: name.clone(), value: plain(&slot.value) }).collect()
}

fn shown(catalog: &Catalog, spec: &InputSpec) -> OpenSlot {
    let choices = match &spec.kind {
        ValueType::Target => catalog.ids().into_iter().map(str::to_owned).collect(),
        ValueType::Choice(words) => words.clone(),
        ValueType::Boolean => vec!["true".to_owned(), "false".to_owned()],
        _ => Vec::new(),
    };
    OpenSlot { name: spec.name.clone(), help: spec.help.clone(), choices }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Reads an answer against the goal it is about.
struct Reader<'a> {
    catalog: &'a Catalog,
    goal: &'a Goal,
    text: &'a str,
    open: &'a [&'a InputSpec],
}

impl Reader<'_> {
    fn read(&self, answer: &str, redactor: &Redactor) -> Result<Goal, String> {
        let answer: Answer = object(answer)?;
        let mut goal = self.goal.clone();
        for fill in answer.fills.iter().map(|fill| fill.restored(redactor)) {
            match self.open.iter().find(|spec| spec.name == fill.slot) {
                Some(spec) => {
                    let value = self.value(spec, &fill)?;
                    let words = Some(fill.words);
                    let slot = Slot { value, source: Source::Model, words, span: None };
                    goal.slots.insert(fill.slot, slot);
                }
                None if self.goal.slots.contains_key(&fill.slot) => goal.warnings.extend(self.doubt(&fill)),
                None => return Err(format!("{} is no open slot", fill.slot)),
            }
        }
        let doubts = answer.doubts.iter().map(|fill| fill.restored(redactor));
        goal.warnings.extend(doubts.filter_map(|fill| self.doubt(&fill)));
        Ok(goal)
    }

    /// The value, if the text says it and the input takes it: by the check that flags go through.
    fn value(&self, spec: &InputSpec, fill: &Fill) -> Result<Value, String> {
        let Fill { slot, value, words } = fill;
        if words.trim().is_empty() || !holds(self.text, words) {
            return Err(format!("{slot}: its words do not stand in the text"));
        }
        if names_something(&spec.kind) && !holds(words, value) {
            return Err(format!("{slot}: the value does not stand in the words it is taken from"));
        }
        if spec.kind == ValueType::Region && !places(value).any(|place| holds(words, &place)) {
            return Err(format!("{slot}: the words name no place of {value}"));
        }
        spec.kind.check(value, &self.catalog.ids()).map_err(|reason| format!("{slot}: {reason}"))
    }

    /// Both readings of a slot, where the model's is another and a possible one.
    fn doubt(&self, fill: &Fill) -> Option<String> {
        let spec = self.catalog.input(&fill.slot).filter(|spec| !spec.secret)?;
        let read = self.goal.slots.get(&fill.slot)?;
        let value = self.value(spec, fill).ok().filter(|value| *value != read.value)?;
        let words = read.words.as_ref().map_or_else(String::new, |words| format!(" (\"{words}\")"));
        Some(format!(
            "{}: read as {}{words}; the model reads {} (\"{}\"). The first holds; a flag settles it: {}",
            spec.name,
            plain(&read.value),
            plain(&value),
            fill.words,
            spec.flag
        ))
    }
}

impl Fill {
    /// With the identifiers put back that redaction took out.
    fn restored(&self, redactor: &Redactor) -> Self {
        let [slot, value, words] =
            [&self.slot, &self.value, &self.words].map(|text| redactor.restore(text.trim()));
        Self { slot, value, words }
    }
}

/// The region's code and the names that mean it.
fn places(code: &str) -> impl Iterator<Item = String> {
    let region = regions::find(code).into_iter();
    region.flat_map(|region| region.places.iter().chain([&region.code, &region.name]).cloned())
}

/// Whether a value of this type is a name or address, which a text gives letter by letter or not at all.
fn names_something(kind: &ValueType) -> bool {
    !matches!(
        kind,
        ValueType::Target
            | ValueType::Boolean
            | ValueType::Choice(_)
            | ValueType::Integer { .. }
            | ValueType::Region
    )
}

/// Whether a text holds words, whatever the blanks and capitals.
fn holds(text: &str, words: &str) -> bool {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    folded(text).contains(&folded(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, answer: &str) -> Result<Goal, String> {
        let catalog = Catalog::builtin().unwrap();
        let goal = provision_planner::goal::parse(text);
        let request = Request { goal: goal.clone(), ..Request::default() };
        let open = open(&catalog, &request);
        let reader = Reader { catalog: &catalog, goal: &goal, text, open: &open };
        reader.read(answer, &redactor([]).unwrap())
    }

    fn fills(slot: &str, value: &str, words: &str) -> String {
        format!(
            r#"{{"fills": [{{"slot": "{slot}", "value": "{value}", "words": "{words}"}}], "doubts": []}}"#
        )
    }

    const TEXT: &str = "the kubernetes thing of amazon please, it answers under ci dot acme dot io one day, else ops.acme.io";

    #[test]
    fn an_open_slot_is_filled_and_marked_as_the_models() {
        let goal = read(
            "please set it all up, domain to be seen: ops.acme.io maybe",
            &fills("retries", "3", "set it all up"),
        );
        let slot = &goal.unwrap().slots["retries"];
        assert_eq!((slot.source, &slot.value), (Source::Model, &Value::from(3)));
    }

    #[test]
    fn what_the_text_does_not_say_goes_back() {
        let reasons = [
            (fills("region", "eu-west-1", "in Ireland"), "do not stand in the text"),
            (fills("region", "eu-west-1", ""), "do not stand in the text"),
            (fills("email_from", "x@y.example", "kubernetes thing"), "does not stand in the words"),
            (fills("region", "mars-1", "amazon"), "region"),
            (fills("region", "us-gov-west-1", "amazon please"), "name no place"),
            (fills("yes", "true", "please"), "no open slot"),
            (fills("force", "true", "please"), "no open slot"),
            (fills("post_step", "rm -rf /", "please"), "no open slot"),
            (fills("action", "teardown", "please"), "no open slot"),
            (fills("ghcr_token", "ghp_x", "please"), "no open slot"),
        ];
        for (answer, reason) in reasons {
            let refused = read(TEXT, &answer).unwrap_err();
            assert!(refused.contains(reason), "{answer}: {refused}");
        }
    }

    #[test]
    fn another_reading_is_shown_and_the_parsers_stays() {
        let text = "deploy to eks in Ireland, the Frankfurt office pays";
        for answer in [
            fills("region", "eu-central-1", "Frankfurt office"),
            fills("region", "eu-central-1", "Frankfurt office")
                .replace("fills", "x")
                .replace("doubts", "fills")
                .replace("x", "doubts"),
        ] {
            let goal = read(text, &answer).unwrap();
            assert_eq!(goal.slots["region"].value, "eu-west-1");
            assert_eq!(goal.slots["region"].source, Source::Prompt);
            assert!(
                goal.warnings.iter().any(|line| line.contains("the model reads eu-central-1")),
                "{goal:?}"
            );
        }
    }

    #[test]
    fn secrets_paths_and_addresses_are_never_open() {
        let catalog = Catalog::builtin().unwrap();
        for spec in open(&catalog, &Request::default()) {
            assert!(
                !spec.secret && !matches!(spec.kind, ValueType::Path | ValueType::GitUrl),
                "{}",
                spec.name
            );
        }
    }
}
