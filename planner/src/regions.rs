//! AWS regions: which codes exist, which place names mean them, and what a misspelt code may have meant.

use std::sync::LazyLock;

use serde::Deserialize;

/// One AWS region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// The code, such as `eu-west-1`.
    pub code: String,
    /// The name AWS gives it, such as `Europe (Ireland)`.
    pub name: String,
    /// Names of places that mean it, in lower case without accents.
    pub places: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    region: Vec<Region>,
}

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let file: File =
        toml::from_str(include_str!("../lexicon/regions.toml")).expect("the embedded region table is valid");
    file.region
});

/// How many edits a misspelt code may be away from a real one to be offered.
const NEAR: usize = 3;

/// Every region known: commercial, GovCloud, China and the European Sovereign Cloud.
pub fn all() -> &'static [Region] {
    &REGIONS
}

/// The region with this code; case does not matter.
pub fn find(code: &str) -> Option<&'static Region> {
    all().iter().find(|region| region.code.eq_ignore_ascii_case(code))
}

/// Whether there is an AWS region with this code; case does not matter.
pub fn is_region(code: &str) -> bool {
    find(code).is_some()
}

/// The region an availability zone such as `us-east-1a` belongs to.
pub fn of_zone(zone: &str) -> Option<&'static Region> {
    let letter = zone.chars().last().filter(char::is_ascii_alphabetic)?;
    find(&zone[..zone.len() - letter.len_utf8()])
}

/// The region that a place name means, such as `Frankfurt`; case and accents do not matter.
pub fn by_place(place: &str) -> Option<&'static Region> {
    let place = crate::goal::fold(place);
    all().iter().find(|region| region.places.contains(&place))
}

/// The codes nearest to a misspelt one, best first, at most three; none when nothing is near.
pub fn suggest(code: &str) -> Vec<&'static str> {
    let code = code.to_ascii_lowercase();
    let near = |region: &'static Region| (strsim::osa_distance(&code, &region.code), region.code.as_str());
    let mut codes: Vec<_> = all().iter().map(near).filter(|(distance, _)| *distance <= NEAR).collect();
    codes.sort_unstable();
    let best = codes.first().map_or(0, |(distance, _)| *distance);
    codes.into_iter().filter(|(distance, _)| *distance <= best).map(|(_, code)| code).take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_in_every_partition() {
        for code in
            ["us-east-1", "us-gov-west-1", "cn-north-1", "ap-southeast-7", "mx-central-1", "EU-WEST-1"]
        {
            assert!(is_region(code), "{code}");
        }
        for code in ["us-east-9", "europe-west1", "us-east", "", "eu-west-1a"] {
            assert!(!is_region(code), "{code}");
        }
    }

    #[test]
    fn codes_and_places_are_unique() {
        let mut codes: Vec<_> = all().iter().map(|region| &region.code).collect();
        let mut places: Vec<_> = all().iter().flat_map(|region| &region.places).collect();
        let (many_codes, many_places) = (codes.len(), places.len());
        codes.sort();
        codes.dedup();
        places.sort();
        places.dedup();
        assert_eq!((codes.len(), places.len()), (many_codes, many_places));
    }

    #[test]
    fn a_near_miss_names_the_nearest_codes() {
        assert_eq!(suggest("us-esat-1"), ["us-east-1"]);
        assert_eq!(suggest("us-east-9"), ["us-east-1", "us-east-2"]);
        assert!(suggest("narnia").is_empty());
    }

    #[test]
    fn a_zone_belongs_to_its_region() {
        assert_eq!(of_zone("us-east-1a").map(|region| region.code.as_str()), Some("us-east-1"));
        assert!(of_zone("us-east-1").is_none());
        assert!(of_zone("").is_none());
    }

    #[test]
    fn a_place_is_found_whatever_its_accents() {
        assert_eq!(by_place("São Paulo").map(|region| region.code.as_str()), Some("sa-east-1"));
        assert_eq!(by_place("ZÜRICH").map(|region| region.code.as_str()), Some("eu-central-2"));
        assert!(by_place("India").is_none());
    }
}
