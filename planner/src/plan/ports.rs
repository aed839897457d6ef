//! Where a target's host ports are written down.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::build::read_ports;
use crate::catalog::PortFormat;

/// The file that binds a target's host ports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PortSource {
    /// The file, relative to the checkout.
    pub file: String,
    /// How it is written.
    pub format: PortFormat,
    /// A read-only command, run in the target's folder, that prints something if the target's own stack binds them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<String>,
}

impl PortSource {
    /// The host ports in the file's text, with these variables for a compose file's own.
    pub fn read(&self, text: &str, environment: &BTreeMap<String, String>) -> Vec<u16> {
        read_ports(self.format, text, environment)
    }
}
