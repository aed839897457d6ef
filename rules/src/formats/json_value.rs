//! A tolerant JSON reader over lines that knows where each value stands.
//!
//! Also takes what `print()` makes of such a document in Python (single quotes, `None`, `datetime(...)`) and
//! `console.log()` in JavaScript: keys without quotes, times without quotes, strings in pieces.

use crate::decode::Line;

/// How deep values may be nested.
const DEPTH: usize = 96;

/// A value with the line it starts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Members in their order.
    Object(Vec<Member>),
    /// Items; objects the visitor has taken are left out.
    Array(Vec<Value>),
    /// A string.
    Text(String),
    /// A number or a bare word.
    Bare,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) value: Value,
    /// The number of the line the key stands on.
    pub(super) line: usize,
}

/// Why reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The text ends inside a value.
    End,
    /// The text is not JSON.
    Malformed,
}

/// Called with every complete object and list; returns whether it took it.
pub(super) trait Visitor {
    /// Looks at an object, with the line it starts and ends on.
    fn object(&mut self, members: &[Member], lines: (usize, usize)) -> bool;

    /// Looks at a list, with the line each of its items stands on.
    fn list(&mut self, items: &[Value], lines: &[usize]) -> bool;
}

/// Reads values from lines.
pub(super) struct Reader<'l, 'v, V> {
    lines: &'l [Line<'l>],
    at: usize,
    column: usize,
    visitor: &'v mut V,
}

