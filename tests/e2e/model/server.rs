//! A server that speaks the OpenAI protocol on the loopback, by a script: chat completions, streamed or whole,
//! structured outputs, models, and every way in which a server lets one down.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::{Value, json};

/// One answer of the server. Without any field it is an empty answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// What a data file calls it.
    #[serde(default)]
    pub name: String,
    /// The HTTP status; 200 where it is not given.
    #[serde(default)]
    pub status: Option<u16>,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The text of the answer, sent in the form that the request asks for.
    #[serde(default)]
    pub content: Option<String>,
    /// Why the answer ends; `stop` where it is not given.
    #[serde(default)]
    pub finish: Option<String>,
    /// A whole body, as it is.
    #[serde(default)]
    pub body: Option<String>,
    /// The connection is closed after this many pieces of the answer.
    #[serde(default)]
    pub cut_after: Option<usize>,
    /// So many bytes of an answer that never ends by itself.
    #[serde(default)]
    pub endless: Option<usize>,
    /// The server says nothing until the client goes away.
    #[serde(default)]
    pub hangs: bool,
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// Method and path.
    pub line: String,
    /// Headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body, byte for byte.
    pub raw: String,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.raw).expect("the body is JSON")
    }

    /// The text of all messages.
    pub fn prompt(&self) -> String {
        let messages = self.json()["messages"].as_array().expect("messages").clone();
        let texts = messages.iter().map(|message| message["content"].as_str().expect("text").to_owned());
        texts.collect::<Vec<_>>().join("\n")
    }
}

type Script = dyn Fn(usize, &Received) -> Reply + Send + Sync;

/// The server; it stops being asked when the test ends.
pub struct ModelServer {
    address: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl ModelServer {
    /// A server that gives these answers in turn, the last one again and again.
    pub fn playing(replies: Vec<Reply>) -> Self {
        Self::scripted(move |at, _| replies[at.min(replies.len() - 1)].clone())
    }

    /// A server that always says the same.
    pub fn saying(content: impl Into<String>) -> Self {
        Self::playing(vec![Reply { content: Some(content.into()), ..Reply::default() }])
    }

    /// A server whose script sees each request and how many came before it.
    pub fn scripted(script: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (seen, script): (_, Arc<Script>) = (Arc::clone(&received), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                std::thread::spawn(move || serve(stream, &seen, script.as_ref()));
            }
        });
        Self { address, received }
    }

    /// Where it is, as `OPENAI_BASE_URL` wants it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The chat requests so far.
    pub fn asked(&self) -> Vec<Received> {
        let received = self.received.lock().expect("no thread panicked");
        received.iter().filter(|request| request.line.contains("/chat/completions")).cloned().collect()
    }
}

/// One connection, one request.
fn serve(stream: TcpStream, seen: &Mutex<Vec<Received>>, script: &Script) {
    let Some(request) = read(&stream) else { return };
    let at = {
        let mut seen = seen.lock().expect("no thread panicked");
        let chats = seen.iter().filter(|request| request.line.contains("/chat/completions")).count();
        seen.push(request.clone());
        chats
    };
    // A client that went away is its own business.
    let _ = match request.line.as_str() {
        "GET /v1/models" => whole(&stream, 200, &BTreeMap::new(), &models()),
        "POST /v1/chat/completions" => match protocol_error(&request.json()) {
            Some(error) => whole(&stream, 400, &BTreeMap::new(), &error),
            None => play(&stream, &script(at, &request), &request.json()),
        },
        _ => whole(&stream, 404, &BTreeMap::new(), r#"{"error":{"message":"no such path"}}"#),
    };
}

fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let line = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received { line, headers, raw: String::from_utf8(body).ok()? })
}

fn models() -> String {
    let model = |id: &str| json!({"id": id, "object": "model", "created": 0, "owned_by": "test"});
    json!({"object": "list", "data": [model("tiny"), model("small:latest")]}).to_string()
}

