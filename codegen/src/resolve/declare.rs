//! The first pass: every item gets an id and its name.

use std::collections::BTreeMap;

use cmsl_parser::{Diagnostic, Span, ast};

use super::{
    Checker, ClassSource, GlobalSource, GlobalState, Members, OutOfLine, Scope, Source, Symbol,
    TypedefState, documentation,
};
use crate::check::names;
use crate::index::Entity;
use crate::ir::{
    Body, Class, ClassId, ClassKind, Effects, EnumId, Enumeration, Function, FunctionId, Global,
    GlobalId, ModuleId, Type, Typedef, Variant,
};
use crate::lower::Facts;

impl<'a> Checker<'a> {
    /// Declares the items of all files.
    pub fn declare(&mut self, files: &'a [ast::File]) {
        for file in files {
            let scope = Scope {
                module: ModuleId(0),
                file: file.file,
            };
            self.declare_items(&file.items, scope);
        }
        self.check_forward_declarations();
    }

    fn declare_items(&mut self, items: &'a [std::sync::Arc<ast::Item>], scope: Scope) {
        for item in items {
            let doc = item.doc.as_ref();
            match &item.kind {
                ast::ItemKind::Import(_) | ast::ItemKind::Error => {}
                ast::ItemKind::Using(using) => self.usings.push((scope, &using.module)),
                ast::ItemKind::Module(module) => self.declare_module(module, scope),
                ast::ItemKind::Class(class) => self.declare_class(class, doc, scope, false),
                ast::ItemKind::Enum(item) => self.declare_enum(item, doc, scope),
                ast::ItemKind::Typedef(item) => self.declare_typedef(item, doc, scope),
                ast::ItemKind::Function(function) => {
                    self.declare_function(function, doc, scope, false);
                }
                ast::ItemKind::Variables(variables) => {
                    self.declare_globals(variables, doc, scope);
                }
                ast::ItemKind::Extern(item) => self.declare_extern(item, scope),
            }
        }
    }

    fn declare_extern(&mut self, item: &'a ast::Extern, scope: Scope) {
        for item in &item.items {
            let doc = item.doc.as_ref();
            match &item.kind {
                ast::ItemKind::Class(class) => self.declare_class(class, doc, scope, true),
                ast::ItemKind::Function(function) => {
                    self.declare_function(function, doc, scope, true);
                }
                _ => {}
            }
        }
    }

    fn declare_module(&mut self, module: &'a ast::Module, scope: Scope) {
        let name = module.name.as_str();
        let known = self.module_names(scope.module).get(name).copied();
        let id = match known {
            Some((Symbol::Module(id), _)) => id,
            Some((_, first)) => {
                self.report(names::duplicate(name, module.name.span, first));
                return;
            }
            None => {
                let id = self.add_module(name.to_owned(), module.name.span, Some(scope.module));
                self.bind(&module.name, scope, Symbol::Module(id));
                id
            }
        };
        self.note(module.name.span, Entity::Module(id));
        let inner = Scope {
            module: id,
            file: scope.file,
        };
        self.declare_items(&module.items, inner);
    }

    fn declare_class(
        &mut self,
        class: &'a ast::Class,
        doc: Option<&'a ast::Doc>,
        scope: Scope,
        external: bool,
    ) {
        if class.members.is_none() && !external {
            self.forward.push((&class.name, scope));
            return;
        }
        let kind = if external {
            ClassKind::External
        } else if class.server.is_some() {
            ClassKind::Server
        } else {
            ClassKind::Ordinary
        };
        let id = self.add_class(
            class.name.as_str(),
            class.name.span,
            scope.module,
            kind,
            ClassSource {
                class: Some(class),
                scope,
            },
        );
        if let Some(class) = self.program.classes.get_mut(id.index()) {
            class.documentation = documentation(doc);
        }
        self.bind(&class.name, scope, Symbol::Class(id));
    }

    pub fn add_class(
        &mut self,
        name: &str,
        span: Span,
        module: ModuleId,
        kind: ClassKind,
        source: ClassSource<'a>,
    ) -> ClassId {
        let id = ClassId::at(self.program.classes.len());
        self.program.classes.push(Class {
            name: name.to_owned(),
            span,
            module,
            kind,
            base: None,
            fields: Vec::new(),
            methods: Vec::new(),
            constructors: Vec::new(),
            invariants: Vec::new(),
            derived: Vec::new(),
            may_be_server: kind == ClassKind::Server,
            is_created_as_server: false,
            calls_servers: false,
            is_exception: matches!(kind, ClassKind::Predefined(_)),
            documentation: Vec::new(),
        });
        self.members.push(Members::default());
        self.class_sources.push(source);
        id
    }

    fn check_forward_declarations(&mut self) {
        for (name, scope) in std::mem::take(&mut self.forward) {
            let known = self.module_names(scope.module).get(name.as_str()).copied();
            if let Some((Symbol::Class(id), _)) = known {
                self.note(name.span, Entity::Class(id));
            } else {
                let message = format!("class `{name}` is declared and never defined");
                self.report(
                    Diagnostic::new(names::UNDEFINED, name.span, message)
                        .help(format!("write `class {name} {{ … }}`")),
                );
            }
        }
    }

