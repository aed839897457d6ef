//! What comes back from a server, as leniently as servers differ.

use serde::Deserialize;

/// One piece of a streamed answer.
#[derive(Debug, Deserialize)]
pub struct Chunk {
    /// The text so far, at most one is asked for.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// How many tokens were used; in the last piece, where the server tells.
    #[serde(default)]
    pub usage: Option<Usage>,
}

/// The part of a piece that carries text.
#[derive(Debug, Deserialize)]
pub struct Choice {
    /// What is new.
    #[serde(default)]
    pub delta: Delta,
    /// Why the answer ends here, in its last piece.
    #[serde(default)]
    pub finish_reason: Option<String>,
}

/// New text.
#[derive(Debug, Default, Deserialize)]
pub struct Delta {
    /// The text.
    #[serde(default)]
    pub content: Option<String>,
}

/// Tokens used.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Usage {
    /// Sent.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Received.
    #[serde(default)]
    pub completion_tokens: u64,
}

/// The models of a server.
#[derive(Debug, Deserialize)]
pub struct Models {
    /// One entry each.
    #[serde(default)]
    pub data: Vec<Model>,
}

/// One model.
#[derive(Debug, Deserialize)]
pub struct Model {
    /// Its name.
    pub id: String,
}
