//! Whether the iterations of a loop depend on one another.
//!
//! The call of a server, its object and arguments, and the variables that are declared for them, move to the front:
//! into a loop that sends all calls. Everything else of an iteration stays behind, in a loop that takes the replies
//! in order. So the two sorts of code must not notice each other, and the code that stays must not decide whether
//! there is a next iteration.

use std::collections::BTreeSet;

use cmsl_parser::Span;

use super::access::{Accesses, Collector};
use super::conflict::Stays;
use super::server_call;
use crate::ir::{
    CallTarget, ClassId, Effects, Expr, ExprKind, Label, LocalId, MethodId, Obstacle, Program,
    Stmt, StmtKind, Template, Type,
};

/// How a loop is taken apart.
pub(super) struct Plan {
    /// Which statement of the body has the call.
    pub position: usize,
    /// Which statements before it declare what the call needs.
    pub needed: Vec<usize>,
    /// What the call gives.
    pub result: Type,
}

pub(super) fn obstacle(span: Span, message: impl Into<String>) -> Obstacle {
    Obstacle {
        message: message.into(),
        span,
    }
}

/// The plan for a `for every` loop that calls servers.
pub(super) fn examine(
    program: &Program,
    this: Option<ClassId>,
    stmt: &Stmt,
) -> Result<Plan, Obstacle> {
    let StmtKind::ForEvery {
        label, local, body, ..
    } = &stmt.kind
    else {
        return Err(obstacle(stmt.span, "it is no `for every`"));
    };
    let statements = &body.statements;
    let position = only_call(statements)?;
    let holder = statements.get(position).unwrap_or(stmt);
    let call = reach_call(holder)?;
    let ExprKind::CallMethod {
        object,
        method,
        arguments,
        ..
    } = &call.kind
    else {
        return Err(obstacle(call.span, "it is no call"));
    };
    callee(program, this, *method, call.span)?;
    for (stmt, number) in statements.iter().zip(0..) {
        stays(program, stmt, *label, number < position)?;
    }
    let sent: Vec<&Expr> = std::iter::once(&**object).chain(arguments).collect();
    let needed = needed(statements, position, &sent);
    let mut moved = Collector::new(program, *local);
    for expr in &sent {
        moved.expr(expr);
    }
    for &number in &needed {
        if let Some(stmt) = statements.get(number) {
            moved.stmt(stmt);
        }
    }
    let moved = moved.found;
    moves(program, &moved, &sent, statements, &needed)?;
    let mut before = Collector::new(program, *local);
    let mut after = Collector::new(program, *local);
    for (stmt, number) in statements.iter().zip(0..) {
        if number < position && !needed.contains(&number) {
            before.stmt(stmt);
        } else if number == position {
            without_call(stmt, &mut after);
        } else if number > position {
            after.stmt(stmt);
        }
    }
    let stays = Stays {
        before: before.found,
        after: after.found,
    };
    stays.against(program, &moved, &sent, *method)?;
    Ok(Plan {
        position,
        needed,
        result: call.ty,
    })
}

/// The statement that has the only call of a server.
fn only_call(statements: &[Stmt]) -> Result<usize, Obstacle> {
    let mut places: Vec<(usize, Span)> = Vec::new();
    for (number, stmt) in statements.iter().enumerate() {
        stmt.each_expr(&mut |expr| {
            if server_call(expr).is_some() {
                places.push((number, expr.span));
            }
        });
    }
    match places.as_slice() {
        [(number, _)] => Ok(*number),
        [_, (_, second), ..] => Err(obstacle(
            *second,
            "an iteration makes a second call, which comes after the reply to the first",
        )),
        [] => Err(obstacle(Span::default(), "it calls no server")),
    }
}

/// The call, if each iteration makes it.
fn reach_call(stmt: &Stmt) -> Result<&Expr, Obstacle> {
    let mut found: Option<Result<&Expr, Span>> = None;
    // The closure may outlive the borrow of one operand only, so the expressions are taken one by one.
    for expr in direct(stmt) {
        found = found.or_else(|| reach(expr));
    }
    match found {
        Some(Ok(call)) => Ok(call),
        Some(Err(span)) => Err(obstacle(span, "the call is made in some iterations only")),
        None => {
            let message = match stmt.kind {
                StmtKind::Try { .. } => "the call stands in a `try`",
                StmtKind::If { .. } | StmtKind::Switch { .. } => {
                    "the call is made in some iterations only"
                }
                StmtKind::Return(_) | StmtKind::Throw(_) => "the statement leaves the loop",
                _ => "the call stands in an inner loop",
            };
            Err(obstacle(stmt.span, message))
        }
    }
}

