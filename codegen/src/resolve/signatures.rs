//! Signatures of functions, and the definitions that stand outside their classes.

use std::collections::BTreeMap;

use cmsl_parser::{Diagnostic, Span, ast};

use super::{Checker, Found, Member, OutOfLine, Scope, Source, Symbol, documentation};
use crate::check::{classes, names};
use crate::index::{Entity, predefined};
use crate::ir::{
    Body, ClassId, ClassKind, ConstructorId, FunctionId, GlobalId, Local, MethodId, ModuleId, Type,
};
use crate::lower::predefined_signature;

/// The most functions, methods or constructors of one name in one scope: a call looks at all of them.
pub(super) const OVERLOADS_MAX: usize = 256;

impl<'a> Checker<'a> {
    /// The parameters of a function as the first locals of a body without code.
    pub fn parameters(&mut self, function: &'a ast::Function, scope: Scope) -> Body {
        let mut locals: Vec<Local> = Vec::with_capacity(function.parameters.len());
        let mut known: BTreeMap<&str, Span> = BTreeMap::new();
        for parameter in &function.parameters {
            let mut ty = self.value_type(&parameter.ty, scope);
            if parameter.size.is_some() {
                ty = self.array_of(ty, parameter.span);
            }
            let name = parameter.name.as_ref();
            if let Some(name) = name {
                match known.get(name.as_str()).copied() {
                    Some(first) => self.report(names::duplicate(name.as_str(), name.span, first)),
                    None => {
                        known.insert(name.as_str(), name.span);
                    }
                }
            }
            locals.push(Local {
                name: name.map_or_else(
                    || format!("unnamed_{}", locals.len()),
                    |name| name.as_str().to_owned(),
                ),
                span: name.map_or(parameter.span, |name| name.span),
                ty,
                is_parameter: true,
                is_mutable: false,
                is_used: false,
            });
        }
        Body {
            parameters: locals.len(),
            locals,
            ..Body::default()
        }
    }

    /// Resolves the types of constants and variables; their values are lowered with the bodies.
    pub fn resolve_globals(&mut self) {
        for index in 0..self.global_sources.len() {
            let Some(&source) = self.global_sources.get(index) else {
                continue;
            };
            let mut ty = self.value_type(&source.variables.ty, source.scope);
            if source.declarator.size.is_some() {
                ty = self.array_of(ty, source.declarator.span);
            }
            if let Some(global) = self.program.globals.get_mut(GlobalId::at(index).index()) {
                global.ty = ty;
            }
        }
    }

    /// Resolves the signatures of functions, joins declarations with definitions, and numbers overloads.
    pub fn resolve_functions(&mut self) {
        for index in 0..self.function_sources.len() {
            let Some(&source) = self.function_sources.get(index) else {
                continue;
            };
            let Some(function) = source.declaration else {
                continue;
            };
            let result = match &function.result {
                Some(ty) => self.ty(ty, source.scope),
                None => Type::Poison,
            };
            let body = self.parameters(function, source.scope);
            if let Some(function) = self.program.functions.get_mut(index) {
                function.result = result;
                function.body = body;
            }
        }
        for set in 0..self.function_sets.len() {
            self.join_declarations(set);
        }
    }

