//! `provision eval`: scores the diagnosis on labelled failures and holds it to floors.
