//! The operator commands through the binary, against a platform and an AWS account on loopback.

mod audit;
mod secrets;
mod token;
mod world;