    fn declare_enum(&mut self, item: &'a ast::Enum, doc: Option<&'a ast::Doc>, scope: Scope) {
        let id = EnumId::at(self.program.enums.len());
        let mut variants: Vec<Variant> = Vec::with_capacity(item.values.len());
        let mut known: BTreeMap<&str, u32> = BTreeMap::new();
        for (value, number) in item.values.iter().zip(0u32..) {
            let name = value.name.as_str();
            let first = known
                .get(name)
                .and_then(|&first| variants.get(first as usize));
            match first.map(|first| first.span) {
                Some(first) => self.report(names::duplicate(name, value.name.span, first)),
                None => {
                    known.insert(name, number);
                }
            }
            variants.push(Variant {
                name: name.to_owned(),
                span: value.name.span,
                value: i64::from(number),
                documentation: documentation(value.doc.as_ref()),
            });
        }
        self.variants.push(known);
        self.program.enums.push(Enumeration {
            name: item.name.as_str().to_owned(),
            span: item.name.span,
            module: scope.module,
            variants,
            documentation: documentation(doc),
        });
        self.enum_sources.push((item, scope));
        self.bind(&item.name, scope, Symbol::Enum(id));
        for (value, position) in item.values.iter().zip(0u32..) {
            self.bind_variant(&value.name, scope, Symbol::Variant(id, position));
        }
    }

    /// Values of enumerations are known by their bare names where no other item has the name.
    fn bind_variant(&mut self, name: &'a ast::Name, scope: Scope, symbol: Symbol) {
        let Some(module) = self.modules.get_mut(scope.module.index()) else {
            return;
        };
        match module.names.get_mut(name.as_str()) {
            None => {
                module.names.insert(name.as_str(), (symbol, name.span));
            }
            Some((known, _)) if matches!(known, Symbol::Variant(..)) => *known = Symbol::Variants,
            Some(_) => {}
        }
    }

    fn declare_typedef(&mut self, item: &'a ast::Typedef, doc: Option<&'a ast::Doc>, scope: Scope) {
        let index = self.typedef_sources.len();
        self.typedef_sources
            .push((item, scope, TypedefState::Waiting));
        self.program.typedefs.push(Typedef {
            name: item.name.as_str().to_owned(),
            span: item.name.span,
            module: scope.module,
            ty: Type::Poison,
            documentation: documentation(doc),
        });
        self.bind(&item.name, scope, Symbol::Typedef(index));
    }

    fn declare_globals(
        &mut self,
        variables: &'a ast::Variables,
        doc: Option<&'a ast::Doc>,
        scope: Scope,
    ) {
        for declarator in &variables.declarators {
            let id = GlobalId::at(self.program.globals.len());
            self.program.globals.push(Global {
                name: declarator.name.as_str().to_owned(),
                span: declarator.name.span,
                module: scope.module,
                ty: Type::Poison,
                is_const: variables.constant.is_some(),
                length: None,
                value: None,
                init: None,
                body: Body::default(),
                documentation: documentation(doc),
            });
            self.global_sources.push(GlobalSource {
                variables,
                declarator,
                scope,
                state: GlobalState::Waiting,
            });
            self.bind(&declarator.name, scope, Symbol::Global(id));
        }
    }

    fn declare_function(
        &mut self,
        function: &'a ast::Function,
        doc: Option<&'a ast::Doc>,
        scope: Scope,
        external: bool,
    ) {
        if !function.name.qualifiers.is_empty() {
            self.out_of_line.push(OutOfLine {
                function,
                doc,
                scope,
            });
            return;
        }
        let id = FunctionId::at(self.program.functions.len());
        self.program.functions.push(Function {
            name: function.name.name.as_str().to_owned(),
            span: function.name.span,
            module: scope.module,
            overload: 0,
            result: Type::Void,
            body: Body::default(),
            is_external: external,
            pre: Vec::new(),
            post: Vec::new(),
            is_forward: false,
            effects: Effects::default(),
            documentation: documentation(doc),
        });
        self.function_sources.push(Source::of(function, scope));
        self.function_facts.push(Facts::default());
        let name = function.name.name.as_str();
        let known = self.module_names(scope.module).get(name).copied();
        if let Some((Symbol::Functions(set), _)) = known {
            if let Some(set) = self.function_sets.get_mut(set) {
                set.push(id);
            }
            return;
        }
        let set = self.function_sets.len();
        self.function_sets.push(vec![id]);
        self.bind(&function.name.name, scope, Symbol::Functions(set));
    }

    /// Gives a name its meaning in a module.
    fn bind(&mut self, name: &'a ast::Name, scope: Scope, symbol: Symbol) {
        let Some(module) = self.modules.get_mut(scope.module.index()) else {
            return;
        };
        match module.names.get(name.as_str()).copied() {
            Some((Symbol::Variant(..) | Symbol::Variants, _)) | None => {
                module.names.insert(name.as_str(), (symbol, name.span));
            }
            Some((_, first)) => self.report(names::duplicate(name.as_str(), name.span, first)),
        }
    }
}
