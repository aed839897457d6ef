//! Fixes that only a deploy through CloudFormation's API can apply: they change what the request says.

use provision_planner::plan::{EnvValue, Plan, StackPlan};
use provision_rules::Verdict;

use super::context::Change;
use super::offer::{self, Offer, Place};

/// The changes of the plan's inputs that remove a cause; none where there is no such fix.
pub(super) fn changes(verdict: &Verdict, plan: &Plan, tried: &[Change]) -> Vec<Change> {
    let Some(stack) = &plan.stack else { return Vec::new() };
    let capabilities = capabilities(verdict, stack);
    if !capabilities.is_empty() {
        return capabilities;
    }
    place(verdict, stack, tried).into_iter().collect()
}

/// Acknowledges the capabilities that the service says the template needs.
fn capabilities(verdict: &Verdict, stack: &StackPlan) -> Vec<Change> {
    let named = verdict.captures.get("capabilities").map(String::as_str).unwrap_or_default();
    let words = named.split([',', ' ']).map(str::trim).filter(|word| word.starts_with("CAPABILITY_"));
    let lacking = words.filter(|word| !stack.capabilities.iter().any(|given| given == word));
    lacking.map(|word| Change { input: format!("capability.{word}"), value: "true".to_owned() }).collect()
}

/// Puts a zone or subnet that the message or the template offers where a parameter carries the one that was refused.
fn place(verdict: &Verdict, stack: &StackPlan, tried: &[Change]) -> Option<Change> {
    [Place::Zone, Place::Subnet].into_iter().find_map(|place| {
        let Offer { refused, offered } = offer::read(place, verdict);
        let (parameter, value, old) = refused.iter().find_map(|old| carrier(stack, old))?;
        let input = format!("param.{parameter}");
        let change = |new: &String| Some(Change { input: input.clone(), value: exchanged(value, old, new)? });
        let allowed = stack.choices.get(parameter).into_iter().flatten().filter(|value| place.is(value));
        let others = offered.iter().chain(allowed).filter(|new| !refused.contains(new));
        others.filter_map(change).find(|change| !tried.contains(change))
    })
}

/// The parameter that carries a place, alone or in a list, with its value.
fn carrier<'a>(stack: &'a StackPlan, place: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    stack.parameters.iter().find_map(|(name, value)| match value {
        EnvValue::Plain(text) if text.split(',').any(|item| item.trim() == place) => {
            Some((name.as_str(), text.as_str(), place))
        }
        _ => None,
    })
}

/// A list with one item exchanged for another; nothing if that other is in it already.
fn exchanged(list: &str, old: &str, new: &str) -> Option<String> {
    let items: Vec<&str> = list.split(',').map(str::trim).collect();
    let items = (!items.contains(&new)).then_some(items)?;
    Some(items.into_iter().map(|item| if item == old { new } else { item }).collect::<Vec<_>>().join(","))
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

    fn changed(found: &Verdict, parameters: &[(&str, &str)], tried: &[Change]) -> Option<(String, String)> {
        let change = place(found, &stack(parameters), tried)?;
        Some((change.input, change.value))
    }

    #[test]
    fn a_parameter_with_the_refused_zone_gets_one_that_the_message_offers() {
        let found = verdict(&[("zone", "us-east-1e")], TEXT);
        let zone = |value: &str| Some(("param.Zone".to_owned(), value.to_owned()));
        assert_eq!(
            changed(&found, &[("Size", "t4g.small"), ("Zone", "us-east-1e")], &[]),
            zone("us-east-1a")
        );
        let tried = Change { input: "param.Zone".to_owned(), value: "us-east-1a".to_owned() };
        assert_eq!(changed(&found, &[("Zone", "us-east-1e")], &[tried]), zone("us-east-1b"));
    }

    #[test]
    fn a_list_of_subnets_gets_another_one_in_the_place_of_the_refused() {
        let text = "Subnet subnet-0aaa1111 is in a zone without capacity. Retry and choose from these subnets: \
            subnet-0bbb2222, subnet-0ccc3333. (Service: Eks, Status Code: 400)";
        let found = changed(&verdict(&[], text), &[("Subnets", "subnet-0aaa1111,subnet-0bbb2222")], &[]);
        let expected = ("param.Subnets".to_owned(), "subnet-0ccc3333,subnet-0bbb2222".to_owned());
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn where_the_message_offers_nothing_the_values_that_the_template_allows_do() {
        let found = verdict(&[("subnet", "subnet-0aaa1111")], "subnet-0aaa1111 has no free addresses");
        let choices = ["subnet-0aaa1111", "any", "subnet-0bbb2222"].map(str::to_owned).to_vec();
        let choices = BTreeMap::from([("Subnet".to_owned(), choices)]);
        let stack = StackPlan { choices, ..stack(&[("Subnet", "subnet-0aaa1111")]) };
        assert_eq!(place(&found, &stack, &[]).unwrap().value, "subnet-0bbb2222");
    }

    #[test]
    fn without_a_parameter_or_an_offer_there_is_no_other_place() {
        assert_eq!(changed(&verdict(&[("zone", "us-east-1e")], TEXT), &[("Zone", "us-east-1c")], &[]), None);
        let unhelpful = verdict(&[("zone", "us-east-1e")], "no capacity in us-east-1e");
        assert_eq!(changed(&unhelpful, &[("Zone", "us-east-1e")], &[]), None);
    }
}
