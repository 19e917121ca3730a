//! What planted faults make of integers; in a product there is none of it.

use super::body::BodyEmitter;
use super::expr::{checked, integer};
use crate::format::{Tokens, rust};
use crate::ir::{BinaryOp, Block, Label, LocalId, Type};
use crate::planted::{Mutant, is};

impl BodyEmitter<'_> {
    /// A loop whose turns have one variable.
    pub(super) fn shared(
        &mut self,
        label: Label,
        local: LocalId,
        (range, pattern): (&Tokens, &Tokens),
        body: &Block,
    ) -> Tokens {
        let name = self.locals[local.index()].clone();
        let turns = self.repeated(label, rust!(while range.contains(&shared)), |this| {
            let body = this.block(body);
            rust!(let #pattern = shared; #body shared = #name + 1;)
        });
        rust!({
            let range = #range;
            let mut shared = range.start;
            #turns
        })
    }

    /// What a planted fault makes of an operator on integers.
    pub(super) fn wrong(
        &self,
        op: BinaryOp,
        ty: Type,
        (a, b): (&Tokens, &Tokens),
    ) -> Option<Tokens> {
        let is_sum = op == BinaryOp::Add;
        let name = self.ty(ty);
        Some(match op {
            _ if is(Mutant::RightOperandFirst) => {
                let function = checked(op)?;
                rust!({
                    let right = #b;
                    int::#function(#a, right)
                })
            }
            _ if is_sum && is(Mutant::AddSubtracts) => rust!(int::sub(#a, #b)),
            _ if is_sum && is(Mutant::OverflowWraps) => {
                rust!(Outcome::Ok(#name::wrapping_add(#a, #b)))
            }
            BinaryOp::ShiftLeft | BinaryOp::ShiftRight if is(Mutant::ShiftUnbounded) => {
                let bits: i128 = match ty {
                    Type::Octet => 7,
                    Type::Short | Type::UnsignedShort => 15,
                    Type::Int | Type::UnsignedInt => 31,
                    _ => 63,
                };
                let function = checked(op)?;
                let mask = integer(bits, Type::Int).value();
                rust!(int::#function(#a, std::ops::BitAnd::bitand(#b, #mask)))
            }
            _ => return None,
        })
    }
}
