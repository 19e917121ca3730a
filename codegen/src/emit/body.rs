//! The state of emission inside one body: names of its variables, and how control leaves the closures of `try`.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::Emitter;
use super::name;
use crate::format::{Name, Position, Tokens, rust};
use crate::ir::{self, ClassId, Label, ModuleId, Type};

/// Prints one body.
pub(super) struct BodyEmitter<'a> {
    pub emitter: &'a Emitter<'a>,
    /// The module in which the code stands.
    pub here: ModuleId,
    pub locals: Vec<Name>,
    /// The names of these without the `_` before, once they were asked for.
    pub local_names: OnceCell<BTreeSet<String>>,
    pub body: &'a ir::Body,
    /// What the body gives.
    pub result: Type,
    /// The loops, switches and closures around the code, the innermost last.
    pub scopes: Vec<Scope>,
}

/// What `break`, `continue` and `return` lead out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A loop.
    Loop {
        label: Label,
        /// The body is a block of its own, which `continue` leaves, because something follows in each round.
        has_rounds: bool,
        /// Printed code names the loop.
        is_named: bool,
    },
    /// A `switch`.
    Switch {
        label: Label,
        /// Printed code names it.
        is_named: bool,
    },
    /// A closure.
    Attempt(Attempt),
}

/// The closure around a `try`'s body, or around a whole body that is followed by postconditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// Code in it leaves by `return` or jumps: it gives a `Flow`.
    Crossed,
    /// Code in it runs to its end or raises.
    Straight,
    /// It is the whole body: `return` is its own.
    Body,
}

impl<'a> BodyEmitter<'a> {
    pub(super) fn new(
        emitter: &'a Emitter<'a>,
        here: ModuleId,
        body: &'a ir::Body,
        result: Type,
    ) -> BodyEmitter<'a> {
        BodyEmitter {
            emitter,
            here,
            locals: name::locals(body),
            local_names: OnceCell::new(),
            body,
            result,
            scopes: Vec::new(),
        }
    }

    pub(super) fn program(&self) -> &'a ir::Program {
        self.emitter.program
    }

    pub(super) fn ty(&self, ty: Type) -> Tokens {
        self.emitter.ty(ty, self.here)
    }

    /// The struct of a class type.
    pub(super) fn class_of(&self, ty: Type) -> Tokens {
        match ty {
            Type::Class(id) => self.emitter.class_path(id, self.here),
            _ => rust!(()),
        }
    }

    /// `a: A, b: B,` for the parameters.
    pub(super) fn parameters(&self) -> Tokens {
        let parameters = self.body.parameter_ids().map(|id| {
            let local = &self.body.locals[id.index()];
            let name = &self.locals[id.index()];
            let ty = self.ty(local.ty);
            let mutable = local.is_mutable.then(|| rust!(mut));
            rust!(#mutable #name: #ty,)
        });
        parameters.collect()
    }

    /// Whether a local may be moved out where it is last read: not out of a closure that only borrows it.
    pub(super) fn may_move(&self) -> bool {
        self.attempt_around().is_none()
    }

    /// The innermost closure around the code.
    pub(super) fn attempt_around(&self) -> Option<Attempt> {
        self.scopes.iter().rev().find_map(|scope| match scope {
            Scope::Attempt(attempt) => Some(*attempt),
            Scope::Loop { .. } | Scope::Switch { .. } => None,
        })
    }

    /// The marker that maps the next lines to the source.
    pub(super) fn position(&self, span: cmsl_parser::Span) -> Position {
        Position(span)
    }
}

impl Emitter<'_> {
    pub(super) fn is_external(&self, class: ClassId) -> bool {
        self.program.class(class).kind == ir::ClassKind::External
    }
}
