//! Methods that are declared `const` change no state.

use cmsl_parser::{Diagnostic, Span};

use super::{classes, effects};
use crate::ir::{CallTarget, MethodId};
use crate::lower::Receiver;
use crate::resolve::Checker;

/// Checks all const methods, and those that override one.
pub(super) fn check(checker: &mut Checker<'_>) {
    for index in 0..checker.program.methods.len() {
        let id = MethodId::at(index);
        let Some(promise) = promised(checker, id) else {
            continue;
        };
        let Some(place) = culprit(checker, id) else {
            continue;
        };
        let method = checker.program.method(id);
        let (is, help) = match method.is_const {
            true => ("is `const`", "remove the `const`, or the change"),
            false => (
                "overrides a `const` method",
                "remove the `const` of the method of the base, or the change",
            ),
        };
        let message = format!("`{}` {is} and changes state", method.name);
        let diagnostic = Diagnostic::new(classes::CONST_VIOLATION, place, message)
            .note("state is changed here")
            .label(promise, "declared `const` here")
            .help(help);
        checker.report(diagnostic);
    }
}

/// Where a method, or one that it overrides, is declared `const`.
fn promised(checker: &Checker<'_>, id: MethodId) -> Option<Span> {
    std::iter::successors(Some(id), |&id| checker.program.method(id).overrides)
        .map(|id| checker.program.method(id))
        .find(|method| method.is_const)
        .map(|method| method.span)
}

/// The first place in a method that changes state.
fn culprit(checker: &Checker<'_>, id: MethodId) -> Option<Span> {
    let facts = effects::facts_of(checker, CallTarget::Method(id));
    let write = facts
        .writes
        .iter()
        .find(|write| write.receiver != Receiver::Fresh)
        .map(|write| write.span);
    let call = || {
        facts
            .calls
            .iter()
            .find(|call| {
                let callee = checker.program.effects_of(call.target);
                effects::through(callee, call).writes_state()
            })
            .map(|call| call.span)
    };
    write.or_else(call)
}
