//! Finds tokens and passwords pasted into a goal and masks them before anything else reads the text.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands in a text for a secret.
const MASK: &str = "***";

/// Tokens that their form gives away, and the word after a "password", "token" or "secret".
static SECRETS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi)
        (?P<token> \b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-|sk-|hf_|npm_|pypi-)[A-Za-z0-9_\-]{4,}
                 | \b(?:AKIA|ASIA)[A-Z0-9]{8,}
                 | \beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_.\-]+ )
        | (?P<label> \b(?:passwords?|passwd|passphrase|pwd|pass\s?word|(?:ghcr|github|access|api|auth|registry|bearer)[\s_\-]?(?:token|key)|token|pw
              |secret(?:[\s_\-](?:access[\s_\-])?key)?)
              (?: \s*(?:is|:|=|->|to|as|of)\s* | \s+ | \s*[:=]\s* )
              | \b\w+_(?:secret|token|password|key)(?:_\w+)?\s*[:=]\s* )
          (?P<value> "[^"\n]+" | '[^'\n]+' | `[^`\n]+` | [^\s"'`,;]+ )
        | (?P<userinfo> ://[^\s/@:]*:)(?P<password>[^\s/@]+)@
        "#,
    )
    .expect("the secret pattern is valid")
});

/// Words that follow "password" or "token" in prose and are no secret.
static PROSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)^(?: [a-z]{1,4} | i['’]?ll | i['’]?m | from | will | later | myself | comes? | should | must | would | could | rotation | reset
          | manager | resets? | stored | lives | separately | which | that | this | there | yourself | ourselves | in\b.* | expired? | expires
          | policy | handling | needed | required | again | please | please\. | when | with | without | generated | comes\.? | server | service
          | changes? | field | secret | token | password | login | authentication | environment | already | only | before | after | access )[.,;:!?)]*$",
    )
    .expect("the prose pattern is valid")
});

/// The text with each secret replaced, and whether there was any.
pub(super) fn mask(text: &str) -> (String, bool) {
    let mut found = false;
    let masked = SECRETS.replace_all(text, |caps: &Captures<'_>| {
        let replacement = replacement(caps);
        found |= replacement.contains(MASK);
        replacement
    });
    (masked.into_owned(), found)
}

fn replacement(caps: &Captures<'_>) -> String {
    if caps.name("token").is_some() {
        return MASK.to_owned();
    }
    if let Some(user) = caps.name("userinfo") {
        return format!("{}{MASK}@", user.as_str());
    }
    let (label, value) = (&caps["label"], &caps["value"]);
    let (value, end) = value.split_at(value.trim_end_matches(['.', '!', '?', ':', ')']).len());
    let said = label.to_ascii_lowercase().contains("pass") || looks_secret(value);
    match label.contains([':', '=']) || (said && !PROSE.is_match(value)) {
        true => format!("{label}{MASK}{end}"),
        // What follows the label may still give itself away by its form.
        false => format!("{label}{}{end}", mask(value).0),
    }
}

fn looks_secret(value: &str) -> bool {
    value.len() >= 8 && value.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn tokens_and_passwords_are_masked() {
        for (given, wanted) in [
            ("use ghp_abcdef1234 please", "use *** please"),
            ("admin password swordfish, ok", "admin password ***, ok"),
            ("password: \"two words\" end", "password: *** end"),
            ("AKIAABCDEFGH1234", "***"),
            ("https://bob:pw@git.example/x.git", "https://bob:***@git.example/x.git"),
            ("token=abc", "token=***"),
            ("token ghp_SWORDFISHSWORDFISH and go", "token *** and go"),
            ("AWS_SECRET_ACCESS_KEY=wJalr/EXAMPLE", "AWS_SECRET_ACCESS_KEY=***"),
            ("pw swordfish99", "pw ***"),
        ] {
            assert_eq!(mask(given), (wanted.to_owned(), true), "{given}");
        }
    }

    #[test]
    fn prose_about_a_password_is_left_alone() {
        for given in [
            "with the password I'll type later",
            "the token is in the vault",
            "ghcr token from the environment",
        ] {
            assert_eq!(mask(given), (given.to_owned(), false));
        }
    }
}
