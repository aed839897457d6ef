//! Times as the AWS CLI writes them, and how far they are from now.

use jiff::Timestamp;
use serde_json::Value;

/// A time: text in version 2 of the CLI, seconds since 1970 in version 1.
pub(super) fn at(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        #[allow(clippy::cast_possible_truncation)]
        Value::Number(number) => Timestamp::from_second(number.as_f64()? as i64).ok(),
        _ => None,
    }
}

/// Whole days from now until a time; negative for one that has passed.
pub(super) fn days_until(time: Timestamp) -> i64 {
    (time.as_second() - Timestamp::now().as_second()) / (24 * 60 * 60)
}

/// The day of a time, in UTC.
pub(super) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// Seconds since a time as text.
pub(super) fn age(text: &str) -> Option<i64> {
    let time: Timestamp = text.parse().ok()?;
    Some(Timestamp::now().as_second() - time.as_second())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_versions_of_the_cli_are_read() {
        let both = [json!("2026-03-01T10:00:00+00:00"), json!(1_772_359_200.0)];
        assert_eq!(
            both.each_ref().map(|value| at(value).map(day)),
            [Some("2026-03-01".to_owned()), Some("2026-03-01".to_owned())]
        );
        assert_eq!(at(&json!(null)), None);
    }
}
