//! Names to ids: what is declared where, and what a name means at a place.
//!
//! [`Checker`] is the state of one compilation while it is checked: the program as far as it is known and, beside
//! its tables, the syntax that is still to be lowered. Nothing here looks at statements or expressions.

mod declare;
mod hierarchy;
mod members;
mod predefined;
mod relations;
mod scope;
mod signatures;
mod ty;

use std::collections::BTreeMap;

use cmsl_parser::diagnostic::Severity;
use cmsl_parser::{Diagnostic, FileId, Sources, Span, ast};

use crate::analyse::Bodies;
use crate::check::form::Form;
use crate::index::{Entity, Index};
use crate::ir::{
    ClassId, ConstructorId, EnumId, FieldId, FunctionId, GlobalId, MethodId, ModuleId, Program,
    Type,
};
use crate::lower::Facts;

pub(crate) use scope::Found;
pub(crate) use ty::{PREDEFINED_TYPES, describe};

/// The most errors, and the most warnings, that are reported.
const REPORTED_MAX: usize = 200;

/// The most that are kept, those included that are consequences of what is reported otherwise.
const KEPT_MAX: usize = 10 * REPORTED_MAX;

/// Where a name is looked up from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    pub module: ModuleId,
    pub file: FileId,
}

/// What a name of a module stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    Module(ModuleId),
    Class(ClassId),
    Enum(EnumId),
    Variant(EnumId, u32),
    /// The name of values of several enumerations.
    Variants,
    Typedef(usize),
    /// An index into `Checker::function_sets`.
    Functions(usize),
    Global(GlobalId),
}

/// The names of a module.
#[derive(Debug, Default)]
pub(crate) struct ModuleScope<'a> {
    pub names: BTreeMap<&'a str, (Symbol, Span)>,
}

/// What a name of a class stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    Field(FieldId),
    Methods(Vec<MethodId>),
}

/// The names of a class, those of its bases excluded.
#[derive(Debug, Default)]
pub(crate) struct Members<'a> {
    pub names: BTreeMap<&'a str, Member>,
}

/// A type name on its way to a type.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TypedefState {
    Waiting,
    Resolving,
    Done(Type),
}

/// A constant or variable on its way to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GlobalState {
    Waiting,
    Lowering,
    Done,
}

/// The syntax of a function, method or constructor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// What declares it, with its contracts; none for what is implied or predefined.
    pub declaration: Option<&'a ast::Function>,
    /// What has its body, if it is another one.
    pub definition: Option<&'a ast::Function>,
    /// Where names of the declaration are looked up.
    pub scope: Scope,
    /// Where names of the body are looked up.
    pub body_scope: Scope,
}

impl<'a> Source<'a> {
    pub fn none() -> Self {
        Self {
            declaration: None,
            definition: None,
            scope: Scope::default(),
            body_scope: Scope::default(),
        }
    }

    pub fn of(function: &'a ast::Function, scope: Scope) -> Self {
        Self {
            declaration: Some(function),
            definition: None,
            scope,
            body_scope: scope,
        }
    }

    /// What has the body.
    pub fn with_body(&self) -> Option<&'a ast::Function> {
        self.definition
            .or_else(|| self.declaration.filter(|function| function.body.is_some()))
    }
}

/// A class and the syntax of its members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClassSource<'a> {
    pub class: Option<&'a ast::Class>,
    pub scope: Scope,
}

/// A constant or variable and its syntax.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlobalSource<'a> {
    pub variables: &'a ast::Variables,
    pub declarator: &'a ast::Declarator,
    pub scope: Scope,
    pub state: GlobalState,
}

/// What is defined outside its class, until the class's members are known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutOfLine<'a> {
    pub function: &'a ast::Function,
    pub doc: Option<&'a ast::Doc>,
    pub scope: Scope,
}

