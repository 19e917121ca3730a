//! Whole bodies: functions, methods, constructors, with their contracts.

use cmsl_parser::{Diagnostic, Span, ast};

use super::{Call, Lower, Receiver};
use crate::check::{classes, servers, types};
use crate::ir::{
    Block, Body, CallTarget, ClassId, ClassKind, Condition, ConstructorId, Expr, FunctionId,
    LocalId, MethodId, Type,
};
use crate::resolve::{Checker, Source};

impl<'a> Checker<'a> {
    /// Lowers everything that has code.
    pub fn lower(&mut self) {
        self.lower_enums();
        for index in 0..self.global_sources.len() {
            self.ensure_global(crate::ir::GlobalId::at(index));
        }
        self.lower_fields();
        self.check_defined();
        let functions = 0..self.function_sources.len();
        let methods = 0..self.method_sources.len();
        let constructors = 0..self.constructor_sources.len();
        let functions = functions.map(|index| CallTarget::Function(FunctionId::at(index)));
        let methods = methods.map(|index| CallTarget::Method(MethodId::at(index)));
        let constructors =
            constructors.map(|index| CallTarget::Constructor(ConstructorId::at(index)));
        self.lower_bodies(functions.chain(methods).chain(constructors).collect());
        for index in 0..self.class_sources.len() {
            self.lower_invariants(ClassId::at(index));
        }
    }

    /// Lowers bodies. One that reads the result of a plain `future` waits until another one has said what that is.
    fn lower_bodies(&mut self, mut waiting: Vec<CallTarget>) {
        let mut may_wait = self.program.types.has_unknown();
        while !waiting.is_empty() {
            let count = waiting.len();
            waiting.retain(|&target| !self.lower_body(target, may_wait));
            may_wait &= waiting.len() < count;
        }
    }

    /// The text of an expression on one line, for messages of the running program.
    pub fn text(&self, span: Span) -> String {
        let words: Vec<&str> = self.sources.slice(span).split_whitespace().collect();
        words.join(" ")
    }

    /// Lowers a body, unless what comes out is known. False if it has to wait, and may.
    fn lower_body(&mut self, target: CallTarget, may_wait: bool) -> bool {
        let source = match target {
            CallTarget::Function(id) => self.function_sources.get(id.index()).copied(),
            CallTarget::Method(id) => self.method_sources.get(id.index()).copied(),
            CallTarget::Constructor(id) => Some(self.constructor_source(id)),
        };
        let Some(source) = source else { return true };
        let Some(mark) = self.recall(target, &source) else {
            return true;
        };
        self.meets_unknown = false;
        let facts = may_wait.then(|| self.facts_mut(target).cloned()).flatten();
        match target {
            CallTarget::Function(id) => self.lower_function(id),
            CallTarget::Method(id) => self.lower_method(id),
            CallTarget::Constructor(id) => self.lower_constructor(id),
        }
        if let Some(facts) = facts
            && self.meets_unknown
        {
            self.retract(target, &mark, facts);
            return false;
        }
        let body = source
            .with_body()
            .and_then(|function| function.body.as_ref());
        if body.is_some_and(|body| self.form.is_broken(body.span)) {
            self.disown(target, &mark);
        }
        self.remember(target, &source, &mark);
        true
    }

    fn lower_function(&mut self, id: FunctionId) {
        let Some(&source) = self.function_sources.get(id.index()) else {
            return;
        };
        let function = self.program.function(id);
        let (result, parameters) = (function.result, function.body.clone());
        let Some(definition) = source.with_body() else {
            return;
        };
        let mut lower = Lower::new(self, source.body_scope, None);
        lower.result = Some(result);
        lower.enter(parameters, definition);
        let (pre, post) = lower.contracts(&source);
        lower.scope = source.body_scope;
        lower.see_parameters(definition);
        let block = lower.code(definition, result);
        let (body, facts) = lower.leave(block, definition.parameters.len());
        if let Some(function) = self.program.functions.get_mut(id.index()) {
            function.body = body;
            function.pre = pre;
            function.post = post;
        }
        if let Some(slot) = self.function_facts.get_mut(id.index()) {
            *slot = facts;
        }
    }

    fn lower_method(&mut self, id: MethodId) {
        let Some(&source) = self.method_sources.get(id.index()) else {
            return;
        };
        let Some(declaration) = source.declaration else {
            return;
        };
        let method = self.program.method(id);
        let (result, class, parameters) = (method.result, method.class, method.body.clone());
        self.check_sendable_method(id, declaration);
        let mut lower = Lower::new(self, source.scope, Some(class));
        lower.has_this = true;
        lower.result = Some(result);
        lower.enter(parameters, declaration);
        let (pre, post) = lower.contracts(&source);
        let mut block = Block::default();
        if let Some(definition) = source.with_body() {
            lower.scope = source.body_scope;
            lower.see_parameters(definition);
            block = lower.code(definition, result);
        }
        let (body, facts) = lower.leave(block, declaration.parameters.len());
        if let Some(method) = self.program.methods.get_mut(id.index()) {
            method.body = body;
            method.pre = pre;
            method.post = post;
        }
        if let Some(slot) = self.method_facts.get_mut(id.index()) {
            *slot = facts;
        }
    }

