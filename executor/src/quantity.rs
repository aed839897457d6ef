//! Sizes as Kubernetes writes them.

/// A storage quantity in whole GiB, rounded up; nothing for what is no quantity.
pub(crate) fn gib(text: &str) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    let power = |base: f64, exponent: i32| base.powi(exponent);
    let bytes = number
        * match unit {
            "" => 1.0,
            "k" => power(1000.0, 1),
            "M" => power(1000.0, 2),
            "G" => power(1000.0, 3),
            "T" => power(1000.0, 4),
            "Ki" => power(1024.0, 1),
            "Mi" => power(1024.0, 2),
            "Gi" => power(1024.0, 3),
            "Ti" => power(1024.0, 4),
            _ => return None,
        };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some((bytes / power(1024.0, 3)).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_in_every_usual_unit() {
        for (text, expected) in [
            ("10Gi", Some(10)),
            ("1Ti", Some(1024)),
            ("512Mi", Some(1)),
            ("10G", Some(10)),
            ("1.5Gi", Some(2)),
            ("ten", None),
            ("10Xi", None),
        ] {
            assert_eq!(gib(text), expected, "{text}");
        }
    }
}
