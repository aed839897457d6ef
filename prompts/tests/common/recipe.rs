//! Recipes for invented values: `{b62:36}` stands for 36 characters of an alphabet.
//!
//! Real-looking secrets are made when a test runs, so that no file of the repository holds one.

/// The text with every `{alphabet:count}` filled; the same seed gives the same text.
pub(crate) fn expand(recipe: &str, seed: u64) -> String {
    let mut random = Random(recipe.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }));
    let mut text = String::new();
    let mut rest = recipe;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        rest = &rest[open..];
        match hole(rest) {
            Some((length, letters, count)) => {
                text.extend((0..count).map(|_| random.pick(letters)));
                rest = &rest[length..];
            }
            None => {
                text.push('{');
                rest = &rest[1..];
            }
        }
    }
    text + rest
}

/// The length of the hole at the start of a text, its alphabet and its count.
fn hole(text: &str) -> Option<(usize, &'static [u8], usize)> {
    let close = text.find('}')?;
    let (name, count) = text[1..close].split_once(':')?;
    Some((close + 1, alphabet(name)?, count.parse().ok()?))
}

fn alphabet(name: &str) -> Option<&'static [u8]> {
    Some(match name {
        "az" => b"abcdefghijklmnopqrstuvwxyz",
        "AZ" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "09" => b"0123456789",
        "hex" => b"0123456789abcdef",
        "HEX" => b"0123456789ABCDEF",
        "b32" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "b36" => b"abcdefghijklmnopqrstuvwxyz0123456789",
        "B36" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "b62" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "b64" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "b64u" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "any" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%^*+?~",
        _ => return None,
    })
}

/// A small generator of its own, so that the texts never change with a library.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn pick(&mut self, letters: &[u8]) -> char {
        let at = self.next() % letters.len() as u64;
        char::from(letters[usize::try_from(at).unwrap_or_default()])
    }
}
