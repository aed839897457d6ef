//! The types a catalog input may have, and the validation of each.
//!
//! A check returns the value as it is used from here on, or one clause that says what is accepted. That clause never
//! repeats a secret.

mod boolean;
mod bucket_name;
mod choice;
mod display_name;
mod domain;
mod email;
mod git;
mod instance_type;
mod integer;
mod key_pair;
mod path;
mod region;
mod resource_name;
mod schedule;
mod secret_text;
mod text;
mod zone_id;

pub use schedule::{period, schedule};
use serde::Deserialize;
use serde_json::Value;

/// What a value must be; `type` of an input in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ValueType {
    /// The id of a target of the catalog.
    Target,
    /// A switch.
    Boolean,
    /// One of a fixed set of words.
    Choice(Vec<String>),
    /// A whole number within bounds, both included.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// An AWS region code.
    Region,
    /// A fully qualified domain name.
    Domain,
    /// A Route 53 hosted zone id.
    ZoneId,
    /// An e-mail address that can be sent to.
    Email,
    /// An account name in the form of an e-mail address, whose domain may be a single label (`admin@internal`).
    Account,
    /// A name shown to people.
    DisplayName,
    /// The name of an EC2 key pair.
    KeyPair,
    /// An EC2 instance type.
    InstanceType,
    /// A CloudFormation stack name.
    StackName,
    /// The name of an S3 bucket.
    BucketName,
    /// An EKS cluster name that eksctl can make stacks of.
    ClusterName,
    /// A GitHub token.
    GithubToken,
    /// A password.
    Password,
    /// A path on this machine.
    Path,
    /// Something `git clone` takes.
    GitUrl,
    /// A branch or tag.
    GitRef,
    /// Any text.
    Text,
    /// One of a fixed set of values, exactly as written.
    OneOf(Vec<String>),
}

/// Why a value was refused: one clause that says what is accepted.
pub type Refused = String;

impl ValueType {
    /// Checks a value as written and returns it as it is used from here on.
    ///
    /// `targets` are the catalog's target ids, for [`ValueType::Target`].
    ///
    /// # Errors
    /// One clause that says what is accepted, with a near miss where there is one.
    pub fn check(&self, raw: &str, targets: &[&str]) -> Result<Value, Refused> {
        match self {
            Self::Target => choice::check(raw, targets).map(Value::from),
            Self::Boolean => boolean::check(raw).map(Value::from),
            Self::Integer { min, max } => integer::check(raw, *min, *max).map(Value::from),
            Self::Choice(words) => {
                choice::check(raw, &words.iter().map(String::as_str).collect::<Vec<_>>()).map(Value::from)
            }
            _ => self.check_text(raw).map(Value::from),
        }
    }

    fn check_text(&self, raw: &str) -> Result<String, Refused> {
        match self {
            Self::Region => region::check(raw),
            Self::Domain => domain::check(raw),
            Self::ZoneId => zone_id::check(raw),
            Self::Email => email::check(raw),
            Self::Account => email::check_account(raw),
            Self::DisplayName => display_name::check(raw),
            Self::KeyPair => key_pair::check(raw),
            Self::InstanceType => instance_type::check(raw),
            Self::StackName => resource_name::check_stack(raw),
            Self::BucketName => bucket_name::check(raw),
            Self::ClusterName => resource_name::check_cluster(raw),
            Self::GithubToken => secret_text::check_github_token(raw),
            Self::Password => secret_text::check_password(raw),
            Self::Path => path::check(raw),
            Self::GitUrl => git::check_url(raw),
            Self::GitRef => git::check_ref(raw),
            Self::Text => text::check(raw),
            Self::OneOf(words) => text::check_one_of(raw, words),
            Self::Target | Self::Boolean | Self::Choice(_) | Self::Integer { .. } => Ok(raw.to_owned()),
        }
    }

    /// Whether the flag is a switch rather than taking a value.
    pub fn is_switch(&self) -> bool {
        *self == Self::Boolean
    }
}

/// The candidate nearest to `word`, if one is near enough to be a typing error.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(lower.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{either, nearest};

    #[test]
    fn the_nearest_candidate_is_found_and_a_far_one_is_not() {
        let names = ["docker", "minikube", "ec2", "eks"];
        assert_eq!(nearest("esk", names), Some("eks"));
        assert_eq!(nearest("minicube", names), Some("minikube"));
        assert_eq!(nearest("fargate", names), None);
    }

    #[test]
    fn words_are_joined_as_a_choice() {
        assert_eq!((either(&["a"]), either(&["a", "b", "c"])), ("a".to_owned(), "a, b or c".to_owned()));
    }
}
