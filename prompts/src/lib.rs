//! What may be sent to the optional model: prompt templates, and the redaction that guards them.
//!
//! Text for a model is a type ([`Redacted`]) that only redaction makes. Nothing here touches a network.

mod error;
mod prompt;
mod redact;
mod templates;

pub use error::PromptsError;
pub use prompt::{Envelope, Outgoing, Prompt};
pub use redact::{Redacted, Redactor, may_hold_secret, without_secrets};
pub use templates::{GoalQuestion, OpenSlot, Shown, StatedSlot, Templates};
