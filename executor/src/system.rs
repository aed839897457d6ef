//! Which system this is, for install hints.

use std::collections::BTreeMap;
use std::path::Path;

/// The system, by the names that install hints are keyed by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct System {
    names: Vec<String>,
}

impl System {
    /// The system this process runs on.
    pub fn here() -> Self {
        if cfg!(target_os = "macos") {
            return Self::named(["macos"]);
        }
        let paths = ["/etc/os-release", "/usr/lib/os-release"];
        let text = paths.iter().find_map(|path| std::fs::read_to_string(Path::new(path)).ok());
        Self::from_os_release(&text.unwrap_or_default())
    }

    /// A system with these names.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { names: names.into_iter().map(str::to_owned).collect() }
    }

    /// Reads the `ID` and `ID_LIKE` of an `os-release` file (freedesktop.org, os-release(5)).
    pub fn from_os_release(text: &str) -> Self {
        let field = |key: &str| {
            let value = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
            value.unwrap_or_default().trim_matches(['"', '\'']).to_lowercase()
        };
        let own: Vec<String> = std::iter::once(field("ID"))
            .chain(field("ID_LIKE").split_whitespace().map(str::to_owned))
            .collect();
        let mut names: Vec<String> = family(&own).into_iter().map(str::to_owned).collect();
        names.extend(own.into_iter().filter(|name| !name.is_empty()));
        names.dedup();
        Self { names }
    }

    /// Its names: first the family whose packages it uses (`debian`, `fedora`, `macos`), where known, then its own.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The hint for this system, or the one for `any`.
    pub fn hint<'a>(&self, hints: &'a BTreeMap<String, String>) -> Option<&'a str> {
        let names = self.names.iter().map(String::as_str).chain(["any"]);
        names.filter_map(|name| hints.get(name)).map(String::as_str).next()
    }
}

/// The family whose packages a system uses.
fn family(names: &[String]) -> Option<&'static str> {
    names.iter().find_map(|name| match name.as_str() {
        "debian" | "ubuntu" => Some("debian"),
        "fedora" | "rhel" | "centos" | "amzn" => Some("fedora"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints() -> BTreeMap<String, String> {
        [("debian", "apt-get install jq"), ("fedora", "dnf install jq"), ("any", "see the manual")]
            .map(|(system, hint)| (system.to_owned(), hint.to_owned()))
            .into()
    }

    #[test]
    fn a_derivative_takes_the_hint_of_what_it_is_like() {
        let mint = System::from_os_release("NAME=Mint\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n");
        assert_eq!(mint.hint(&hints()), Some("apt-get install jq"));
        let rocky = System::from_os_release("ID=\"rocky\"\nID_LIKE=\"rhel centos\"\n");
        assert_eq!(rocky.hint(&hints()), Some("dnf install jq"));
    }

    #[test]
    fn an_unknown_system_takes_the_general_hint() {
        assert_eq!(System::from_os_release("").hint(&hints()), Some("see the manual"));
        assert_eq!(System::named(["macos"]).hint(&BTreeMap::new()), None);
    }
}
