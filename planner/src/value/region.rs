//! AWS region codes.

use super::either;
use crate::regions;

/// Takes a region that exists. A zone's letter is not cut off in silence: the refusal names the region.
pub(super) fn check(raw: &str) -> Result<String, String> {
    let code = raw.to_ascii_lowercase();
    if regions::is_region(&code) {
        return Ok(code);
    }
    let near: Vec<&str> = match regions::by_place(raw) {
        Some(region) => vec![region.code.as_str()],
        None => regions::suggest(&code),
    };
    Err(match near.is_empty() {
        true => "no such AWS region; a code such as us-east-1 or eu-central-1 is expected".to_owned(),
        false => format!("no such AWS region; did you mean {}?", either(&near)),
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_region_is_taken_in_any_case() {
        assert_eq!(check("EU-Central-1"), Ok("eu-central-1".to_owned()));
        assert_eq!(check("us-gov-west-1"), Ok("us-gov-west-1".to_owned()));
    }

    #[test]
    fn a_region_that_does_not_exist_is_answered_with_those_near_it() {
        let refused = Err("no such AWS region; did you mean us-east-1 or us-east-2?".to_owned());
        assert_eq!(check("us-east-9"), refused);
        assert!(check("the moon").unwrap_err().contains("a code such as"));
    }

    #[test]
    fn a_zone_is_no_region() {
        assert!(check("us-east-1a").unwrap_err().contains("us-east-1"));
    }

    #[test]
    fn a_place_is_answered_with_its_code() {
        assert_eq!(check("Frankfurt"), Err("no such AWS region; did you mean eu-central-1?".to_owned()));
    }
}
