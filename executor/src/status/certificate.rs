//! The ACM certificate of the domain: its status, its end, and whether its validation records stand in the zone.

use serde_json::Value;

use super::finding::{Item, Reading, State};
use super::parts::{list, seen_or, text};
use super::time;
use crate::ask::{Answer, Answers};

/// ACM renews 60 days before the end; one that has fewer days left than this was not renewed.
const RENEWED_BY: i64 = 30;

pub(super) fn read(answers: &Answers) -> Reading {
    let missing = || {
        let domain = answers.names.get("domain").unwrap_or_default();
        Reading::new(State::Wrong, format!("there is no certificate for {domain}"))
    };
    let document = match seen_or(answers, "certificate", missing) {
        Ok(document) => document,
        Err(reading) => return reading,
    };
    let Some(certificate) = document.pointer("/Certificate") else {
        return Reading::unseen("aws acm describe-certificate answered without a certificate");
    };
    let issued = text(certificate, "/Status") == "ISSUED";
    let records = records(certificate, &answers.of("records"), issued);
    of(certificate).with_items(records)
}

fn of(certificate: &Value) -> Reading {
    let status = text(certificate, "/Status");
    match status.as_str() {
        "ISSUED" => issued(certificate),
        "PENDING_VALIDATION" => {
            Reading::new(State::Attention, "PENDING_VALIDATION: waits for its DNS records to be seen")
        }
        _ => {
            let why = certificate.pointer("/FailureReason").and_then(Value::as_str);
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            Reading::new(State::Wrong, format!("{status}{why}"))
        }
    }
}

fn issued(certificate: &Value) -> Reading {
    let Some(end) = certificate.pointer("/NotAfter").and_then(time::at) else {
        return Reading::new(State::Well, "ISSUED");
    };
    let days = time::days_until(end);
    let renewal = certificate.pointer("/RenewalSummary/RenewalStatus").and_then(Value::as_str);
    let state = if days < RENEWED_BY || renewal == Some("FAILED") { State::Wrong } else { State::Well };
    let renewal = renewal.map_or_else(String::new, |status| format!(", renewal {status}"));
    Reading::new(state, format!("ISSUED, valid until {} ({days} days){renewal}", time::day(end)))
}

/// The validation records: shown where one of them is missing or the certificate still waits for them.
fn records(certificate: &Value, zone: &Answer, issued: bool) -> Vec<Item> {
    let options = list(certificate, "/DomainValidationOptions").iter();
    let items = options.filter(|option| option.pointer("/ResourceRecord").is_some());
    let items = items.map(|option| record(option, zone));
    items.filter(|item| !issued || item.state == State::Wrong).collect()
}

fn record(option: &Value, zone: &Answer) -> Item {
    let name = text(option, "/ResourceRecord/Name");
    let value = text(option, "/ResourceRecord/Value");
    let line = format!("{} {value}", text(option, "/ResourceRecord/Type"));
    let (state, says) = match zone {
        Answer::Seen(document) if stands(document, &name) => (State::Well, "stands in the zone"),
        Answer::Seen(_) => {
            (State::Wrong, "is not in the zone: add it, or the certificate is never issued or renewed")
        }
        Answer::Absent => (State::Wrong, "the zone does not exist"),
        Answer::Unseen(_) => (State::Unseen, "the zone was not seen"),
    };
    Item::new(name, state, format!("{line} — {says}"))
}

fn stands(zone: &Value, name: &str) -> bool {
    let wanted = name.trim_end_matches('.');
    let named = |record: &Value| text(record, "/Name").trim_end_matches('.').eq_ignore_ascii_case(wanted);
    list(zone, "/ResourceRecordSets").iter().any(named)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    fn certificate(status: &str) -> Value {
        json!({ "Status": status, "NotAfter": "2099-01-01T00:00:00+00:00", "DomainValidationOptions": [{
            "DomainName": "ci.example.com",
            "ResourceRecord": { "Name": "_a1.ci.example.com.", "Type": "CNAME", "Value": "_b2.acm-validations.aws." },
        }] })
    }

    fn zone(names: &[&str]) -> Answer {
        let records: Vec<Value> = names.iter().map(|name| json!({ "Name": name, "Type": "CNAME" })).collect();
        Answer::Seen(Arc::new(json!({ "ResourceRecordSets": records })))
    }

    #[test]
    fn a_waiting_certificate_whose_record_is_missing_is_wrong_and_else_only_waits() {
        let waiting = certificate("PENDING_VALIDATION");
        let whole = |zone: &Answer| of(&waiting).with_items(records(&waiting, zone, false)).state;
        assert_eq!(whole(&zone(&["_a1.ci.example.com."])), State::Attention);
        assert_eq!(whole(&zone(&["ci.example.com."])), State::Wrong);
        assert_eq!(whole(&Answer::Unseen("denied".to_owned())), State::Attention);
    }

    #[test]
    fn an_issued_one_is_well_unless_it_ends_soon_or_cannot_renew() {
        let good = certificate("ISSUED");
        assert_eq!(of(&good).state, State::Well);
        assert!(records(&good, &zone(&["_a1.ci.example.com."]), true).is_empty());
        assert_eq!(records(&good, &zone(&[]), true).len(), 1);
        let mut ending = good;
        ending["NotAfter"] = json!(jiff::Timestamp::now().as_second() + 5 * 24 * 60 * 60);
        assert_eq!(of(&ending).state, State::Wrong);
        assert_eq!(
            of(&json!({ "Status": "FAILED", "FailureReason": "CAA_ERROR" })).summary,
            "FAILED: CAA_ERROR"
        );
    }
}
