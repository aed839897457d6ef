//! One thing that is left, and the commands that remove it.

use std::collections::BTreeMap;

use provision_planner::plan::quote;
use serde::Serialize;
use serde_json::Value;

use super::spec::{First, Leftover, Price, removals};
use crate::ask::{Answer, Ask, Asker, Names, chain, items, text_at};

/// What is left of a deployment, and what could not be looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Remains {
    /// What is left.
    pub left: Vec<Left>,
    /// What could not be looked at, so that more may be left.
    pub not_seen: Vec<NotSeen>,
}

/// One thing that is left.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Left {
    /// The kind's short id, such as `volumes`.
    pub id: String,
    /// What it is, such as `EBS volume`.
    pub kind: String,
    /// Its own id or name.
    pub name: String,
    /// What is known of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// What it costs a month, in US dollars at list price in us-east-1; absent for what costs nothing or is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dollars: Option<f64>,
    /// Why it stands in the way of the next deploy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<String>,
    /// What is gone once it is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loses: Option<String>,
    /// The commands that remove it, in order.
    pub remove: Vec<String>,
}

/// A kind that could not be looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotSeen {
    /// What it is, such as `EBS volume`.
    pub kind: String,
    /// Why not.
    pub reason: String,
}

impl Left {
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.kind, &self.name) == (&other.kind, &other.name)
    }
}

/// An entry of a list as something that is left; nothing for one without a name.
pub(super) async fn entry(kind: &Leftover, item: &Value, names: &Names, asker: &Asker) -> Option<Left> {
    let names = with_fields(names, &kind.take, item);
    let name = names.get("name")?.to_owned();
    let mut remove = match &kind.first {
        Some(first) => before(first, &names, asker).await,
        None => Vec::new(),
    };
    let own = if kind.by_type { by_type(&names) } else { kind.remove.clone() };
    remove.extend(own.iter().filter_map(|argv| command(argv, &names, asker)));
    let say = |text: &Option<String>| text.as_ref().and_then(|text| names.fill(text));
    Some(Left {
        id: kind.id.clone(),
        kind: kind.title.clone(),
        name,
        says: names.fill(&kind.says).unwrap_or_default(),
        dollars: kind.price.as_ref().and_then(|price| dollars(price, &names)),
        blocks: say(&kind.blocks),
        loses: say(&kind.loses),
        remove,
    })
}

/// The names with the fields of an entry; `item` is the entry itself.
fn with_fields(names: &Names, take: &BTreeMap<String, String>, item: &Value) -> Names {
    let mut names = names.clone();
    for (name, place) in take {
        let value = match place.starts_with('/') || place.is_empty() {
            true => text_at(item, place).map(std::borrow::Cow::into_owned),
            false => names.get(place).map(str::to_owned),
        };
        names.known.extend(value.map(|value| (name.clone(), value)));
    }
    if let Some(bytes) = names.get("bytes").and_then(|bytes| bytes.parse().ok()) {
        names.known.insert("amount".to_owned(), amount(bytes));
    }
    names.known.insert("item".to_owned(), item.to_string());
    names
}

/// Bytes for people.
fn amount(bytes: f64) -> String {
    let units = [("GiB", 1024.0 * 1024.0 * 1024.0), ("MiB", 1024.0 * 1024.0), ("KiB", 1024.0)];
    let unit = units.into_iter().find(|(_, size)| bytes >= *size);
    unit.map_or_else(|| format!("{bytes} bytes"), |(name, size)| format!("{:.1} {name}", bytes / size))
}

/// The commands that remove what has to go before; what cannot be looked at is left to a look of one's own.
async fn before(first: &First, names: &Names, asker: &Asker) -> Vec<String> {
    let ask = Ask { id: "first".to_owned(), argv: first.argv.clone(), ..Ask::default() };
    match chain(asker, &[ask], names).await.of("first") {
        Answer::Seen(document) => {
            let parts = items(&document, &first.within, &BTreeMap::new(), names);
            let parts = parts.into_iter().map(|part| with_fields(names, &first.take, part));
            parts.filter_map(|names| command(&first.remove, &names, asker)).collect()
        }
        Answer::Absent | Answer::Unseen(_) => command(&first.argv, names, asker).into_iter().collect(),
    }
}

fn by_type(names: &Names) -> Vec<Vec<String>> {
    let kind = names.get("type").unwrap_or_default();
    let general =
        ["aws", "cloudcontrol", "delete-resource", "--type-name", "{type}", "--identifier", "{name}"];
    let general = || general.map(str::to_owned).to_vec();
    let mut argv = removals().remove(kind).unwrap_or_else(general);
    argv.extend(["--region".to_owned(), "{region}".to_owned()]);
    vec![argv]
}

/// A command as text that a shell reads back.
fn command(argv: &[String], names: &Names, asker: &Asker) -> Option<String> {
    let mut argv = names.argv(argv).ok()?;
    if argv.first().is_some_and(|program| program == "aws") {
        argv.extend(asker.profile_flag());
    }
    Some(argv.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" "))
}

fn dollars(price: &Price, names: &Names) -> Option<f64> {
    let Some(times) = &price.times else { return Some(price.dollars) };
    let times: f64 = names.get(times)?.parse().ok()?;
    Some((price.dollars * times * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::remains::spec::Leftovers;

    fn names() -> Names {
        let known = [
            ("region", "us-east-1"),
            ("domain", "ci.example.com"),
            ("hosted_zone_id", "Z1"),
            ("stack_name", "demo"),
        ];
        let known = known.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Names { known, ..Names::default() }
    }

    async fn left(id: &str, item: Value) -> Left {
        let kinds: Leftovers = toml::from_str(super::super::LEFTOVERS).unwrap();
        let kind = kinds.leftover.iter().find(|kind| kind.id == id).unwrap();
        let asker = Asker::new(BTreeMap::new(), Some("ops".to_owned()), None, Duration::from_secs(1));
        entry(kind, &item, &names(), &asker).await.unwrap()
    }

    #[tokio::test]
    async fn a_volume_costs_by_its_size_and_is_removed_by_its_id() {
        let left =
            left("volumes", json!({ "VolumeId": "vol-1", "Size": 500, "AvailabilityZone": "us-east-1a" }))
                .await;
        assert_eq!(left.dollars, Some(40.0));
        assert_eq!(left.remove, ["aws ec2 delete-volume --volume-id vol-1 --region us-east-1 --profile ops"]);
    }

    #[tokio::test]
    async fn a_record_is_removed_by_its_very_content() {
        let record = json!({ "Name": "ci.example.com.", "Type": "A", "AliasTarget": { "DNSName": "lb." } });
        let left = left("alias", record.clone()).await;
        let batch = json!({ "Changes": [{ "Action": "DELETE", "ResourceRecordSet": record }] });
        assert!(left.remove[0].contains(&format!("'{batch}'")), "{}", left.remove[0]);
    }

    #[tokio::test]
    async fn a_retained_resource_is_removed_as_its_type_asks() {
        let resource = |kind: &str| json!({ "PhysicalResourceId": "orders", "LogicalResourceId": "Orders", "ResourceType": kind });
        let table = left("retained", resource("AWS::DynamoDB::Table")).await;
        assert_eq!(
            table.remove,
            ["aws dynamodb delete-table --table-name orders --region us-east-1 --profile ops"]
        );
        let other = left("retained", resource("AWS::Some::Thing")).await;
        assert!(other.remove[0].starts_with(
            "aws cloudcontrol delete-resource --type-name AWS::Some::Thing --identifier orders"
        ));
    }
}
