//! The words of the language, for completion.

pub use cmsl_parser::words::{GENERIC_TYPES, KEYWORDS, TYPES};

/// The properties of `server C`: the word, and what an editor writes for it.
pub const PROPERTIES: [(&str, &str); 10] = [
    ("disjoint", "disjoint"),
    ("durable", "durable"),
    ("hosts", "hosts ($1)"),
    ("model", "model $1"),
    ("name", "name (\"$1\")"),
    ("priority", "priority ($1)"),
    ("protocol", "protocol $1"),
    ("replicas", "replicas ($1)"),
    ("tolerance", "tolerance ($1)"),
    ("tolerate", "tolerate ($1)"),
];

/// What can stand behind `model`.
pub const MODELS: [&str; 3] = ["byzantine", "correct", "crash"];

/// What can stand behind `protocol`.
pub const PROTOCOLS: [&str; 2] = ["executive", "logical"];
