//! scratch
use provision_prompts::Redactor;
#[test]
fn scratch() {
    let path = std::env::var("SCRATCH").unwrap_or_default();
    if path.is_empty() { return; }
    let text = std::fs::read_to_string(&path).unwrap();
    let start = std::time::Instant::now();
    let red = Redactor::new([]).unwrap().redact(&text);
    eprintln!("{:?}", start.elapsed());
    std::fs::write("/tmp/redacted.txt", red.as_str()).unwrap();
}
#[test]
fn corpus() {
    let book = provision_rules::Rulebook::builtin().unwrap();
    let Ok(list) = std::env::var("CORPUS") else { return };
    let (mut n, mut bad) = (0, 0);
    for path in list.split(':') {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let v: toml::Value = serde_json_lite(line);
            let text = v.get("text").and_then(|t| t.as_str()).unwrap().to_owned();
            let told = |t: &str| provision_rules::diagnose(t.as_bytes(), &book).map_or_else(|e| e.to_string(), |d| {
                d.verdict.iter().chain(&d.also).map(|v| format!("{:?} {:?} {:?} |", v.rule, v.category, v.root.line)).collect::<String>()
            });
            let red = Redactor::new([]).unwrap().redact(&text);
            n += 1;
            if told(&text) != told(red.as_str()) { bad += 1; eprintln!("CHANGED {} => {}\n  {}\n  {}", told(&text), told(red.as_str()), &text.chars().take(600).collect::<String>(), red.as_str().chars().take(600).collect::<String>()); }
            if let Ok(dir) = std::env::var("DUMP") { std::fs::write(format!("{dir}/{n}.a"), &text).unwrap(); std::fs::write(format!("{dir}/{n}.b"), red.as_str()).unwrap(); }
        }
    }
    eprintln!("{bad} of {n}");
}
fn serde_json_lite(line: &str) -> toml::Value {
    // JSON strings are TOML strings but for \/ ; only "text" is needed.
    let at = line.find("\"text\": \"").unwrap() + 8;
    let rest = &line[at..];
    let mut end = 1; let b = rest.as_bytes();
    while b[end] != b'"' { end += if b[end] == b'\\' { 2 } else { 1 }; }
    toml::from_str(&format!("text = {}", &rest[..=end].replace("\\/", "/"))).unwrap()
}
#[test]
fn adversarial() {
    if std::env::var("ADV").is_err() { return; }
    let pieces = ["a", "password=", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nMIIEabcdefghijklmnop ", "https://a:b", "mysql ", "%41", "\\\\", "&#39;", "{\"auth\":\"", "a.b-c_", "arn:aws:iam::111122223333:role/x", "ab12\n", "\u{1b}[", "ops@x", "1:", "10.", "eyJabcdefgh.", "password: \n", "AKIA", "c2VjcmV0LXZhbHVlLTE", "name: TOKEN,", "~", "sk-a", "abcdef0123456789", "x.com.", "key=aB3dE5gH7jK9mN1pQ "];
    let secret = provision_planner::Secret::new("secret-value-1".to_owned());
    for piece in pieces {
        let mut times = vec![];
        for size in [500_000usize, 1_000_000] {
            let text = piece.repeat(size / piece.len());
            let start = std::time::Instant::now();
            let _ = Redactor::new([&secret]).unwrap().redact(&text);
            times.push(start.elapsed().as_millis());
        }
        eprintln!("{piece:?} {times:?}");
    }
}
