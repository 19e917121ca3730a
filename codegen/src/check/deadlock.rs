//! Calls that may come back: a server that waits for another one answers nothing, so a chain of calls that returns
//! to it raises `reentrant_call`.
//!
//! The graph has an edge for each call, local or remote. From each call by which a server class may begin to wait, the
//! shortest path is looked for that ends with a command to that class. A command of a method to its own server alone is
//! an ordinary call.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use cmsl_parser::{Diagnostic, Span};

use super::{effects, servers};
use crate::ir::{CallTarget, ClassId, ClassKind, MethodId, Program};
use crate::lower::Receiver;
use crate::resolve::Checker;

/// The most calls that are followed, for all classes together: many classes that all reach much code are not worth
/// the wait for a warning.
const STEPS_MAX: usize = 300_000;

/// How many paths through the same classes are reported.
const PATHS_MAX: usize = 5;

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
    let mut search = Search {
        checker,
        overriders: &overriders,
        steps_left: STEPS_MAX,
    };
    let mut known: BTreeSet<BTreeSet<(CallTarget, CallTarget)>> = BTreeSet::new();
    let mut found: BTreeMap<BTreeSet<ClassId>, Vec<Vec<Step>>> = BTreeMap::new();
    for index in 0..search.checker.program.classes.len() {
        let class = ClassId::at(index);
        let program = &search.checker.program;
        let declared = program.class(class);
        if declared.kind != ClassKind::Server || !declared.calls_servers {
            continue;
        }
        for path in search.ways_back(class) {
            // A circle of several classes is found from each of them.
            let program = &search.checker.program;
            let waits = path.iter().filter(|step| step.is_remote);
            if known.insert(waits.map(|step| (step.from, step.to)).collect()) {
                let classes = path.iter().filter_map(|step| owner(program, step.to));
                found.entry(classes.collect()).or_default().push(path);
            }
        }
    }
    let program = &checker.program;
    let diagnostics: Vec<Diagnostic> = found
        .values()
        .flat_map(|paths| {
            let more = paths.len().saturating_sub(PATHS_MAX);
            let shown = paths.iter().take(PATHS_MAX).enumerate();
            shown.filter_map(move |(place, path)| {
                describe(program, path, if place + 1 == PATHS_MAX { more } else { 0 })
            })
        })
        .collect();
    checker.diagnostics.extend(diagnostics);
}

/// What is looked for, and how much more of it.
struct Search<'s, 'a> {
    checker: &'s Checker<'a>,
    overriders: &'s [Vec<MethodId>],
    steps_left: usize,
}

impl Search<'_, '_> {
    /// The shortest way from each call by which an object of a class may begin to wait to a command to such an object.
    fn ways_back(&mut self, class: ClassId) -> Vec<Vec<Step>> {
        let program = &self.checker.program;
        let entries = program
            .ancestry(class)
            .flat_map(|id| program.class(id).methods.iter().copied())
            .filter(|&id| program.method(id).is_public)
            .map(CallTarget::Method);
        let mut steps: Vec<Step> = Vec::new();
        let mut seen: BTreeSet<CallTarget> = entries.collect();
        let mut queue: VecDeque<(CallTarget, Option<usize>)> =
            seen.iter().map(|&entry| (entry, None)).collect();
        let mut begun: BTreeMap<(CallTarget, CallTarget), Vec<Step>> = BTreeMap::new();
        while let Some((from, before)) = queue.pop_front() {
            for step in calls(self.checker, from, before, self.overriders) {
                if self.is_over() {
                    return Vec::new();
                }
                steps.push(step);
                if step.is_remote {
                    let begin = begun.entry((step.from, step.to));
                    begin.or_insert_with(|| path(&steps));
                } else if seen.insert(step.to) {
                    queue.push_back((step.to, Some(steps.len() - 1)));
                }
            }
        }
        // Most classes have no way back at all.
        let ends = begun.values().filter_map(|path| path.last().copied());
        let any = ends
            .map(|step| Step {
                before: None,
                ..step
            })
            .collect::<Vec<_>>();
        let all = 0..any.len();
        if self.way_back(class, any, all).is_none() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for mut path in begun.into_values() {
            for (place, step) in path.iter_mut().enumerate() {
                step.before = place.checked_sub(1);
            }
            let last = path.len().saturating_sub(1)..path.len();
            found.extend(self.way_back(class, path, last));
        }
        found
    }

    /// The shortest way on, from some of the steps, to a command to an object of the class.
    fn way_back(
        &mut self,
        class: ClassId,
        mut steps: Vec<Step>,
        starts: Range<usize>,
    ) -> Option<Vec<Step>> {
        let mut seen: BTreeSet<CallTarget> = BTreeSet::new();
        let begun = starts.filter_map(|place| Some((steps.get(place)?.to, Some(place))));
        let mut queue: VecDeque<(CallTarget, Option<usize>)> = begun.collect();
        while let Some((from, before)) = queue.pop_front() {
            for step in calls(self.checker, from, before, self.overriders) {
                if self.is_over() {
                    return None;
                }
                steps.push(step);
                if step.is_remote && is_of(&self.checker.program, step.to, class) {
                    return Some(path(&steps));
                }
                if seen.insert(step.to) {
                    queue.push_back((step.to, Some(steps.len() - 1)));
                }
            }
        }
        None
    }

    /// Counts a step; whether that was one too many.
    fn is_over(&mut self) -> bool {
        let left = self.steps_left.checked_sub(1);
        self.steps_left = left.unwrap_or(0);
        left.is_none()
    }
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

/// What is said of a path, and of so many more.
fn describe(program: &Program, path: &[Step], more: usize) -> Option<Diagnostic> {
    let say = |number: usize, step: &Step| {
        let (from, to) = (program.signature(step.from), program.signature(step.to));
        let waits = if step.is_remote { " and waits" } else { "" };
        let said = format!("`{from}` calls `{to}`{waits}");
        if path.len() == 1 {
            return said;
        }
        format!("{number}: {said}")
    };
    let (first, last) = (path.first()?, path.last()?);
    let message = format!(
        "`{}` may come back to the server that it began in",
        program.signature(first.from)
    );
    let mut help = format!(
        "`{}` raises `reentrant_call` if that server waits in this chain: pass what it needs as an argument, \
         or let the first method return before the last one is called",
        program.signature(last.to)
    );
    if more > 0 {
        let chains = if more == 1 { "chain" } else { "chains" };
        help.push_str(&format!(
            " (and {more} more {chains} through the same classes)"
        ));
    }
    let waits = path.iter().position(|step| step.is_remote)?;
    let begin = path.get(waits)?;
    let mut diagnostic = Diagnostic::new(servers::REENTRANT_CHAIN, begin.span, message)
        .note(say(waits + 1, begin))
        .help(help);
    // Of a long way, how it begins and how it ends.
    let shown = |number: usize| number <= SHOWN_MAX || number + SHOWN_MAX > path.len();
    for (number, step) in (1..).zip(path).filter(|step| shown(step.0)) {
        if number != waits + 1 {
            diagnostic = diagnostic.label(step.span, say(number, step));
        }
    }
    Some(diagnostic)
}
