//! Reads from a text which actions were refused, on what, to whom, and by what kind of policy.

use std::sync::LazyLock;

use crate::pattern::Pattern;

/// An action as IAM names it.
const ACTION: &str = r"[a-z][a-z0-9-]{1,40}:[A-Z*][A-Za-z0-9*]{1,80}";
/// What stands before the actions that were refused.
const REFUSED: &str = r"(?:not authorized to perform(?: the)?(?: following)?(?: actions?| operations?)?|(?:does not|doesn't|do not|don't) have (?:the )?(?:required |necessary |sufficient )?permissions? (?:to (?:perform|call|execute|use)|for)(?: the)?(?: following)?(?: actions?| operations?)?|(?:missing|lacks?|requires?)(?: the)?(?: following| required| necessary)* permissions?|API:)";
/// What stands before the resource.
const RESOURCE: &str =
    r#"^[^\n]{0,12}? on (?:the )?(?:following )?resources?:? ?[\["'`]*(?<resource>arn:[^\s"'`,()\]]+|\*)"#;
/// A policy that says no whatever an identity policy says.
const GUARD: &str = r"(?i)(?<explicit>explicit deny) in an? (?<deny>[a-z -]{3,30}? polic(?:y|ies)|permissions boundary)|because no (?<absent>permissions boundary|service control policy|resource control policy|session policy|VPC endpoint policy) allows|by (?:a |an )?(?<scp>service control policy|permissions boundary)";

static DENIAL: LazyLock<Pattern> = LazyLock::new(|| {
    let list = format!(r#"[\["'`]*(?<actions>{ACTION}(?:["'`\]]*(?:, and|,| and)\s*["'`\[]*{ACTION})*)"#);
    Pattern::made(format!(r"(?i:{REFUSED})[: ]{{0,3}}(?:on )?{list}"))
});
static LAMBDA: Pattern =
    Pattern::new(r"permissions? to call (?<call>[A-Z]\w+) on (?<service>[A-Z][A-Za-z0-9]+)");
static ACTIONS: Pattern = Pattern::new(ACTION);
static ON: Pattern = Pattern::new(RESOURCE);
static BY: Pattern = Pattern::new(GUARD);
static WHO: Pattern = Pattern::new(r"arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]+");

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Denial {
    /// Who was refused, as an ARN.
    pub(super) principal: Option<String>,
    /// The actions.
    pub(super) actions: Vec<String>,
    /// The resource, where the text names one that a policy can name.
    pub(super) resource: Option<String>,
    /// The policy that refused, where the text says it is one that no identity policy outweighs.
    pub(super) guard: Option<Guarded>,
}

/// The kind of policy that refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guarded {
    /// Its name, such as `service control policy`.
    pub(super) by: String,
    /// Whether it has an explicit Deny; else it lacks an Allow.
    pub(super) explicit: bool,
}

/// Whether a text may tell of a refusal; cheap.
pub(crate) fn may_deny(text: &str) -> bool {
    ["authorized to perform", "permission", "API: "].iter().any(|part| text.contains(part))
}

/// The refusals in a text of one line or more.
pub(super) fn read(text: &str) -> Vec<Denial> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !may_deny(&text) {
        return Vec::new();
    }
    let all = DENIAL.captures_all(&text);
    let found: Vec<_> = all.iter().filter_map(|found| found.span("actions")).collect();
    let mut denials: Vec<Denial> = Vec::new();
    let mut from = 0;
    for (at, actions) in found.iter().enumerate() {
        let until = found.get(at + 1).map_or(text.len(), |next| next.start);
        denials.push(denial(&text[from..actions.start], &text[actions.clone()], &text[actions.end..until]));
        from = actions.end;
    }
    denials.extend(of_lambda(&text));
    denials
}

/// Lambda names the call and the service instead of the action.
fn of_lambda(text: &str) -> Option<Denial> {
    let found = LAMBDA.captures(text)?;
    let action = format!("{}:{}", found.name("service")?.to_ascii_lowercase(), found.name("call")?);
    Some(Denial { principal: None, actions: vec![action], resource: None, guard: None })
}

