//! Secrets never come through, however output is cut and whatever encoding they wear.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use provision_executor::{MASK, Masker};
use provision_planner::Secret;

fn masker(secrets: &[&str]) -> Masker {
    let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::new((*secret).to_owned())).collect();
    Masker::new(&secrets)
}

/// The text as it comes through when it arrives cut at these places.
fn streamed(masker: &Masker, text: &[u8], cuts: &[usize]) -> Vec<u8> {
    let mut stream = masker.stream();
    let mut out = Vec::new();
    let mut from = 0;
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (text.len() + 1)).collect();
    cuts.sort_unstable();
    for cut in cuts {
        stream.push(&text[from..cut], &mut out);
        from = cut;
    }
    stream.push(&text[from..], &mut out);
    stream.finish(&mut out);
    out
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

proptest! {
    #[test]
    fn masking_is_the_same_however_the_text_is_cut(
        secrets in prop::collection::vec("[ab]{4,7}", 1..4),
        text in "[abc ]{0,80}",
        cuts in prop::collection::vec(0usize..100, 0..12),
    ) {
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let masker = masker(&secrets);
        let whole = streamed(&masker, text.as_bytes(), &[]);
        prop_assert_eq!(&streamed(&masker, text.as_bytes(), &cuts), &whole);
        for secret in secrets {
            prop_assert!(!contains(&whole, secret.as_bytes()));
        }
    }

    #[test]
    fn a_secret_is_masked_between_any_neighbours_and_in_any_encoding(
        secret in "[!-~]{8,40}",
        before in "[ -~\\n]{0,30}",
        after in "[ -~\\n]{0,30}",
        cuts in prop::collection::vec(0usize..200, 0..8),
    ) {
        let masker = masker(&[&secret]);
        let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let json = serde_json::to_string(&secret).unwrap();
        let forms = [
            secret.clone(),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            json[1..json.len() - 1].to_owned(),
            STANDARD.encode(&secret),
            URL_SAFE_NO_PAD.encode(&secret),
        ];
        prop_assume!(percent != secret);
        for form in forms {
            let text = format!("{before}{form}{after}");
            let masked = streamed(&masker, text.as_bytes(), &cuts);
            prop_assert!(!contains(&masked, form.as_bytes()), "{form}");
            prop_assert!(contains(&masked, MASK.as_bytes()));
        }
    }

    #[test]
    fn a_secret_inside_a_longer_base64_text_is_masked(
        secret in "[A-Za-z0-9]{12,40}",
        user in "[a-z]{1,9}",
    ) {
        let encoded = STANDARD.encode(format!("{user}:{secret}@host"));
        let masked = masker(&[&secret]).text(&encoded);
        // What survives must not decode to any longer part of the secret.
        let longest = masked.split(MASK).map(str::len).max().unwrap_or_default();
        prop_assert!(longest <= STANDARD.encode(format!("{user}:---")).len() + 4, "{masked}");
    }

    #[test]
    fn text_without_a_secret_comes_through_unchanged(text in "[ -y\\n]{0,200}", cuts in prop::collection::vec(0usize..300, 0..8)) {
        let masker = masker(&["zzzz~zzzz"]);
        prop_assert_eq!(streamed(&masker, text.as_bytes(), &cuts), text.into_bytes());
    }
}

#[test]
fn lines_of_a_private_key_are_masked_one_by_one() {
    let key = "-----BEGIN KEY-----\nQWxsIHlvdXIgYmFzZQ==\n-----END KEY-----\n";
    assert_eq!(masker(&[key]).text("line: QWxsIHlvdXIgYmFzZQ== end"), "line: *** end");
}

#[test]
fn overlapping_and_adjacent_secrets_leave_one_mask() {
    let masker = masker(&["abcdef", "defghi"]);
    assert_eq!(masker.text("x abcdefghi y abcdefdefghi z"), "x *** y *** z");
}

#[test]
fn what_is_too_short_to_hide_is_left_alone() {
    assert_eq!(masker(&["", "abc"]).text("abc"), "abc");
}

#[test]
fn a_masker_does_not_show_its_secrets() {
    assert_eq!(format!("{:?}", masker(&["tell-nobody"])), "Masker(***)");
}
