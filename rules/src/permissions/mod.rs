//! All actions that were refused in an incident, as one minimal policy that allows them.

mod denials;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use denials::Denial;

pub(crate) use denials::may_deny;

/// The version of the policy language.
const VERSION: &str = "2012-10-17";

/// What has to be allowed so that nothing of the incident is refused again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// Who was refused, as ARNs; a session is told as its role. Empty where the text names nobody.
    pub principals: Vec<String>,
    /// The policy to attach; absent where no identity policy would help.
    pub document: Option<PolicyDocument>,
    /// Policies that refused and that no identity policy outweighs.
    pub guards: Vec<Guard>,
    /// What a person should know before attaching it.
    pub remarks: Vec<String>,
}

/// An IAM policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    /// The version of the policy language.
    pub version: String,
    /// One statement for each set of actions.
    pub statement: Vec<Statement>,
}

/// A statement of a policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// Always `Allow`.
    pub effect: String,
    /// The actions, sorted.
    pub action: Vec<String>,
    /// The resources, sorted.
    pub resource: Vec<String>,
}

/// A policy that refused and that no identity policy outweighs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Guard {
    /// What kind of policy it is, such as `service control policy`.
    pub kind: String,
    /// Whether it has an explicit Deny; else it lacks an Allow.
    pub explicit: bool,
    /// The actions it refused, sorted.
    pub actions: Vec<String>,
}

/// The policy for everything that these texts say was refused; nothing where they tell no action.
pub(crate) fn policy<'t>(texts: impl IntoIterator<Item = &'t str>) -> Option<Policy> {
    let texts: Vec<&str> = texts.into_iter().collect();
    let denials: Vec<Denial> = texts.iter().flat_map(|text| denials::read(text)).collect();
    if denials.is_empty() {
        return None;
    }
    let (guarded, open): (Vec<&Denial>, Vec<&Denial>) =
        denials.iter().partition(|denial| denial.guard.is_some());
    let document = document(&open);
    let remarks = remarks(
        &open,
        document.is_some(),
        texts.iter().any(|text| text.contains("Encoded authorization failure")),
    );
    let principals: BTreeSet<String> =
        denials.iter().filter_map(|denial| Some(role(denial.principal.as_deref()?))).collect();
    Some(Policy { principals: principals.into_iter().collect(), document, guards: guards(&guarded), remarks })
}

/// A session's role, or the principal itself. The path of the role is not in the name of its session.
fn role(principal: &str) -> String {
    let session = principal.split_once(":sts::").and_then(|(head, rest)| {
        let (account, role) = rest.split_once(":assumed-role/")?;
        Some(format!("{head}:iam::{account}:role/{}", role.split('/').next()?))
    });
    session.unwrap_or_else(|| principal.to_owned())
}

fn document(denials: &[&Denial]) -> Option<PolicyDocument> {
    let mut by_resource: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for denial in denials {
        let resource = denial.resource.clone().unwrap_or_else(|| "*".to_owned());
        by_resource.entry(resource).or_default().extend(denial.actions.iter().cloned());
    }
    // what is allowed everywhere need not be allowed anywhere again
    let everywhere = by_resource.get("*").cloned().unwrap_or_default();
    let mut by_actions: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (resource, mut actions) in by_resource {
        if resource != "*" {
            actions.retain(|action| !everywhere.contains(action));
        }
        if !actions.is_empty() {
            by_actions.entry(actions.into_iter().collect()).or_default().push(resource);
        }
    }
    let statement: Vec<Statement> = by_actions
        .into_iter()
        .map(|(action, resource)| Statement { effect: "Allow".to_owned(), action, resource })
        .collect();
    (!statement.is_empty()).then(|| PolicyDocument { version: VERSION.to_owned(), statement })
}

