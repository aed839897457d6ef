//! The parts of an ARN: which belong to the customer, and which to AWS.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::patterns::Found;

/// Partition, service and region stay; the account and the resource are looked into.
const ARN: &str = r#"\barn:aws[a-z-]*:(?P<service>[a-z0-9-]+):[a-z0-9-]*:(?P<account>[^\s:"'/]*):(?P<resource>[^\s"'<>,;(){}\\|`]+)"#;
/// Segments that AWS names, or that say nothing about anybody.
const PLAIN: &str = r"^(?:[a-z]{2}(?:-[a-z]+)+-\d[a-z]?|[\w.-]+\.amazonaws\.com|aws-service-role|service-role|aws|aws-managed|AWS[A-Za-z0-9]+|Amazon[A-Za-z0-9]+|cdk-[a-z0-9]+-[a-z-]*|default|primary|[0-9]{1,3}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|app|net|gwy|lambda|eks|rds|codebuild|apigateway|vendedlogs|containerinsights|dms-[a-z-]+|rds-monitoring-role|ecs[A-Z][A-Za-z]+Role|OrganizationAccountAccessRole|\$LATEST|[*?.\[\]-]*|log-stream|root|index|stages|live|prod|dev|test|staging)$";
/// Kinds of resources, which stand before the first separator.
const TYPE: &str = r"^[a-z][A-Za-z-]*$";

static ARN_REGEX: LazyLock<Regex> = LazyLock::new(|| compiled(ARN));
static PLAIN_REGEX: LazyLock<Regex> = LazyLock::new(|| compiled(PLAIN));
static TYPE_REGEX: LazyLock<Regex> = LazyLock::new(|| compiled(TYPE));

fn compiled(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).build().expect("a constant that the tests of this file compile")
}

/// The customer's parts of every ARN in the text.
pub(super) fn find(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    for captures in ARN_REGEX.captures_iter(text) {
        let [service, account, resource] = ["service", "account", "resource"].map(|name| captures.name(name));
        let (Some(service), Some(account), Some(resource)) = (service, account, resource) else { continue };
        // What AWS itself owns, such as its managed policies.
        if account.as_bytes() == b"aws" {
            continue;
        }
        if account.len() == 12 && account.as_bytes().iter().all(u8::is_ascii_digit) {
            found.push(Found { span: account.range(), kind: "account".to_owned() });
        }
        found.extend(names(text, service.as_bytes(), resource.range()));
    }
    found
}

/// The names in the resource part.
fn names(text: &[u8], service: &[u8], resource: Range<usize>) -> Vec<Found> {
    let resource = trimmed(text, resource);
    let segments = segments(text, resource);
    let typed = segments.len() > 1 && service != b"s3" && TYPE_REGEX.is_match(&text[segments[0].clone()]);
    let kind_of = text[segments[0].clone()].to_vec();
    // Behind a bucket stands the key of an object, which the model can do with.
    let shown = if service == b"s3" { 1 } else { segments.len() };
    let last = segments.len() - 1;
    let named = segments.into_iter().take(shown).enumerate().skip(usize::from(typed));
    named
        .filter(|(_, span)| !PLAIN_REGEX.is_match(&text[span.clone()]))
        .map(|(at, span)| Found { span, kind: kind(service, &kind_of, at == last).to_owned() })
        .collect()
}

fn kind(service: &[u8], resource_type: &[u8], last: bool) -> &'static str {
    match (service, resource_type) {
        (b"s3", _) => "bucket",
        (_, b"user") | (_, b"assumed-role" | b"federated-user") if last => "user",
        _ => "name",
    }
}

/// Without the full stop or bracket of the sentence around it.
fn trimmed(text: &[u8], resource: Range<usize>) -> Range<usize> {
    let end = text[resource.clone()].iter().rposition(|byte| !b".:]!?".contains(byte)).map_or(0, |at| at + 1);
    resource.start..resource.start + end
}

fn segments(text: &[u8], resource: Range<usize>) -> Vec<Range<usize>> {
    let mut start = resource.start;
    let mut segments = Vec::new();
    for part in text[resource].split(|byte| *byte == b'/' || *byte == b':') {
        segments.push(start..start + part.len());
        start += part.len() + 1;
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(String, String)> {
        find(text.as_bytes()).into_iter().map(|found| (found.kind, text[found.span].to_owned())).collect()
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs.map(|(kind, text)| (kind.to_owned(), text.to_owned())).to_vec()
    }

    #[test]
    fn the_account_and_the_names_are_found_and_the_type_stays() {
        let role = parts("User: arn:aws:sts::111122223333:assumed-role/orchard-ci/ana is not authorized");
        assert_eq!(role, pairs([("account", "111122223333"), ("name", "orchard-ci"), ("user", "ana")]));
        let stack = parts(
            "arn:aws:cloudformation:eu-west-1:111122223333:stack/web-shop/0ac24280-c442-18fe-180f-a0ab7a12b522.",
        );
        assert_eq!(stack, pairs([("account", "111122223333"), ("name", "web-shop")]));
        let queue = parts("arn:aws:sqs:eu-west-1:111122223333:orchard-jobs");
        assert_eq!(queue, pairs([("account", "111122223333"), ("name", "orchard-jobs")]));
        let function = parts("arn:aws:lambda:eu-west-1:111122223333:function:mailer:live");
        assert_eq!(function, pairs([("account", "111122223333"), ("name", "mailer")]));
    }

    #[test]
    fn a_bucket_is_found_and_its_keys_stay() {
        assert_eq!(parts("arn:aws:s3:::orchard-raw/in/x.csv"), pairs([("bucket", "orchard-raw")]));
    }

    #[test]
    fn what_aws_owns_stays() {
        assert!(parts("arn:aws:iam::aws:policy/AdministratorAccess").is_empty());
        let linked = "arn:aws:iam::111122223333:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElb";
        assert_eq!(parts(linked), pairs([("account", "111122223333")]));
    }
}
