//! The templates that come with the program, with the code of their functions put in.

/// How a plan names such a template instead of a file.
const PREFIX: &str = "builtin:";

/// A template, its function's code, and where in the template that code goes.
struct Builtin {
    name: &'static str,
    template: &'static str,
    code: &'static str,
    place: &'static str,
}

const ALL: [Builtin; 2] = [
    Builtin {
        name: "events",
        template: include_str!("../assets/events-template.yaml"),
        code: include_str!("../assets/events-handler.py"),
        place: "\"@@events-handler.py@@\"",
    },
    Builtin {
        name: "renewal",
        template: include_str!("../assets/renewal-template.yaml"),
        code: include_str!("../assets/renewal-handler.py"),
        place: "\"@@renewal-handler.py@@\"",
    },
];

/// The text of a template that comes with the program; nothing for a path that names a file.
pub fn template(path: &str) -> Option<String> {
    let name = path.strip_prefix(PREFIX)?;
    let builtin = ALL.iter().find(|builtin| builtin.name == name)?;
    // a JSON string is a double-quoted scalar of YAML
    let code = serde_json::Value::from(builtin.code).to_string();
    Some(builtin.template.replace(builtin.place, &code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_the_function_is_in_the_template() {
        for builtin in &ALL {
            let text = template(&format!("builtin:{}", builtin.name)).expect("it is there");
            assert!(!text.contains("@@") && text.contains("def handler("), "{}", builtin.name);
            assert!(text.len() < 51_200, "more than CloudFormation takes in a request");
        }
    }

    #[test]
    fn a_file_is_no_template_of_the_program() {
        assert_eq!(template("orders.yaml"), None);
        assert_eq!(template("builtin:orders"), None);
    }
}
