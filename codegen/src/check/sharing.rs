//! Servers share no variables: what a server class reaches, itself or through functions that it calls, is its own.

use std::collections::{BTreeMap, BTreeSet};

use cmsl_parser::{Diagnostic, Span};

use super::{effects, servers};
use crate::ir::{CallTarget, ClassId, ClassKind, GlobalId};
use crate::resolve::Checker;

/// Checks all server classes.
pub(super) fn check(checker: &mut Checker<'_>) {
    if checker.program.globals.iter().all(|global| global.is_const) {
        return;
    }
    let touching = touching(checker);
    for index in 0..checker.program.classes.len() {
        let id = ClassId::at(index);
        if checker.program.class(id).kind == ClassKind::Server && checker.hears_more() {
            check_class(checker, id, &touching);
        }
    }
}

/// What touches variables, itself or through what it calls in its own server. A program whose servers share
/// nothing has few of these that a server reaches: only they are followed for each class.
fn touching(checker: &Checker<'_>) -> BTreeSet<CallTarget> {
    let mut callers: BTreeMap<CallTarget, Vec<CallTarget>> = BTreeMap::new();
    let mut found: Vec<CallTarget> = Vec::new();
    for target in effects::targets(checker) {
        let facts = effects::facts_of(checker, target);
        if !facts.globals.is_empty() {
            found.push(target);
        }
        for call in &facts.calls {
            if !is_of_server(checker, call.target) {
                callers.entry(call.target).or_default().push(target);
            }
        }
    }
    let mut touching: BTreeSet<CallTarget> = BTreeSet::new();
    while let Some(target) = found.pop() {
        if touching.insert(target) {
            found.extend(callers.get(&target).into_iter().flatten());
        }
    }
    touching
}

fn check_class(checker: &mut Checker<'_>, class: ClassId, touching: &BTreeSet<CallTarget>) {
    let mut found: BTreeMap<GlobalId, (Span, Option<Span>)> = BTreeMap::new();
    let mut seen: BTreeSet<CallTarget> = BTreeSet::new();
    let mut stack: Vec<(CallTarget, Option<Span>)> = Vec::new();
    for id in checker.program.ancestry(class) {
        let ancestor = checker.program.class(id);
        if id != class && ancestor.kind == ClassKind::Server {
            break;
        }
        let methods = ancestor.methods.iter().map(|&id| CallTarget::Method(id));
        let constructors = ancestor
            .constructors
            .iter()
            .map(|&id| CallTarget::Constructor(id));
        stack.extend(methods.chain(constructors).map(|target| (target, None)));
    }
    stack.reverse();
    while let Some((target, from)) = stack.pop() {
        if !touching.contains(&target) || !seen.insert(target) {
            continue;
        }
        let facts = effects::facts_of(checker, target);
        for &(global, span) in &facts.globals {
            found.entry(global).or_insert((span, from));
        }
        for call in facts.calls.iter().rev() {
            // What other server classes touch is reported for them.
            if !is_of_server(checker, call.target) {
                stack.push((call.target, Some(from.unwrap_or(call.span))));
            }
        }
    }
    for (global, (span, from)) in found {
        let variable = checker.program.global(global);
        let name = checker.class_name(class);
        let message = format!(
            "server class `{name}` uses the shared variable `{}`",
            variable.name
        );
        let mut diagnostic = Diagnostic::new(servers::SHARED_STATE, span, message)
            .note("used here")
            .label(variable.span, "declared here, outside the class")
            .help("make it an attribute, pass it as an argument, or declare it `const`");
        if let Some(from) = from {
            diagnostic = diagnostic.label(from, format!("reached from `{name}` by this call"));
        }
        checker.report(diagnostic);
    }
}

fn is_of_server(checker: &Checker<'_>, target: CallTarget) -> bool {
    let program = &checker.program;
    let class = match target {
        CallTarget::Function(_) => return false,
        CallTarget::Method(id) => program.method(id).class,
        CallTarget::Constructor(id) => program.constructor(id).class,
    };
    program.class(class).kind == ClassKind::Server
}