    fn join_declarations(&mut self, set: usize) {
        let functions = self.function_sets.get(set).cloned().unwrap_or_default();
        let mut kept: Vec<FunctionId> = Vec::with_capacity(functions.len());
        for &id in &functions {
            let twin = kept
                .iter()
                .copied()
                .find(|&other| self.same_signature(id, other));
            let Some(twin) = twin else {
                if kept.len() >= OVERLOADS_MAX {
                    let function = self.program.function(id);
                    let too_many = names::too_many_overloads(&function.name, function.span);
                    self.report(too_many);
                    continue;
                }
                let overload = u32::try_from(kept.len()).unwrap_or(u32::MAX);
                if let Some(function) = self.program.functions.get_mut(id.index()) {
                    function.overload = overload;
                }
                kept.push(id);
                continue;
            };
            let (Some(&new), Some(&old)) = (
                self.function_sources.get(id.index()),
                self.function_sources.get(twin.index()),
            ) else {
                continue;
            };
            let (new_body, old_body) = (new.with_body(), old.with_body());
            let external =
                self.program.function(id).is_external || self.program.function(twin).is_external;
            if (new_body.is_some() && old_body.is_some()) || external {
                let (span, first) = (
                    self.program.function(id).span,
                    self.program.function(twin).span,
                );
                let name = self.program.function(id).name.clone();
                self.report(names::duplicate(&name, span, first));
            } else {
                self.check_same_result(id, twin);
                if let Some(definition) = new_body {
                    self.define(twin, definition, new.scope);
                }
            }
            // The declaration that was joined is nobody's any more: it must not be reported as undefined.
            if let Some(source) = self.function_sources.get_mut(id.index()) {
                source.declaration = None;
                source.definition = None;
            }
            self.note(self.program.function(id).span, Entity::Function(twin));
            if let Some(function) = self.program.functions.get_mut(id.index()) {
                function.is_forward = true;
            }
        }
        if let [id] = kept[..]
            && self.is_predefined(id)
        {
            self.forget(id);
            return;
        }
        if let Some(set) = self.function_sets.get_mut(set) {
            *set = kept;
        }
    }

    /// A function has one result, however often it is declared.
    fn check_same_result(&mut self, id: FunctionId, twin: FunctionId) {
        let (new, old) = (self.program.function(id), self.program.function(twin));
        if new.result == old.result || [new.result, old.result].contains(&Type::Poison) {
            return;
        }
        let (span, declared) = (new.span, old.span);
        let message = format!(
            "`{}` is declared with the result `{}`, not `{}`",
            new.name,
            self.show(old.result),
            self.show(new.result)
        );
        self.report(
            Diagnostic::new(names::DUPLICATE_NAME, span, message)
                .label(declared, "declared here")
                .help("give both one result: functions of one name differ in their parameters"),
        );
    }

    /// Whether a function without a body declares a predefined one as it is.
    fn is_predefined(&mut self, id: FunctionId) -> bool {
        let has_body = self
            .function_sources
            .get(id.index())
            .is_some_and(|source| source.with_body().is_some());
        let function = self.program.function(id);
        if has_body || function.is_external || function.module != ModuleId(0) {
            return false;
        }
        let name = function.name.clone();
        let result = function.result;
        let parameters: Vec<Type> = function.body.locals.iter().map(|l| l.ty).collect();
        predefined_signature(&mut self.program.types, &name)
            .is_some_and(|known| known == (parameters, result))
    }

    /// Takes a declaration out of the program: its name means what it meant without it.
    fn forget(&mut self, id: FunctionId) {
        let name = self.program.function(id).name.clone();
        let span = self.program.function(id).span;
        if let Some(module) = self.modules.first_mut() {
            module.names.remove(name.as_str());
        }
        if let Some(source) = self.function_sources.get_mut(id.index()) {
            *source = Source::none();
        }
        if let Some(function) = self.program.functions.get_mut(id.index()) {
            function.is_forward = true;
        }
        self.note_predefined(span, || predefined::function(&name));
    }

    fn define(&mut self, id: FunctionId, definition: &'a ast::Function, scope: Scope) {
        if let Some(source) = self.function_sources.get_mut(id.index()) {
            source.definition = Some(definition);
            source.body_scope = scope;
        }
        if let Some(function) = self.program.functions.get_mut(id.index()) {
            rename(&mut function.body, definition);
        }
    }

    fn same_signature(&self, a: FunctionId, b: FunctionId) -> bool {
        let types = |id| self.program.function(id).body.locals.iter().map(|l| l.ty);
        types(a).eq(types(b))
    }

    /// Gives the methods and constructors that are defined outside their classes their bodies.
    pub fn attach_definitions(&mut self) {
        for item in std::mem::take(&mut self.out_of_line) {
            let path = &item.function.name;
            match self.find_qualifier(path, item.scope) {
                Found::Symbol(Symbol::Class(class)) => self.attach(class, item),
                Found::Reported => {}
                _ => {
                    let classes =
                        self.visible_names(item.scope, |symbol| matches!(symbol, Symbol::Class(_)));
                    let name = path.qualifiers.last().map_or("", |name| name.as_str());
                    let span = path.qualifiers.last().map_or(path.span, |name| name.span);
                    let unknown = names::unknown("class", name, span, classes);
                    self.report(unknown);
                }
            }
        }
    }

