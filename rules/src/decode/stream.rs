//! From bytes as they come in to UTF-8: gzip by its magic bytes, UTF-16 and UTF-8 by their marks.

use std::io::Write;

use flate2::write::MultiGzDecoder;

use crate::error::RulesError;

/// How many packed bytes are unpacked at once; gzip makes at most about a thousand bytes of one.
const STEP: usize = 4096;
/// Text is told from binary data by its first bytes.
const PROBED: u64 = 1 << 16;

/// Decodes an input piece by piece.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    state: State,
    /// How many bytes of text came out.
    length: u64,
    /// Whether anything but blanks came out.
    any: bool,
}

#[derive(Debug)]
enum State {
    /// The first bytes, too few to tell.
    Start(Vec<u8>),
    Gzip(Box<Unpacker>),
    Plain,
    Utf16 {
        unit: fn([u8; 2]) -> u16,
        /// A byte without its other half.
        half: Option<u8>,
        /// A unit without its other half.
        high: Option<u16>,
    },
}

impl Default for State {
    fn default() -> Self {
        Self::Start(Vec::new())
    }
}

#[derive(Debug)]
struct Unpacker {
    gzip: MultiGzDecoder<Vec<u8>>,
    inner: Decoder,
}

impl Decoder {
    /// Decodes the next bytes; hands the text on in pieces of bounded size.
    ///
    /// # Errors
    /// When the input is binary or damaged gzip, or what the receiver says.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<(), RulesError>,
    ) -> Result<(), RulesError> {
        if let State::Start(start) = &mut self.state {
            start.extend_from_slice(bytes);
            if start.len() < 3 {
                return Ok(());
            }
            let start = std::mem::take(start);
            let marked = self.begin(&start);
            return self.go_on(&start[marked..], out);
        }
        self.go_on(bytes, out)
    }

    /// Ends the input.
    ///
    /// # Errors
    /// As [`Decoder::feed`], and when there was nothing but blanks or the gzip data is cut off.
    pub(crate) fn finish(
        &mut self,
        out: &mut dyn FnMut(&[u8]) -> Result<(), RulesError>,
    ) -> Result<(), RulesError> {
        if let State::Start(start) = &mut self.state {
            let start = std::mem::take(start);
            let marked = self.begin(&start);
            self.go_on(&start[marked..], out)?;
        }
        if let State::Gzip(unpacker) = &mut self.state {
            unpacker.gzip.try_finish().map_err(damaged)?;
            unpacker.hand_on(out)?;
            return unpacker.inner.finish(out);
        }
        if self.any { Ok(()) } else { Err(RulesError::Empty) }
    }

    /// Whether the input is text as it stands, so that its bytes need no decoding.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.state, State::Plain)
    }

    /// Chooses by the first bytes; returns how many of them are a mark.
    fn begin(&mut self, start: &[u8]) -> usize {
        let utf16 = |unit| State::Utf16 { unit, half: None, high: None };
        let (state, marked) = match start {
            [0x1f, 0x8b, ..] => {
                let gzip = MultiGzDecoder::new(Vec::new());
                (State::Gzip(Box::new(Unpacker { gzip, inner: Self::default() })), 0)
            }
            [0xff, 0xfe, ..] => (utf16(u16::from_le_bytes), 2),
            [0xfe, 0xff, ..] => (utf16(u16::from_be_bytes), 2),
            [0xef, 0xbb, 0xbf, ..] => (State::Plain, 3),
            _ => (State::Plain, 0),
        };
        self.state = state;
        marked
    }

    fn go_on(
        &mut self,
        bytes: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<(), RulesError>,
    ) -> Result<(), RulesError> {
        match &mut self.state {
            State::Gzip(unpacker) => unpacker.feed(bytes, out),
            State::Utf16 { unit, half, high } => {
                let text = utf16(bytes, *unit, half, high);
                self.any |= !text.trim().is_empty();
                out(text.as_bytes())
            }
            State::Start(_) | State::Plain => self.plain(bytes, out),
        }
    }

    fn plain(
        &mut self,
        bytes: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<(), RulesError>,
    ) -> Result<(), RulesError> {
        let probed = usize::try_from(PROBED.saturating_sub(self.length)).unwrap_or(0).min(bytes.len());
        if let Some(zero) = memchr::memchr(0, &bytes[..probed]) {
            return Err(RulesError::Binary { offset: self.length as usize + zero });
        }
        self.length += bytes.len() as u64;
        self.any = self.any || bytes.iter().any(|byte| !byte.is_ascii_whitespace());
        out(bytes)
    }
}

