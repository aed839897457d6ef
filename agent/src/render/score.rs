//! A score as text.
