//! The volume claims of the cluster, and whether their storage class lets them grow.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Questions, STORAGE, asked, document};
use crate::ask::{Names, parsed, text_at};
use crate::quantity::gib;

/// The cluster's claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The kubectl context of the cluster.
    pub context: String,
    /// The claims of the namespace.
    pub claims: Vec<Claim>,
}

/// One claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// What is asked for, in GiB.
    pub gib: u64,
    /// What there is, in GiB; absent while there is nothing.
    pub capacity: Option<u64>,
    /// Such as `Bound`.
    pub phase: String,
    /// Its storage class.
    pub class: String,
    /// Whether the class lets it grow; absent where the class was not seen.
    pub expandable: Option<bool>,
    /// Whether its size means nothing: EFS grows by itself.
    pub elastic: bool,
}

/// The claims of the cluster's namespace.
///
/// # Errors
/// Why they cannot be seen, in one line.
pub async fn claims(names: &Names, environment: BTreeMap<String, String>) -> Result<Claims, String> {
    let questions: Questions = parsed(STORAGE);
    let answers = asked(&questions.claims, names, environment).await;
    let connect = names.fill("aws eks update-kubeconfig --region {region} --name {cluster_name}");
    let absent = format!("kubectl has no context for this cluster; run {}", connect.unwrap_or_default());
    let listed = document(&answers, "claims", &absent)?;
    let classes = answers.seen("classes");
    let classes = classes.as_deref().and_then(|document| document.pointer("/items")?.as_array());
    let list = listed.pointer("/items").and_then(Value::as_array);
    let claims = list.into_iter().flatten().filter_map(|claim| of(claim, classes)).collect();
    Ok(Claims { context: answers.names.get("context").unwrap_or_default().to_owned(), claims })
}

fn of(claim: &Value, classes: Option<&Vec<Value>>) -> Option<Claim> {
    let text = |pointer: &str| text_at(claim, pointer).map(std::borrow::Cow::into_owned);
    let class = text("/spec/storageClassName").unwrap_or_default();
    let named = |of: &&Value| of.pointer("/metadata/name").and_then(Value::as_str) == Some(&class);
    let known = classes.and_then(|classes| classes.iter().find(named));
    let provisioner = known.and_then(|class| class.pointer("/provisioner")?.as_str()).unwrap_or_default();
    let allows =
        |class: &Value| class.pointer("/allowVolumeExpansion").and_then(Value::as_bool).unwrap_or_default();
    Some(Claim {
        name: text("/metadata/name")?,
        gib: gib(&text("/spec/resources/requests/storage")?)?,
        capacity: text("/status/capacity/storage").and_then(|size| gib(&size)),
        phase: text("/status/phase").unwrap_or_default(),
        expandable: known.map(allows),
        elastic: provisioner.contains("efs.csi"),
        class,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_grows_only_where_its_class_says_so() {
        let claim = json!({ "metadata": { "name": "postgres-data" },
            "spec": { "storageClassName": "pb-ebs", "resources": { "requests": { "storage": "10Gi" } } },
            "status": { "phase": "Bound", "capacity": { "storage": "10Gi" } } });
        let class = |allows: Option<bool>| {
            let mut class =
                json!({ "metadata": { "name": "pb-ebs" }, "provisioner": "ebs.csi.eks.amazonaws.com" });
            if let Some(allows) = allows {
                class["allowVolumeExpansion"] = json!(allows);
            }
            vec![class]
        };
        let expandable = |classes: Option<&Vec<Value>>| of(&claim, classes).unwrap().expandable;
        assert_eq!(expandable(Some(&class(Some(true)))), Some(true));
        assert_eq!(expandable(Some(&class(None))), Some(false));
        assert_eq!(expandable(None), None);
    }
}
