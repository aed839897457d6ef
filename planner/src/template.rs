//! What a CloudFormation template says about its parameters, read from its text.

use yaml_rust2::{Yaml, YamlLoader};

/// The longest template that CloudFormation takes in a request, in bytes ("CloudFormation quotas", AWS).
pub(crate) const MAX_BYTES: usize = 51_200;

/// One parameter of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// Such as `String` or `AWS::EC2::KeyPair::KeyName`.
    pub(crate) kind: String,
    pub(crate) default: Option<String>,
    /// Whether its value must never be shown (`NoEcho`).
    pub(crate) no_echo: bool,
    pub(crate) description: Option<String>,
    /// The values it takes; empty for any.
    pub(crate) allowed: Vec<String>,
}

/// The parameters of a template in JSON or YAML, in its order.
///
/// # Errors
/// One line that says why the text is no template, with the place where one can be named.
pub(crate) fn parameters(text: &str) -> Result<Vec<Parameter>, String> {
    // JSON is read as YAML, too: it is a subset, and JSON templates with comments or tabs are refused either way.
    let documents = YamlLoader::load_from_str(text).map_err(|error| {
        let at = error.marker();
        format!("line {}, column {}: {}", at.line(), at.col() + 1, error.info())
    })?;
    let root = documents.into_iter().next().and_then(Yaml::into_hash);
    let root = root.ok_or("not a CloudFormation template: it has no sections")?;
    let section = |name: &str| root.get(&Yaml::String(name.to_owned()));
    if section("Resources").is_none() {
        return Err("not a CloudFormation template: it has no Resources".to_owned());
    }
    let Some(parameters) = section("Parameters").and_then(Yaml::as_hash) else { return Ok(Vec::new()) };
    Ok(parameters.iter().filter_map(|(name, body)| Some(parameter(name.as_str()?, body))).collect())
}

fn parameter(name: &str, body: &Yaml) -> Parameter {
    let allowed = body["AllowedValues"].as_vec().map(Vec::as_slice).unwrap_or_default();
    Parameter {
        name: name.to_owned(),
        kind: text(&body["Type"]).unwrap_or_else(|| "String".to_owned()),
        default: text(&body["Default"]),
        no_echo: text(&body["NoEcho"]).is_some_and(|value| value.eq_ignore_ascii_case("true")),
        description: text(&body["Description"]).map(|text| one_line(&text)),
        allowed: allowed.iter().filter_map(text).collect(),
    }
}

/// A scalar as CloudFormation takes it: everything is text.
fn text(value: &Yaml) -> Option<String> {
    match value {
        Yaml::String(text) | Yaml::Real(text) => Some(text.clone()),
        Yaml::Integer(number) => Some(number.to_string()),
        Yaml::Boolean(value) => Some(value.to_string()),
        Yaml::Array(items) => Some(items.iter().filter_map(text).collect::<Vec<_>>().join(",")),
        _ => None,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "\
Parameters:
  KeyName: { Type: 'AWS::EC2::KeyPair::KeyName', Description: \"For\n    emergencies\" }
  Token: { Type: String, NoEcho: true, Default: '' }
  Size:
    Type: Number
    Default: 60
  Mode:
    Type: String
    AllowedValues: [public, private]
Resources:
  Role: !Sub ${Mode}
  Zone: !Select [0, !GetAZs '']
";

    #[test]
    fn parameters_are_read_in_their_order_with_what_they_say() {
        let found = parameters(YAML).unwrap();
        let names: Vec<&str> = found.iter().map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(names, ["KeyName", "Token", "Size", "Mode"]);
        assert_eq!(
            (found[0].default.as_deref(), found[0].description.as_deref()),
            (None, Some("For emergencies"))
        );
        assert_eq!((found[1].no_echo, found[1].default.as_deref()), (true, Some("")));
        assert_eq!(found[2].default.as_deref(), Some("60"));
        assert_eq!(found[3].allowed, ["public", "private"]);
    }

    #[test]
    fn a_template_in_json_reads_the_same() {
        let json = r#"{"Parameters": {"Days": {"Type": "Number", "Default": 30, "NoEcho": "TRUE"}}, "Resources": {}}"#;
        let found = parameters(json).unwrap();
        assert_eq!((found[0].default.as_deref(), found[0].no_echo), (Some("30"), true));
    }

    #[test]
    fn what_is_no_template_is_refused_with_the_place() {
        assert!(parameters("Resources:\n  - a\n b: [").unwrap_err().starts_with("line "));
        assert_eq!(parameters("hello").unwrap_err(), "not a CloudFormation template: it has no sections");
        assert_eq!(parameters("a: 1").unwrap_err(), "not a CloudFormation template: it has no Resources");
    }
}
