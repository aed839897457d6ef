//! The DNS alias of the domain: in the public zone, or in the private zone of a private deployment.

use serde_json::Value;

use super::finding::{Reading, State};
use super::parts::{list, text};
use crate::ask::{Answer, Answers};

pub(super) fn read(answers: &Answers) -> Reading {
    let domain = answers.names.get("domain").unwrap_or_default();
    let (public, private) = (answers.of("records"), answers.of("private"));
    let places = [(&public, "the public zone"), (&private, "the private zone")];
    let found = places.iter().find_map(|(answer, place)| Some((alias(answer, domain)?, place)));
    if let Some((alias, place)) = found {
        return Reading::new(State::Well, format!("{domain} → {alias} in {place}"));
    }
    let unseen = places.iter().find_map(|(answer, place)| match answer {
        Answer::Unseen(reason) => Some((reason, place)),
        Answer::Seen(_) | Answer::Absent => None,
    });
    match (unseen, &public) {
        (Some((reason, _)), Answer::Unseen(_)) => Reading::unseen(reason.clone()),
        (Some((reason, place)), _) => Reading::unseen(format!("{place}: {reason}")),
        (None, Answer::Absent) => Reading::new(State::Wrong, "the hosted zone does not exist"),
        (None, _) => Reading::new(State::Wrong, format!("no address record of {domain} in its zone")),
    }
}

/// What the domain's address record points to.
fn alias(answer: &Answer, domain: &str) -> Option<String> {
    let Answer::Seen(document) = answer else { return None };
    let is_address = |record: &&Value| {
        text(record, "/Name").trim_end_matches('.').eq_ignore_ascii_case(domain)
            && matches!(text(record, "/Type").as_str(), "A" | "AAAA" | "CNAME")
    };
    let record = list(document, "/ResourceRecordSets").iter().find(is_address)?;
    let target = ["/AliasTarget/DNSName", "/ResourceRecords/0/Value"];
    let target = target.iter().find_map(|pointer| record.pointer(pointer)?.as_str());
    Some(target.unwrap_or("an empty record").trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    #[test]
    fn only_an_address_record_of_the_very_name_counts() {
        let record = |name: &str, kind: &str| json!({ "Name": name, "Type": kind, "AliasTarget": { "DNSName": "lb-1.elb.amazonaws.com." } });
        let zone = |records: &[Value]| Answer::Seen(Arc::new(json!({ "ResourceRecordSets": records })));
        let found = alias(&zone(&[record("ci.example.com.", "A")]), "ci.example.com");
        assert_eq!(found.as_deref(), Some("lb-1.elb.amazonaws.com"));
        assert_eq!(
            alias(
                &zone(&[record("ci.example.com.", "TXT"), record("x.ci.example.com.", "A")]),
                "ci.example.com"
            ),
            None
        );
    }
}
