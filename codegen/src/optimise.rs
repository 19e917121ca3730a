//! What makes programs faster and changes no meaning: `for every` loops that call servers send all calls before they
//! wait for the first reply.
//!
//! The iterations of such a loop must be independent. That is proved from what a loop reads, writes and
//! calls; what keeps a loop sequential is remembered in [`Program::loops`], for whoever asks. Commands of one
//! client reach a server in the order in which they were sent, so iterations that call the same server
//! are no obstacle.

mod access;
mod conflict;
mod independent;
mod send;
mod split;

use crate::ir::{
    Block, CallTarget, ClassId, ConstructorId, Dispatch, Expr, ExprKind, FunctionId, Local,
    MethodId, Program, ServerLoop, Stmt, StmtKind,
};

/// Rewrites the loops of all bodies.
pub(crate) fn optimise(program: &mut Program) {
    let functions = (0..program.functions.len()).map(FunctionId::at);
    let methods = (0..program.methods.len()).map(MethodId::at);
    let constructors = (0..program.constructors.len()).map(ConstructorId::at);
    let all: Vec<CallTarget> = functions
        .map(CallTarget::Function)
        .chain(methods.map(CallTarget::Method))
        .chain(constructors.map(CallTarget::Constructor))
        .collect();
    for target in all {
        if !has_server_loop(&program.body_of(target).block) {
            continue;
        }
        let mut body = program.body_of(target).clone();
        let mut block = std::mem::take(&mut body.block);
        let mut rewriting = Rewriting {
            this: class_of(program, target),
            labels: labels(&block),
            written: body.locals.len(),
            locals: std::mem::take(&mut body.locals),
            program,
        };
        rewriting.block(&mut block);
        body.locals = rewriting.locals;
        body.block = block;
        if let Some(slot) = program.body_of_mut(target) {
            *slot = body;
        }
    }
    program.loops.sort_by_key(|item| item.span);
}

/// One body while its loops are rewritten.
struct Rewriting<'p> {
    program: &'p mut Program,
    /// The class whose method it is.
    this: Option<ClassId>,
    locals: Vec<Local>,
    /// How many of them the source has; the others may share names.
    written: usize,
    /// How many labels there are.
    labels: u32,
}

fn class_of(program: &Program, target: CallTarget) -> Option<ClassId> {
    match target {
        CallTarget::Function(_) => None,
        CallTarget::Method(id) => Some(program.method(id).class),
        CallTarget::Constructor(id) => Some(program.constructor(id).class),
    }
}

fn has_server_loop(block: &Block) -> bool {
    let mut found = false;
    block.each_stmt(&mut |stmt| {
        found |= matches!(stmt.kind, StmtKind::ForEvery { .. }) && !server_calls(stmt).is_empty();
    });
    found
}

/// The methods that a loop's body may call on servers, each place once.
fn server_calls(stmt: &Stmt) -> Vec<MethodId> {
    let mut calls = Vec::new();
    stmt.blocks(&mut |block| {
        block.each_stmt(&mut |stmt| {
            stmt.expressions(&mut |expr| {
                expr.each(&mut |expr| calls.extend(server_call(expr)));
            });
        });
    });
    calls
}

/// The method, if the expression may be a command to a server.
fn server_call(expr: &Expr) -> Option<MethodId> {
    match expr.kind {
        ExprKind::CallMethod {
            method,
            dispatch: Dispatch::MaybeServer,
            ..
        } => Some(method),
        _ => None,
    }
}

impl Rewriting<'_> {
    /// Inner loops first: a loop that was rewritten waits for replies, which an outer loop takes into account.
    fn block(&mut self, block: &mut Block) {
        for stmt in &mut block.statements {
            stmt.blocks_mut(&mut |inner| self.block(inner));
            let StmtKind::ForEvery { .. } = stmt.kind else {
                continue;
            };
            let calls = server_calls(stmt);
            if calls.is_empty() {
                continue;
            }
            let span = stmt.span;
            let mut calls: Vec<String> = calls
                .into_iter()
                .map(|id| self.program.signature(CallTarget::Method(id)))
                .collect();
            calls.dedup();
            let obstacle = match independent::examine(self.program, self.this, stmt) {
                Ok(plan) => {
                    self.split(stmt, &plan);
                    None
                }
                Err(obstacle) => Some(obstacle),
            };
            self.program.loops.push(ServerLoop {
                span,
                calls,
                obstacle,
            });
        }
    }
}

/// The first label that no loop or `switch` has.
fn labels(block: &Block) -> u32 {
    let mut next = 0;
    block.each_stmt(&mut |stmt| match &stmt.kind {
        StmtKind::While { label, .. }
        | StmtKind::DoWhile { label, .. }
        | StmtKind::For { label, .. }
        | StmtKind::ForEach { label, .. }
        | StmtKind::ForEvery { label, .. }
        | StmtKind::Switch { label, .. } => next = next.max(label.0.saturating_add(1)),
        _ => {}
    });
    next
}
