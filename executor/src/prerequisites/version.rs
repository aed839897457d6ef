//! Versions as numbers, to compare what was found with what is needed.

use std::cmp::Ordering;

/// Whether `found` is at least `minimum`; a text without a number satisfies nothing.
pub(super) fn at_least(found: &str, minimum: &str) -> bool {
    match (numbers(found), numbers(minimum)) {
        (Some(found), Some(minimum)) => compare(&found, &minimum) != Ordering::Less,
        _ => false,
    }
}

/// The first dotted number of a text: `v2.27.1-rc1` is 2, 27, 1.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let version = text[start..].split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    Some(version.split('.').map_while(|part| part.parse().ok()).collect())
}

/// Compares number by number; missing ones count as zero.
fn compare(a: &[u64], b: &[u64]) -> Ordering {
    let length = a.len().max(b.len());
    let part = |numbers: &[u64], at: usize| numbers.get(at).copied().unwrap_or(0);
    (0..length).map(|at| part(a, at).cmp(&part(b, at))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers_not_as_text() {
        assert!(at_least("2.27", "2.27"));
        assert!(at_least("2.100.3", "2.27"));
        assert!(at_least("v3", "2.9.9"));
        assert!(!at_least("2.9", "2.27"));
        assert!(!at_least("none", "1"));
        assert!(at_least("1.30.0+k3s1", "1.30"));
    }
}