/// What a strict server refuses of a request.
fn protocol_error(body: &Value) -> Option<String> {
    let schema = &body["response_format"]["json_schema"]["schema"];
    let wrong = if body["model"].as_str().is_none_or(str::is_empty) {
        "model is missing".to_owned()
    } else if body["messages"].as_array().is_none_or(Vec::is_empty) {
        "messages is missing".to_owned()
    } else if schema.is_null() {
        return None;
    } else {
        loose(schema)?
    };
    Some(
        json!({"error": {"message": wrong, "type": "invalid_request_error", "param": null, "code": null}})
            .to_string(),
    )
}

/// Where a schema is not strict: an object that allows more than it names, or does not require all it names.
fn loose(schema: &Value) -> Option<String> {
    let here = schema["type"] == "object" && {
        let mut named: Vec<&String> =
            schema["properties"].as_object().map(|map| map.keys().collect()).unwrap_or_default();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        named.retain(|name| !required.iter().any(|required| required == name.as_str()));
        !named.is_empty() || schema["additionalProperties"] != false
    };
    let refused = ["$ref", "format", "minimum", "oneOf"].into_iter().find(|word| schema.get(word).is_some());
    match (here, refused) {
        (true, _) => Some(format!("the schema is not strict: {schema}")),
        (_, Some(word)) => Some(format!("{word} is not supported: {schema}")),
        _ => match schema {
            Value::Object(map) => map.values().find_map(loose),
            Value::Array(list) => list.iter().find_map(loose),
            _ => None,
        },
    }
}

fn play(mut stream: &TcpStream, reply: &Reply, request: &Value) -> std::io::Result<()> {
    let status = reply.status.unwrap_or(200);
    if reply.hangs {
        // Ends when the client closes its side.
        return stream.read(&mut [0]).map(|_| ());
    }
    if let Some(bytes) = reply.endless {
        head(stream, status, &reply.headers, "text/event-stream", None)?;
        let filler = [b'x'; 8192];
        return (0..bytes / filler.len()).try_for_each(|_| stream.write_all(&filler));
    }
    match (&reply.body, request["stream"] == true) {
        (Some(body), _) => whole(stream, status, &reply.headers, body),
        (None, true) => streamed(stream, reply),
        (None, false) => whole(stream, status, &reply.headers, &completion(reply)),
    }
}

fn head(
    mut stream: &TcpStream,
    status: u16,
    headers: &BTreeMap<String, String>,
    usual_type: &str,
    length: Option<usize>,
) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\n");
    if !headers.contains_key("content-type") {
        head += &format!("content-type: {usual_type}\r\n");
    }
    headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    length.iter().for_each(|length| head += &format!("content-length: {length}\r\n"));
    stream.write_all((head + "\r\n").as_bytes())
}

fn whole(
    mut stream: &TcpStream,
    status: u16,
    headers: &BTreeMap<String, String>,
    body: &str,
) -> std::io::Result<()> {
    head(stream, status, headers, "application/json", Some(body.len()))?;
    stream.write_all(body.as_bytes())
}

fn completion(reply: &Reply) -> String {
    let message = json!({"role": "assistant", "content": reply.content});
    let finish = reply.finish.as_deref().unwrap_or("stop");
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "tiny",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    })
    .to_string()
}

/// The answer in pieces of twenty characters, then its end, the usage, and the closing mark.
fn streamed(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<()> {
    head(stream, reply.status.unwrap_or(200), &reply.headers, "text/event-stream", None)?;
    let text: Vec<char> = reply.content.clone().unwrap_or_default().chars().collect();
    let chunk = |choices: Value, usage: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "tiny",
            "choices": choices, "usage": usage})
    };
    let piece = |delta: Value, finish: Value| {
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": finish}]), Value::Null)
    };
    let mut pieces = vec![piece(json!({"role": "assistant", "content": ""}), Value::Null)];
    pieces.extend(
        text.chunks(20).map(|part| piece(json!({"content": part.iter().collect::<String>()}), Value::Null)),
    );
    pieces.push(piece(json!({}), reply.finish.as_deref().unwrap_or("stop").into()));
    pieces
        .push(chunk(json!([]), json!({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150})));
    for (at, piece) in pieces.iter().enumerate() {
        if reply.cut_after.is_some_and(|cut| at >= cut) {
            return Ok(());
        }
        stream.write_all(format!("data: {piece}\n\n").as_bytes())?;
    }
    stream.write_all(b"data: [DONE]\n\n")
}
