//! How declarations of embedding Rust code are named in it.

use super::name::{camel, ident, snake};

/// The struct of a class.
pub(crate) fn class(name: &str) -> String {
    ident(&camel(name)).as_str().to_owned()
}

/// A parameter.
pub(crate) fn parameter(name: &str) -> String {
    ident(&snake(name)).as_str().to_owned()
}

/// An overload of a function: the first is plain, the second has `_2` behind it.
pub(crate) fn overload(name: &str, number: u32) -> String {
    let name = snake(name);
    let name = match number {
        0 => ident(&name),
        _ => ident(&format!("{name}_{}", number + 1)),
    };
    name.as_str().to_owned()
}
