//! Secrets known by value go, whatever encoding they wear.

// What was measured is printed: `cargo test -p provision-prompts --test known -- --nocapture`.
#![allow(clippy::print_stderr)]

#[path = "common/recipe.rs"]
mod recipe;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use provision_planner::Secret;
use provision_prompts::Redactor;

/// Values with characters that encodings change.
const AWKWARD: [&str; 12] = [
    r#"q"uote'd&<tag>"#,
    r"back\slash\n7",
    "per%41cent%",
    "spa ce d value",
    "p@ss:w/rd?x=1",
    "dollar$HOME`x`",
    "ünïcödé-9",
    "a+b=c/d==",
    "{\"json\":1}",
    "-----dashes--",
    "tab\tand|pipe",
    "x;y,z!#*~^",
];

fn values() -> Vec<String> {
    let recipes = ["{b62:8}", "{any:12}", "{b64:40}", "{b64u:64}", "{hex:32}", "{any:24}"];
    let made = (0..8).flat_map(|seed| recipes.map(|text| recipe::expand(text, seed)));
    made.chain(AWKWARD.map(str::to_owned)).collect()
}

fn hex(value: &str, between: &str) -> String {
    value.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}

fn percent(value: &str, plain: impl Fn(u8) -> bool) -> String {
    value
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn json(value: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\t' => "\\t".to_owned(),
        c => c.to_string(),
    };
    value.chars().map(escape).collect()
}

fn html(value: &str, quote: &str) -> String {
    let named = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    named.replace('"', "&quot;").replace('\'', quote)
}

fn shell(value: &str) -> String {
    value
        .chars()
        .map(|c| if c.is_ascii_punctuation() || c == ' ' { format!("\\{c}") } else { c.to_string() })
        .collect()
}

fn split(value: &str, with: &str) -> String {
    let middle = value.char_indices().nth(value.chars().count() / 2).map_or(0, |(at, _)| at);
    format!("{}{with}{}", &value[..middle], &value[middle..])
}

fn wrapped(text: &str, width: usize) -> String {
    let lines: Vec<String> =
        text.chars().collect::<Vec<_>>().chunks(width).map(|line| line.iter().collect()).collect();
    lines.join("\n")
}