    fn lower_constructor(&mut self, id: ConstructorId) {
        let source = self.constructor_source(id);
        let constructor = self.program.constructor(id);
        let (class, parameters) = (constructor.class, constructor.body.clone());
        let (span, count) = (constructor.span, parameters.parameters);
        if !matches!(
            self.program.class(class).kind,
            ClassKind::Ordinary | ClassKind::Server
        ) {
            return;
        }
        let mut lower = Lower::new(self, source.scope, Some(class));
        lower.has_this = true;
        lower.result = Some(Type::Void);
        let (mut pre, mut post, mut block) = (Vec::new(), Vec::new(), Block::default());
        match source.declaration {
            Some(declaration) => {
                lower.enter(parameters, declaration);
                (pre, post) = lower.contracts(&source);
            }
            None => lower.locals = parameters.locals,
        }
        let definition = source.with_body();
        if let Some(definition) = definition {
            lower.scope = source.body_scope;
            lower.see_parameters(definition);
        }
        let written = definition
            .and_then(|function| function.base_call.as_ref())
            .or_else(|| {
                source
                    .declaration
                    .and_then(|function| function.base_call.as_ref())
            });
        let base_call = lower.base_call(class, written, span);
        if let Some(definition) = definition {
            block = lower.code(definition, Type::Void);
        }
        let (body, facts) = lower.leave(block, count);
        if let Some(constructor) = self.program.constructors.get_mut(id.index()) {
            constructor.body = body;
            constructor.pre = pre;
            constructor.post = post;
            constructor.base_call = base_call;
        }
        if let Some(slot) = self.constructor_facts.get_mut(id.index()) {
            let attributes = std::mem::replace(slot, facts);
            slot.effects = slot.effects.union(attributes.effects);
            slot.globals.extend(attributes.globals);
            slot.calls.extend(attributes.calls);
        }
    }

    fn lower_invariants(&mut self, id: ClassId) {
        let Some(&source) = self.class_sources.get(id.index()) else {
            return;
        };
        let members = source.class.and_then(|class| class.members.as_ref());
        for member in members.into_iter().flatten() {
            let ast::MemberKind::Invariant(expr) = &member.kind else {
                continue;
            };
            let mut lower = Lower::new(self, source.scope, Some(id));
            lower.has_this = true;
            let condition = lower.contract(expr);
            let facts = std::mem::take(&mut lower.facts);
            if let Some(class) = self.class_mut(id) {
                class.invariants.push(condition);
            }
            self.add_class_facts(id, facts);
        }
    }

    /// What goes to and comes from a server is copied, so it must be something that can be.
    fn check_sendable_method(&mut self, id: MethodId, declaration: &ast::Function) {
        let method = self.program.method(id);
        if !method.is_public || !self.program.class(method.class).may_be_server {
            return;
        }
        let types: Vec<Type> = method.body.locals.iter().map(|local| local.ty).collect();
        let result = method.result;
        let places = declaration.parameters.iter().map(|p| p.ty.span);
        let mut wrong: Vec<(Type, Span)> = types
            .into_iter()
            .zip(places)
            .filter(|&(ty, _)| !self.is_sendable(ty))
            .collect();
        if !self.is_sendable(result) {
            wrong.extend(declaration.result.as_ref().map(|ty| (result, ty.span)));
        }
        for (ty, span) in wrong {
            let message = format!("`{}` cannot be sent to or from a server", self.show(ty));
            self.report(Diagnostic::new(servers::NOT_SENDABLE, span, message).help(
                "send values, objects of classes, servers or hosts, or make the method private",
            ));
        }
    }

    fn is_sendable(&self, ty: Type) -> bool {
        if self.mentions_future(ty) {
            return false;
        }
        let class = match ty {
            Type::Class(id) => Some(id),
            _ => match self.program.types.element(ty) {
                Some(Type::Class(id)) => Some(id),
                Some(inner @ (Type::List(_) | Type::Map(..) | Type::Array(_))) => {
                    return self.is_sendable(inner);
                }
                _ => None,
            },
        };
        class.is_none_or(|id| self.program.class(id).kind != ClassKind::External)
    }
}

