//! Calls that may come back: a server that waits for another one answers nothing, so a chain of calls that returns
//! to it raises `reentrant_call`.
//!
//! The graph has an edge for each call, local or remote. From each method that clients may call, the shortest
//! path is looked for that leads to another server and ends with a command to the class it began in. A command of a method
//! to its own server alone is an ordinary call.

use std::collections::{BTreeSet, VecDeque};

use cmsl_parser::{Diagnostic, Span};

use super::{effects, servers};
use crate::ir::{CallTarget, ClassId, ClassKind, MethodId, Program};
use crate::lower::Receiver;
use crate::resolve::Checker;

/// The most calls that are followed, for all classes together: many classes that all reach much code are not worth
/// the wait for a warning.
const STEPS_MAX: usize = 300_000;

/// How many calls are shown of each end of a path.
const SHOWN_MAX: usize = 16;

/// One call of a path.
#[derive(Clone, Copy)]
struct Step {
    from: CallTarget,
    to: CallTarget,
    span: Span,
    is_remote: bool,
    /// The step before it.
    before: Option<usize>,
}

/// Checks all server classes.
pub(super) fn check(checker: &mut Checker<'_>) {
    let overriders = effects::overriders(checker);
    let mut reported: BTreeSet<BTreeSet<ClassId>> = BTreeSet::new();
    let mut steps_left = STEPS_MAX;
    for index in 0..checker.program.classes.len() {
        let class = ClassId::at(index);
        if checker.program.class(class).kind != ClassKind::Server {
            continue;
        }
        if !checker.program.class(class).calls_servers {
            continue;
        }
        let Some(path) = way_back(checker, class, &overriders, &mut steps_left) else {
            continue;
        };
        // A circle of several classes is found from each of them.
        let program = &checker.program;
        let classes = path.iter().filter_map(|step| owner(program, step.to));
        if reported.insert(classes.collect()) {
            let diagnostic = describe(program, &path);
            checker.diagnostics.extend(diagnostic);
        }
    }
}

/// The shortest way from a method of a class to a command to an object of it.
fn way_back(
    checker: &Checker<'_>,
    class: ClassId,
    overriders: &[Vec<MethodId>],
    steps_left: &mut usize,
) -> Option<Vec<Step>> {
    let program = &checker.program;
    let entries = program
        .ancestry(class)
        .flat_map(|id| program.class(id).methods.iter().copied())
        .filter(|&id| program.method(id).is_public)
        .map(CallTarget::Method);
    let mut steps: Vec<Step> = Vec::new();
    // What runs, and whether it may run in another server than the first.
    let mut seen: BTreeSet<(CallTarget, bool)> = BTreeSet::new();
    let mut queue: VecDeque<(CallTarget, bool, Option<usize>)> = VecDeque::new();
    for entry in entries {
        if seen.insert((entry, false)) {
            queue.push_back((entry, false, None));
        }
    }
    while let Some((from, is_away, before)) = queue.pop_front() {
        for step in calls(checker, from, before, overriders) {
            *steps_left = steps_left.checked_sub(1)?;
            steps.push(step);
            if step.is_remote && is_away && is_of(program, step.to, class) {
                return Some(path(&steps));
            }
            let is_away = is_away || step.is_remote;
            if seen.insert((step.to, is_away)) {
                queue.push_back((step.to, is_away, Some(steps.len() - 1)));
            }
        }
    }
    None
}

/// The calls of a body that it waits for, those of overriding methods included.
fn calls(
    checker: &Checker<'_>,
    from: CallTarget,
    before: Option<usize>,
    overriders: &[Vec<MethodId>],
) -> Vec<Step> {
    let waits = checker.program.effects_of(from).waits;
    let mut steps = Vec::new();
    for call in &effects::facts_of(checker, from).calls {
        let local = matches!(call.receiver, Receiver::This | Receiver::Fresh);
        let is_remote = call.may_be_remote && !local;
        if call.is_invoke && !waits {
            continue;
        }
        let mut targets = vec![call.target];
        let mut next = 0;
        while let Some(&target) = targets.get(next) {
            steps.push(Step {
                from,
                to: target,
                span: call.span,
                is_remote,
                before,
            });
            if let CallTarget::Method(id) = target {
                let more = overriders.get(id.index()).into_iter().flatten();
                targets.extend(more.map(|&id| CallTarget::Method(id)));
            }
            next += 1;
        }
    }
    steps
}

/// The way that leads to the last step.
fn path(steps: &[Step]) -> Vec<Step> {
    let before = |step: &&Step| step.before.and_then(|index| steps.get(index));
    let mut path: Vec<Step> = std::iter::successors(steps.last(), before)
        .copied()
        .collect();
    path.reverse();
    // A method that calls itself in another server is shown once.
    path.dedup_by_key(|step| (step.from, step.to, step.span));
    path
}

fn owner(program: &Program, target: CallTarget) -> Option<ClassId> {
    match target {
        CallTarget::Function(_) => None,
        CallTarget::Method(id) => Some(program.method(id).class),
        CallTarget::Constructor(id) => Some(program.constructor(id).class),
    }
}

/// Whether a command to the target may reach an object of the class.
fn is_of(program: &Program, target: CallTarget, class: ClassId) -> bool {
    owner(program, target).is_some_and(|owner| {
        program.derives_from(owner, class) || program.derives_from(class, owner)
    })
}

fn describe(program: &Program, path: &[Step]) -> Option<Diagnostic> {
    let say = |step: &Step| {
        let (from, to) = (program.signature(step.from), program.signature(step.to));
        let waits = if step.is_remote { " and waits" } else { "" };
        format!("`{from}` calls `{to}`{waits}")
    };
    let (first, last) = (path.first()?, path.last()?);
    let message = format!(
        "`{}` may come back to the server that it began in",
        program.signature(first.from)
    );
    let help = format!(
        "`{}` raises `reentrant_call` if that server waits in this chain: pass what it needs as an argument, \
         or let the first method return before the last one is called",
        program.signature(last.to)
    );
    let numbered = |number: usize, step: &Step| format!("{number}: {}", say(step));
    let mut diagnostic = Diagnostic::new(servers::REENTRANT_CHAIN, first.span, message)
        .note(if path.len() == 1 {
            say(first)
        } else {
            numbered(1, first)
        })
        .help(help);
    // Of a long way, how it begins and how it ends.
    let shown = |number: usize| number <= SHOWN_MAX || number + SHOWN_MAX > path.len();
    for (number, step) in (2..).zip(path.iter().skip(1)).filter(|step| shown(step.0)) {
        diagnostic = diagnostic.label(step.span, numbered(number, step));
    }
    Some(diagnostic)
}