fn denial(before: &str, actions: &str, after: &str) -> Denial {
    let all = |pattern: &Pattern, text: &str| -> Vec<String> {
        let found = pattern.captures_all(text);
        found.iter().filter_map(|found| found.get(0)).map(str::to_owned).collect()
    };
    Denial {
        principal: all(&WHO, before).pop(),
        actions: all(&ACTIONS, actions),
        resource: ON.captures(after).and_then(|found| found.name("resource").map(trimmed)),
        guard: guard(after),
    }
}

fn guard(after: &str) -> Option<Guarded> {
    let found = BY.captures(after)?;
    let by = ["deny", "absent", "scp"].iter().find_map(|name| found.name(name))?;
    Some(Guarded { by: by.to_owned(), explicit: found.name("explicit").is_some() })
}

/// Without the full stop of the sentence around it.
fn trimmed(resource: &str) -> String {
    resource.trim_end_matches(['.', ';', ':', '"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Denial {
        let mut found = read(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.remove(0)
    }

    #[test]
    fn every_pattern_compiles() {
        for pattern in [&DENIAL, &LAMBDA, &ACTIONS, &ON, &BY, &WHO] {
            pattern.assert_reads();
        }
    }

    #[test]
    fn the_usual_sentence_tells_who_what_and_on_what() {
        let found = one(
            "User: arn:aws:sts::111122223333:assumed-role/orchard-ci/run-7 is not authorized to perform: sqs:createqueue \
             x is not authorized to perform: sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:111122223333:jobs because \
             no identity-based policy allows the sqs:CreateQueue action",
        );
        assert_eq!(
            found.principal.as_deref(),
            Some("arn:aws:sts::111122223333:assumed-role/orchard-ci/run-7")
        );
        assert_eq!(found.actions, ["sqs:CreateQueue"]);
        assert_eq!(found.resource.as_deref(), Some("arn:aws:sqs:eu-west-1:111122223333:jobs"));
        assert_eq!(found.guard, None);
    }

    #[test]
    fn several_actions_in_one_sentence_are_all_read() {
        let found = one(
            "User x is not authorized to perform: [iam:CreateRole, iam:PutRolePolicy] on resource: \"*\"",
        );
        assert_eq!(found.actions, ["iam:CreateRole", "iam:PutRolePolicy"]);
        assert_eq!(found.resource.as_deref(), Some("*"));
    }

    #[test]
    fn the_older_wordings_are_read() {
        assert_eq!(one("API: s3:CreateBucket Access Denied").actions, ["s3:CreateBucket"]);
        assert_eq!(
            one("API: ec2:CreateVpc You are not authorized to perform this operation.").actions,
            ["ec2:CreateVpc"]
        );
        let lambda =
            "The provided execution role does not have permissions to call CreateNetworkInterface on EC2";
        assert_eq!(one(lambda).actions, ["ec2:CreateNetworkInterface"]);
        assert_eq!(
            one("The role does not have permission to perform kms:Decrypt on resource: *").actions,
            ["kms:Decrypt"]
        );
        let key = "is not authorized to perform: kms:GenerateDataKey on the resource associated with this ciphertext because no";
        assert_eq!(one(key).resource, None);
    }

    #[test]
    fn the_policy_that_refused_is_named() {
        let text =
            "is not authorized to perform: s3:CreateBucket with an explicit deny in a service control policy";
        let deny = Guarded { by: "service control policy".to_owned(), explicit: true };
        assert_eq!(one(text).guard, Some(deny));
        let text = "is not authorized to perform: iam:CreateRole on resource: * because no permissions boundary allows the iam:CreateRole action";
        let absent = Guarded { by: "permissions boundary".to_owned(), explicit: false };
        assert_eq!(one(text).guard, Some(absent));
    }

    #[test]
    fn a_sentence_without_a_refusal_has_none() {
        assert_eq!(read("Allow iam:PassRole on the role and run again"), []);
        assert_eq!(read("the role has permissions for s3:GetObject"), []);
    }
}
