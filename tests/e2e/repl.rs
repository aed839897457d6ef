//! The session: scripts through pipes and files, and a person at a pseudo-terminal.

mod keys;
mod scripts;
