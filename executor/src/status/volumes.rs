//! The volumes of the EC2 instance: sizes, and a modification that is under way.

use serde_json::Value;

use super::finding::{Item, Reading, State};
use super::parts::{list, seen_or, storage_cost, text};
use crate::ask::Answers;

pub(super) fn read(answers: &Answers) -> Reading {
    let missing = || Reading::new(State::Wrong, "the stack has no instance, so no volumes of it");
    match seen_or(answers, "volumes", missing) {
        Ok(document) => of(list(&document, "/Volumes")),
        Err(reading) => reading,
    }
}

fn of(volumes: &[Value]) -> Reading {
    let sizes: Vec<u64> = volumes.iter().filter_map(|volume| volume.pointer("/Size")?.as_u64()).collect();
    let total: u64 = sizes.iter().sum();
    if volumes.is_empty() {
        return Reading::new(State::Wrong, "no volume is attached to the instance");
    }
    let items = volumes.iter().map(item).collect();
    let count = volumes.len();
    let noun = if count == 1 { "volume" } else { "volumes" };
    Reading::new(State::Well, format!("{count} {noun}, {total} GiB"))
        .with_items(items)
        .with_cost(storage_cost(total))
}

fn item(volume: &Value) -> Item {
    let device = text(volume, "/Attachments/0/Device");
    let status = text(volume, "/State");
    let state = if status == "in-use" { State::Well } else { State::Attention };
    let size = format!("{device} {} GiB {} {status}", text(volume, "/Size"), text(volume, "/VolumeType"));
    Item::new(text(volume, "/VolumeId"), state, size)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sizes_add_up_and_cost() {
        let volume = |id: &str, size: u64| {
            json!({ "VolumeId": id, "Size": size, "VolumeType": "gp3", "State": "in-use",
                "Attachments": [{ "Device": "/dev/xvdf" }] })
        };
        let reading = of(&[volume("vol-1", 60), volume("vol-2", 500)]);
        assert_eq!(reading.summary, "2 volumes, 560 GiB");
        assert_eq!(reading.costs, ["560 GiB of volumes, about $45 a month"]);
        assert_eq!(reading.items[1].says, "/dev/xvdf 500 GiB gp3 in-use");
    }
}
