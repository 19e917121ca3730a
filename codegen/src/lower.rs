//! Bodies: statements and expressions to typed ones.
//!
//! Checking and lowering are one walk, because the type of an expression is what both are about. What is wrong
//! is reported by its rule in `check` and becomes an expression of the type [`Type::Poison`], which converts to
//! everything in silence. Facts about effects are collected on the way and followed through calls afterwards.

mod accept;
mod body;
mod budget;
mod builtin;
mod call;
mod cast;
mod constant;
mod convert;
mod create;
mod expr;
mod facts;
mod globals;
mod jump;
mod member;
mod name;
mod operator;
mod overload;
mod place;
mod stmt;
mod switch;
mod template;
mod visible;

use std::collections::{BTreeMap, BTreeSet};

use cmsl_parser::{Diagnostic, Span, ast};

use crate::ir::{ClassId, Expr, ExprKind, Label, Literal, Local, LocalId, Type};
use crate::resolve::{Checker, Scope};
use visible::Visible;

pub(crate) use builtin::{function_names, method_names, predefined_signature};
pub(crate) use facts::{Call, Facts, Receiver, Write};

/// A loop or `switch` around a statement.
#[derive(Clone, Copy, Debug)]
struct Jump {
    label: Label,
    is_loop: bool,
    broken: bool,
    /// A `continue` leads to its condition.
    continued: bool,
}

/// One body on its way to typed code.
pub(crate) struct Lower<'c, 'a> {
    checker: &'c mut Checker<'a>,
    scope: Scope,
    /// The class whose members are visible by their bare names.
    class: Option<ClassId>,
    has_this: bool,
    /// The class whose attribute gets the initial value that is lowered.
    initialised: Option<ClassId>,
    /// The result of the function; none where nothing can be returned.
    result: Option<Type>,
    locals: Vec<Local>,
    /// For each local whether it only ever names objects that were made here.
    fresh: Vec<bool>,
    visible: Visible<'a>,
    /// Where the innermost block begins in `visible`.
    block_start: usize,
    jumps: Vec<Jump>,
    labels: u32,
    /// Locals that are declared `const`.
    constants: BTreeSet<LocalId>,
    /// Variables that were declared with a constant host.
    host_variables: BTreeMap<LocalId, String>,
    /// The names that nothing declares.
    unknown: BTreeSet<String>,
    /// How many `catch` blocks are around.
    catches: usize,
    facts: Facts,
}

impl<'c, 'a> Lower<'c, 'a> {
    fn new(checker: &'c mut Checker<'a>, scope: Scope, class: Option<ClassId>) -> Self {
        Self {
            checker,
            scope,
            class,
            has_this: false,
            initialised: None,
            result: None,
            locals: Vec::new(),
            fresh: Vec::new(),
            visible: Visible::default(),
            block_start: 0,
            jumps: Vec::new(),
            labels: 0,
            constants: BTreeSet::new(),
            host_variables: BTreeMap::new(),
            unknown: BTreeSet::new(),
            catches: 0,
            facts: Facts::default(),
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.checker.report(diagnostic);
    }

    fn show(&self, ty: Type) -> String {
        self.checker.show(ty)
    }

    /// A new local that is visible from here to the end of the block.
    fn declare(&mut self, name: &'a ast::Name, ty: Type) -> LocalId {
        let twin = self
            .visible
            .find_since(self.block_start, name.as_str())
            .and_then(|id| self.locals.get(id.index()))
            .map(|local| local.span);
        if let Some(first) = twin {
            self.report(crate::check::names::duplicate(
                name.as_str(),
                name.span,
                first,
            ));
        }
        let id = self.add_local(name.as_str(), name.span, ty);
        self.visible.push(name.as_str(), id);
        id
    }

    fn add_local(&mut self, name: &str, span: Span, ty: Type) -> LocalId {
        let id = LocalId::at(self.locals.len());
        self.locals.push(Local {
            name: name.to_owned(),
            span,
            ty,
            is_parameter: false,
            is_mutable: false,
            is_used: false,
        });
        self.fresh.push(false);
        id
    }

    /// Runs something in a scope of its own.
    fn scoped<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let start = std::mem::replace(&mut self.block_start, self.visible.len());
        let outcome = run(self);
        self.visible.truncate(self.block_start);
        self.block_start = start;
        outcome
    }

    fn label(&mut self) -> Label {
        let label = Label(self.labels);
        self.labels += 1;
        label
    }
}

/// What stands for a wrong expression.
fn poison(span: Span) -> Expr {
    Expr {
        kind: ExprKind::Literal(Literal::Null),
        ty: Type::Poison,
        span,
    }
}

/// An expression of a kind and type.
fn typed(kind: ExprKind, ty: Type, span: Span) -> Expr {
    Expr { kind, ty, span }
}
