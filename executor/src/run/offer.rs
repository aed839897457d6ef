//! Which place a failure's message refuses, and which others it offers: Availability Zones and subnets.

use std::sync::LazyLock;

use provision_rules::Verdict;
use regex::Regex;

static ZONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[a-z]{2}(?:-[a-z0-9]+)+-[0-9][a-z]\b"));
static SUBNET: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bsubnet-[0-9a-f]{8,17}\b"));
/// Words right before what may be taken instead.
static OFFER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:choos(?:e|ing)|select(?:ing)?|us(?:e|ing)|instead|retry (?:in|with)|created in the following|(?:is|are) (?:supported|available|offered) in)\b",
    )
});
/// What may stand between two places of one list.
static BETWEEN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[\s,;'\x22\[\]()]*(?:or|and)?[\s,;'\x22\[\]()]*$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern compiles")
}

/// A kind of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// An Availability Zone.
    Zone,
    /// A subnet.
    Subnet,
}

/// What a message says about places of one kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// Those that cannot be used.
    pub(super) refused: Vec<String>,
    /// Those that it names to be used instead.
    pub(super) offered: Vec<String>,
}

impl Place {
    fn shape(self) -> &'static Regex {
        match self {
            Self::Zone => &ZONE,
            Self::Subnet => &SUBNET,
        }
    }

    /// Whether a text is the name of such a place.
    pub(super) fn is(self, text: &str) -> bool {
        self.shape().find(text).is_some_and(|found| found.len() == text.len())
    }
}

/// Reads a verdict's message. What the rule captured is refused, and so is what stands before the offer.
pub(super) fn read(place: Place, verdict: &Verdict) -> Offer {
    let name = if place == Place::Zone { "zone" } else { "subnet" };
    let captured = verdict.captures.get(name).filter(|value| place.is(value)).cloned();
    let text = verdict.root.text.as_str();
    let mut offer = Offer { refused: captured.into_iter().collect(), offered: Vec::new() };
    let mut end = 0;
    for found in place.shape().find_iter(text) {
        let gap = &text[end..found.start()];
        let begins = offer.offered.is_empty() && OFFER.is_match(gap);
        let continues = !offer.offered.is_empty() && BETWEEN.is_match(gap);
        match (begins || continues, offer.offered.is_empty()) {
            (true, _) => offer.offered.push(found.as_str().to_owned()),
            (false, true) => offer.refused.push(found.as_str().to_owned()),
            // Whatever else the text names after its list is not part of it.
            (false, false) => break,
        }
        end = found.end();
    }
    let refused = &offer.refused;
    offer.offered.retain(|place| !refused.contains(place));
    offer
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn said(place: Place, captures: &[(&str, &str)], text: &str) -> (String, String) {
        let captures: BTreeMap<&str, &str> = captures.iter().copied().collect();
        let verdict = json!({ "rule": "a", "category": "unknown", "confidence": 0.9, "retryable": false, "cause": "",
            "captures": captures, "fix": { "text": "", "kind": "operator" }, "evidence": [],
            "root": { "logical_id": null, "resource_type": null, "line": 1, "text": text } });
        let offer = read(place, &serde_json::from_value(verdict).unwrap());
        (offer.refused.join(" "), offer.offered.join(" "))
    }

    fn pair(refused: &str, offered: &str) -> (String, String) {
        (refused.to_owned(), offered.to_owned())
    }

    #[test]
    fn zones_after_the_words_that_offer_them_are_offered() {
        for text in [
            "(t4g.small) is not supported in your requested Availability Zone (us-east-1e). Please retry your request \
                by not specifying an Availability Zone or choosing us-east-1a, us-east-1b. (Service: Ec2)",
            "Cannot create cluster 'demo' because us-east-1e, the targeted availability zone, does not currently have \
                sufficient capacity. Retry and choose from these availability zones: us-east-1a, us-east-1b",
            "Value (us-east-1e) for parameter availabilityZone is invalid. Subnets can currently only be created in \
                the following availability zones: us-east-1a, us-east-1b.",
        ] {
            assert_eq!(said(Place::Zone, &[], text), pair("us-east-1e", "us-east-1a us-east-1b"), "{text}");
        }
    }

    #[test]
    fn subnets_are_offered_in_the_same_way() {
        let text = "subnet-0aaa1111bbb has no free addresses; use subnet-0bbb1111ccc or subnet-0ccc1111ddd instead. \
            See also subnet-0ddd1111eee";
        let expected = pair("subnet-0aaa1111bbb", "subnet-0bbb1111ccc subnet-0ccc1111ddd");
        assert_eq!(said(Place::Subnet, &[], text), expected);
    }

    #[test]
    fn places_that_are_merely_named_are_not_offered() {
        let text = "The subnets subnet-0aaa1111bbb and subnet-0bbb1111ccc overlap";
        assert_eq!(said(Place::Subnet, &[], text).1, "");
        assert_eq!(said(Place::Zone, &[("zone", "us-east-1e")], "no capacity"), pair("us-east-1e", ""));
    }
}
