//! What runs around a body: the call of the base's constructor, and the conditions of a contract.

use super::body::{Attempt, BodyEmitter, Scope};
use cmsl_parser::Span;

use crate::format::{Tokens, rust, string};
use crate::ir::{
    Class, ClassKind, Condition, Constructor, ConstructorId, Expr, Function, Method, Type,
};
use crate::planted::{Mutant, is};

/// The code of a function outside a class, with its contract.
pub(super) fn function_code(body: &mut BodyEmitter<'_>, function: &Function) -> Tokens {
    let owner = format!("function {}", function.name);
    let pre = conditions(body, &function.pre, "precondition", &owner);
    let after = conditions(body, &function.post, "postcondition", &owner);
    let code = guarded(body, after);
    let descent = descent(body, function.span);
    rust!(#descent #pre #code)
}

/// A body that may run again before it ends looks how much of the stack is used.
fn descent(body: &BodyEmitter<'_>, span: Span) -> Option<Tokens> {
    let position = body.position(span);
    body.body.recurses.then(|| rust!(#position cx.descend()?;))
}

/// How messages name a class.
pub(super) fn of_class(class: &Class) -> String {
    format!("class {}", class.name)
}

/// Conditions in order, each raising if it does not hold.
pub(super) fn conditions(
    body: &mut BodyEmitter<'_>,
    conditions: &[Condition],
    kind: &str,
    owner: &str,
) -> Tokens {
    let skipped = match kind {
        "precondition" => is(Mutant::PreSkipped),
        "postcondition" => is(Mutant::PostSkipped),
        _ => is(Mutant::InvariantSkipped),
    };
    if skipped {
        return rust!();
    }
    let kind = &super::name::ident(kind);
    conditions
        .iter()
        .map(|condition| {
            let position = body.position(condition.span);
            let holds = body.owned(&condition.expr).value();
            let text = string(&format!("{owner}: {}", condition.text));
            rust!(#position #kind(#holds, #text)?;)
        })
        .collect()
}

fn base_call(body: &mut BodyEmitter<'_>, call: Option<&(ConstructorId, Vec<Expr>)>) -> Tokens {
    let Some((id, arguments)) = call.filter(|_| !is(Mutant::BaseConstructorSkipped)) else {
        return rust!();
    };
    let constructor = body.program().constructor(*id);
    let class = body.program().class(constructor.class);
    let position = arguments.first().map(|first| body.position(first.span));
    let path = body.emitter.class_path(constructor.class, body.here);
    if let ClassKind::Predefined(_) = class.kind {
        let Some(message) = arguments.first() else {
            return rust!();
        };
        let message = body.borrowed_from_outside(message).value();
        let base = path.clone();
        return rust!(#position #path::construct_with_message(&this.upcast::<#base>(), #message, cx)?;);
    }
    if constructor.is_implied && constructor.base_call.is_none() {
        return rust!();
    }
    let (_, construct) = &body.emitter.names.constructors[id.index()];
    let (arguments, _) = body.arguments(arguments);
    let base = path.clone();
    rust!(#position #path::#construct(&this.upcast::<#base>(), #(#arguments,)* cx)?;)
}

pub(super) fn constructor_code(
    body: &mut BodyEmitter<'_>,
    class: &Class,
    constructor: &Constructor,
) -> Tokens {
    let pre = conditions(body, &constructor.pre, "precondition", &of_class(class));
    let base = base_call(body, constructor.base_call.as_ref());
    let invariants = invariants_of(body, class);
    let after = after(body, class, &constructor.post, invariants);
    let code = guarded(body, after);
    let descent = descent(body, constructor.span);
    rust!(#descent #pre #base #code)
}

pub(super) fn method_code(body: &mut BodyEmitter<'_>, class: &Class, method: &Method) -> Tokens {
    let pre = conditions(body, &method.pre, "precondition", &of_class(class));
    let invariants = if method.is_public && method.effects.writes_state() {
        invariants_of_object(body, class, method)
    } else {
        rust!()
    };
    let after = after(body, class, &method.post, invariants);
    let code = guarded(body, after);
    let descent = descent(body, method.span);
    rust!(#descent #pre #code)
}

/// What is checked when a body has run.
fn after(
    body: &mut BodyEmitter<'_>,
    class: &Class,
    post: &[Condition],
    invariants: Tokens,
) -> Tokens {
    let post = conditions(body, post, "postcondition", &of_class(class));
    rust!(#post #invariants)
}

/// What must hold of an object as one of a class.
fn invariants_of(body: &BodyEmitter<'_>, class: &Class) -> Tokens {
    if !body.emitter.has_invariants(class) {
        return rust!();
    }
    let name = body.emitter.name_of(class);
    rust!(#name::check_invariants(this, cx)?;)
}

/// What must hold of the object that a method ran for, which may be one of a derived class.
fn invariants_of_object(body: &BodyEmitter<'_>, class: &Class, method: &Method) -> Tokens {
    let mut tokens = invariants_of(body, class);
    // The most derived class is asked for first.
    for &derived in body.program().family(method.class).iter().skip(1) {
        if body.program().class(derived).invariants.is_empty() {
            continue;
        }
        let path = body.emitter.class_path(derived, body.here);
        let of_derived = path.clone();
        let otherwise = (!tokens.is_empty()).then(|| rust!(else { #tokens }));
        tokens = rust!(
            if let Some(this) = this.as_class::<#of_derived>(cx) {
                #path::check_invariants(&this, cx)?;
            } #otherwise
        );
    }
    tokens
}

/// A body with something to check behind it: then it runs as a closure, so that each `return` comes to the check.
fn guarded(body: &mut BodyEmitter<'_>, after: Tokens) -> Tokens {
    if after.is_empty() {
        return body.whole();
    }
    body.scopes.push(Scope::Attempt(Attempt::Body));
    let code = body.whole();
    body.scopes.pop();
    let result = body.ty(body.result);
    if body.result == Type::Void {
        rust!(attempt(|| -> Outcome<()> { #code })?; #after Ok(()))
    } else {
        rust!(let result = attempt(|| -> Outcome<#result> { #code })?; #after Ok(result))
    }
}
