//! How often a diagnosis is right on labelled failures.
