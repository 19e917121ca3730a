//! What code reads, changes and calls, as far as it matters to the iterations of a loop.

use std::collections::BTreeSet;

use cmsl_parser::Span;

use crate::ir::{
    CallTarget, Dispatch, Expr, ExprKind, FieldId, GlobalId, LocalId, MethodId, Mutation, Place,
    PlaceRoot, Program, StepKind, Stmt, StmtKind,
};

/// A variable that outlives an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Variable {
    Local(LocalId),
    Global(GlobalId),
    /// That of any object: two objects may be one.
    Field(FieldId),
}

/// One use of a variable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    pub variable: Variable,
    /// Only the element at the loop's index is meant, which no other iteration means.
    pub is_own: bool,
    pub span: Span,
}

/// What some code does.
#[derive(Clone, Debug, Default)]
pub(super) struct Accesses {
    pub reads: Vec<Access>,
    pub writes: Vec<Access>,
    /// Functions, methods and constructors that run here.
    pub calls: Vec<(CallTarget, Span)>,
    /// Variables that it declares.
    pub declared: BTreeSet<LocalId>,
}

/// Collects accesses for a loop with this index.
pub(super) struct Collector<'p> {
    pub program: &'p Program,
    pub index: LocalId,
    pub found: Accesses,
}

impl<'p> Collector<'p> {
    pub fn new(program: &'p Program, index: LocalId) -> Self {
        Self {
            program,
            index,
            found: Accesses::default(),
        }
    }

    pub fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Index(base, position) | ExprKind::MapGet(base, position)
                if self.is_index(position) && self.whole(base, true).is_some() =>
            {
                let access = self.whole(base, true);
                self.found.reads.extend(access);
            }
            ExprKind::Local(_) | ExprKind::Global(_) | ExprKind::Field(..) => {
                let access = self.whole(expr, false);
                self.found.reads.extend(access);
                expr.operands(&mut |operand| self.expr(operand));
            }
            ExprKind::Step(_, place) => {
                self.place(place, false, true);
            }
            _ => {
                let target = match &expr.kind {
                    ExprKind::Call(id, _) => Some(CallTarget::Function(*id)),
                    ExprKind::New { constructor, .. } => {
                        Some(CallTarget::Constructor(*constructor))
                    }
                    ExprKind::CallMethod {
                        method,
                        dispatch: Dispatch::Exact | Dispatch::Virtual,
                        ..
                    } => Some(CallTarget::Method(*method)),
                    _ => None,
                };
                self.found
                    .calls
                    .extend(target.map(|target| (target, expr.span)));
                expr.operands(&mut |operand| self.expr(operand));
            }
        }
    }

    /// The statement itself and all in its blocks.
    pub fn stmt(&mut self, stmt: &Stmt) {
        self.one(stmt);
        stmt.blocks(&mut |block| block.each_stmt(&mut |stmt| self.one(stmt)));
    }

    fn one(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Declare { local, .. }
            | StmtKind::ForEach { local, .. }
            | StmtKind::ForEvery { local, .. } => {
                self.found.declared.insert(*local);
            }
            StmtKind::Try { catches, .. } => {
                let locals = catches.iter().filter_map(|catch| catch.local);
                self.found.declared.extend(locals);
            }
            StmtKind::Assign { place, op, value } => {
                let reads = !matches!(op, crate::ir::AssignOp::Set);
                self.place(place, false, reads);
                self.expr(value);
                return;
            }
            StmtKind::Mutate {
                place,
                mutation,
                arguments,
            } => {
                let own_key = *mutation == Mutation::MapSet
                    && place.steps.is_empty()
                    && arguments.first().is_some_and(|key| self.is_index(key));
                self.place(place, own_key, false);
                arguments.iter().for_each(|argument| self.expr(argument));
                return;
            }
            _ => {}
        }
        stmt.expressions(&mut |expr| self.expr(expr));
    }

    /// A place that changes.
    fn place(&mut self, place: &Place, own_key: bool, reads: bool) {
        let own_element = place.steps.first().is_some_and(|step| match &step.kind {
            StepKind::Index(index) | StepKind::Key(index) => self.is_index(index),
            StepKind::ErrorCode | StepKind::ErrorMessage => false,
        });
        let (variable, may_be_own) = match &place.root {
            PlaceRoot::Local(id) => (Variable::Local(*id), true),
            PlaceRoot::Global(id) => (Variable::Global(*id), true),
            PlaceRoot::Field(object, id) => {
                (Variable::Field(*id), matches!(object.kind, ExprKind::This))
            }
        };
        let access = Access {
            variable,
            is_own: may_be_own && (own_element || own_key),
            span: place.span,
        };
        self.found.writes.push(access);
        if let Variable::Field(id) = variable
            && let Some(inverse) = self.program.field(id).inverse
        {
            let variable = Variable::Field(inverse);
            self.found.writes.push(Access {
                variable,
                is_own: false,
                ..access
            });
        }
        if reads {
            self.found.reads.push(access);
        }
        place.expressions(&mut |expr| self.expr(expr));
    }

    /// A variable as a whole, or, with `is_own`, its element at the loop's index.
    fn whole(&self, expr: &Expr, is_own: bool) -> Option<Access> {
        let (variable, may_be_own) = match &expr.kind {
            ExprKind::Local(id) => (Variable::Local(*id), true),
            ExprKind::Global(id) if self.program.global(*id).is_const => return None,
            ExprKind::Global(id) => (Variable::Global(*id), true),
            ExprKind::Field(object, id) => {
                (Variable::Field(*id), matches!(object.kind, ExprKind::This))
            }
            _ => return None,
        };
        (may_be_own || !is_own).then_some(Access {
            variable,
            is_own,
            span: expr.span,
        })
    }

    fn is_index(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Local(id) => *id == self.index,
            ExprKind::Convert(crate::ir::Conversion::Widen, inner) => self.is_index(inner),
            _ => false,
        }
    }
}

