//! Names that Rust, the runtime's prelude and printed code have for themselves.

/// What the prelude and the printed code itself use; a type of the program gets another name.
pub(super) const TYPES: &[&str] = &[
    "Answer",
    "Arguments",
    "ArithmeticError",
    "Array",
    "AssertionFailed",
    "Attribute",
    "BadCast",
    "Bag",
    "BagEdit",
    "Box",
    "Call",
    "Class",
    "ClassInfo",
    "Code",
    "Context",
    "Date",
    "Default",
    "Edit",
    "Enumeration",
    "Err",
    "Error",
    "Exception",
    "Extern",
    "ExternResult",
    "Field",
    "Flow",
    "Future",
    "Host",
    "IndexOutOfRange",
    "Interval",
    "InvariantFailed",
    "List",
    "ListEdit",
    "Many",
    "Map",
    "MapEdit",
    "Model",
    "NoSuchElement",
    "None",
    "NullReference",
    "Object",
    "Ok",
    "Option",
    "Outcome",
    "Outside",
    "PostconditionFailed",
    "PreconditionFailed",
    "Program",
    "Raised",
    "ReentrantCall",
    "Ref",
    "Reply",
    "ResourceExhausted",
    "Result",
    "Self",
    "Served",
    "Server",
    "ServerClass",
    "ServerFailed",
    "ServerObject",
    "ServerOptions",
    "Set",
    "SetEdit",
    "Show",
    "Some",
    "Start",
    "String",
    "Text",
    "Time",
    "TimeoutExpired",
    "Timestamp",
    "Value",
    "Vec",
];

/// Functions of the prelude and of the printed code.
pub(super) const FUNCTIONS: &[&str] = &[
    "accept",
    "accept_within",
    "alloc",
    "answer",
    "assertion",
    "attempt",
    "call",
    "cast",
    "caught",
    "cmsl_runtime",
    "core",
    "data",
    "delete",
    "drawn",
    "each",
    "edit_related",
    "embedded",
    "enumerator",
    "externs",
    "find_server",
    "host",
    "initialise_globals",
    "int",
    "invariant",
    "invoke",
    "main",
    "math",
    "or_timeout",
    "positions",
    "postcondition",
    "precondition",
    "print",
    "println",
    "read_only",
    "read_only",
    "relate",
    "result",
    "run_main",
    "several",
    "show",
    "sleep",
    "start_main",
    "start_server",
    "std",
    "throw",
    "within_depth",
];

/// Names of variables that printed code uses itself.
const LOCALS: &[&str] = &[
    "cx", "entry", "external", "index", "object", "raised", "this", "value", "whole",
];

/// Functions of the prelude that bodies call by their plain names: a variable would hide them.
const CALLED: &[&str] = &[
    "accept",
    "accept_within",
    "answer",
    "assertion",
    "attempt",
    "call",
    "cast",
    "caught",
    "delete",
    "drawn",
    "each",
    "embedded",
    "enumerator",
    "find_server",
    "host",
    "invariant",
    "invoke",
    "or_timeout",
    "postcondition",
    "precondition",
    "print",
    "println",
    "read_only",
    "result",
    "several",
    "show",
    "sleep",
    "start_server",
    "throw",
];

/// The same, with a number behind each.
const NUMBERED_LOCALS: &[&str] = &["argument_", "item_", "items_", "key_", "part_"];

/// Whether Rust has the word for itself.
pub(super) fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "abstract"
            | "as"
            | "async"
            | "await"
            | "become"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "final"
            | "fn"
            | "for"
            | "gen"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "macro"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "override"
            | "priv"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "true"
            | "try"
            | "type"
            | "typeof"
            | "union"
            | "unsafe"
            | "unsized"
            | "use"
            | "virtual"
            | "where"
            | "while"
            | "yield"
    )
}

/// Whether printed code has variables of this name itself.
pub(super) fn is_printed_local(name: &str) -> bool {
    let is_number = |text: &str| text.chars().all(|char| char.is_ascii_digit());
    LOCALS.contains(&name)
        || CALLED.contains(&name)
        || NUMBERED_LOCALS
            .iter()
            .any(|prefix| name.strip_prefix(prefix).is_some_and(is_number))
}
