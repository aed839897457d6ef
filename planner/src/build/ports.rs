//! The host ports a target binds, read from the files that bind them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::catalog::PortFormat;

/// The host ports in a file's text.
///
/// Variables in a compose file are taken from `environment`, else from their own default; a port that depends on
/// one without a value is left out.
pub(crate) fn read(format: PortFormat, text: &str, environment: &BTreeMap<String, String>) -> Vec<u16> {
    let ports: BTreeSet<u16> = match format {
        PortFormat::Compose => compose(&interpolate(text, environment)),
        PortFormat::PortForward => port_forwards(text),
    };
    ports.into_iter().collect()
}

static FORWARD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^\s*port_forward\s+\S.*"([^"]*)""#).expect("a constant pattern compiles"));
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}|\$([A-Za-z_][A-Za-z0-9_]*)")
        .expect("a constant pattern compiles")
});

/// `port_forward "Name" svc "H:C H:C …"`: the last quoted word holds the pairs.
fn port_forwards(text: &str) -> BTreeSet<u16> {
    let pairs = text.lines().filter_map(|line| FORWARD.captures(line)).filter_map(|found| found.get(1));
    pairs
        .flat_map(|pairs| pairs.as_str().split_whitespace())
        .filter_map(|pair| pair.split_once(':')?.0.parse().ok())
        .collect()
}

fn interpolate(text: &str, environment: &BTreeMap<String, String>) -> String {
    let value = |found: &Captures<'_>| {
        let name = found.get(1).or_else(|| found.get(3)).map_or("", |name| name.as_str());
        let set = environment.get(name).filter(|value| !value.is_empty()).map(String::as_str);
        set.or_else(|| found.get(2).map(|default| default.as_str())).unwrap_or_default().to_owned()
    };
    VARIABLE.replace_all(text, value).into_owned()
}

/// The entries of every `ports:` list, in its short, long and one-line forms.
fn compose(text: &str) -> BTreeSet<u16> {
    let mut ports = BTreeSet::new();
    let mut list_indent: Option<usize> = None;
    for line in text.lines().map(without_comment).filter(|line| !line.trim().is_empty()) {
        let indent = line.len() - line.trim_start().len();
        let content = line.trim();
        if let Some(rest) = content.strip_prefix("ports:") {
            list_indent = Some(indent);
            inline(rest.trim(), &mut ports);
        } else if list_indent
            .is_some_and(|list| indent > list || (indent == list && content.starts_with('-')))
        {
            entry(content, &mut ports);
        } else {
            list_indent = None;
        }
    }
    ports
}

fn without_comment(line: &str) -> &str {
    match line.find(" #") {
        Some(at) => &line[..at],
        None if line.trim_start().starts_with('#') => "",
        None => line,
    }
}

/// `["8443:8443", 5480:80]`.
fn inline(list: &str, ports: &mut BTreeSet<u16>) {
    if let Some(items) = list.strip_prefix('[') {
        items.trim_end_matches(']').split(',').for_each(|item| ports.extend(short(item)));
    }
}

/// One line of a list: `- "8443:8443"`, or `published: "8443"` of the long form.
fn entry(content: &str, ports: &mut BTreeSet<u16>) {
    let item = content.trim_start_matches('-').trim();
    if let Some(published) = item.strip_prefix("published:") {
        ports.extend(range(unquoted(published)));
    } else if content.starts_with('-') && !item.contains(": ") {
        ports.extend(short(item));
    } else if item.starts_with('{') {
        let published = item.split(['{', ',', '}']).find_map(|part| part.trim().strip_prefix("published:"));
        ports.extend(published.map(|text| range(unquoted(text))).unwrap_or_default());
    }
}

/// `H:C`, `IP:H:C`, `[IP6]:H:C`, ranges, `/proto`; a container port alone is bound to a random host port.
fn short(item: &str) -> Vec<u16> {
    let pair = unquoted(item).split('/').next().unwrap_or_default();
    let mut parts = pair.rsplitn(3, ':');
    let (_container, host) = (parts.next(), parts.next());
    host.map(range).unwrap_or_default()
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'']).trim()
}

fn range(text: &str) -> Vec<u16> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse::<u16>(), last.parse::<u16>()) {
        (Ok(first), Ok(last)) => (first..=last).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{PortFormat, read};

    fn compose(text: &str) -> Vec<u16> {
        read(PortFormat::Compose, text, &BTreeMap::from([("WEB_PORT".to_owned(), "9443".to_owned())]))
    }

    #[test]
    fn every_way_of_writing_a_port_in_a_compose_file_is_read() {
        let text = r#"
services:
  gateway:
    ports:
      - "8443:8443"          # TLS
      - 127.0.0.1:8081:81
      - '[::1]:8082:82/tcp'
      - 5480-5482:80-82/udp
      - "${WEB_PORT:-1}:443"
      - "${OTHER_PORT:-7000}:70"
      - "$UNSET:71"
      - "9999"
  admin:
    ports: ["6000:60", 6001:61]
  api:
    ports:
    - target: 80
      published: "7443"
      protocol: tcp
    - { target: 81, published: 7444 }
    environment:
      - "LISTEN=1111:2222"
volumes:
  data: {}
"#;
        let expected = [5480, 5481, 5482, 6000, 6001, 7000, 7443, 7444, 8081, 8082, 8443, 9443];
        assert_eq!(compose(text), expected);
    }

    #[test]
    fn a_file_without_ports_binds_none() {
        assert!(compose("services:\n  a:\n    image: scratch\n").is_empty());
        assert!(compose("\u{0}not yaml: [").is_empty());
    }

    #[test]
    fn port_forwards_of_a_setup_script_are_read() {
        let text = "port_forward() {\n  local name=$1\n}\n# port_forward \"Old\" svc \"1:1\"\n\
                    port_forward \"Gateway\" svc/nginx \"8443:8443\"\n  port_forward \"Mail\" svc/mail \"8081:81 5480:80\" &\n";
        assert_eq!(read(PortFormat::PortForward, text, &BTreeMap::new()), [5480, 8081, 8443]);
    }
}
