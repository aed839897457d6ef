//! The Secrets Manager of the scripted account.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::world::Data;

/// What Secrets Manager answers; every value that was ever stored is kept.
pub fn answer(data: &mut Data, operation: &str, body: &Value) -> ResponseTemplate {
    let name = body["SecretId"].as_str().or(body["Name"].as_str()).unwrap_or_default().to_owned();
    let arn = format!("arn:aws:secretsmanager:us-east-1:000000000000:secret:{name}-AbCdEf");
    let value = body["SecretString"].as_str().map(str::to_owned);
    let exists = data.secrets.contains_key(&name);
    match (operation, exists) {
        ("CreateSecret", false) | ("PutSecretValue" | "UpdateSecret", true) => {
            data.secrets.entry(name.clone()).or_default().extend(value);
            ok(&json!({ "ARN": arn, "Name": name, "VersionId": "5f1c2f6e-0000-4000-8000-000000000000" }))
        }
        ("CreateSecret", true) => refuse("ResourceExistsException", "it exists"),
        ("DescribeSecret", true) => ok(&json!({ "ARN": arn, "Name": name })),
        _ => refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
    }
}

fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(body.to_string())
}

fn refuse(code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(400).set_body_string(json!({ "__type": code, "message": message }).to_string())
}
