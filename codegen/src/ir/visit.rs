//! Walking through code: the parts of an expression, place or statement, one level at a time, in the order in which
//! they are evaluated.

use super::expr::{Expr, ExprKind, Place, PlaceRoot, StepKind};
use super::stmt::{Block, Stmt, StmtKind};

macro_rules! walkers {
    ($expr:ident, $place:ident, $stmt:ident, $blocks:ident, $inner:ident $(, $mutable:tt)?) => {
        impl Expr {
            /// Calls `each` for the expressions that this one is made of; not for those in blocks.
            pub fn $expr(& $($mutable)? self, each: &mut dyn FnMut(& $($mutable)? Expr)) {
                match & $($mutable)? self.kind {
                    ExprKind::Literal(_)
                    | ExprKind::Local(_)
                    | ExprKind::Global(_)
                    | ExprKind::This => {}
                    ExprKind::Field(inner, _)
                    | ExprKind::ErrorCode(inner)
                    | ExprKind::ErrorMessage(inner)
                    | ExprKind::Unary(_, inner)
                    | ExprKind::Convert(_, inner)
                    | ExprKind::Find(_, inner)
                    | ExprKind::FutureResult(inner) => each(inner),
                    ExprKind::Index(left, right)
                    | ExprKind::MapGet(left, right)
                    | ExprKind::Binary(_, left, right)
                    | ExprKind::Compare(_, left, right)
                    | ExprKind::And(left, right)
                    | ExprKind::Or(left, right) => {
                        each(left);
                        each(right);
                    }
                    ExprKind::Chain(first, links) => {
                        each(first);
                        for link in links {
                            each(& $($mutable)? link.operand);
                        }
                    }
                    ExprKind::Conditional(condition, yes, no) => {
                        each(condition);
                        each(yes);
                        each(no);
                    }
                    ExprKind::Step(_, place) => place.$place(each),
                    ExprKind::Call(_, arguments)
                    | ExprKind::Builtin(_, arguments)
                    | ExprKind::Template(_, _, arguments) => {
                        for argument in arguments {
                            each(argument);
                        }
                    }
                    ExprKind::CallMethod { object, arguments, .. }
                    | ExprKind::Invoke { object, arguments, .. } => {
                        each(object);
                        for argument in arguments {
                            each(argument);
                        }
                    }
                    ExprKind::New { arguments, size, .. } => {
                        for argument in arguments {
                            each(argument);
                        }
                        if let Some(size) = size {
                            each(size);
                        }
                    }
                    ExprKind::Server(creation) => {
                        let creation = & $($mutable)? **creation;
                        for argument in & $($mutable)? creation.arguments {
                            each(argument);
                        }
                        for value in [
                            & $($mutable)? creation.size,
                            & $($mutable)? creation.replicas,
                            & $($mutable)? creation.tolerance,
                        ] {
                            if let Some(value) = value {
                                each(value);
                            }
                        }
                        for host in & $($mutable)? creation.hosts {
                            each(host);
                        }
                        for value in [
                            & $($mutable)? creation.priority,
                            & $($mutable)? creation.name,
                            & $($mutable)? creation.durable,
                        ] {
                            if let Some(value) = value {
                                each(value);
                            }
                        }
                    }
                    ExprKind::Accept(accept) => {
                        each(& $($mutable)? accept.futures);
                        each(& $($mutable)? accept.count);
                        if let Some(timeout) = & $($mutable)? accept.timeout {
                            each(& $($mutable)? timeout.seconds);
                        }
                    }
                }
            }
        }

        impl Place {
            /// Calls `each` for the expressions that say which place is meant.
            pub fn $place(& $($mutable)? self, each: &mut dyn FnMut(& $($mutable)? Expr)) {
                if let PlaceRoot::Field(object, _) = & $($mutable)? self.root {
                    each(object);
                }
                for step in & $($mutable)? self.steps {
                    if let StepKind::Index(index) | StepKind::Key(index) = & $($mutable)? step.kind {
                        each(index);
                    }
                }
            }
        }

        impl Stmt {
            /// Calls `each` for the expressions that the statement itself evaluates; not for those in blocks.
            pub fn $stmt(& $($mutable)? self, each: &mut dyn FnMut(& $($mutable)? Expr)) {
                match & $($mutable)? self.kind {
                    StmtKind::Declare { length, init, .. } => {
                        for value in [length, init] {
                            if let Some(value) = value {
                                each(value);
                            }
                        }
                    }
                    StmtKind::Expr(value)
                    | StmtKind::If { condition: value, .. }
                    | StmtKind::While { condition: value, .. }
                    | StmtKind::DoWhile { condition: value, .. }
                    | StmtKind::ForEach { collection: value, .. }
                    | StmtKind::Switch { value, .. }
                    | StmtKind::Throw(value)
                    | StmtKind::Assert { condition: value, .. }
                    | StmtKind::Delete(value) => each(value),
                    StmtKind::Assign { place, value, .. } => {
                        place.$place(each);
                        each(value);
                    }
                    StmtKind::Mutate { place, arguments, .. } => {
                        place.$place(each);
                        for argument in arguments {
                            each(argument);
                        }
                    }
                    StmtKind::For { init, condition, step, .. } => {
                        for stmt in init {
                            stmt.$stmt(each);
                        }
                        if let Some(condition) = condition {
                            each(condition);
                        }
                        for stmt in step {
                            stmt.$stmt(each);
                        }
                    }
                    StmtKind::ForEvery { low, high, .. } => {
                        each(low);
                        each(high);
                    }
                    StmtKind::Return(value) => {
                        if let Some(value) = value {
                            each(value);
                        }
                    }
                    StmtKind::Block(_)
                    | StmtKind::Break(_)
                    | StmtKind::Continue(_)
                    | StmtKind::Try { .. }
                    | StmtKind::Rethrow => {}
                }
            }

            /// Calls `each` for the blocks that stand directly in the statement.
            pub fn $blocks(& $($mutable)? self, each: &mut dyn FnMut(& $($mutable)? Block)) {
                match & $($mutable)? self.kind {
                    StmtKind::Block(block) => each(block),
                    StmtKind::If { then, otherwise, .. } => {
                        each(then);
                        if let Some(otherwise) = otherwise {
                            each(otherwise);
                        }
                    }
                    StmtKind::While { body, .. }
                    | StmtKind::DoWhile { body, .. }
                    | StmtKind::For { body, .. }
                    | StmtKind::ForEach { body, .. }
                    | StmtKind::ForEvery { body, .. } => each(body),
                    StmtKind::Switch { cases, .. } => {
                        for case in cases {
                            each(& $($mutable)? case.body);
                        }
                    }
                    StmtKind::Try { body, catches } => {
                        each(body);
                        for catch in catches {
                            each(& $($mutable)? catch.body);
                        }
                    }
                    _ => {}
                }
            }
        }

        impl Block {
            /// Calls `each` for each statement in the block, those of inner blocks included.
            pub fn $inner(& $($mutable)? self, each: &mut dyn FnMut(& $($mutable)? Stmt)) {
                for stmt in & $($mutable)? self.statements {
                    each(stmt);
                    if let StmtKind::For { init, step, .. } = & $($mutable)? stmt.kind {
                        for part in init {
                            each(part);
                        }
                        for part in step {
                            each(part);
                        }
                    }
                    stmt.$blocks(&mut |block| block.$inner(each));
                }
            }
        }
    };
}

