//! The operator commands through the binary, against a platform and an AWS account on loopback.

mod audit;
pub mod bundle;
mod deployment;
mod docs;
mod events;
mod iam;
mod leftovers;
mod secrets;
mod status;
mod storage;
mod token;
pub mod world;
