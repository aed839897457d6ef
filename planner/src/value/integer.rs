//! Whole numbers within bounds.

/// Takes a decimal number from `min` to `max`.
pub(super) fn check(raw: &str, min: i64, max: i64) -> Result<i64, String> {
    let accepted = format!("must be a whole number from {min} to {max}");
    raw.parse().ok().filter(|number| (min..=max).contains(number)).ok_or(accepted)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn bounds_are_included_and_what_is_outside_is_refused() {
        assert_eq!((check("0", 0, 5), check("5", 0, 5)), (Ok(0), Ok(5)));
        for raw in ["6", "-1", "2.5", "two", "", "99999999999999999999"] {
            assert_eq!(check(raw, 0, 5), Err("must be a whole number from 0 to 5".to_owned()), "{raw}");
        }
    }
}
