//! Who names what: the index that an editor asks.
//!
//! While a program is resolved and lowered, each name that was found is noted with what it stands for; what is
//! declared, and where code stands, is added from the tables afterwards. A program with errors has an index, too: of
//! what is right in it. Checking without an index ([`crate::check()`]) notes nothing and pays nothing.

mod describe;
mod gather;
pub(crate) mod predefined;

use cmsl_parser::{FileId, Span};

use crate::ir::{
    ClassId, EnumId, FieldId, FunctionId, GlobalId, MethodId, ModuleId, Program, Type,
};

pub use describe::{Description, describe, effects_in_words, module_of};

/// What a name can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// A module.
    Module(ModuleId),
    /// A class; its constructors go by the same name.
    Class(ClassId),
    /// An enumeration.
    Enum(EnumId),
    /// A value of an enumeration, by its place.
    Variant(EnumId, u32),
    /// A type name: an index into `Program::typedefs`.
    Typedef(usize),
    /// A function outside a class.
    Function(FunctionId),
    /// A constant or variable outside classes and functions.
    Global(GlobalId),
    /// A state variable of a class.
    Field(FieldId),
    /// A method.
    Method(MethodId),
    /// A variable or parameter of a body, by where it is declared.
    Local(Span),
    /// A predefined function, or method of a predefined type.
    Predefined(usize),
}

/// A name in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The name.
    pub span: Span,
    /// What it stands for.
    pub entity: Entity,
}

/// A variable or parameter of a body.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Where its name is declared.
    pub span: Span,
    /// The name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// Where something stands that has names of its own.
#[derive(Clone, Copy, Debug)]
pub struct Area<T> {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub of: T,
}

/// The body of a function, method or constructor.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The name before it.
    pub name: Span,
    /// The class that it belongs to.
    pub class: Option<ClassId>,
}

/// The index of a program.
#[derive(Clone, Debug, Default)]
pub struct Index {
    uses: Vec<Use>,
    variables: Vec<Variable>,
    /// Bodies, with their heads.
    pub bodies: Vec<Area<Code>>,
    /// Modules, from the word to the closing brace.
    pub modules: Vec<Area<ModuleId>>,
    /// Classes, from the word to the closing brace.
    pub classes: Vec<Area<ClassId>>,
    /// `new` expressions that make objects of the program's own classes.
    pub creations: Vec<Area<ClassId>>,
    /// Modules that `using` opens: in which module, of which file, which one.
    pub opened: Vec<(ModuleId, FileId, ModuleId)>,
}

impl Index {
    /// Notes a name; of several notes on one name the last holds.
    pub(crate) fn note(&mut self, span: Span, entity: Entity) {
        self.uses.push(Use { span, entity });
    }

    /// How many names and creations are noted.
    pub(crate) fn len(&self) -> (usize, usize) {
        (self.uses.len(), self.creations.len())
    }

    /// The names and creations that were noted since there were so many.
    pub(crate) fn since(&self, uses: usize, creations: usize) -> (Vec<Use>, Vec<Area<ClassId>>) {
        let uses = self.uses.get(uses..).unwrap_or_default();
        let creations = self.creations.get(creations..).unwrap_or_default();
        (uses.to_vec(), creations.to_vec())
    }

    /// Forgets what was noted since there were so many.
    pub(crate) fn truncate(&mut self, uses: usize, creations: usize) {
        self.uses.truncate(uses);
        self.creations.truncate(creations);
    }

    /// Notes names and creations again.
    pub(crate) fn recall(&mut self, uses: &[Use], creations: &[Area<ClassId>]) {
        self.uses.extend_from_slice(uses);
        self.creations.extend_from_slice(creations);
    }

    /// What the name at an offset stands for; an offset just behind a name is at it.
    #[must_use]
    pub fn at(&self, file: FileId, offset: u32) -> Option<Use> {
        let end = self
            .uses
            .partition_point(|known| (known.span.file, known.span.start) <= (file, offset));
        let before = self.uses.get(..end).unwrap_or_default();
        // Names do not overlap, so that only the last one that begins before the offset can reach it.
        let last = before.last().copied();
        last.filter(|known| known.span.file == file && known.span.end >= offset)
    }

    /// All names that stand for something, its declarations included, in the order of the text. A method is one
    /// with those that it overrides and that override it.
    #[must_use]
    pub fn uses_of(&self, program: &Program, entity: Entity) -> Vec<Span> {
        let wanted = first_declared(program, entity);
        self.uses
            .iter()
            .filter(|known| first_declared(program, known.entity) == wanted)
            .map(|known| known.span)
            .collect()
    }

    /// The variables of bodies, in the order of the text.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variable that is declared at a span.
    #[must_use]
    pub fn variable(&self, span: Span) -> Option<&Variable> {
        let place = self
            .variables
            .binary_search_by_key(&span, |variable| variable.span);
        self.variables.get(place.ok()?)
    }

    /// The names that a definition outside its class, or after its declaration, has for something.
    #[must_use]
    pub fn body_of(&self, entity: Entity, declared: Span) -> Option<Span> {
        let is_other = |code: &&Area<Code>| code.of.name != declared;
        let mut others = self.bodies.iter().filter(is_other);
        others
            .find(|code| {
                self.at(code.of.name.file, code.of.name.start)
                    .is_some_and(|known| known.entity == entity)
            })
            .map(|code| code.of.name)
    }
}

/// The method that a method overrides in the end; anything else is itself.
fn first_declared(program: &Program, entity: Entity) -> Entity {
    let Entity::Method(id) = entity else {
        return entity;
    };
    let chain = std::iter::successors(Some(id), |&id| program.method(id).overrides);
    Entity::Method(chain.last().unwrap_or(id))
}

/// Where the name of something is declared; nothing for what is predefined.
#[must_use]
pub fn declared(program: &Program, entity: Entity) -> Option<Span> {
    let span = match entity {
        Entity::Predefined(_) => None,
        Entity::Module(id) => Some(program.module(id).span),
        Entity::Class(id) => Some(program.class(id).span),
        Entity::Enum(id) => Some(program.enumeration(id).span),
        Entity::Variant(id, place) => program
            .enumeration(id)
            .variants
            .get(place as usize)
            .map(|variant| variant.span),
        Entity::Typedef(index) => program.typedefs.get(index).map(|item| item.span),
        Entity::Function(id) => Some(program.function(id).span),
        Entity::Global(id) => Some(program.global(id).span),
        Entity::Field(id) => Some(program.field(id).span),
        Entity::Method(id) => Some(program.method(id).span),
        Entity::Local(span) => Some(span),
    };
    span.filter(|&span| span != Span::default())
}

/// The methods of a predefined type, by their names.
#[must_use]
pub fn method_names(ty: Type) -> Vec<&'static str> {
    crate::lower::method_names(ty)
}

/// The predefined functions, by their names.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    crate::lower::function_names().chain(["print", "println", "format"])
}

/// The predefined types that are no keywords, by their names.
pub fn type_names() -> impl Iterator<Item = (&'static str, Type)> {
    crate::resolve::PREDEFINED_TYPES.into_iter()
}
