//! Places: what stands left of an assignment, or is changed by a method.

use cmsl_parser::Diagnostic;

use super::{Lower, Receiver, Write};
use crate::check::types;
use crate::ir::{Expr, ExprKind, Literal, LocalId, Place, PlaceRoot, PlaceStep, StepKind, Type};

impl Lower<'_, '_> {
    /// The place that an expression reads, for changing it; reports if it is none.
    pub fn place(&mut self, expr: Expr) -> Option<Place> {
        if expr.ty == Type::Poison {
            return None;
        }
        let span = expr.span;
        let mut steps = Vec::new();
        let root = self.unwind(expr, &mut steps)?;
        steps.reverse();
        let (root, root_ty) = root;
        let ty = steps.last().map_or(root_ty, |step: &PlaceStep| step.ty);
        self.note_write(&root, span);
        Some(Place {
            root,
            steps,
            root_ty,
            ty,
            span,
        })
    }

    /// Takes an expression apart from its end to its variable.
    fn unwind(&mut self, expr: Expr, steps: &mut Vec<PlaceStep>) -> Option<(PlaceRoot, Type)> {
        let (ty, span) = (expr.ty, expr.span);
        let (inner, kind) = match expr.kind {
            ExprKind::Local(id) => {
                if self.constants.contains(&id) {
                    self.constant_local(id, span);
                    return None;
                }
                return Some((PlaceRoot::Local(id), ty));
            }
            ExprKind::Global(id) => {
                let global = self.checker.program.global(id);
                if global.is_const {
                    let message = format!("`{}` is constant", global.name);
                    let declared = global.span;
                    self.report(
                        Diagnostic::new(types::NOT_ASSIGNABLE, span, message)
                            .label(declared, "declared `const` here"),
                    );
                    return None;
                }
                return Some((PlaceRoot::Global(id), ty));
            }
            ExprKind::Field(object, field) => return Some((PlaceRoot::Field(object, field), ty)),
            ExprKind::ErrorCode(error) => (error, StepKind::ErrorCode),
            ExprKind::ErrorMessage(error) => (error, StepKind::ErrorMessage),
            ExprKind::MapGet(map, key) => (map, StepKind::Key(*key)),
            ExprKind::Index(object, index) => match object.ty {
                Type::List(_) | Type::Array(_) => (object, StepKind::Index(*index)),
                Type::Class(_) => {
                    let message = "one object of a group cannot be replaced";
                    self.report(
                        Diagnostic::new(types::GROUP_ELEMENT, span, message)
                            .help("declare an array variable, `C x[n];`, or use a `list<C>`"),
                    );
                    return None;
                }
                _ => {
                    let message = "the chars of a string cannot be changed";
                    self.report(
                        Diagnostic::new(types::NOT_ASSIGNABLE, span, message)
                            .help("strings are values: make a new one with `+` or `substring`"),
                    );
                    return None;
                }
            },
            _ => {
                let message = "this is no variable, and cannot be changed";
                self.report(
                    Diagnostic::new(types::NOT_ASSIGNABLE, span, message)
                        .help("put it into a variable first"),
                );
                return None;
            }
        };
        steps.push(PlaceStep { kind, ty });
        self.unwind(*inner, steps)
    }

    fn constant_local(&mut self, id: LocalId, span: cmsl_parser::Span) {
        let Some(local) = self.locals.get(id.index()) else {
            return;
        };
        let message = format!("`{}` is constant", local.name);
        let declared = local.span;
        self.report(
            Diagnostic::new(types::NOT_ASSIGNABLE, span, message)
                .label(declared, "declared `const` here"),
        );
    }

    fn note_write(&mut self, root: &PlaceRoot, span: cmsl_parser::Span) {
        match root {
            PlaceRoot::Local(id) => {
                if let Some(local) = self.locals.get_mut(id.index()) {
                    local.is_mutable = true;
                    local.is_used = true;
                }
            }
            PlaceRoot::Global(_) => self.facts.writes.push(Write {
                receiver: Receiver::Nobody,
                span,
            }),
            PlaceRoot::Field(object, field) => {
                let receiver = match self.checker.program.field(*field).inverse {
                    Some(_) => Receiver::Other,
                    None => receiver(object),
                };
                self.facts.writes.push(Write { receiver, span });
            }
        }
    }

    /// A local stays one that names new objects only while nothing else is assigned to it.
    pub fn note_assigned(&mut self, local: LocalId, value: Option<&Expr>) {
        let is_new = match value.map(|value| &value.kind) {
            None => true,
            Some(ExprKind::New { .. }) => true,
            Some(ExprKind::Literal(Literal::Null)) => true,
            Some(_) => false,
        };
        if !is_new && let Some(fresh) = self.fresh.get_mut(local.index()) {
            *fresh = false;
        }
    }
}

/// Whose state an object's is.
pub(super) fn receiver(object: &Expr) -> Receiver {
    match &object.kind {
        ExprKind::This => Receiver::This,
        ExprKind::Local(id) => Receiver::Local(*id),
        ExprKind::New { .. } => Receiver::Fresh,
        ExprKind::Convert(_, inner) => receiver(inner),
        ExprKind::Index(group, _) if matches!(group.ty, Type::Class(_)) => receiver(group),
        _ => Receiver::Other,
    }
}