fn guards(denials: &[&Denial]) -> Vec<Guard> {
    let mut by_kind: BTreeMap<(String, bool), BTreeSet<String>> = BTreeMap::new();
    for denial in denials {
        let Some(guard) = &denial.guard else { continue };
        by_kind.entry((guard.by.clone(), guard.explicit)).or_default().extend(denial.actions.iter().cloned());
    }
    let guard = |((kind, explicit), actions): (_, BTreeSet<String>)| Guard {
        kind,
        explicit,
        actions: actions.into_iter().collect(),
    };
    by_kind.into_iter().map(guard).collect()
}

fn remarks(denials: &[&Denial], document: bool, encoded: bool) -> Vec<String> {
    let with = |wanted: &dyn Fn(&Denial) -> bool| -> Vec<String> {
        let actions: BTreeSet<&String> =
            denials.iter().filter(|denial| wanted(denial)).flat_map(|denial| &denial.actions).collect();
        actions.into_iter().cloned().collect()
    };
    let mut remarks = Vec::new();
    let vague = with(&|denial| denial.resource.is_none());
    if !vague.is_empty() {
        remarks
            .push(format!("The text does not name the resource of {}; narrow the \"*\".", vague.join(", ")));
    }
    let principals: BTreeSet<&String> =
        denials.iter().filter_map(|denial| denial.principal.as_ref()).collect();
    if principals.len() > 1 {
        remarks.push("Several principals were refused; give each only the statements it needs.".to_owned());
    }
    let keys = with(&|denial| denial.actions.iter().any(|action| action.starts_with("kms:")));
    if !keys.is_empty() {
        remarks
            .push("The key policy has to allow the use of the key too, or to delegate it to IAM.".to_owned());
    }
    if encoded {
        remarks
            .push("`aws sts decode-authorization-message` tells the exact condition that failed.".to_owned());
    }
    if document {
        remarks.push(
            "A service tells only the first action it refuses; the next run may name another.".to_owned(),
        );
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: &str =
        "User: arn:aws:sts::111122223333:assumed-role/orchard-ci/run-7 is not authorized to perform:";

    fn json(texts: &[&str]) -> String {
        serde_json::to_string(&policy(texts.iter().copied()).expect("a policy").document).expect("JSON")
    }

    #[test]
    fn actions_on_one_resource_are_one_sorted_statement() {
        let texts = [
            format!(
                "{WHO} sqs:TagQueue on resource: arn:aws:sqs:eu-west-1:111122223333:jobs because no identity-based"
            ),
            format!("{WHO} sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:111122223333:jobs"),
            format!("{WHO} iam:PassRole on resource: arn:aws:iam::111122223333:role/orchard-task"),
        ];
        assert_eq!(
            json(&texts.each_ref().map(String::as_str)),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/orchard-task"]},{"Effect":"Allow","Action":["sqs:CreateQueue","sqs:TagQueue"],"Resource":["arn:aws:sqs:eu-west-1:111122223333:jobs"]}]}"#
        );
    }

    #[test]
    fn an_unknown_resource_is_a_star_with_a_remark_and_covers_the_rest() {
        let texts = [
            format!("{WHO} s3:PutObject on resource: arn:aws:s3:::orchard/a"),
            "API: s3:PutObject Access Denied".to_owned(),
        ];
        let found = policy(texts.iter().map(String::as_str)).expect("a policy");
        let document = found.document.expect("a document");
        assert_eq!(document.statement.len(), 1);
        assert_eq!(document.statement[0].resource, ["*"]);
        assert!(found.remarks[0].contains("s3:PutObject"), "{:?}", found.remarks);
        assert_eq!(found.principals, ["arn:aws:iam::111122223333:role/orchard-ci"]);
    }

    #[test]
    fn an_explicit_deny_has_no_policy_but_its_guard() {
        let text = format!("{WHO} s3:CreateBucket with an explicit deny in a service control policy");
        let found = policy([text.as_str()]).expect("a finding");
        assert_eq!(found.document, None);
        assert_eq!(found.guards[0].kind, "service control policy");
        assert!(found.guards[0].explicit && found.remarks.is_empty());
    }

    #[test]
    fn a_text_that_names_no_action_has_no_policy() {
        assert_eq!(policy(["You are not authorized to perform this operation.", "Access Denied"]), None);
    }
}
