//! Effects: what bodies do themselves, followed through calls to a fixed point.

use cmsl_parser::Diagnostic;

use super::servers;
use crate::ir::{
    CallTarget, ClassId, ClassKind, ConstructorId, Effects, FieldId, FunctionId, MethodId, Program,
    Type,
};
use crate::lower::{Call, Facts, Receiver};
use crate::resolve::Checker;

/// Functions, methods and constructors in one row of numbers.
pub(super) struct Nodes {
    methods: usize,
    constructors: usize,
}

impl Nodes {
    pub(super) fn of(checker: &Checker<'_>) -> Self {
        let methods = checker.function_facts.len();
        Self {
            methods,
            constructors: methods + checker.method_facts.len(),
        }
    }

    pub(super) fn number(&self, target: CallTarget) -> usize {
        match target {
            CallTarget::Function(id) => id.index(),
            CallTarget::Method(id) => self.methods + id.index(),
            CallTarget::Constructor(id) => self.constructors + id.index(),
        }
    }
}

/// What has the effects of something else: its number, and the call, or none if it is overridden.
type Caller = (usize, Option<Call>);

/// What a call does to its caller.
pub(super) fn through(callee: Effects, call: &Call) -> Effects {
    let own = callee.writes_this;
    let remote = call.may_be_remote && !matches!(call.receiver, Receiver::This | Receiver::Fresh);
    Effects {
        writes_this: own && call.receiver == Receiver::This,
        writes_others: callee.writes_others || (own && call.receiver == Receiver::Other),
        calls_servers: callee.calls_servers || remote,
        ..callee
    }
}

/// What a body does itself.
fn direct(facts: &Facts) -> Effects {
    let mut effects = facts.effects;
    for write in &facts.writes {
        match write.receiver {
            Receiver::This => effects.writes_this = true,
            Receiver::Fresh => {}
            Receiver::Other | Receiver::Nobody | Receiver::Local(_) => effects.writes_others = true,
        }
    }
    effects
}

/// Gives all functions, methods and constructors their effects, and checks what depends on those of whole classes.
pub(super) fn follow(checker: &mut Checker<'_>) {
    let nodes = Nodes::of(checker);
    let all: Vec<CallTarget> = targets(checker).collect();
    let mut callers: Vec<Vec<Caller>> = vec![Vec::new(); all.len()];
    for (number, &target) in all.iter().enumerate() {
        let facts = facts_of(checker, target);
        for call in &facts.calls {
            if let Some(list) = callers.get_mut(nodes.number(call.target)) {
                list.push((number, Some(*call)));
            }
        }
        let direct = direct(facts);
        if let CallTarget::Method(id) = target
            && let Some(overridden) = checker.program.method(id).overrides
            && let Some(list) = callers.get_mut(number)
        {
            // Who calls a method may run what overrides it.
            list.push((nodes.number(CallTarget::Method(overridden)), None));
        }
        set(&mut checker.program, target, direct);
    }
    // Effects only grow, and there are few of them: each call is followed a few times.
    let mut grown: Vec<usize> = (0..all.len()).collect();
    while let Some(number) = grown.pop() {
        let Some(&callee) = all.get(number) else {
            continue;
        };
        let callee = checker.program.effects_of(callee);
        for (caller, call) in callers.get(number).into_iter().flatten() {
            let Some(&target) = all.get(*caller) else {
                continue;
            };
            let known = checker.program.effects_of(target);
            let effects = known.union(call.map_or(callee, |call| through(callee, &call)));
            if effects != known {
                set(&mut checker.program, target, effects);
                grown.push(*caller);
            }
        }
    }
    classes(checker);
}

pub(super) fn targets(checker: &Checker<'_>) -> impl Iterator<Item = CallTarget> + use<> {
    let functions = (0..checker.function_facts.len()).map(FunctionId::at);
    let methods = (0..checker.method_facts.len()).map(MethodId::at);
    let constructors = (0..checker.constructor_facts.len()).map(ConstructorId::at);
    functions
        .map(CallTarget::Function)
        .chain(methods.map(CallTarget::Method))
        .chain(constructors.map(CallTarget::Constructor))
}

pub(super) fn facts_of<'c>(checker: &'c Checker<'_>, target: CallTarget) -> &'c Facts {
    let facts = match target {
        CallTarget::Function(id) => checker.function_facts.get(id.index()),
        CallTarget::Method(id) => checker.method_facts.get(id.index()),
        CallTarget::Constructor(id) => checker.constructor_facts.get(id.index()),
    };
    facts.expect("each function, method and constructor has facts from its declaration on")
}

