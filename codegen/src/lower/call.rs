//! Calls of functions and methods.

use cmsl_parser::{Diagnostic, Span, ast};

use super::place::receiver;
use super::{Call, Lower, Receiver, builtin, poison, typed};
use crate::check::{classes, names, servers};
use crate::index::{Entity, predefined};
use crate::ir::{
    CallTarget, ClassId, ClassKind, Dispatch, Expr, ExprKind, MethodId, StmtKind, Type,
};
use crate::resolve::{Found, Symbol};

impl<'a> Lower<'_, 'a> {
    /// The arguments of a call, not yet converted.
    pub fn arguments(&mut self, arguments: &'a [ast::Expr]) -> Vec<Expr> {
        arguments
            .iter()
            .map(|argument| self.value(argument))
            .collect()
    }

    /// `f (a, b)`
    pub fn call(&mut self, path: &'a ast::Path, arguments: &'a [ast::Expr], span: Span) -> Expr {
        if let Some(name) = path.single() {
            if let Some(class) = self.class {
                let methods = self.checker.find_methods(class, name.as_str());
                if !methods.is_empty() {
                    return self.own_method(&methods, name, arguments, span);
                }
            }
        } else if let Found::Symbol(Symbol::Class(class)) =
            self.checker.find_qualifier(path, self.scope)
        {
            return self.base_method(class, path, arguments, span);
        }
        match self.checker.find_path(path, self.scope) {
            Found::Symbol(Symbol::Functions(set)) => self.function(set, path, arguments, span),
            Found::Symbol(Symbol::Enum(id)) => {
                self.function_cast(Type::Enum(id), path, arguments, span)
            }
            Found::Symbol(Symbol::Typedef(_)) => {
                let ty = ast::Type {
                    kind: ast::TypeKind::Named(path.clone()),
                    span: path.span,
                };
                let to = self.checker.value_type(&ty, self.scope);
                self.function_cast(to, path, arguments, span)
            }
            Found::Symbol(Symbol::Class(_)) => {
                let arguments = self.arguments(arguments);
                drop(arguments);
                let message = format!("`{path}` is a class: objects are made with `new`");
                self.report(
                    Diagnostic::new(names::WRONG_KIND, path.span, message)
                        .help(format!("write `new {path} (…)`")),
                );
                poison(span)
            }
            Found::Symbol(symbol) => {
                self.arguments(arguments);
                let what = crate::resolve::describe(symbol);
                let message = format!("`{path}` is {what}, not a function");
                self.report(Diagnostic::new(names::WRONG_KIND, path.span, message));
                poison(span)
            }
            Found::Reported => {
                self.arguments(arguments);
                poison(span)
            }
            Found::Nothing => self.predefined(path, arguments, span),
        }
    }

    fn function_cast(
        &mut self,
        to: Type,
        path: &ast::Path,
        arguments: &'a [ast::Expr],
        span: Span,
    ) -> Expr {
        let mut values = self.arguments(arguments);
        let (Some(value), true) = (values.pop(), values.is_empty()) else {
            let callee = format!("the cast `{path}`");
            self.report(crate::check::types::argument_count(
                span,
                &callee,
                1,
                arguments.len(),
                None,
            ));
            return typed(poison(span).kind, to, span);
        };
        self.cast(value, to, span)
    }

    fn predefined(&mut self, path: &'a ast::Path, arguments: &'a [ast::Expr], span: Span) -> Expr {
        let name = path.single().map_or("", |name| name.as_str());
        self.checker
            .note_predefined(path.span, || predefined::function(name));
        if let Some(call) = self.template(name, arguments, span) {
            return call;
        }
        let values = self.arguments(arguments);
        if let Some(call) = self.builtin(name, &values, span) {
            return call;
        }
        if self.uses_member(path) {
            return poison(span);
        }
        let mut candidates = self
            .checker
            .visible_names(self.scope, |symbol| matches!(symbol, Symbol::Functions(_)));
        if let Some(class) = self.class {
            candidates.extend(self.checker.member_names(class));
        }
        builtin::function_names().for_each(|name| candidates.push(name));
        candidates.extend(["print", "println", "format"]);
        let name = path.to_string();
        let unknown = names::unknown("function", &name, path.span, candidates);
        self.report(unknown);
        poison(span)
    }

    fn function(
        &mut self,
        set: usize,
        path: &ast::Path,
        arguments: &'a [ast::Expr],
        span: Span,
    ) -> Expr {
        let values = self.arguments(arguments);
        let candidates: Vec<CallTarget> = self
            .checker
            .function_sets
            .get(set)
            .into_iter()
            .flatten()
            .map(|&id| CallTarget::Function(id))
            .collect();
        let chosen = self.choose(path.name.as_str(), &candidates, values, span);
        let Some((CallTarget::Function(id), arguments)) = chosen else {
            return self.result_of_failed(&candidates, span);
        };
        self.checker.note(path.name.span, Entity::Function(id));
        let function = self.checker.program.function(id);
        let (result, external) = (function.result, function.is_external);
        if external {
            self.facts.effects.embedded = true;
        }
        self.facts.calls.push(Call {
            target: CallTarget::Function(id),
            receiver: Receiver::Nobody,
            may_be_remote: false,
            is_invoke: false,
            span,
        });
        typed(ExprKind::Call(id, arguments), result, span)
    }

    /// What stands for a call that is wrong: of the result's type if all candidates agree on it.
    fn result_of_failed(&mut self, candidates: &[CallTarget], span: Span) -> Expr {
        let program = &self.checker.program;
        let mut results = candidates.iter().map(|&target| match target {
            CallTarget::Function(id) => program.function(id).result,
            CallTarget::Method(id) => program.method(id).result,
            CallTarget::Constructor(id) => Type::Class(program.constructor(id).class),
        });
        let first = results.next().unwrap_or(Type::Poison);
        let ty = if results.all(|ty| ty == first) && first != Type::Void {
            first
        } else {
            Type::Poison
        };
        typed(poison(span).kind, ty, span)
    }

    /// `m (a)` in a class: `this->m (a)`.
    fn own_method(
        &mut self,
        methods: &[MethodId],
        name: &ast::Name,
        arguments: &'a [ast::Expr],
        span: Span,
    ) -> Expr {
        let this = self.this(name.span);
        let values = self.arguments(arguments);
        if this.ty == Type::Poison {
            return this;
        }
        self.finish_method(this, methods, name, values, None, span)
    }

    /// `base::m (a)`: exactly the method of that class.
    fn base_method(
        &mut self,
        class: ClassId,
        path: &'a ast::Path,
        arguments: &'a [ast::Expr],
        span: Span,
    ) -> Expr {
        let values = self.arguments(arguments);
        let name = &path.name;
        if !self.has_this && !self.checker.find_methods(class, name.as_str()).is_empty() {
            let owner = self.checker.class_name(class);
            let message = format!("`{name}` is a method of `{owner}`, and there is no object here");
            self.report(
                Diagnostic::new(classes::NO_THIS, path.span, message).help(format!(
                    "write `x->{name} (…)`, where `x` refers to a `{owner}`"
                )),
            );
            return poison(span);
        }
        let this = self.this(path.span);
        let Type::Class(own) = this.ty else {
            return this;
        };
        let methods = self.checker.find_methods(class, name.as_str());
        if methods.is_empty() || !self.checker.program.derives_from(own, class) {
            let owner = self.checker.class_name(class).to_owned();
            let candidates = self.checker.member_names(class);
            let mut unknown = names::unknown_member(&owner, name.as_str(), name.span, candidates);
            if !methods.is_empty() {
                let own = self.checker.class_name(own);
                unknown = unknown.help(format!("`{own}` does not derive from `{owner}`"));
            }
            self.report(unknown);
            return poison(span);
        }
        self.finish_method(this, &methods, name, values, Some(Dispatch::Exact), span)
    }

    /// `object->m (a)`, `value.m (a)`
    pub fn method_call(
        &mut self,
        object: Expr,
        access: ast::MemberAccess,
        name: &ast::Name,
        arguments: &'a [ast::Expr],
        span: Span,
    ) -> Expr {
        let values = self.arguments(arguments);
        let Type::Class(class) = object.ty else {
            return self.value_method(object, access, name, values, span);
        };
        let methods = self.checker.find_methods(class, name.as_str());
        if methods.is_empty() {
            let owner = self.checker.class_name(class).to_owned();
            let field = self.checker.find_field(class, name.as_str());
            let candidates = self.checker.member_names(class);
            let mut unknown = names::unknown_member(&owner, name.as_str(), name.span, candidates);
            if field.is_some() {
                unknown = unknown.help(format!("`{name}` is an attribute, not a method"));
            }
            self.report(unknown);
            return poison(span);
        }
        if !self.check_access(&object, access, ast::MemberAccess::Arrow, name) {
            return poison(span);
        }
        self.finish_method(object, &methods, name, values, None, span)
    }

    fn finish_method(
        &mut self,
        object: Expr,
        methods: &[MethodId],
        name: &ast::Name,
        arguments: Vec<Expr>,
        dispatch: Option<Dispatch>,
        span: Span,
    ) -> Expr {
        let Some((method, arguments)) = self.choose_method(&object, methods, name, arguments, span)
        else {
            let candidates: Vec<CallTarget> =
                methods.iter().map(|&id| CallTarget::Method(id)).collect();
            return self.result_of_failed(&candidates, span);
        };
        let dispatch = dispatch.unwrap_or_else(|| self.dispatch(&object, method));
        let may_be_remote = dispatch == Dispatch::MaybeServer;
        self.facts.calls.push(Call {
            target: CallTarget::Method(method),
            receiver: receiver(&object),
            may_be_remote,
            is_invoke: false,
            span,
        });
        let result = self.checker.program.method(method).result;
        let kind = ExprKind::CallMethod {
            object: Box::new(object),
            method,
            arguments,
            dispatch,
        };
        typed(kind, result, span)
    }

    /// The method that a call means; reports if there is none, or if it is private.
    pub fn choose_method(
        &mut self,
        object: &Expr,
        methods: &[MethodId],
        name: &ast::Name,
        arguments: Vec<Expr>,
        span: Span,
    ) -> Option<(MethodId, Vec<Expr>)> {
        let candidates: Vec<CallTarget> =
            methods.iter().map(|&id| CallTarget::Method(id)).collect();
        let chosen = self.choose(name.as_str(), &candidates, arguments, span)?;
        let (CallTarget::Method(id), arguments) = chosen else {
            return None;
        };
        self.checker.note(name.span, Entity::Method(id));
        let method = self.checker.program.method(id);
        if !method.is_public && self.class != Some(method.class) {
            let (owner, declared) = (method.class, method.span);
            let owner = self.checker.class_name(owner).to_owned();
            self.report(names::private(&owner, name.as_str(), name.span, declared));
        }
        let class = self.checker.program.method(id).class;
        if self.checker.program.class(class).kind == ClassKind::External {
            self.facts.effects.embedded = true;
            self.facts.effects.embedded_objects = true;
        }
        debug_assert!(matches!(object.ty, Type::Class(_)));
        Some((id, arguments))
    }

    fn dispatch(&self, object: &Expr, method: MethodId) -> Dispatch {
        let program = &self.checker.program;
        let overridden = program.method(method).is_overridden;
        let Type::Class(class) = object.ty else {
            return Dispatch::Exact;
        };
        let is_this = matches!(object.kind, ExprKind::This);
        if !is_this && program.class(class).may_be_server {
            return Dispatch::MaybeServer;
        }
        if overridden {
            Dispatch::Virtual
        } else {
            Dispatch::Exact
        }
    }

    /// `invoke s->m (a)`
    pub fn invoke(&mut self, call: &'a ast::Expr, span: Span) -> Expr {
        let ast::ExprKind::MethodCall {
            object,
            access,
            method: name,
            arguments,
        } = &call.kind
        else {
            return poison(span);
        };
        let object = self.object(object);
        let values = self.arguments(arguments);
        let Type::Class(class) = object.ty else {
            if object.ty != Type::Poison {
                let found = self.show(object.ty);
                self.report_invoke(&object, &found, None);
            }
            return poison(span);
        };
        if !self.checker.program.class(class).may_be_server {
            let declared = self.checker.program.class(class).span;
            let found = self.checker.class_name(class).to_owned();
            self.report_invoke(&object, &found, Some(declared));
            return poison(span);
        }
        let methods = self.checker.find_methods(class, name.as_str());
        if methods.is_empty() {
            let owner = self.checker.class_name(class).to_owned();
            let candidates = self.checker.member_names(class);
            let unknown = names::unknown_member(&owner, name.as_str(), name.span, candidates);
            self.report(unknown);
            return poison(span);
        }
        if !self.check_access(&object, *access, ast::MemberAccess::Arrow, name) {
            return poison(span);
        }
        let Some((method, arguments)) = self.choose_method(&object, &methods, name, values, span)
        else {
            return poison(span);
        };
        self.facts.effects.calls_servers = true;
        self.facts.calls.push(Call {
            target: CallTarget::Method(method),
            receiver: receiver(&object),
            may_be_remote: true,
            is_invoke: true,
            span,
        });
        let result = self.checker.program.method(method).result;
        let ty = self.checker.wrap(result, Type::Future);
        let kind = ExprKind::Invoke {
            object: Box::new(object),
            method,
            arguments,
        };
        typed(kind, ty, span)
    }

    fn report_invoke(&mut self, object: &Expr, found: &str, declared: Option<Span>) {
        let message = format!("`{found}` is not a server class");
        let mut diagnostic = Diagnostic::new(servers::INVOKE_NOT_SERVER, object.span, message)
            .note("`invoke` sends a command to a server")
            .help("call the method without `invoke`, or declare the class as `server class`");
        if let Some(declared) = declared.filter(|&span| span != Span::default()) {
            diagnostic = diagnostic.label(declared, "declared here");
        }
        self.report(diagnostic);
    }

    /// A method call for its effect: a change of a collection, or any other call.
    pub fn call_statement(
        &mut self,
        object: &'a ast::Expr,
        access: ast::MemberAccess,
        name: &ast::Name,
        arguments: &'a [ast::Expr],
        span: Span,
    ) -> StmtKind {
        let object = self.object(object);
        if let Some((mutation, parameters)) =
            builtin::mutation(&self.checker.program.types, object.ty, name.as_str())
        {
            self.checker
                .note_predefined(name.span, || predefined::method(object.ty, name.as_str()));
            let values = self.arguments(arguments);
            let fits = self.check_access(&object, access, ast::MemberAccess::Dot, name);
            let arguments = self.convert_all(name.as_str(), values, &parameters, span);
            if let (true, Some(arguments), Some(place)) = (fits, arguments, self.place(object)) {
                return StmtKind::Mutate {
                    place,
                    mutation,
                    arguments,
                };
            }
            return StmtKind::Expr(typed(poison(span).kind, Type::Void, span));
        }
        StmtKind::Expr(self.method_call(object, access, name, arguments, span))
    }
}
