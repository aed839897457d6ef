//! Cuts normalised text into words, punctuation and self-evident values (URLs, addresses, region codes …).

use crate::regions;

use super::text::fold;

/// A piece of the text.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The first byte in the normalised text, and the one after the last.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The word in lower case without accents; empty for values and punctuation.
    pub(super) word: String,
    /// Joined to the word before it by a hyphen, an underscore or a dot.
    pub(super) glued: bool,
}

/// What a piece of text is by its form alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number(u32),
    Punct(char),
    Break,
    Region(&'static str),
    InstanceType,
    ZoneId,
    Domain,
    Email,
    Url,
    Path,
}

/// All tokens of `text`, in order.
pub(super) fn scan(text: &str) -> Vec<Token> {
    let mut scanner = Scanner { text, tokens: Vec::with_capacity(text.len() / 5 + 4) };
    let mut at = 0;
    while let Some(ch) = text[at..].chars().next() {
        at = scanner.step(at, ch);
    }
    scanner.tokens
}

struct Scanner<'t> {
    text: &'t str,
    tokens: Vec<Token>,
}

impl Scanner<'_> {
    fn step(&mut self, at: usize, ch: char) -> usize {
        match ch {
            '\n' => self.push(Kind::Break, at, at + 1),
            _ if ch.is_whitespace() => at + 1,
            '.' if self.leader(at) > 0 => self.push(Kind::Punct(':'), at, at + self.leader(at)),
            '/' | '~' | '.' if self.starts_path(at) => self.path(at),
            '.' => self.push(Kind::Punct('.'), at, at + self.dots(at)),
            '-' | '=' => self.dash(at, ch),
            _ if ch.is_alphanumeric() || ch == '_' => self.chunk(at),
            _ => self.push(Kind::Punct(ch), at, at + ch.len_utf8()),
        }
    }

    fn push(&mut self, kind: Kind, from: usize, to: usize) -> usize {
        self.tokens.push(Token { kind, from, to, word: String::new(), glued: false });
        to
    }

    /// Arrows become one arrow; the dashes before a flag's name vanish; any other dash is punctuation.
    fn dash(&mut self, at: usize, ch: char) -> usize {
        let rest = &self.text[at..];
        let run = rest.len() - rest.trim_start_matches(['-', '=']).len();
        if rest[run..].starts_with('>') {
            return self.push(Kind::Punct('\u{2192}'), at, at + run + 1);
        }
        let opens_word = ch == '-' && rest[run..].starts_with(|c: char| c.is_alphanumeric());
        let after_space = !self.text[..at].ends_with(|c: char| c.is_alphanumeric());
        if ch == '-' && opens_word && after_space {
            let kind = if run == 2 { Kind::Punct('\u{2013}') } else { Kind::Punct('-') };
            return self.push(kind, at, at + run);
        }
        self.push(Kind::Punct(ch), at, at + run)
    }

    /// The length of the dots that lead from a label to its value: "Region ..... Paris".
    fn leader(&self, at: usize) -> usize {
        let (rest, dots) = (&self.text[at..], self.dots(at));
        let spaced = self.text[..at].ends_with(' ') && rest[dots..].starts_with(' ');
        if dots > 3 || (dots == 3 && spaced) { dots } else { 0 }
    }

    /// How many dots stand in a row: an ellipsis ends no more than one sentence.
    fn dots(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        rest.len() - rest.trim_start_matches('.').len()
    }

    fn starts_path(&self, at: usize) -> bool {
        let rest = &self.text[at..];
        let free = !self.text[..at].ends_with(|c: char| c.is_alphanumeric() || "/.~_-".contains(c));
        let body =
            rest.strip_prefix("~/").or_else(|| rest.strip_prefix("./")).or_else(|| rest.strip_prefix("../"));
        let body = body.or_else(|| rest.strip_prefix('/'));
        free && body.is_some_and(|body| body.starts_with(|c: char| c.is_alphanumeric() || "._-$".contains(c)))
    }

    fn path(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "/._~+@-$".contains(c))).unwrap_or(rest.len());
        self.push(Kind::Path, at, at + rest[..end].trim_end_matches(['.', '-']).len())
    }

    fn chunk(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        if let Some(end) = url_end(rest) {
            return self.push(Kind::Url, at, at + end);
        }
        let end = chunk_end(rest);
        let chunk = &rest[..end];
        if let Some(word) = shorthand(chunk, &rest[end..]) {
            return self.push_word(word.0.to_owned(), at, at + word.1, false);
        }
        if chunk.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return self.push_word(chunk.to_ascii_lowercase(), at, at + end, false);
        }
        match classify(chunk) {
            Some(kind @ Kind::Number(_)) => self.number(kind, chunk, at),
            Some(kind) => self.push(kind, at, at + end),
            None => self.words(chunk, at),
        }
    }

    /// A number keeps its digits as a word too: it may be part of a phrase ("route 53").
    fn number(&mut self, kind: Kind, chunk: &str, at: usize) -> usize {
        self.tokens.push(Token {
            kind,
            from: at,
            to: at + chunk.len(),
            word: chunk.to_owned(),
            glued: false,
        });
        at + chunk.len()
    }

    /// A chunk of no special form: its parts, each glued to the one before.
    fn words(&mut self, chunk: &str, at: usize) -> usize {
        if let Some(word) = mail(chunk) {
            return self.push_word(word.to_owned(), at, at + chunk.len(), false);
        }
        let mut from = at;
        for part in chunk.split_inclusive(['-', '_', '.', '+', '@', '%']) {
            let word = part.trim_end_matches(['-', '_', '.', '+', '@', '%']);
            if !word.is_empty() {
                let joined = !chunk[..from - at].ends_with('+') && !self.single_letter_before(from);
                self.push_word(bare(fold(word)), from, from + word.len(), from > at && joined);
            }
            from += part.len();
            if part.ends_with('+') && from < at + chunk.len() {
                self.push(Kind::Punct('+'), from - 1, from);
            }
        }
        at + chunk.len()
    }

    fn push_word(&mut self, word: String, from: usize, to: usize, glued: bool) -> usize {
        self.tokens.push(Token { kind: Kind::Word, from, to, word, glued });
        to
    }

    /// "N.Virginia": the part after an abbreviating dot stands free.
    fn single_letter_before(&self, from: usize) -> bool {
        self.text[..from].ends_with('.') && self.tokens.last().is_some_and(|last| last.word.len() == 1)
    }
}