impl<'a> Lower<'_, 'a> {
    /// Starts a body with its parameters.
    fn enter(&mut self, parameters: Body, function: &'a ast::Function) {
        self.fresh = vec![false; parameters.locals.len()];
        self.locals = parameters.locals;
        self.see_parameters(function);
    }

    /// Makes the parameters visible under the names that a declaration or definition gives them.
    fn see_parameters(&mut self, function: &'a ast::Function) {
        self.visible.truncate(0);
        for (position, parameter) in function.parameters.iter().enumerate() {
            if let Some(name) = &parameter.name {
                self.visible.push(name.as_str(), LocalId::at(position));
            }
        }
    }

    /// The code of a body, which must not end without its result.
    fn code(&mut self, function: &'a ast::Function, result: Type) -> Block {
        let Some(body) = &function.body else {
            return Block::default();
        };
        // The outermost block shares its scope with the parameters, so that none of them is hidden by accident.
        self.block_start = 0;
        let (block, reachable) = self.statements(&body.statements, body.span);
        if reachable && result != Type::Void && result != Type::Poison {
            let end = Span::new(
                body.span.file,
                body.span.end.saturating_sub(1),
                body.span.end,
            );
            let name = &function.name;
            let message = format!("`{name}` can end without a result");
            let ty = self.show(result);
            self.report(
                Diagnostic::new(types::MISSING_RETURN, name.span, message)
                    .note(format!("returns `{ty}`"))
                    .label(end, "this end can be reached")
                    .help("end each path with `return` or `throw`"),
            );
        }
        block
    }

    fn leave(mut self, block: Block, parameters: usize) -> (Body, super::Facts) {
        let mut facts = std::mem::take(&mut self.facts);
        facts.settle(&self.fresh);
        let body = Body {
            locals: std::mem::take(&mut self.locals),
            parameters,
            block,
            recurses: false,
        };
        (body, facts)
    }

    /// Pre- and postconditions of the declaration and of the definition.
    fn contracts(&mut self, source: &Source<'a>) -> (Vec<Condition>, Vec<Condition>) {
        let (mut pre, mut post) = (Vec::new(), Vec::new());
        let parts = [
            (source.declaration, source.scope),
            (source.definition, source.body_scope),
        ];
        for (function, scope) in parts {
            let Some(function) = function else { continue };
            self.scope = scope;
            self.see_parameters(function);
            for contract in &function.contracts {
                let condition = self.contract(&contract.condition);
                match contract.kind {
                    ast::ContractKind::Pre => pre.push(condition),
                    ast::ContractKind::Post => post.push(condition),
                }
            }
        }
        (pre, post)
    }

    fn contract(&mut self, expr: &'a ast::Expr) -> Condition {
        let text = self.checker.text(expr.span);
        Condition {
            expr: self.condition(expr),
            text,
            span: expr.span,
        }
    }

    /// The call of the base's constructor, written or implied.
    fn base_call(
        &mut self,
        class: ClassId,
        written: Option<&'a ast::BaseCall>,
        span: Span,
    ) -> Option<(ConstructorId, Vec<Expr>)> {
        let base = self.checker.program.class(class).base;
        let Some(call) = written else {
            return self.implied_base_call(base?, span);
        };
        self.has_this = false;
        let values = self.arguments(&call.arguments);
        let named = self.checker.class_named(&call.class, self.scope);
        let chosen = match (named, base) {
            (Some(named), Some(base)) if named == base => self.constructor(base, values, call.span),
            (Some(_), _) => {
                let message = format!("`{}` is not the base", call.class);
                let diagnostic = Diagnostic::new(classes::BAD_BASE, call.class.span, message);
                let help = base.map(|base| format!("write `{}`", self.checker.class_name(base)));
                self.report(match help {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic.help("the class has no base"),
                });
                None
            }
            (None, _) => None,
        };
        self.has_this = true;
        self.base_is_this();
        chosen
    }

    fn implied_base_call(
        &mut self,
        base: ClassId,
        span: Span,
    ) -> Option<(ConstructorId, Vec<Expr>)> {
        let constructors = &self.checker.program.class(base).constructors;
        let empty = constructors
            .iter()
            .copied()
            .find(|&id| self.checker.program.constructor(id).body.parameters == 0);
        if let Some(id) = empty {
            self.facts.calls.push(Call {
                target: CallTarget::Constructor(id),
                receiver: Receiver::This,
                may_be_remote: false,
                is_invoke: false,
                span,
            });
            return Some((id, Vec::new()));
        }
        let name = self.checker.class_name(base).to_owned();
        let declared = self.checker.program.class(base).span;
        let message = format!("the base `{name}` has no constructor without parameters");
        self.report(
            Diagnostic::new(classes::MISSING_BASE_CALL, span, message)
                .label(declared, "the base")
                .help(format!(
                    "call one: write `: {name} (…)` behind the constructor's parameters"
                )),
        );
        None
    }

    /// The constructor that was called last works on this object.
    fn base_is_this(&mut self) {
        if let Some(call) = self.facts.calls.last_mut()
            && matches!(call.target, CallTarget::Constructor(_))
        {
            call.receiver = Receiver::This;
        }
    }
}
