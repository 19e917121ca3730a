//! The servers that a program creates, and what is known of their number of replicas before it runs.

use cmsl_parser::Span;

use crate::ir::{Block, Expr, ExprKind, Program, Stmt, StmtKind};

/// A `server` expression.
#[derive(Clone, Debug)]
pub struct Creation {
    /// The class.
    pub class: String,
    /// Where it stands.
    pub span: Span,
    /// How many replicas each server will have, if that is known.
    pub replicas: Option<u32>,
    /// Each run of the program comes to it, unless an exception ends the run before.
    pub is_certain: bool,
}

/// All `server` expressions of a program; those in functions before those in classes.
#[must_use]
pub fn creations(program: &Program) -> Vec<Creation> {
    let mut found = Vec::new();
    let main = program.main.map(|id| &program.function(id).body.block);
    let mut certain = Vec::new();
    if let Some(main) = main {
        each_certain(main, &mut |expr| certain.extend(created(expr)));
    }
    each_expr(program, &mut |expr| {
        let ExprKind::Server(creation) = &expr.kind else {
            return;
        };
        found.push(Creation {
            class: program.class(creation.class).name.clone(),
            span: expr.span,
            replicas: creation.replicas_known,
            is_certain: certain.contains(&expr.span),
        });
    });
    found
}

/// Whether a program looks for servers that others have created.
#[must_use]
pub fn finds_servers(program: &Program) -> bool {
    let mut found = false;
    each_expr(program, &mut |expr| {
        found |= matches!(expr.kind, ExprKind::Find(..));
    });
    found
}

fn created(expr: &Expr) -> Option<Span> {
    matches!(expr.kind, ExprKind::Server(_)).then_some(expr.span)
}

fn each_expr(program: &Program, each: &mut dyn FnMut(&Expr)) {
    let functions = program.functions.iter().map(|function| &function.body);
    let methods = program.methods.iter().map(|method| &method.body);
    let constructors = program.constructors.iter();
    let bodies = functions
        .chain(methods)
        .chain(constructors.map(|constructor| &constructor.body));
    for body in bodies {
        body.block
            .each_stmt(&mut |stmt| stmt.expressions(&mut |expr| expr.each(each)));
    }
    for init in program
        .globals
        .iter()
        .filter_map(|global| global.init.as_ref())
    {
        init.each(each);
    }
}

/// Calls `each` for the expressions that each run of a block evaluates: those that stand in no branch, and behind
/// nothing that might leave the block.
fn each_certain(block: &Block, each: &mut dyn FnMut(&Expr)) {
    for stmt in &block.statements {
        if matches!(
            stmt.kind,
            StmtKind::Declare { .. } | StmtKind::Expr(_) | StmtKind::Assign { .. }
        ) {
            stmt.expressions(&mut |expr| always(expr, each));
        } else if leaves(stmt) {
            return;
        }
    }
}

fn always(expr: &Expr, each: &mut dyn FnMut(&Expr)) {
    each(expr);
    match &expr.kind {
        ExprKind::And(left, _) | ExprKind::Or(left, _) => always(left, each),
        ExprKind::Conditional(condition, ..) => always(condition, each),
        _ => expr.operands(&mut |operand| always(operand, each)),
    }
}

/// Whether a statement may end the function.
fn leaves(stmt: &Stmt) -> bool {
    let ends = |stmt: &Stmt| {
        matches!(
            stmt.kind,
            StmtKind::Return(_) | StmtKind::Throw(_) | StmtKind::Rethrow
        )
    };
    let mut found = ends(stmt);
    stmt.blocks(&mut |block| block.each_stmt(&mut |inner| found |= ends(inner)));
    found
}