/// "E-mail" is the word "email".
fn mail(chunk: &str) -> Option<&'static str> {
    match chunk {
        _ if chunk.eq_ignore_ascii_case("e-mail") => Some("email"),
        _ if chunk.eq_ignore_ascii_case("e-mails") => Some("emails"),
        _ => None,
    }
}

/// Where a URL at the start of `rest` ends; `git@host:path` counts as one.
fn url_end(rest: &str) -> Option<usize> {
    let scheme = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+:".contains(c)))?;
    let url = rest[..scheme].ends_with(':') && rest[scheme..].starts_with("//");
    if !url && !rest.starts_with("git@") {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || "<>\"'`,;)]}|".contains(c)).unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches(['.', ':', '!', '?', '*']).len())
}

/// The end of a run of value characters, without the punctuation of the sentence.
fn chunk_end(rest: &str) -> usize {
    let inner = |(at, c): (usize, char)| {
        let next = rest[at + c.len_utf8()..].chars().next();
        let joins = |c: char| "._-+@%".contains(c) || (c == '\'' && is_contraction(&rest[at + 1..]));
        !(c.is_alphanumeric()
            || (joins(c) && next.is_some_and(|n| n.is_alphanumeric() || n == '_' || joins(n)))
            || c == '_')
    };
    let end = rest.char_indices().find(|pair| inner(*pair)).map_or(rest.len(), |(at, _)| at);
    rest[..end].trim_end_matches(['.', '-', '+', '@', '%', '\'']).len()
}

