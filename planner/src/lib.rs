//! Goals and flags into a typed, validated plan.
//!
//! Nothing here starts a process, calls AWS, or reads the clock; facts about the machine come in as values.

pub mod goal;
