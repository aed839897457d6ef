//! A schedule as EventBridge reads it: `rate(12 hours)`, or `cron(…)` with six fields.

/// One of the six fields.
struct Field {
    name: &'static str,
    low: u16,
    high: u16,
    names: &'static [&'static str],
    /// What it takes besides numbers, names, lists, ranges, `*` and steps.
    also: &'static str,
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: [Field; 6] = [
    Field { name: "minutes", low: 0, high: 59, names: &[], also: "" },
    Field { name: "hours", low: 0, high: 23, names: &[], also: "" },
    Field { name: "day-of-month", low: 1, high: 31, names: &[], also: "?LW" },
    Field { name: "month", low: 1, high: 12, names: &MONTHS, also: "" },
    Field { name: "day-of-week", low: 1, high: 7, names: &DAYS, also: "?L#" },
    Field { name: "year", low: 1970, high: 2199, names: &[], also: "" },
];
const FORMS: &str = "such as rate(12 hours), or cron with minutes, hours, day-of-month, month, day-of-week and year: cron(0 5 1 * ? *)";

/// The expression as EventBridge takes it; six fields alone stand for `cron(…)`.
///
/// # Errors
/// What is wrong with it, in one clause.
pub fn schedule(text: &str) -> Result<String, String> {
    let text = text.trim();
    let inner = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    match (inner("rate"), inner("cron")) {
        (Some(rate), _) => seconds(rate).map(|_| text.to_owned()),
        (_, Some(fields)) => cron(fields).map(|fields| format!("cron({fields})")),
        _ if text.contains('(') || text.is_empty() => Err(format!("a schedule is expected, {FORMS}")),
        _ => cron(text).map(|fields| format!("cron({fields})")),
    }
}

/// How many seconds lie between two runs of a `rate(…)`; nothing for a `cron(…)`.
pub fn period(expression: &str) -> Option<u64> {
    seconds(expression.strip_prefix("rate(")?.strip_suffix(')')?).ok()
}

fn seconds(rate: &str) -> Result<u64, String> {
    let wrong =
        || format!("rate({rate}): a number and minutes, hours or days are expected, as in rate(12 hours)");
    let (count, unit) = rate.trim().split_once(' ').ok_or_else(wrong)?;
    let count = count.parse::<u64>().ok().filter(|count| (1..=100_000).contains(count)).ok_or_else(wrong)?;
    let (single, length) = match unit.trim().trim_end_matches('s') {
        "minute" => ("minute", 60),
        "hour" => ("hour", 60 * 60),
        "day" => ("day", 24 * 60 * 60),
        _ => return Err(wrong()),
    };
    let spelt = if count == 1 { single.to_owned() } else { format!("{single}s") };
    match unit.trim() == spelt {
        true => Ok(count * length),
        false => Err(format!("rate({rate}): EventBridge wants rate({count} {spelt})")),
    }
}

fn cron(text: &str) -> Result<String, String> {
    let fields: Vec<String> = text.split_whitespace().map(str::to_ascii_uppercase).collect();
    if fields.len() != FIELDS.len() {
        return Err(miscounted(&fields));
    }
    for (field, text) in FIELDS.iter().zip(&fields) {
        if !field.takes(text) {
            let names = field.names.first().zip(field.names.last());
            let names = names.map_or_else(String::new, |(first, last)| format!(" or {first} to {last}"));
            let Field { name, low, high, .. } = field;
            return Err(format!("cron: {name} takes {low} to {high}{names}, not {text}"));
        }
    }
    match (fields[2] == "?", fields[4] == "?") {
        (true, true) | (false, false) => {
            Err("cron: exactly one of day-of-month and day-of-week has to be ?".to_owned())
        }
        _ => Ok(fields.join(" ")),
    }
}

/// Five fields are what a crontab has; where the meaning is plain, the six are offered.
fn miscounted(fields: &[String]) -> String {
    match fields {
        [minute, hour, day, month, week] if week == "*" => {
            format!(
                "cron: EventBridge has six fields, not a crontab's five: cron({minute} {hour} {day} {month} ? *)"
            )
        }
        _ => format!("cron: {} fields instead of six, {FORMS}", fields.len()),
    }
}

impl Field {
    fn takes(&self, text: &str) -> bool {
        (text == "?" && self.also.contains('?')) || text.split(',').all(|item| self.takes_item(item))
    }

