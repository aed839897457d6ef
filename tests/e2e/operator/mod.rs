//! The operator commands through the binary, against a platform and an AWS account on loopback.

mod audit;
pub mod bundle;
mod docs;
mod events;
mod secrets;
mod token;
pub mod world;
