//! Values in shell commands: what stands in place of a placeholder is one part of one word, whatever it holds.

/// Where in a command a placeholder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Quotes {
    /// Outside of quotes.
    #[default]
    None,
    /// Between `'` and `'`.
    Single,
    /// Between `"` and `"`.
    Double,
}

impl Quotes {
    /// Where the end of a text stands that begins here.
    pub(crate) fn after(self, text: &str) -> Self {
        let mut chars = text.chars();
        let mut here = self;
        while let Some(c) = chars.next() {
            here = match (here, c) {
                (Self::None, '\'') => Self::Single,
                (Self::None, '"') => Self::Double,
                (Self::Single, '\'') | (Self::Double, '"') => Self::None,
                (Self::None | Self::Double, '\\') => {
                    chars.next();
                    here
                }
                _ => here,
            };
        }
        here
    }

    /// The value as it has to be written here. Double quotes are left for single ones, since nothing else keeps an
    /// interactive shell from expanding `!`.
    pub(crate) fn quote(self, value: &str) -> String {
        let escaped = || value.replace('\'', r"'\''");
        match self {
            _ if is_plain(value) => value.to_owned(),
            Self::None => format!("'{}'", escaped()),
            Self::Single => escaped(),
            Self::Double => format!("\"'{}'\"", escaped()),
        }
    }
}

/// Whether a value may stand in a command at all: one that begins like a flag would be read as one, and characters
/// that nobody sees would make another command of what is shown.
pub(crate) fn is_fit(value: &str) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0001}'..='\u{e007f}')
    };
    !value.is_empty() && !value.starts_with('-') && !value.chars().any(hidden)
}

fn is_plain(value: &str) -> bool {
    // zsh expands a leading `=`, and any shell a leading `~`
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    value.bytes().all(safe) && !value.starts_with('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_quoted_for_the_place_it_stands_in() {
        assert_eq!(Quotes::None.quote("shop-1"), "shop-1");
        assert_eq!(Quotes::None.quote("$(id)"), "'$(id)'");
        assert_eq!(Quotes::Single.quote("it's"), r"it'\''s");
        assert_eq!(Quotes::Double.quote("`id`!"), "\"'`id`!'\"");
    }

    #[test]
    fn the_quotes_of_a_command_are_followed() {
        assert_eq!(Quotes::None.after("aws x --query \"a[?b=='"), Quotes::Double);
        assert_eq!(Quotes::None.after(r"a \' 'b\"), Quotes::Single);
        assert_eq!(Quotes::None.after("'a' \"b\" "), Quotes::None);
    }

    #[test]
    fn what_a_program_takes_for_a_flag_or_nobody_sees_is_not_fit() {
        assert!(is_fit("a -rf b"));
        assert!(
            !is_fit("--endpoint-url=http://x") && !is_fit("a\u{202e}b") && !is_fit("a\nb") && !is_fit("")
        );
    }
}