/// The state that code may touch, itself and through all that it calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    pub reads: BTreeSet<Variable>,
    pub writes: BTreeSet<Variable>,
}

/// Follows calls, those of overriding methods included.
pub(super) fn touched(program: &Program, targets: impl IntoIterator<Item = CallTarget>) -> Touched {
    let mut touched = Touched::default();
    let mut seen: BTreeSet<CallTarget> = BTreeSet::new();
    let mut stack: Vec<CallTarget> = targets.into_iter().collect();
    while let Some(target) = stack.pop() {
        if !seen.insert(target) {
            continue;
        }
        if let CallTarget::Method(id) = target {
            stack.extend(overriding(program, id));
        }
        if let CallTarget::Constructor(id) = target
            && let Some((base, _)) = &program.constructor(id).base_call
        {
            stack.push(CallTarget::Constructor(*base));
        }
        // No variable of another body has this number, so that nothing counts as an element of its own.
        let mut collector = Collector::new(program, LocalId(u32::MAX));
        for stmt in &program.body_of(target).block.statements {
            collector.stmt(stmt);
        }
        program
            .conditions_of(target)
            .for_each(|expr| collector.expr(expr));
        let found = collector.found;
        let is_shared = |access: &Access| !matches!(access.variable, Variable::Local(_));
        let reads = found.reads.iter().filter(|access| is_shared(access));
        touched.reads.extend(reads.map(|access| access.variable));
        let writes = found.writes.iter().filter(|access| is_shared(access));
        touched.writes.extend(writes.map(|access| access.variable));
        stack.extend(found.calls.iter().map(|&(target, _)| target));
    }
    touched
}

fn overriding(program: &Program, method: MethodId) -> Vec<CallTarget> {
    if !program.method(method).is_overridden {
        return Vec::new();
    }
    let all = (0..program.methods.len()).map(MethodId::at);
    all.filter(|&id| id != method && program.overrides(id, method))
        .map(CallTarget::Method)
        .collect()
}
