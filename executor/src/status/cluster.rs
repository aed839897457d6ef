//! The EKS cluster: its status and the problems that AWS names.

use serde_json::Value;

use super::finding::{Item, Reading, State};
use super::parts::{list, seen_or, text};
use crate::ask::Answers;

pub(super) fn read(answers: &Answers) -> Reading {
    let missing = || {
        let name = answers.names.get("cluster_name").unwrap_or_default();
        let region = answers.names.get("region").unwrap_or_default();
        Reading::new(State::Wrong, format!("there is no cluster {name} in {region}"))
    };
    match seen_or(answers, "cluster", missing) {
        Ok(document) => of(&document),
        Err(reading) => reading,
    }
}

fn of(document: &Value) -> Reading {
    let Some(cluster) = document.pointer("/cluster") else {
        return Reading::unseen("aws eks describe-cluster answered without a cluster");
    };
    let status = text(cluster, "/status");
    let state = match status.as_str() {
        "ACTIVE" => State::Well,
        "CREATING" | "UPDATING" | "PENDING" | "DELETING" => State::Attention,
        _ => State::Wrong,
    };
    let issues = list(cluster, "/health/issues").iter();
    let issues = issues.map(|issue| Item::new(text(issue, "/code"), State::Wrong, text(issue, "/message")));
    let summary = match cluster.pointer("/version") {
        Some(_) => format!("{status}, Kubernetes {}", text(cluster, "/version")),
        None => status,
    };
    Reading::new(state, summary).with_items(issues.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_active_cluster_with_issues_is_not_well() {
        let healthy =
            json!({ "cluster": { "status": "ACTIVE", "version": "1.32", "health": { "issues": [] } } });
        assert_eq!(
            (of(&healthy).state, of(&healthy).summary.as_str()),
            (State::Well, "ACTIVE, Kubernetes 1.32")
        );
        let issue = json!({ "code": "AccessDenied", "message": "the cluster role is gone" });
        let ill = json!({ "cluster": { "status": "ACTIVE", "health": { "issues": [issue] } } });
        assert_eq!(of(&ill).state, State::Wrong);
        assert_eq!(of(&json!({})).state, State::Unseen);
    }
}