impl<'l, 'v, V: Visitor> Reader<'l, 'v, V> {
    /// A reader that starts at a line and a byte of it.
    pub(super) fn new(lines: &'l [Line<'l>], (at, column): (usize, usize), visitor: &'v mut V) -> Self {
        Self { lines, at, column, visitor }
    }

    /// The index of the line the reader stands on.
    pub(super) fn line_index(&self) -> usize {
        self.at
    }

    /// Reads one value.
    pub(super) fn value(&mut self) -> Result<Value, Stop> {
        self.nested(0)
    }

    /// Skips blanks and separators between whole values; whether another one starts.
    pub(super) fn more(&mut self) -> bool {
        loop {
            match self.peek() {
                Some(b) if b.is_ascii_whitespace() || b == b',' => self.bump(),
                Some(b'{') => return true,
                _ => return false,
            }
        }
    }

    fn number(&self) -> usize {
        self.lines.get(self.at).or(self.lines.last()).map_or(0, |line| line.number)
    }

    fn peek(&self) -> Option<u8> {
        let line = self.lines.get(self.at)?;
        Some(line.text.as_bytes().get(self.column).copied().unwrap_or(b'\n'))
    }

    fn bump(&mut self) {
        if let Some(line) = self.lines.get(self.at) {
            if self.column >= line.text.len() {
                (self.at, self.column) = (self.at + 1, 0);
            } else {
                self.column += 1;
            }
        }
    }

    fn next(&mut self) -> Result<u8, Stop> {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.bump();
        }
        self.peek().ok_or(Stop::End)
    }

    fn nested(&mut self, depth: usize) -> Result<Value, Stop> {
        if depth > DEPTH {
            return Err(Stop::Malformed);
        }
        match self.next()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            quote if is_quote(quote) => self.pieces(quote).map(Value::Text),
            _ => self.bare(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Stop> {
        let start = self.number();
        self.bump();
        let mut members = Vec::new();
        loop {
            match self.next()? {
                b'}' => break,
                b',' => self.bump(),
                first if is_quote(first) || is_word(first) => members.push(self.member(first, depth)?),
                _ => return Err(Stop::Malformed),
            }
        }
        let end = self.number();
        self.bump();
        let taken = self.visitor.object(&members, (start, end));
        Ok(if taken { Value::Bare } else { Value::Object(members) })
    }

    fn member(&mut self, first: u8, depth: usize) -> Result<Member, Stop> {
        let line = self.number();
        let key = if is_quote(first) { self.string(first)? } else { self.word() };
        if self.next()? != b':' {
            return Err(Stop::Malformed);
        }
        self.bump();
        Ok(Member { key, value: self.nested(depth + 1)?, line })
    }

    /// A key without quotes.
    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(byte) = self.peek().filter(|byte| is_word(*byte)) {
            word.push(char::from(byte));
            self.bump();
        }
        word
    }

    /// A string, with the pieces that follow it, as `pprint` and `console.log` cut long ones.
    fn pieces(&mut self, quote: u8) -> Result<String, Stop> {
        let mut text = self.string(quote)?;
        loop {
            match self.next() {
                Ok(b'+') => self.bump(),
                Ok(quote) if is_quote(quote) => text.push_str(&self.string(quote)?),
                _ => return Ok(text),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Stop> {
        self.bump();
        let (mut items, mut lines) = (Vec::new(), Vec::new());
        loop {
            match self.next()? {
                b']' => break,
                b',' => self.bump(),
                _ => {
                    let line = self.number();
                    let item = self.nested(depth + 1)?;
                    if item != Value::Bare {
                        items.push(item);
                        lines.push(line);
                    }
                }
            }
        }
        self.bump();
        let taken = self.visitor.list(&items, &lines);
        Ok(if taken { Value::Bare } else { Value::Array(items) })
    }

    fn string(&mut self, quote: u8) -> Result<String, Stop> {
        self.bump();
        let mut bytes = Vec::new();
        loop {
            let byte = self.peek().ok_or(Stop::End)?;
            self.bump();
            match byte {
                b'\\' => self.escape(&mut bytes)?,
                b if b == quote => break,
                b => bytes.push(b),
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), Stop> {
        let byte = self.peek().ok_or(Stop::End)?;
        self.bump();
        match byte {
            b'n' => bytes.push(b'\n'),
            b't' => bytes.push(b'\t'),
            b'r' => bytes.push(b'\r'),
            b'b' | b'f' => bytes.push(b' '),
            b'u' => {
                let c = self.unicode()?;
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            b => bytes.push(b),
        }
        Ok(())
    }

    fn unicode(&mut self) -> Result<char, Stop> {
        let high = self.hex()?;
        let paired = (0xd800..0xdc00).contains(&high) && self.rest().starts_with(b"\\u");
        if !paired {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.bump();
        self.bump();
        let low = self.hex()?;
        let code = 0x10000 + ((high - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, Stop> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().ok_or(Stop::End)?;
            code = code * 16 + (digit as char).to_digit(16).ok_or(Stop::Malformed)?;
            self.bump();
        }
        Ok(code)
    }

    fn rest(&self) -> &[u8] {
        self.lines.get(self.at).map_or(&[], |line| &line.text.as_bytes()[self.column.min(line.text.len())..])
    }

    /// A number, `true`, `None`, or a call such as `datetime.datetime(2026, 3, 1, tzinfo=tzutc())`.
    fn bare(&mut self) -> Result<Value, Stop> {
        let mut open = 0usize;
        let mut length = 0usize;
        loop {
            let Some(byte) = self.peek() else { return Err(Stop::End) };
            match byte {
                b'(' => open += 1,
                b')' if open > 0 => open -= 1,
                b',' | b'}' | b']' | b'\n' if open == 0 => break,
                b if open > 0 || b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'_') => {}
                b':' if self.is_in_time() => {}
                b if b.is_ascii_whitespace() => break,
                _ => return Err(Stop::Malformed),
            }
            length += 1;
            self.bump();
        }
        if length == 0 { Err(Stop::Malformed) } else { Ok(Value::Bare) }
    }

    /// Whether the present byte stands between two digits.
    fn is_in_time(&self) -> bool {
        let bytes = self.lines.get(self.at).map_or(&[][..], |line| line.text.as_bytes());
        let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        digit(self.column.checked_sub(1)) && digit(Some(self.column + 1))
    }
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

/// The text of a member.
pub(super) fn text<'m>(members: &'m [Member], key: &str) -> Option<&'m str> {
    member(members, key).and_then(|member| match &member.value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// A member by its key.
pub(super) fn member<'m>(members: &'m [Member], key: &str) -> Option<&'m Member> {
    members.iter().find(|member| member.key == key)
}
