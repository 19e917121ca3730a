//! What a call carries: a tuple, or pairs of them, because the runtime knows tuples of twelve at most.

use crate::format::{Append, Tokens, rust, tuple};

/// The most that one tuple holds.
const TUPLE_MAX: usize = 12;

/// The values, or the names that take them.
pub(super) fn values<T: Append>(items: impl IntoIterator<Item = T>) -> Tokens {
    grouped(
        items.into_iter().collect(),
        &|some, others| rust!(Many(#some, #others)),
    )
}

/// Their types.
pub(super) fn types<T: Append>(items: impl IntoIterator<Item = T>) -> Tokens {
    grouped(
        items.into_iter().collect(),
        &|some, others| rust!(Many<#some, #others>),
    )
}

/// By halves, so that no number of them makes a type deep.
fn grouped<T: Append>(mut items: Vec<T>, both: &impl Fn(Tokens, Tokens) -> Tokens) -> Tokens {
    if items.len() <= TUPLE_MAX {
        return tuple(items.into_iter());
    }
    let others = items.split_off(items.len() / 2);
    both(grouped(items, both), grouped(others, both))
}