    fn attach(&mut self, class: ClassId, item: OutOfLine<'a>) {
        let name = item.function.name.name.as_str();
        let body = self.parameters(item.function, item.scope);
        if name == self.class_name(class) && item.function.result.is_none() {
            self.note(item.function.name.name.span, Entity::Class(class));
            self.attach_constructor(class, item, &body);
            return;
        }
        let same = |body: &Body, other: &Body| {
            let types = |body: &Body| body.locals.iter().map(|l| l.ty).collect::<Vec<_>>();
            types(body) == types(other)
        };
        let members = self.members.get(class.index());
        let candidates = match members.and_then(|members| members.names.get(name)) {
            Some(Member::Methods(methods)) => methods.clone(),
            _ => Vec::new(),
        };
        let found = candidates
            .iter()
            .copied()
            .find(|&id| same(&self.program.method(id).body, &body));
        let Some(id) = found else {
            let declared = candidates.first().map(|&id| self.program.method(id).span);
            self.not_declared(class, &item, declared);
            return;
        };
        self.note(item.function.name.name.span, Entity::Method(id));
        if !self.check_result(id, &item) {
            return;
        }
        let method = self.program.method(id);
        let first = method.span;
        let duplicate = self
            .method_sources
            .get(id.index())
            .is_some_and(|source| source.with_body().is_some());
        if duplicate {
            self.report(names::duplicate(name, item.function.name.span, first));
            return;
        }
        if let Some(source) = self.method_sources.get_mut(id.index()) {
            attach_source(source, &item);
        }
        if let Some(method) = self.program.methods.get_mut(id.index()) {
            rename(&mut method.body, item.function);
            method.is_const |= item.function.constant.is_some();
            if method.documentation.is_empty() {
                method.documentation = documentation(item.doc);
            }
        }
    }

    fn check_result(&mut self, id: MethodId, item: &OutOfLine<'a>) -> bool {
        let defined = match &item.function.result {
            Some(ty) => self.ty(ty, item.scope),
            None => Type::Poison,
        };
        let method = self.program.method(id);
        if defined == method.result || defined == Type::Poison || method.result == Type::Poison {
            return true;
        }
        let message = format!(
            "`{}` is declared with the result `{}`, not `{}`",
            method.name,
            self.show(method.result),
            self.show(defined)
        );
        let declared = method.span;
        self.report(
            Diagnostic::new(classes::NOT_DECLARED, item.function.name.span, message)
                .label(declared, "declared here"),
        );
        false
    }

    fn attach_constructor(&mut self, class: ClassId, item: OutOfLine<'a>, body: &Body) {
        let found = self
            .program
            .class(class)
            .constructors
            .iter()
            .copied()
            .find(|&id| {
                let declared = &self.program.constructor(id).body.locals;
                declared
                    .iter()
                    .map(|l| l.ty)
                    .eq(body.locals.iter().map(|l| l.ty))
            });
        let Some(id): Option<ConstructorId> = found else {
            let first = self.program.class(class).constructors.first().copied();
            let declared = first.map(|id| self.program.constructor(id).span);
            self.not_declared(class, &item, declared);
            return;
        };
        let first = self.program.constructor(id).span;
        if self.constructor_source(id).with_body().is_some() {
            let name = item.function.name.name.as_str();
            self.report(names::duplicate(name, item.function.name.span, first));
            return;
        }
        if let Some(source) = self.constructor_sources.get_mut(id.index()) {
            attach_source(source, &item);
        }
        if let Some(constructor) = self.program.constructors.get_mut(id.index()) {
            rename(&mut constructor.body, item.function);
            if constructor.documentation.is_empty() {
                constructor.documentation = documentation(item.doc);
            }
        }
    }