/// The expressions that a statement evaluates once, before anything in its blocks.
fn direct(stmt: &Stmt) -> Vec<&Expr> {
    match &stmt.kind {
        StmtKind::Expr(value)
        | StmtKind::If {
            condition: value, ..
        }
        | StmtKind::Switch { value, .. }
        | StmtKind::ForEach {
            collection: value, ..
        }
        | StmtKind::Assert {
            condition: value, ..
        }
        | StmtKind::Assign { value, .. } => vec![value],
        StmtKind::Declare {
            length: None,
            init: Some(init),
            ..
        } => vec![init],
        StmtKind::Mutate { arguments, .. } => arguments.iter().collect(),
        _ => Vec::new(),
    }
}

/// The call in an expression; its place if it is made under a condition.
fn reach(expr: &Expr) -> Option<Result<&Expr, Span>> {
    if server_call(expr).is_some() {
        return Some(Ok(expr));
    }
    match &expr.kind {
        ExprKind::Convert(_, inner) | ExprKind::Unary(_, inner) => reach(inner),
        ExprKind::Binary(_, left, right)
        | ExprKind::Compare(_, left, right)
        | ExprKind::Index(left, right) => reach(left).or_else(|| reach(right)),
        ExprKind::Builtin(_, arguments)
        | ExprKind::Template(_, _, arguments)
        | ExprKind::Call(_, arguments) => arguments.iter().find_map(reach),
        ExprKind::And(left, _) | ExprKind::Or(left, _) | ExprKind::Conditional(left, ..)
            if left.any(&|expr| server_call(expr).is_some()) =>
        {
            reach(left)
        }
        _ => {
            let mut place = None;
            expr.each(&mut |inner| {
                if server_call(inner).is_some() {
                    place = Some(Err(inner.span));
                }
            });
            place
        }
    }
}

/// What the method that is called may not do.
fn callee(
    program: &Program,
    this: Option<ClassId>,
    method: MethodId,
    span: Span,
) -> Result<(), Obstacle> {
    let target = CallTarget::Method(method);
    let effects = program.effects_of(target);
    let name = program.signature(target);
    if effects.calls_servers || effects.manages_servers {
        let message = format!(
            "`{name}` uses servers itself, which would see the iterations in another order"
        );
        return Err(obstacle(span, message));
    }
    if effects.embedded {
        let message = format!("`{name}` uses the embedding Rust code, which may notice the order");
        return Err(obstacle(span, message));
    }
    let owner = program.method(method).class;
    let related =
        |class: ClassId| program.derives_from(class, owner) || program.derives_from(owner, class);
    if this.is_some_and(related) && effects.writes_state() {
        let message = format!("`{name}` may change the object whose method runs here");
        return Err(obstacle(span, message));
    }
    Ok(())
}

/// What no statement of the loop may do.
fn stays(program: &Program, stmt: &Stmt, label: Label, is_before: bool) -> Result<(), Obstacle> {
    let mut found = None;
    let mut inside: BTreeSet<Label> = BTreeSet::from([label]);
    let mut look = |stmt: &Stmt| {
        match &stmt.kind {
            StmtKind::While { label, .. }
            | StmtKind::DoWhile { label, .. }
            | StmtKind::For { label, .. }
            | StmtKind::ForEach { label, .. }
            | StmtKind::ForEvery { label, .. }
            | StmtKind::Switch { label, .. } => {
                inside.insert(*label);
            }
            _ => {}
        }
        let leaves = match &stmt.kind {
            StmtKind::Return(_) | StmtKind::Throw(_) | StmtKind::Rethrow => true,
            StmtKind::Break(target) => *target == label || !inside.contains(target),
            StmtKind::Continue(target) => {
                !inside.contains(target) || (is_before && *target == label)
            }
            _ => false,
        };
        if leaves {
            let message = "the loop may be left here, or the call passed over";
            found.get_or_insert(obstacle(stmt.span, message));
        }
        if let StmtKind::Delete(_) = stmt.kind {
            found.get_or_insert(obstacle(stmt.span, "a server is deleted here"));
        }
        if let Some(effect) = touches_servers(program, stmt) {
            found.get_or_insert(effect);
        }
    };
    look(stmt);
    stmt.blocks(&mut |block| block.each_stmt(&mut look));
    found.map_or(Ok(()), Err)
}