pub(super) fn overriders(checker: &Checker<'_>) -> Vec<Vec<MethodId>> {
    let mut overriders = vec![Vec::new(); checker.program.methods.len()];
    for index in 0..checker.program.methods.len() {
        let id = MethodId::at(index);
        let overridden = checker.program.method(id).overrides;
        if let Some(list) = overridden.and_then(|id| overriders.get_mut(id.index())) {
            list.push(id);
        }
    }
    overriders
}

fn set(program: &mut Program, target: CallTarget, effects: Effects) {
    let slot = match target {
        CallTarget::Function(id) => program
            .functions
            .get_mut(id.index())
            .map(|f| &mut f.effects),
        CallTarget::Method(id) => program.methods.get_mut(id.index()).map(|m| &mut m.effects),
        CallTarget::Constructor(id) => program
            .constructors
            .get_mut(id.index())
            .map(|c| &mut c.effects),
    };
    if let Some(slot) = slot {
        *slot = effects;
    }
}

/// Which classes call servers, and whether such a class is replicated.
fn classes(checker: &mut Checker<'_>) {
    for id in checker.base_first() {
        let base = checker.program.class(id).base;
        let calls = base.is_some_and(|base| checker.program.class(base).calls_servers)
            || calls_servers(&checker.program, id);
        if let Some(class) = checker.class_mut(id) {
            class.calls_servers = calls;
        }
    }
    for (class, span) in std::mem::take(&mut checker.replicated) {
        if let Some(field) = embedded_field(&checker.program, class) {
            let field = checker.program.field(field);
            let name = checker.class_name(class);
            let message = format!("`{name}` cannot be replicated");
            let diagnostic = Diagnostic::new(servers::NOT_REPLICABLE, span, message)
                .label(
                    field.span,
                    "this holds what the embedding Rust code made, which cannot be copied",
                )
                .help("create it with one replica and `tolerance (0)`");
            checker.report(diagnostic);
            continue;
        }
        let calls = |effects: Effects| effects.calls_servers || effects.manages_servers;
        let Some(calls) = first_with(&checker.program, class, calls) else {
            continue;
        };
        let objects = |effects: Effects| effects.embedded_objects;
        let Some(place) = first_with(&checker.program, class, objects) else {
            continue;
        };
        let name = checker.class_name(class);
        let message = format!("`{name}` cannot be replicated");
        let diagnostic = Diagnostic::new(servers::NOT_REPEATABLE, span, message)
            .label(
                place,
                "this uses objects of the embedding Rust code, which cannot be repeated",
            )
            .label(calls, "and this calls, creates, finds or deletes servers")
            .help("create it with one replica and `tolerance (0)`, or use the objects in another server");
        checker.report(diagnostic);
    }
}

/// The attribute of a class, or of its bases, that holds objects of the embedding Rust code.
fn embedded_field(program: &Program, class: ClassId) -> Option<FieldId> {
    let holds = |&id: &FieldId| {
        let mut ty = Some(program.field(id).ty);
        while let Some(inner) = ty.and_then(|ty| program.types.element(ty)) {
            ty = Some(inner);
        }
        matches!(ty, Some(Type::Class(id)) if program.class(id).kind == ClassKind::External)
    };
    program
        .ancestry(class)
        .flat_map(|id| program.class(id).fields.iter().copied())
        .find(holds)
}

/// Whether methods or constructors of a class itself may call, create, find or delete servers.
fn calls_servers(program: &Program, class: ClassId) -> bool {
    let calls = |effects: Effects| effects.calls_servers || effects.manages_servers;
    let class = program.class(class);
    let mut methods = class.methods.iter();
    let mut constructors = class.constructors.iter();
    methods.any(|&id| calls(program.method(id).effects))
        || constructors.any(|&id| calls(program.constructor(id).effects))
}

/// The first method or constructor of a class, or of its bases, that does such a thing.
fn first_with(
    program: &Program,
    class: ClassId,
    does: impl Fn(Effects) -> bool,
) -> Option<cmsl_parser::Span> {
    program.ancestry(class).find_map(|id| {
        let class = program.class(id);
        let methods = class.methods.iter().map(|&id| {
            let method = program.method(id);
            (method.effects, method.span)
        });
        let constructors = class.constructors.iter().map(|&id| {
            let constructor = program.constructor(id);
            (constructor.effects, constructor.span)
        });
        methods
            .chain(constructors)
            .find(|(effects, _)| does(*effects))
            .map(|(_, span)| span)
    })
}
