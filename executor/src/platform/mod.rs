//! The deployed platform's HTTP API: who is asking, and the routes the operator commands use.
//!
//! Routes, fields and the token's claims are facts of the platform's own interface.

mod http;
mod registry;
mod token;

use planner::Secret;
use provision_planner as planner;

pub use http::{PlatformApi, base as platform_base};
pub use registry::RegistryEntry;
pub use token::{IssuedToken, claims_organization};

/// Who is asking.
#[derive(Debug, Clone)]
pub enum PlatformCredentials {
    /// A token that was issued before (`PLATFORM_TOKEN`).
    Token(Secret),
    /// A login, exchanged for a token before the first request.
    Login {
        /// The user's e-mail address or name.
        identifier: String,
        /// The user's password.
        password: Secret,
    },
}

/// Where the platform is and how it is asked.
#[derive(Debug, Clone)]
pub struct PlatformAccess {
    /// The platform's base URL, such as `https://ci.acme.io`.
    pub base_url: String,
    /// Who is asking.
    pub credentials: PlatformCredentials,
    /// Whether certificates are verified.
    pub verify_tls: bool,
}