walkers!(operands, expressions, expressions, blocks, each_stmt);
walkers!(
    operands_mut,
    expressions_mut,
    expressions_mut,
    blocks_mut,
    each_stmt_mut,
    mut
);

impl Expr {
    /// Calls `each` for the expression and all in it, those in the block of a timeout included.
    pub fn each(&self, each: &mut dyn FnMut(&Expr)) {
        each(self);
        self.operands(&mut |operand| operand.each(each));
        if let ExprKind::Accept(accept) = &self.kind
            && let Some(timeout) = &accept.timeout
            && let Some(block) = &timeout.block
        {
            block.each_stmt(&mut |stmt| stmt.expressions(&mut |expr| expr.each(each)));
        }
    }

    /// Whether some expression in it, or itself, is such a one.
    #[must_use]
    pub fn any(&self, is: &dyn Fn(&Expr) -> bool) -> bool {
        let mut found = false;
        self.each(&mut |expr| found |= is(expr));
        found
    }
}

impl Stmt {
    /// Calls `each` for all expressions in the statement, those in its blocks included.
    pub fn each_expr(&self, each: &mut dyn FnMut(&Expr)) {
        self.expressions(&mut |expr| expr.each(each));
        self.blocks(&mut |block| {
            block.each_stmt(&mut |stmt| stmt.expressions(&mut |expr| expr.each(each)));
        });
    }
}
