//! The words of the language, for completion.

/// Words that cannot be names, those of types excluded.
pub const KEYWORDS: [&str; 37] = [
    "accept",
    "assert",
    "attribute",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "extern",
    "false",
    "for",
    "if",
    "import",
    "invariant",
    "invoke",
    "module",
    "new",
    "null",
    "private",
    "public",
    "relation",
    "return",
    "server",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typedef",
    "using",
    "while",
];

/// The types that are words.
pub const TYPES: [&str; 11] = [
    "boolean", "char", "double", "float", "int", "long", "octet", "short", "string", "unsigned",
    "void",
];

/// The types that take others.
pub const GENERIC_TYPES: [&str; 5] = ["bag", "future", "list", "map", "set"];

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
