//! The session: scripts through pipes and files, and a person at a pseudo-terminal.

mod detached;
mod keys;
mod model;
mod scripts;
mod transcripts;
mod watching;
