//! The volume claims of the cluster: bound or not, how large, and what they cost.

use serde_json::Value;

use super::finding::{Item, Reading, State};
use super::parts::{list, no_context, seen_or, storage_cost, text};
use super::reader::Surroundings;
use crate::ask::Answers;
use crate::quantity::gib;

pub(super) fn read(answers: &Answers, surroundings: &Surroundings<'_>) -> Reading {
    let document = match seen_or(answers, "claims", || no_context(surroundings)) {
        Ok(document) => document,
        Err(reading) => return reading,
    };
    let claims = list(&document, "/items");
    if claims.is_empty() {
        return Reading::new(State::Attention, "no volume claims in the namespace");
    }
    let unbound: Vec<Item> =
        claims.iter().filter(|claim| text(claim, "/status/phase") != "Bound").map(item).collect();
    let elastic = elastic_classes(answers);
    let billed = claims.iter().filter(|claim| !elastic.contains(&text(claim, "/spec/storageClassName")));
    let total: u64 =
        billed.filter_map(|claim| gib(claim.pointer("/status/capacity/storage")?.as_str()?)).sum();
    let summary = match unbound.len() {
        0 => format!("{0} of {0} bound, {total} GiB on EBS", claims.len()),
        count => format!("{count} of {} not bound", claims.len()),
    };
    let reading = Reading::new(State::Well, summary).with_items(unbound);
    if total > 0 { reading.with_cost(storage_cost(total)) } else { reading }
}

/// The classes whose size says nothing about the bill: EFS takes what is written.
fn elastic_classes(answers: &Answers) -> Vec<String> {
    let Some(document) = answers.seen("classes") else { return Vec::new() };
    let is_elastic = |class: &&Value| text(class, "/provisioner").contains("efs.csi");
    list(&document, "/items").iter().filter(is_elastic).map(|class| text(class, "/metadata/name")).collect()
}

fn item(claim: &Value) -> Item {
    let phase = text(claim, "/status/phase");
    let says = format!(
        "{phase}, {} of {}",
        text(claim, "/spec/resources/requests/storage"),
        text(claim, "/spec/storageClassName")
    );
    Item::new(text(claim, "/metadata/name"), State::Wrong, says)
}
