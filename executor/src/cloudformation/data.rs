//! What is known about resource types: how long they usually take, and which of them hold data.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

static DURATIONS: LazyLock<BTreeMap<String, [u64; 2]>> =
    LazyLock::new(|| parsed(include_str!("../../data/durations.toml")));
static STORES: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| parsed(include_str!("../../data/stores.toml")));

/// The file's table; the tests hold that it parses.
fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> BTreeMap<String, T> {
    toml::from_str(text).unwrap_or_default()
}

/// How long an operation on a resource of this type usually takes; nothing for what is usually quick.
///
/// `status` is the resource's status while it works, such as `DELETE_IN_PROGRESS`.
pub(crate) fn usual(kind: &str, status: &str) -> Option<Duration> {
    let [create, delete] = DURATIONS.get(kind)?;
    let seconds = if status.starts_with("DELETE") { delete } else { create };
    Some(Duration::from_secs(*seconds))
}

/// Whether a time is unusually long for a resource of this type: twice the usual and half a minute.
pub(crate) fn is_slow(kind: &str, status: &str, took: Duration) -> bool {
    let usual = usual(kind, status).unwrap_or(Duration::from_secs(15));
    took > usual * 2 + Duration::from_secs(30)
}

/// What data is lost with a resource of this type, such as `a table`; nothing for one that holds none.
pub(crate) fn store(kind: &str) -> Option<&'static str> {
    STORES.get(kind).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_files_parse_and_are_sorted_by_type() {
        let types = |text: &str| -> Vec<String> {
            let quoted = text.lines().filter_map(|line| line.strip_prefix('"')?.split_once('"'));
            quoted.map(|(name, _)| name.to_owned()).collect()
        };
        let (durations, stores) =
            (include_str!("../../data/durations.toml"), include_str!("../../data/stores.toml"));
        assert_eq!((DURATIONS.len(), STORES.len()), (types(durations).len(), types(stores).len()));
        assert!(DURATIONS.len() > 50 && STORES.len() > 25);
        assert!(
            types(stores).is_sorted()
                && DURATIONS.keys().chain(STORES.keys()).all(|name| name.starts_with("AWS::"))
        );
    }

    #[test]
    fn slow_is_well_beyond_the_usual_of_the_type() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        assert!(is_slow("AWS::SNS::Topic", "CREATE_IN_PROGRESS", minutes(2)));
        assert!(!is_slow("AWS::EKS::Cluster", "CREATE_IN_PROGRESS", minutes(12)));
        assert!(is_slow("AWS::EKS::Cluster", "CREATE_IN_PROGRESS", minutes(25)));
    }

    #[test]
    fn tables_hold_data_and_topics_do_not() {
        assert_eq!((store("AWS::DynamoDB::Table"), store("AWS::SNS::Topic")), (Some("a table"), None));
    }
}
