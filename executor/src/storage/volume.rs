//! The volumes of the EC2 instance, and which of them holds the data.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Questions, STORAGE, asked, document};
use crate::ask::{Names, parsed, text_at};

/// The instance's volumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volumes {
    /// The instance.
    pub instance: String,
    /// What is attached to it.
    pub volumes: Vec<Volume>,
}

/// One volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// Its id.
    pub id: String,
    /// Its size in GiB.
    pub gib: u64,
    /// Where it is attached, such as `/dev/xvdf`.
    pub device: String,
    /// Its type, such as `gp3`.
    pub kind: String,
    /// Whether the system is on it.
    pub root: bool,
    /// Its `Name` tag.
    pub name: Option<String>,
}

/// The volumes of the stack's instance.
///
/// # Errors
/// Why they cannot be seen, in one line.
pub async fn volumes(names: &Names, environment: BTreeMap<String, String>) -> Result<Volumes, String> {
    let questions: Questions = parsed(STORAGE);
    let answers = asked(&questions.volumes, names, environment).await;
    let listed = document(&answers, "volumes", "the stack has no instance")?;
    document(&answers, "instance", "the stack has no instance")?;
    let root = answers.names.get("root_device").unwrap_or_default();
    let list = listed.pointer("/Volumes").and_then(Value::as_array).cloned().unwrap_or_default();
    let instance = answers.names.get("instance_id").unwrap_or_default().to_owned();
    Ok(Volumes { instance, volumes: list.iter().filter_map(|volume| of(volume, root)).collect() })
}

fn of(volume: &Value, root: &str) -> Option<Volume> {
    let text = |pointer: &str| text_at(volume, pointer).map(std::borrow::Cow::into_owned);
    let device = text("/Attachments/0/Device").unwrap_or_default();
    let tags = volume.pointer("/Tags").and_then(Value::as_array);
    let is_name = |tag: &&Value| tag.pointer("/Key").and_then(Value::as_str) == Some("Name");
    let name = tags.and_then(|tags| tags.iter().find(is_name)?.pointer("/Value")?.as_str());
    Some(Volume {
        id: text("/VolumeId")?,
        gib: volume.pointer("/Size")?.as_u64()?,
        kind: text("/VolumeType").unwrap_or_default(),
        root: !root.is_empty() && device == root,
        device,
        name: name.map(str::to_owned),
    })
}

impl Volumes {
    /// The volume with the data: the only one beside the system's, or the only one of these whose name says so.
    pub fn data(&self) -> Option<&Volume> {
        let beside: Vec<&Volume> = self.volumes.iter().filter(|volume| !volume.root).collect();
        let named: Vec<&Volume> = beside
            .iter()
            .copied()
            .filter(|volume| volume.name.as_ref().is_some_and(|name| name.contains("data")))
            .collect();
        match (beside.as_slice(), named.as_slice()) {
            ([only], _) | (_, [only]) => Some(only),
            _ => None,
        }
    }

    /// A volume by its id.
    pub fn by_id(&self, id: &str) -> Option<&Volume> {
        self.volumes.iter().find(|volume| volume.id == id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn volume(id: &str, device: &str, name: Option<&str>) -> Volume {
        let tags: Vec<Value> = name.into_iter().map(|name| json!({ "Key": "Name", "Value": name })).collect();
        let volume = json!({ "VolumeId": id, "Size": 60, "VolumeType": "gp3", "Tags": tags,
            "Attachments": [{ "Device": device }] });
        of(&volume, "/dev/xvda").unwrap()
    }

    #[test]
    fn the_data_volume_is_the_one_beside_the_systems_or_named_so() {
        let data = |volumes: Vec<Volume>| {
            let volumes = Volumes { instance: "i-1".to_owned(), volumes };
            volumes.data().map(|volume| volume.id.clone())
        };
        let root = || volume("vol-1", "/dev/xvda", None);
        assert_eq!(data(vec![root(), volume("vol-2", "/dev/xvdf", None)]).as_deref(), Some("vol-2"));
        let several = || {
            vec![root(), volume("vol-2", "/dev/xvdf", None), volume("vol-3", "/dev/xvdg", Some("demo-data"))]
        };
        assert_eq!(data(several()).as_deref(), Some("vol-3"));
        assert_eq!(data(vec![root(), volume("a", "/dev/xvdf", None), volume("b", "/dev/xvdg", None)]), None);
        assert_eq!(data(vec![root()]), None);
    }
}