    fn takes_item(&self, item: &str) -> bool {
        let (base, step) = item.split_once('/').map_or((item, None), |(base, step)| (base, Some(step)));
        let step_fits =
            step.is_none_or(|step| number(step).is_some_and(|step| (1..=self.high).contains(&step)));
        step_fits && self.takes_base(base)
    }

    fn takes_base(&self, base: &str) -> bool {
        let before = |mark: char| base.strip_suffix(mark).filter(|_| self.also.contains(mark));
        let week = self.also.contains('#');
        match (before('L'), before('W'), base.split_once('#'), base.split_once('-')) {
            _ if base == "*" => true,
            (Some(day), ..) => day.is_empty() || (week && self.value(day)),
            (_, Some(day), ..) => day == "L" || self.value(day),
            (.., Some((day, nth)), _) => {
                week && self.value(day) && number(nth).is_some_and(|nth| (1..=5).contains(&nth))
            }
            (.., Some((from, to))) => self.value(from) && self.value(to),
            _ => self.value(base),
        }
    }

    fn value(&self, text: &str) -> bool {
        self.names.contains(&text)
            || number(text).is_some_and(|value| (self.low..=self.high).contains(&value))
    }
}

/// Digits only: a sign is no part of a number here.
fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_eventbridge_documents_is_taken() {
        for text in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(1 hour)",
            "rate(7 days)",
            "cron(0 10 * * ? *)",
            "cron(15 12 * * ? *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0 8 1 * ? *)",
            "cron(0/10 * ? * MON-FRI *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "cron(0/30 20-2 ? * MON-FRI *)",
            "cron(0 9 ? * 2#1 *)",
            "cron(0 0 L * ? *)",
            "cron(0 0 3W JAN,JUL ? 2026-2030)",
            "cron(0 0 ? * 6L *)",
        ] {
            assert_eq!(schedule(text).as_deref(), Ok(text));
        }
        assert_eq!(schedule("0 5 ? * mon *").as_deref(), Ok("cron(0 5 ? * MON *)"));
    }

    #[test]
    fn what_it_would_refuse_is_refused_with_what_it_wants() {
        for (text, said) in [
            ("", "a schedule is expected"),
            ("every(day)", "a schedule is expected"),
            ("rate(1 days)", "EventBridge wants rate(1 day)"),
            ("rate(12 hour)", "EventBridge wants rate(12 hours)"),
            ("rate(0 days)", "a number and minutes, hours or days"),
            ("rate(2 weeks)", "a number and minutes, hours or days"),
            ("0 5 1 * *", "six fields, not a crontab's five: cron(0 5 1 * ? *)"),
            ("cron(0 5 * * * *)", "exactly one of day-of-month and day-of-week has to be ?"),
            ("cron(0 5 ? * ? *)", "exactly one"),
            ("cron(60 5 1 * ? *)", "minutes takes 0 to 59, not 60"),
            ("cron(0 24 1 * ? *)", "hours takes 0 to 23"),
            ("cron(0 5 1 13 ? *)", "month takes 1 to 12 or JAN to DEC, not 13"),
            ("cron(0 5 ? * MO *)", "day-of-week takes 1 to 7 or SUN to SAT, not MO"),
            ("cron(0 5 1 * ?)", "5 fields instead of six"),
            ("cron(0 5/0 1 * ? *)", "hours takes"),
            ("cron(,5 5 1 * ? *)", "minutes takes"),
        ] {
            let refused = schedule(text).expect_err(text);
            assert!(refused.contains(said) && !refused.contains('\n'), "{text}: {refused}");
        }
    }

    #[test]
    fn a_rate_has_a_length_and_a_cron_has_none() {
        assert_eq!(period("rate(12 hours)"), Some(12 * 3600));
        assert_eq!(period("cron(0 5 1 * ? *)"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused_in_one_line(text in ".{0,40}") {
            if let Err(refused) = schedule(&text) {
                prop_assert!(!refused.is_empty());
            }
        }

        #[test]
        fn what_was_taken_is_taken_again_as_it_is(fields in prop::collection::vec("[0-9*?LW#/,A-Z-]{1,6}", 6)) {
            if let Ok(first) = schedule(&fields.join(" ")) {
                prop_assert_eq!(schedule(&first), Ok(first.clone()));
            }
        }
    }
}
