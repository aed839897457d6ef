//! What may be sent to the optional model: prompt templates, and the redaction that guards them.
//!
//! Text for a model is a type ([`Redacted`]) that only redaction makes. Nothing here touches a network.

mod error;
mod prompt;
mod redact;
mod templates;

pub use error::PromptsError;
pub use prompt::{Envelope, Outgoing, Prompt};
pub use redact::{Redacted, Redactor};
pub use templates::{GoalQuestion, OpenSlot, Shown, StatedSlot, Templates};