fn encodings(value: &str) -> Vec<(&'static str, String)> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let unicode = |value: &str| value.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<String>();
    let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut all = vec![
        ("plain", value.to_owned()),
        ("hex", hex(value, "")),
        ("HEX", hex(value, "").to_uppercase()),
        ("hex with colons", hex(value, ":")),
        ("hex escapes", format!("\\x{}", hex(value, "\\x"))),
        ("percent", percent(value, unreserved)),
        ("percent, lower case", percent(value, unreserved).replace("%2F", "%2f").replace("%3D", "%3d")),
        ("percent, all", percent(value, |_| false)),
        ("percent, twice", percent(&percent(value, unreserved), unreserved)),
        ("json", json(value)),
        ("json with slashes", json(value).replace('/', "\\/")),
        ("json in json", json(&json(value))),
        ("json in json in json", json(&json(&json(value)))),
        ("json unicode", unicode(value)),
        ("percent in json", json(&percent(value, unreserved))),
        ("single quotes", value.replace('\'', r"'\''")),
        ("single in double quotes", value.replace('\'', r#"'"'"'"#)),
        ("shell", shell(value)),
        ("html", html(value, "&#39;")),
        ("html, hexadecimal", html(value, "&#x27;")),
        ("html in json", json(&html(value, "&#39;"))),
        ("html, all", value.chars().map(|c| format!("&#{};", u32::from(c))).collect()),
        ("colours", split(value, "\u{1b}[31m")),
        ("zero width", split(value, "\u{200b}")),
        ("wrapped", split(value, "\n")),
        ("wrapped and indented", split(value, "\r\n      ")),
        ("continued", split(value, "\\\n  ")),
        ("in a table", split(value, "  |\n|  ")),
        ("wrapped in CI", split(value, "\n2026-09-14T07:20:10.1000000Z ")),
        ("wrapped hex", wrapped(&hex(value, ""), 7)),
    ];
    if value.len() >= 6 {
        for (offset, before) in ["", "u", "us"].into_iter().enumerate() {
            let inside = format!("{before}{value}:x");
            all.push((["base64", "base64 + 1", "base64 + 2"][offset], STANDARD.encode(&inside)));
            all.push((
                ["base64url", "base64url + 1", "base64url + 2"][offset],
                URL_SAFE_NO_PAD.encode(&inside),
            ));
        }
        all.push(("base64, padded", STANDARD.encode(value)));
        all.push(("base64url, padded", URL_SAFE.encode(value)));
        all.push((
            "wrapped base64",
            wrapped(&STANDARD.encode(format!("some longer text, {value}, goes on")), 20),
        ));
        if value.is_ascii() {
            all.push(("base64 of UTF-16", STANDARD.encode(wide)));
        }
    }
    all
}

#[test]
fn every_known_value_goes_in_every_encoding() {
    let (mut missed, mut all) = (Vec::new(), 0);
    for value in values() {
        let secret = Secret::new(value.clone());
        for (how, encoded) in encodings(&value) {
            let mut redactor = Redactor::new([&secret]).unwrap();
            let text = format!("before it: <<{encoded}>> and after");
            let redacted = redactor.redact(&text);
            all += 1;
            let gone =
                redacted.as_str().contains("<<[secret") && redacted.as_str().ends_with("]>> and after");
            if !gone || redactor.leaks(&redacted) {
                missed.push(format!("{how} of {value}: {text} became {redacted}"));
            }
        }
    }
    eprintln!("known values: {} of {all} encodings and wrappings found", all - missed.len());
    assert!(all >= 2000 && missed.is_empty(), "{} of {all}:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn the_lines_of_a_known_key_go_one_by_one() {
    let key = recipe::expand("-----BEGIN X-----\n{b64:64}\n{b64:64}\n-----END X-----\n", 1);
    let mut redactor = Redactor::new([&Secret::new(key.clone())]).unwrap();
    for line in key.lines().filter(|line| line.len() == 64) {
        assert_eq!(redactor.redact(&format!("read {line} twice")).as_str(), "read [secret] twice");
    }
    assert_eq!(redactor.redact(&key.replace('\n', "\\n")).as_str(), "[secret]");
}

#[test]
fn a_value_too_short_to_be_told_from_words_is_left_alone() {
    let mut redactor = Redactor::new([&Secret::new("abc".to_owned())]).unwrap();
    assert_eq!(redactor.redact("abc").as_str(), "abc");
}

#[test]
fn identifiers_come_back_and_nothing_else_does() {
    let mut redactor = Redactor::new([]).unwrap();
    let text = "User: arn:aws:sts::111122223333:assumed-role/orchard-ci/ana.b on 10.1.2.3 and 2001:db8:12::7f in \
                vpc-0a1b2c3d4e5f60718 at https://orchard-raw.s3.eu-west-1.amazonaws.com/x for ops@shop.example, \
                db.c9ak.eu-west-1.rds.amazonaws.com, ci.shop.example, account 4444-5555-6666";
    let redacted = redactor.redact(text);
    for identifier in
        ["111122223333", "orchard", "ana", "10.1.2.3", "12::7f", "0a1b2c3d", "shop.example", "c9ak", "4444-"]
    {
        assert!(!redacted.as_str().contains(identifier), "{identifier} in {redacted}");
    }
    assert_eq!(redactor.restore(redacted.as_str()), text);
    assert_eq!(redactor.restore("hidden-host-77.example [secret]"), "hidden-host-77.example [secret]");
}

#[test]
fn placeholders_are_the_same_in_every_text_of_a_redactor() {
    let mut redactor = Redactor::new([]).unwrap();
    let first = redactor.redact("arn:aws:sqs:eu-west-1:111122223333:orchard-jobs");
    assert_eq!(redactor.redact("arn:aws:sqs:eu-west-1:111122223333:orchard-jobs"), first);
    let later = redactor.redact("queue orchard-jobs is missing");
    assert_eq!(later.as_str(), "queue hidden-name-1 is missing");
}

#[test]
fn a_megabyte_of_one_line_is_redacted() {
    let line = "password=a7b8c9d0 AKIA arn:aws:iam::111122223333:role/x 10.0.0.1 %41 \\n &amp; ";
    let secret = Secret::new("a7b8c9d0".to_owned());
    let mut redactor = Redactor::new([&secret]).unwrap();
    let redacted = redactor.redact(&line.repeat(1_000_000 / line.len()));
    assert!(!redacted.as_str().contains("a7b8") && !redacted.as_str().contains("1111"));
}

/// Pieces of the texts redaction is made for, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "password=",
        "token: ",
        "Bearer ",
        "arn:aws:iam::111122223333:role/web-shop ",
        "10.1.2.3",
        "[secret]",
        "[secret:jwt]",
        "000000000001",
        "hidden-name-1",
        "hidden-host-1.example",
        "shop.example",
        "ops@shop.example",
        "vpc-0a1b2c3d",
        "\n",
        "\\\n  ",
        "\"",
        "'",
        "\u{1b}[31m",
        "https://",
        "a:b@",
        "s3://orchard-raw/",
        "=",
        ": ",
        "hunter2x9",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.abc",
        " ",
        ".",
        "-",
        "é",
        "198.18.0.1",
        "web-shop",
        "{\"auth\":\"",
        "Cookie: sid=",
        "%3D",
        "\\\"",
        "1111-2222-3333",
        "ip-10-1-2-3",
        "x.c9.eu-west-1.rds.amazonaws.com",
        "2001:db8:1::1",
        "/home/ana/",
    ]);
    let any = prop_oneof![4 => known.prop_map(str::to_owned), 1 => "[a-zA-Z0-9]{1,24}", 1 => ".{0,4}"];
    prop::collection::vec(any, 0..14).prop_map(|pieces| pieces.concat())
}

/// Whether a character shows nothing on a screen.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{1b}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

proptest! {
    #[test]
    fn redacting_twice_changes_nothing(text in pieces()) {
        let mut redactor = Redactor::new([&Secret::new("hunter2x9".to_owned())]).unwrap();
        let once = redactor.redact(&text);
        prop_assert!(!redactor.leaks(&once));
        prop_assert_eq!(redactor.redact(once.as_str()), once.clone());
        prop_assert_eq!(Redactor::new([]).unwrap().redact(once.as_str()), once);
    }

    #[test]
    fn what_was_no_secret_comes_back(text in pieces()) {
        let mut redactor = Redactor::new([]).unwrap();
        let redacted = redactor.redact(&text);
        // what nobody sees inside a name is not part of the name, and does not come back
        let kept = |text: &str| text.contains("[secret") || text.contains(is_unseen);
        if !kept(redacted.as_str()) && !kept(&text) {
            prop_assert_eq!(redactor.restore(redacted.as_str()), text);
        }
    }
}
