//! Scoring labelled files.