    fn not_declared(
        &mut self,
        class: ClassId,
        item: &OutOfLine<'a>,
        declared: Option<cmsl_parser::Span>,
    ) {
        let name = &item.function.name.name;
        let owner = self.class_name(class).to_owned();
        let message = match declared {
            Some(_) => format!("class `{owner}` declares no `{name}` with these parameters"),
            None => format!("class `{owner}` declares no `{name}`"),
        };
        let mut diagnostic = Diagnostic::new(classes::NOT_DECLARED, name.span, message)
            .help(format!("declare it in class `{owner}` first"));
        if let Some(declared) = declared {
            diagnostic = diagnostic.label(declared, "declared with other parameters");
        }
        self.report(diagnostic);
    }

    /// Finds `main` and checks its form.
    pub fn resolve_main(&mut self) {
        let Some(&(Symbol::Functions(set), _)) = self.module_names(ModuleId(0)).get("main") else {
            return;
        };
        let set = self.function_sets.get(set).cloned().unwrap_or_default();
        let strings = {
            let string = self.program.types.intern(Type::String);
            Type::List(string)
        };
        for (position, id) in set.into_iter().enumerate() {
            let function = self.program.function(id);
            let types: Vec<Type> = function.body.locals.iter().map(|l| l.ty).collect();
            if function.result == Type::Poison || types.contains(&Type::Poison) {
                continue;
            }
            let fits = matches!(function.result, Type::Void | Type::Int)
                && (types.is_empty() || types == [strings])
                && position == 0
                && !function.is_external;
            let span = function.span;
            if fits {
                self.program.main = Some(id);
            } else if function.result != Type::Poison && !types.contains(&Type::Poison) {
                let message = "`main` has a wrong form";
                self.report(Diagnostic::new(names::BAD_MAIN, span, message).help(
                    "write `void main ()`, `int main ()`, or `int main (list<string> args)`",
                ));
            }
        }
    }

    /// Reports what is declared and has no body.
    pub fn check_defined(&mut self) {
        for index in 0..self.method_sources.len() {
            let id = MethodId::at(index);
            let method = self.program.method(id);
            let external = self.program.class(method.class).kind == ClassKind::External;
            let (span, owner) = (method.span, self.class_name(method.class).to_owned());
            let name = method.name.clone();
            let defined = self
                .method_sources
                .get(index)
                .is_some_and(|source| source.with_body().is_some());
            if !external && !defined {
                self.undefined(&format!("{owner}::{name}"), span);
            }
        }
        for index in 0..self.constructor_sources.len() {
            let id = ConstructorId::at(index);
            let source = self.constructor_source(id);
            let class = self.program.constructor(id).class;
            let external = self.program.class(class).kind == ClassKind::External;
            if !external && source.declaration.is_some() && source.with_body().is_none() {
                let span = self.program.constructor(id).span;
                let owner = self.class_name(class).to_owned();
                self.undefined(&format!("{owner}::{owner}"), span);
            }
        }
        for index in 0..self.function_sources.len() {
            let function = self.program.function(FunctionId::at(index));
            let (name, span, external) =
                (function.name.clone(), function.span, function.is_external);
            let undefined = self
                .function_sources
                .get(index)
                .is_some_and(|source| source.declaration.is_some() && source.with_body().is_none());
            if undefined && !external {
                self.undefined(&name, span);
            }
        }
    }

    fn undefined(&mut self, name: &str, span: cmsl_parser::Span) {
        let message = format!("`{name}` is declared and never defined");
        let known = predefined::function(name).and_then(predefined::described);
        let help = match known {
            Some((declaration, _)) => {
                format!("leave it out for the predefined `{declaration}`, or write its body")
            }
            None => format!("write its body: `{name} (…) {{ … }}`"),
        };
        self.report(Diagnostic::new(names::UNDEFINED, span, message).help(help));
    }
}

fn attach_source<'a>(source: &mut Source<'a>, item: &OutOfLine<'a>) {
    source.definition = Some(item.function);
    source.body_scope = item.scope;
}

/// The body sees the parameters under the names of the definition.
fn rename(body: &mut Body, definition: &ast::Function) {
    for (local, parameter) in body.locals.iter_mut().zip(&definition.parameters) {
        if let Some(name) = &parameter.name {
            local.name = name.as_str().to_owned();
            local.span = name.span;
        }
    }
}