/// The state of one compilation while it is checked.
pub(crate) struct Checker<'a> {
    pub sources: &'a Sources,
    pub program: Program,
    pub diagnostics: Vec<Diagnostic>,
    /// How many type names are being resolved, each for the one before it.
    pub typedefs_open: usize,
    errors: usize,
    warnings: usize,

    pub modules: Vec<ModuleScope<'a>>,
    /// The modules that `using` opens in a module, in one file.
    pub opened: BTreeMap<(ModuleId, FileId), Vec<ModuleId>>,
    pub usings: Vec<(Scope, &'a ast::Path)>,
    pub members: Vec<Members<'a>>,
    /// For each enumeration, where its values stand.
    pub variants: Vec<BTreeMap<&'a str, u32>>,
    pub function_sets: Vec<Vec<FunctionId>>,

    pub class_sources: Vec<ClassSource<'a>>,
    pub typedef_sources: Vec<(&'a ast::Typedef, Scope, TypedefState)>,
    pub global_sources: Vec<GlobalSource<'a>>,
    /// How many variables outside classes are being lowered, each for the one before.
    pub(crate) globals_open: usize,
    /// How many bytes of the texts of constants have been joined, compared and used as cases.
    pub(crate) text_bytes: usize,
    /// Whether the result of a future was asked for that is not known yet.
    pub(crate) meets_unknown: bool,
    pub function_sources: Vec<Source<'a>>,
    pub method_sources: Vec<Source<'a>>,
    pub constructor_sources: Vec<Source<'a>>,
    pub field_sources: Vec<Option<(&'a ast::Field, &'a ast::Declarator, Scope)>>,
    pub enum_sources: Vec<(&'a ast::Enum, Scope)>,
    pub out_of_line: Vec<OutOfLine<'a>>,
    pub forward: Vec<(&'a ast::Name, Scope)>,

    pub function_facts: Vec<Facts>,
    pub method_facts: Vec<Facts>,
    pub constructor_facts: Vec<Facts>,
    /// Where the text is wrong.
    pub form: Form,
    /// The replicated servers that are created: class, place.
    pub replicated: Vec<(ClassId, Span)>,
    /// Who names what, if somebody wants to know.
    pub index: Option<Index>,
    /// What was found out about bodies, for the next version of the program, if there will be one.
    pub bodies: Option<Bodies>,
}

impl<'a> Checker<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        let mut checker = Self {
            sources,
            program: Program::default(),
            diagnostics: Vec::new(),
            errors: 0,
            warnings: 0,
            modules: Vec::new(),
            opened: BTreeMap::new(),
            usings: Vec::new(),
            members: Vec::new(),
            variants: Vec::new(),
            function_sets: Vec::new(),
            class_sources: Vec::new(),
            typedef_sources: Vec::new(),
            global_sources: Vec::new(),
            globals_open: 0,
            text_bytes: 0,
            meets_unknown: false,
            typedefs_open: 0,
            function_sources: Vec::new(),
            method_sources: Vec::new(),
            constructor_sources: Vec::new(),
            field_sources: Vec::new(),
            enum_sources: Vec::new(),
            out_of_line: Vec::new(),
            forward: Vec::new(),
            function_facts: Vec::new(),
            method_facts: Vec::new(),
            constructor_facts: Vec::new(),
            form: Form::default(),
            replicated: Vec::new(),
            index: None,
            bodies: None,
        };
        checker.add_module(String::new(), Span::default(), None);
        checker.declare_predefined();
        checker
    }

    /// Remembers what is wrong, unless nobody could read so much.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        let count = match diagnostic.severity() {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        if *count < REPORTED_MAX && self.diagnostics.len() < KEPT_MAX {
            *count += usize::from(!self.form.is_consequence(self.sources, &diagnostic));
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether another error would be remembered.
    pub fn hears_more(&self) -> bool {
        self.errors < REPORTED_MAX && self.diagnostics.len() < KEPT_MAX
    }

    /// Notes what a name stands for, if somebody wants to know.
    pub fn note(&mut self, span: Span, entity: Entity) {
        if let Some(index) = &mut self.index {
            index.note(span, entity);
        }
    }

    /// Notes a use of what is predefined, where somebody asks.
    pub fn note_predefined(&mut self, span: Span, place: impl FnOnce() -> Option<usize>) {
        if let Some(index) = &mut self.index
            && let Some(place) = place()
        {
            index.note(span, Entity::Predefined(place));
        }
    }

    /// Resolves the declarations: types, signatures, the class hierarchy.
    pub fn resolve(&mut self) {
        self.resolve_usings();
        self.resolve_typedefs();
        self.resolve_bases();
        self.resolve_globals();
        self.resolve_members();
        self.resolve_functions();
        self.attach_definitions();
        self.imply_constructors();
        self.resolve_overrides();
        self.resolve_inverses();
        self.resolve_main();
    }

    pub fn class_name(&self, class: ClassId) -> &str {
        &self.program.class(class).name
    }

    pub fn add_module(&mut self, name: String, span: Span, parent: Option<ModuleId>) -> ModuleId {
        let id = ModuleId::at(self.modules.len());
        self.modules.push(ModuleScope::default());
        self.program
            .modules
            .push(crate::ir::Module { name, span, parent });
        id
    }

    pub fn constructor_source(&self, id: ConstructorId) -> Source<'a> {
        self.constructor_sources
            .get(id.index())
            .copied()
            .unwrap_or_else(Source::none)
    }
}

/// The lines of a doc comment.
pub(crate) fn documentation(doc: Option<&ast::Doc>) -> Vec<String> {
    doc.map(|doc| doc.text.lines().map(str::to_owned).collect())
        .unwrap_or_default()
}