/// Whether what follows an apostrophe is the rest of a contraction, not a closing quotation mark.
fn is_contraction(rest: &str) -> bool {
    let tail: String = rest.chars().take_while(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    matches!(tail.as_str(), "s" | "t" | "ll" | "re" | "ve" | "d" | "m")
}

/// "w/o" and "w/" as words, with the bytes they take.
fn shorthand(chunk: &str, after: &str) -> Option<(&'static str, usize)> {
    if !chunk.eq_ignore_ascii_case("w") || !after.starts_with('/') {
        return None;
    }
    let tail = after[1..].to_ascii_lowercase();
    let without = tail.starts_with('o') && !tail[1..].starts_with(|c: char| c.is_alphanumeric());
    Some(if without { ("without", 3) } else { ("with", 2) })
}

/// A folded word without the tail of a contraction; "n't" stays, since it negates.
fn bare(word: String) -> String {
    match word.split_once('\'') {
        Some((head, "t")) => format!("{head}t"),
        Some((head, _)) => head.to_owned(),
        None => word,
    }
}

fn classify(chunk: &str) -> Option<Kind> {
    if let Ok(number) = chunk.strip_suffix(['x', 'X']).unwrap_or(chunk).parse() {
        return Some(Kind::Number(number));
    }
    let lower = chunk.to_ascii_lowercase();
    if let Some(region) = region(&lower) {
        return Some(Kind::Region(region));
    }
    match () {
        () if is_email(chunk) => Some(Kind::Email),
        () if is_instance_type(&lower) => Some(Kind::InstanceType),
        () if is_zone_id(chunk) => Some(Kind::ZoneId),
        () if is_domain(&lower) && !abbreviated(chunk) => Some(Kind::Domain),
        () => None,
    }
}

/// "N.Virginia" is two words, not a host.
fn abbreviated(chunk: &str) -> bool {
    let mut chars = chunk.chars().skip(1);
    chars.next() == Some('.') && chars.next().is_some_and(char::is_uppercase)
}

fn region(chunk: &str) -> Option<&'static str> {
    let code = chunk.contains('-').then_some(chunk)?;
    regions::find(code).or_else(|| regions::of_zone(code)).map(|region| region.code.as_str())
}

fn is_email(chunk: &str) -> bool {
    chunk.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !host.contains('@') && is_domain(&host.to_ascii_lowercase())
    })
}

/// An EC2 instance type: family with a generation, then a size.
fn is_instance_type(chunk: &str) -> bool {
    let Some((family, size)) = chunk.split_once('.') else { return false };
    let family_ok = family.starts_with(|c: char| c.is_ascii_lowercase())
        && family.len() <= 14
        && family.bytes().any(|b| b.is_ascii_digit())
        && family.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let number = size.strip_suffix("xlarge").map(|n| n.is_empty() || n.parse::<u16>().is_ok());
    let named = ["nano", "micro", "small", "medium", "large"].contains(&size) || size.starts_with("metal");
    family_ok && number.unwrap_or(named)
}

fn is_zone_id(chunk: &str) -> bool {
    chunk.len() >= 6
        && chunk.starts_with('Z')
        && chunk.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && chunk.bytes().any(|b| b.is_ascii_digit())
}

/// A fully qualified host name: labels of letters, digits and inner hyphens, the last one of letters only.
pub(super) fn is_domain(chunk: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let Some((_, top)) = chunk.rsplit_once('.') else { return false };
    let top_ok = top.len() >= 2 && (top.bytes().all(|b| b.is_ascii_alphabetic()) || top.starts_with("xn--"));
    chunk.len() <= 253 && top_ok && chunk.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        scan(text).into_iter().map(|token| token.kind).collect()
    }

    fn words(text: &str) -> Vec<String> {
        scan(text).into_iter().filter(|token| token.kind == Kind::Word).map(|token| token.word).collect()
    }

    #[test]
    fn values_are_recognised_by_their_form() {
        assert_eq!(kinds("us-east-1a"), [Kind::Region("us-east-1")]);
        assert_eq!(kinds("m6i.2xlarge."), [Kind::InstanceType, Kind::Punct('.')]);
        assert_eq!(kinds("Z0ABC123"), [Kind::ZoneId]);
        assert_eq!(kinds("ci.example.org"), [Kind::Domain]);
        assert_eq!(kinds("<bob@ci.example.org>"), [Kind::Punct('<'), Kind::Email, Kind::Punct('>')]);
        assert_eq!(kinds("https://git.example/x.git,"), [Kind::Url, Kind::Punct(',')]);
        assert_eq!(kinds("git@git.example:team/x.git"), [Kind::Url]);
        assert_eq!(kinds("~/src/pb"), [Kind::Path]);
        assert_eq!(kinds("3 ->"), [Kind::Number(3), Kind::Punct('\u{2192}')]);
    }

    #[test]
    fn contractions_and_shorthand_become_plain_words() {
        assert_eq!(
            words("don't w/o w/ we're it's N.Virginia"),
            ["dont", "without", "with", "we", "it", "n", "virginia"]
        );
    }

    #[test]
    fn parts_of_a_hyphenated_word_are_glued() {
        let glued: Vec<_> = scan("internet-facing now").into_iter().map(|token| token.glued).collect();
        assert_eq!(glued, [false, true, false]);
    }
}