impl Unpacker {
    fn feed(
        &mut self,
        bytes: &[u8],
        out: &mut dyn FnMut(&[u8]) -> Result<(), RulesError>,
    ) -> Result<(), RulesError> {
        for step in bytes.chunks(STEP) {
            self.gzip.write_all(step).map_err(damaged)?;
            self.hand_on(out)?;
        }
        Ok(())
    }

    fn hand_on(&mut self, out: &mut dyn FnMut(&[u8]) -> Result<(), RulesError>) -> Result<(), RulesError> {
        let unpacked = std::mem::take(self.gzip.get_mut());
        if unpacked.is_empty() { Ok(()) } else { self.inner.feed(&unpacked, out) }
    }
}

fn damaged(error: std::io::Error) -> RulesError {
    RulesError::Gzip { reason: error.to_string() }
}

/// The text of some bytes of UTF-16, together with what was left of those before.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, half: &mut Option<u8>, high: &mut Option<u16>) -> String {
    let all: Vec<u8> = half.take().into_iter().chain(bytes.iter().copied()).collect();
    let pairs = all.chunks_exact(2);
    *half = pairs.remainder().first().copied();
    let mut units: Vec<u16> =
        high.take().into_iter().chain(pairs.map(|pair| unit([pair[0], pair[1]]))).collect();
    if units.last().is_some_and(|last| (0xd800..0xdc00).contains(last)) {
        *high = units.pop();
    }
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], step: usize) -> Result<String, RulesError> {
        let (mut decoder, mut text) = (Decoder::default(), Vec::new());
        let mut out = |bytes: &[u8]| {
            text.extend_from_slice(bytes);
            Ok(())
        };
        for bytes in bytes.chunks(step) {
            decoder.feed(bytes, &mut out)?;
        }
        decoder.finish(&mut out)?;
        Ok(String::from_utf8(text).expect("text"))
    }

    fn zip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("write");
        encoder.finish().expect("finish")
    }

    #[test]
    fn every_encoding_is_read_however_it_is_fed() {
        let text = "boom ✘ 🛑\n".repeat(50);
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let marked: Vec<u8> = [0xef, 0xbb, 0xbf].into_iter().chain(text.bytes()).collect();
        let twice: Vec<u8> = [zip(&text.as_bytes()[..100]), zip(&text.as_bytes()[100..])].concat();
        for input in
            [text.as_bytes().to_vec(), marked, utf16.clone(), zip(text.as_bytes()), zip(&utf16), twice]
        {
            for step in [1, 2, 3, 5, 1 << 16] {
                assert_eq!(decode(&input, step).expect("text"), text, "{step} bytes at a time");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_as_in_one_piece() {
        let cut = zip(b"hello, a text that is long enough to be cut off");
        for step in [1, 3, 100] {
            assert!(matches!(decode(b"ab\0c", step), Err(RulesError::Binary { offset: 2 })));
            assert!(matches!(decode(b" \n", step), Err(RulesError::Empty)));
            assert!(matches!(decode(b"", step), Err(RulesError::Empty)));
            assert!(matches!(decode(&cut[..cut.len() - 9], step), Err(RulesError::Gzip { .. })));
            assert!(matches!(decode(&[0x1f, 0x8b, 8, 0, 1], step), Err(RulesError::Gzip { .. })));
        }
    }
}
