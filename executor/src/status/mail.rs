//! Mail through Amazon SES: the identity with its DKIM, the sandbox, and who hears of bounces.

use serde_json::Value;

use super::finding::{Item, Reading, State};
use super::parts::{list, text};
use crate::ask::{Answer, Answers};

pub(super) fn read(answers: &Answers) -> Reading {
    let domain = answers.names.get("domain").unwrap_or_default().to_owned();
    let identity = match answers.of("identity") {
        Answer::Seen(document) => identity(&document),
        Answer::Absent => Item::new("identity", State::Wrong, format!("there is no SES identity {domain}")),
        Answer::Unseen(reason) => Item::new("identity", State::Unseen, reason),
    };
    let items = [identity, account(&answers.of("account")), bounces(answers)];
    if items.iter().all(|item| item.state == State::Unseen) {
        return Reading::unseen(items[0].says.clone());
    }
    let summary =
        if items[0].state == State::Unseen { domain } else { format!("{domain}: {}", items[0].says) };
    let rest = items.iter().skip(1).filter(|item| item.state != State::Well);
    let first = items.iter().take(1).filter(|item| item.state == State::Unseen);
    let shown: Vec<Item> = first.chain(rest).cloned().collect();
    let state = items[0].state;
    let start = if state == State::Unseen { State::Well } else { state };
    Reading::new(start, summary).with_items(shown)
}

/// Whether the domain may send.
fn identity(document: &Value) -> Item {
    let dkim = text(document, "/DkimAttributes/Status");
    let verified = document.pointer("/VerifiedForSendingStatus").and_then(Value::as_bool).unwrap_or_default();
    let state = match dkim.as_str() {
        "SUCCESS" if verified => State::Well,
        "PENDING" | "NOT_STARTED" | "TEMPORARY_FAILURE" | "SUCCESS" => State::Attention,
        _ => State::Wrong,
    };
    let sends = if verified { "verified for sending" } else { "not verified for sending yet" };
    Item::new("identity", state, format!("DKIM {dkim}, {sends}"))
}

/// What the account may send.
fn account(answer: &Answer) -> Item {
    let item = |state, says: &str| Item::new("account", state, says);
    let document = match answer {
        Answer::Seen(document) => document,
        Answer::Absent => return item(State::Unseen, "no account"),
        Answer::Unseen(reason) => return item(State::Unseen, reason),
    };
    let is = |pointer: &str| document.pointer(pointer).and_then(Value::as_bool);
    match (is("/SendingEnabled"), is("/ProductionAccessEnabled")) {
        (Some(false), _) => item(State::Wrong, "sending is paused for the whole account"),
        (_, Some(false)) => item(
            State::Attention,
            "sandbox: mail reaches verified addresses only; request production access in the SES console",
        ),
        (_, Some(true)) => item(State::Well, "production access"),
        (_, None) => item(State::Unseen, "the answer does not say whether the account is in the sandbox"),
    }
}

/// Whether somebody hears of bounces and complaints.
fn bounces(answers: &Answers) -> Item {
    let item = |state, says: String| Item::new("bounces", state, says);
    let document = match answers.of("subscriptions") {
        Answer::Seen(document) => document,
        Answer::Absent => {
            return item(State::Attention, "no topic collects bounces and complaints".to_owned());
        }
        Answer::Unseen(reason) => return item(State::Unseen, reason),
    };
    let arns = list(&document, "/Subscriptions").iter().map(|entry| text(entry, "/SubscriptionArn"));
    let (waiting, confirmed): (Vec<String>, Vec<String>) = arns.partition(|arn| !arn.starts_with("arn:"));
    match (confirmed.len(), waiting.len()) {
        (0, 0) => {
            item(State::Attention, "nobody is subscribed to the topic of bounces and complaints".to_owned())
        }
        (0, _) => item(
            State::Attention,
            "the subscription to bounces and complaints waits to be confirmed by mail".to_owned(),
        ),
        (count, _) => item(State::Well, format!("{count} confirmed")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    #[test]
    fn dkim_decides_how_the_identity_stands() {
        for (dkim, verified, expected) in [
            ("SUCCESS", true, State::Well),
            ("PENDING", false, State::Attention),
            ("FAILED", false, State::Wrong),
        ] {
            let document =
                json!({ "DkimAttributes": { "Status": dkim }, "VerifiedForSendingStatus": verified });
            assert_eq!(identity(&document).state, expected, "{dkim}");
        }
    }

    #[test]
    fn a_sandbox_is_worth_knowing_and_a_pause_is_wrong() {
        let answer = |sending: bool, production: bool| {
            let document = json!({ "SendingEnabled": sending, "ProductionAccessEnabled": production });
            account(&Answer::Seen(Arc::new(document))).state
        };
        assert_eq!(answer(true, true), State::Well);
        assert_eq!(answer(true, false), State::Attention);
        assert_eq!(answer(false, true), State::Wrong);
    }
}
