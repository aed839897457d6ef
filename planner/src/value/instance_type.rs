//! EC2 instance types.

use super::nearest;

/// Sizes without a number in front (EC2 instance type naming).
const SIZES: [&str; 7] = ["nano", "micro", "small", "medium", "large", "xlarge", "metal"];

/// Takes `family.size`. Which families exist changes monthly and by region, so only the form is checked.
pub(super) fn check(raw: &str) -> Result<String, String> {
    if is_type(raw) {
        return Ok(raw.to_owned());
    }
    let accepted = "an instance type is family.size, such as t3.2xlarge";
    Err(match repaired(raw) {
        Some(better) => format!("{accepted}; did you mean {better}?"),
        None => accepted.to_owned(),
    })
}

fn is_type(text: &str) -> bool {
    text.split_once('.').is_some_and(|(family, size)| is_family(family) && is_size(size))
}

fn is_family(family: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    family.starts_with(|c: char| c.is_ascii_lowercase())
        && family.bytes().all(allowed)
        && family.bytes().any(|b| b.is_ascii_digit())
}

fn is_size(size: &str) -> bool {
    let numbered = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    SIZES.contains(&size)
        || size.strip_suffix("xlarge").is_some_and(numbered)
        || size.strip_prefix("metal-").and_then(|rest| rest.strip_suffix("xl")).is_some_and(numbered)
}

fn repaired(raw: &str) -> Option<String> {
    let lower = raw.trim().to_ascii_lowercase();
    let dotted = match lower.contains('.') {
        true => lower,
        false => lower.replacen(['-', '_', ' '], ".", 1),
    };
    if is_type(&dotted) {
        return Some(dotted);
    }
    let (family, size) = dotted.split_once('.')?;
    let digits = size.len() - size.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, word) = size.split_at(digits);
    let better = format!("{family}.{count}{}", nearest(word, SIZES)?);
    is_type(&better).then_some(better)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn types_of_any_family_are_taken() {
        for name in
            ["t3.xlarge", "m6i.2xlarge", "u-6tb1.56xlarge", "m7i-flex.large", "c7gn.metal", "m7i.metal-24xl"]
        {
            assert_eq!(check(name), Ok(name.to_owned()));
        }
    }

    #[test]
    fn a_misspelt_type_is_answered_with_the_near_one() {
        for (raw, near) in
            [("T3.XLarge", "t3.xlarge"), ("t3-2xlarge", "t3.2xlarge"), ("m5.2xlrge", "m5.2xlarge")]
        {
            assert!(check(raw).unwrap_err().ends_with(&format!("did you mean {near}?")), "{raw}");
        }
        for raw in ["", "big", "t3.", ".large", "t3.large;id", "t3.huge"] {
            assert!(check(raw).is_err(), "{raw}");
        }
    }
}