/// Where a statement itself uses servers otherwise than by the call.
fn touches_servers(program: &Program, stmt: &Stmt) -> Option<Obstacle> {
    let mut found = None;
    stmt.expressions(&mut |expr| {
        expr.each(&mut |expr| {
            let message = match &expr.kind {
                ExprKind::Server(_) | ExprKind::Find(..) => "servers are created or found here",
                ExprKind::Invoke { .. } | ExprKind::Accept(_) | ExprKind::FutureResult(_) => {
                    "replies are waited for here"
                }
                _ => match local_call(expr).map(|target| program.effects_of(target)) {
                    Some(effects) if uses_servers(effects) => "this uses servers too",
                    _ => return,
                },
            };
            found.get_or_insert(obstacle(expr.span, message));
        });
    });
    found
}

fn uses_servers(effects: Effects) -> bool {
    effects.calls_servers || effects.manages_servers
}

/// What runs here, if it is no command.
fn local_call(expr: &Expr) -> Option<CallTarget> {
    match &expr.kind {
        ExprKind::Call(id, _) => Some(CallTarget::Function(*id)),
        ExprKind::New { constructor, .. } => Some(CallTarget::Constructor(*constructor)),
        ExprKind::CallMethod { method, .. } if server_call(expr).is_none() => {
            Some(CallTarget::Method(*method))
        }
        _ => None,
    }
}

/// The declarations before the call that it uses, directly or through others.
fn needed(statements: &[Stmt], position: usize, sent: &[&Expr]) -> Vec<usize> {
    let mut used: BTreeSet<LocalId> = BTreeSet::new();
    let note = |expr: &Expr, used: &mut BTreeSet<LocalId>| {
        expr.each(&mut |expr| {
            if let ExprKind::Local(id) = expr.kind {
                used.insert(id);
            }
        });
    };
    for expr in sent {
        note(expr, &mut used);
    }
    let mut needed = Vec::new();
    for (number, stmt) in statements.iter().enumerate().take(position).rev() {
        if let StmtKind::Declare { local, init, .. } = &stmt.kind
            && used.contains(local)
        {
            needed.push(number);
            if let Some(init) = init {
                note(init, &mut used);
            }
        }
    }
    needed.reverse();
    needed
}

/// What the code that moves may not do.
fn moves(
    program: &Program,
    moved: &Accesses,
    sent: &[&Expr],
    statements: &[Stmt],
    needed: &[usize],
) -> Result<(), Obstacle> {
    if let Some(write) = moved.writes.first() {
        return Err(obstacle(
            write.span,
            "the call's arguments change something",
        ));
    }
    for &(target, span) in &moved.calls {
        let effects = program.effects_of(target);
        if effects.writes_state() || effects.embedded || effects.output {
            let message = format!(
                "`{}` does more than compute an argument",
                program.signature(target)
            );
            return Err(obstacle(span, message));
        }
    }
    let prints = |expr: &Expr| {
        matches!(
            expr.kind,
            ExprKind::Template(Template::Print | Template::Println, ..)
        )
    };
    let declarations = needed.iter().filter_map(|&number| statements.get(number));
    let mut found = None;
    for stmt in declarations {
        if let StmtKind::Declare {
            length: Some(length),
            ..
        } = &stmt.kind
        {
            found = Some(length.span);
        }
        stmt.each_expr(&mut |expr| {
            if prints(expr) {
                found = Some(expr.span);
            }
        });
    }
    if let Some(expr) = sent.iter().find(|expr| expr.any(&prints)) {
        found = Some(expr.span);
    }
    match found {
        Some(span) => Err(obstacle(span, "what the call needs is more than a value")),
        None => Ok(()),
    }
}

/// The statement of the call, without what moves.
fn without_call(stmt: &Stmt, rest: &mut Collector<'_>) {
    let mut stmt = stmt.clone();
    stmt.expressions_mut(&mut blank_call);
    rest.stmt(&stmt);
}

fn blank_call(expr: &mut Expr) {
    if server_call(expr).is_some() {
        expr.kind = ExprKind::This;
        return;
    }
    expr.operands_mut(&mut blank_call);
}
