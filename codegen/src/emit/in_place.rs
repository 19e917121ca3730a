//! Assignments that Rust's own operators make in place.

use super::body::BodyEmitter;
use crate::format::{Tokens, rust};
use crate::ir::{AssignOp, BinaryOp, Expr, ExprKind, Literal, Place, PlaceRoot, StepOp, Type};

impl BodyEmitter<'_> {
    /// `x += y` of a local that Rust's own operators compute with: `x += y` or `x = x + y` in the source.
    pub(super) fn computed_in_place(
        &mut self,
        place: &Place,
        op: AssignOp,
        value: &Expr,
    ) -> Option<Tokens> {
        let (PlaceRoot::Local(id), []) = (&place.root, place.steps.as_slice()) else {
            return None;
        };
        let is_this = |expr: &Expr| matches!(expr.kind, ExprKind::Local(other) if other == *id);
        let (op, value) = match (op, &value.kind) {
            (AssignOp::Compute(op), _) => (op, value),
            (AssignOp::Set, ExprKind::Binary(op, left, right)) if is_this(left) => (*op, &**right),
            _ => return None,
        };
        if value.ty != place.ty || changes_locals(value) {
            return None;
        }
        let sign = sign_in_place(op, place.ty)?;
        let value = self.owned(value).value();
        let name = &self.locals[id.index()];
        Some(rust!(#name #sign #value;))
    }

    /// `x += 1.0` of a local that Rust's own operators compute with.
    pub(super) fn stepped_in_place(&self, op: StepOp, place: &Place) -> Option<Tokens> {
        let (PlaceRoot::Local(id), []) = (&place.root, place.steps.as_slice()) else {
            return None;
        };
        if !matches!(place.ty, Type::Float | Type::Double) {
            return None;
        }
        let one = self.literal(&Literal::Float(1.0), place.ty).value();
        let name = &self.locals[id.index()];
        Some(match op {
            StepOp::IncrementBefore | StepOp::IncrementAfter => rust!(#name += #one;),
            StepOp::DecrementBefore | StepOp::DecrementAfter => rust!(#name -= #one;),
        })
    }
}

/// Whether evaluating an expression may assign to a variable: Rust's `x += y` evaluates `y` before it looks at `x`.
fn changes_locals(expr: &Expr) -> bool {
    let mut found = matches!(expr.kind, ExprKind::Step(..) | ExprKind::Accept(_));
    expr.operands(&mut |part| found |= changes_locals(part));
    found
}

/// The operator that assigns, where Rust's own one computes.
pub(super) fn sign_in_place(op: BinaryOp, ty: Type) -> Option<Tokens> {
    let is_float = matches!(ty, Type::Float | Type::Double);
    Some(match op {
        BinaryOp::Add if is_float => rust!(+=),
        BinaryOp::Subtract if is_float => rust!(-=),
        BinaryOp::Multiply if is_float => rust!(*=),
        BinaryOp::Divide if is_float => rust!(/=),
        BinaryOp::Remainder if is_float => rust!(%=),
        BinaryOp::BitAnd => rust!(&=),
        BinaryOp::BitOr => rust!(|=),
        BinaryOp::BitXor => rust!(^=),
        _ => return None,
    })
}
