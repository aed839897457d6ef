//! Fixes that only a deploy through CloudFormation's API can apply: they change what the request says.

use provision_planner::plan::{EnvValue, Plan, StackPlan};
use provision_rules::Verdict;

use super::context::Change;

/// The changes of the plan's inputs that remove a cause; none where there is no such fix.
pub(super) fn changes(verdict: &Verdict, plan: &Plan, tried: &[Change]) -> Vec<Change> {
    let Some(stack) = &plan.stack else { return Vec::new() };
    let capabilities = capabilities(verdict, stack);
    if !capabilities.is_empty() {
        return capabilities;
    }
    zone(verdict, stack, tried).into_iter().collect()
}

/// Acknowledges the capabilities that the service says the template needs.
fn capabilities(verdict: &Verdict, stack: &StackPlan) -> Vec<Change> {
    let named = verdict.captures.get("capabilities").map(String::as_str).unwrap_or_default();
    let words = named.split([',', ' ']).map(str::trim).filter(|word| word.starts_with("CAPABILITY_"));
    let lacking = words.filter(|word| !stack.capabilities.iter().any(|given| given == word));
    lacking.map(|word| Change { input: format!("capability.{word}"), value: "true".to_owned() }).collect()
}

/// Puts a zone that the message offers where a parameter carries the one that was refused.
fn zone(verdict: &Verdict, stack: &StackPlan, tried: &[Change]) -> Option<Change> {
    let refused = verdict.captures.get("zone")?;
    let carries = |value: &EnvValue| matches!(value, EnvValue::Plain(text) if text == refused);
    let (parameter, _) = stack.parameters.iter().find(|(_, value)| carries(value))?;
    let input = format!("param.{parameter}");
    let free = |zone: &&str| {
        zone != refused && !tried.iter().any(|change| change.input == input && change.value == **zone)
    };
    let offered = offered(&verdict.root.text);
    let zone = offered.iter().copied().find(free)?;
    Some(Change { input, value: zone.to_owned() })
}

/// The Availability Zones that a message names after the words that offer them.
fn offered(text: &str) -> Vec<&str> {
    let offers = ["or choosing ", "by choosing ", "following availability zones: "];
    let Some(list) = offers.iter().find_map(|words| text.split_once(words)).map(|(_, list)| list) else {
        return Vec::new();
    };
    let words = list.split([' ', ',', '.', ')', '"']).filter(|word| !word.is_empty());
    words.take_while(|word| is_zone(word)).collect()
}

/// Whether a word is the name of a zone: a region, then a letter.
fn is_zone(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let last = parts.last().copied().unwrap_or_default();
    let (number, letter) = last.split_at(last.len().min(1));
    parts.len() >= 3
        && number.chars().all(|c| c.is_ascii_digit())
        && letter.len() == 1
        && letter.chars().all(|c| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    const TEXT: &str = "Your requested instance type (t4g.small) is not supported in your requested Availability Zone \
        (us-east-1e). Please retry your request by not specifying an Availability Zone or choosing us-east-1a, us-east-1b. \
        (Service: Ec2, Status Code: 400)";

    fn verdict(captures: &[(&str, &str)], text: &str) -> Verdict {
        let captures: BTreeMap<&str, &str> = captures.iter().copied().collect();
        let verdict = json!({ "rule": "a", "category": "unknown", "confidence": 0.9, "retryable": false, "cause": "",
            "captures": captures, "fix": { "text": "", "kind": "operator" }, "evidence": [],
            "root": { "logical_id": null, "resource_type": null, "line": 1, "text": text } });
        serde_json::from_value(verdict).unwrap()
    }

    fn stack(parameters: &[(&str, &str)]) -> StackPlan {
        let plain = |(name, value): &(&str, &str)| ((*name).to_owned(), EnvValue::Plain((*value).to_owned()));
        StackPlan { parameters: parameters.iter().map(plain).collect(), ..StackPlan::default() }
    }

    #[test]
    fn every_capability_that_is_missing_is_acknowledged() {
        let found = verdict(&[("capabilities", "CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND")], "");
        let given =
            StackPlan { capabilities: vec!["CAPABILITY_AUTO_EXPAND".to_owned()], ..StackPlan::default() };
        let inputs: Vec<String> =
            capabilities(&found, &given).into_iter().map(|change| change.input).collect();
        assert_eq!(inputs, ["capability.CAPABILITY_NAMED_IAM"]);
    }

    #[test]
    fn a_parameter_with_the_refused_zone_gets_one_that_the_message_offers() {
        let found = verdict(&[("zone", "us-east-1e")], TEXT);
        let change = zone(&found, &stack(&[("Size", "t4g.small"), ("Zone", "us-east-1e")]), &[]).unwrap();
        assert_eq!((change.input.as_str(), change.value.as_str()), ("param.Zone", "us-east-1a"));
        let next = zone(&found, &stack(&[("Zone", "us-east-1e")]), &[change]).unwrap();
        assert_eq!(next.value, "us-east-1b");
    }

    #[test]
    fn without_a_parameter_or_an_offer_there_is_no_other_zone() {
        assert!(
            zone(&verdict(&[("zone", "us-east-1e")], TEXT), &stack(&[("Zone", "us-east-1c")]), &[]).is_none()
        );
        let unhelpful = verdict(&[("zone", "us-east-1e")], "no capacity in us-east-1e");
        assert!(zone(&unhelpful, &stack(&[("Zone", "us-east-1e")]), &[]).is_none());
    }
}
