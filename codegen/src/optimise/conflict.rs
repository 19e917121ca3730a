//! Whether the code of a loop that stays behind and the calls that move to the front notice each other.

use std::collections::BTreeSet;

use super::access::{Access, Accesses, Touched, Variable, touched};
use super::independent::obstacle;
use crate::ir::{CallTarget, ClassId, ClassKind, Expr, FieldId, MethodId, Obstacle, Program, Type};

/// The code that stays, before and after the call.
pub(super) struct Stays {
    pub before: Accesses,
    pub after: Accesses,
}

impl Stays {
    /// Compares it with what moves and with what the servers do.
    pub fn against(
        &self,
        program: &Program,
        moved: &Accesses,
        sent: &[&Expr],
        method: MethodId,
    ) -> Result<(), Obstacle> {
        let calls = || self.before.calls.iter().chain(&self.after.calls);
        let moved_through = touched(program, moved.calls.iter().map(|&(target, _)| target));
        let callee = touched(program, [CallTarget::Method(method)]);
        let is_private = |write: &Access, is_after: bool| matches!(write.variable, Variable::Local(id) if is_after && moved.declared.contains(&id));
        let objects = sent_fields(program, sent);
        let before = self.before.writes.iter().map(|write| (write, false));
        let after = self.after.writes.iter().map(|write| (write, true));
        for (write, is_after) in before.chain(after) {
            if is_private(write, is_after) {
                continue;
            }
            let read = moved
                .reads
                .iter()
                .any(|read| read.variable == write.variable && !(read.is_own && write.is_own));
            let shared = moved_through.reads.contains(&write.variable)
                || matches!(write.variable, Variable::Field(id) if objects.contains(&id));
            if read || shared {
                return Err(obstacle(
                    write.span,
                    "the next call needs what changes here",
                ));
            }
            if callee.reads.contains(&write.variable) || callee.writes.contains(&write.variable) {
                return Err(obstacle(
                    write.span,
                    "the next call may see what changes here",
                ));
            }
        }
        let reads = self.before.reads.iter().chain(&self.after.reads);
        for read in reads {
            if callee.writes.contains(&read.variable) {
                return Err(obstacle(
                    read.span,
                    "the next call may change what is read here",
                ));
            }
        }
        for &(target, span) in calls() {
            let one = touched(program, [target]);
            let moved_reads = moved.reads.iter().map(|read| read.variable);
            let needs = moved_reads.chain(moved_through.reads.iter().copied());
            let sends = objects.iter().map(|&id| Variable::Field(id));
            let clash = needs
                .chain(sends)
                .any(|variable| one.writes.contains(&variable))
                || meet(&one.writes, &callee)
                || callee
                    .writes
                    .iter()
                    .any(|variable| one.reads.contains(variable));
            if clash {
                let message = format!(
                    "`{}` may change what the next call needs",
                    program.signature(target)
                );
                return Err(obstacle(span, message));
            }
        }
        Ok(())
    }
}

fn meet(writes: &BTreeSet<Variable>, other: &Touched) -> bool {
    writes
        .iter()
        .any(|variable| other.reads.contains(variable) || other.writes.contains(variable))
}

/// The attributes of objects that are copied when the call is sent.
fn sent_fields(program: &Program, sent: &[&Expr]) -> BTreeSet<FieldId> {
    let mut classes: Vec<ClassId> = Vec::new();
    let mut seen: BTreeSet<ClassId> = BTreeSet::new();
    let mut fields = BTreeSet::new();
    // The object itself is a server: what it holds is its own.
    for argument in sent.iter().skip(1) {
        classes_in(program, argument.ty, &mut classes);
    }
    while let Some(class) = classes.pop() {
        for id in program.family(class) {
            if program.class(id).kind == ClassKind::Server || !seen.insert(id) {
                continue;
            }
            for ancestor in program.ancestry(id) {
                for &field in &program.class(ancestor).fields {
                    fields.insert(field);
                    classes_in(program, program.field(field).ty, &mut classes);
                }
            }
        }
    }
    fields
}

/// The classes of the references in a value of the type.
fn classes_in(program: &Program, mut ty: Type, found: &mut Vec<ClassId>) {
    loop {
        if let Some(Type::Class(key)) = program.types.key(ty) {
            found.push(key);
        }
        match (ty, program.types.element(ty)) {
            (Type::Class(id), _) => return found.push(id),
            (_, Some(inner)) => ty = inner,
            (_, None) => return,
        }
    }
}
