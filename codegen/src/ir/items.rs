//! What a program is made of: classes with their members, functions, enumerations, constants, variables.

use cmsl_parser::Span;

use super::effects::Effects;
use super::expr::{Expr, Literal};
use super::stmt::Block;
use super::types::{ClassId, ConstructorId, FieldId, LocalId, MethodId, ModuleId, Type};

/// The lines of a doc comment, without their `///`.
pub type Documentation = Vec<String>;

/// A module.
#[derive(Clone, Debug)]
pub struct Module {
    /// The name; empty for the root.
    pub name: String,
    /// The name where the module is first written.
    pub span: Span,
    /// The enclosing module; none for the root.
    pub parent: Option<ModuleId>,
}

/// What a class is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassKind {
    /// `class`
    Ordinary,
    /// `server class`
    Server,
    /// A class that the embedding Rust code provides.
    External,
    /// `exception` or one of the predefined errors.
    Predefined(PredefinedClass),
}

/// The classes that exist in each program. All have the attribute `message` of `exception`, which is their root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PredefinedClass {
    /// `exception`
    Exception,
    /// `arithmetic_error`
    ArithmeticError,
    /// `assertion_failed`
    AssertionFailed,
    /// `bad_cast`: an object is not of the class it was cast to.
    BadCast,
    /// `index_out_of_range`
    IndexOutOfRange,
    /// `invariant_failed`
    InvariantFailed,
    /// `no_such_element`
    NoSuchElement,
    /// `null_reference`
    NullReference,
    /// `postcondition_failed`
    PostconditionFailed,
    /// `precondition_failed`
    PreconditionFailed,
    /// `reentrant_call`
    ReentrantCall,
    /// `resource_exhausted`
    ResourceExhausted,
    /// `server_failed`
    ServerFailed,
    /// `timeout_expired`
    TimeoutExpired,
}

impl PredefinedClass {
    /// All of them, the root first.
    pub const ALL: [Self; 14] = [
        Self::Exception,
        Self::ArithmeticError,
        Self::AssertionFailed,
        Self::BadCast,
        Self::IndexOutOfRange,
        Self::InvariantFailed,
        Self::NoSuchElement,
        Self::NullReference,
        Self::PostconditionFailed,
        Self::PreconditionFailed,
        Self::ReentrantCall,
        Self::ResourceExhausted,
        Self::ServerFailed,
        Self::TimeoutExpired,
    ];

    /// The name in the source.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::ArithmeticError => "arithmetic_error",
            Self::AssertionFailed => "assertion_failed",
            Self::BadCast => "bad_cast",
            Self::IndexOutOfRange => "index_out_of_range",
            Self::InvariantFailed => "invariant_failed",
            Self::NoSuchElement => "no_such_element",
            Self::NullReference => "null_reference",
            Self::PostconditionFailed => "postcondition_failed",
            Self::PreconditionFailed => "precondition_failed",
            Self::ReentrantCall => "reentrant_call",
            Self::ResourceExhausted => "resource_exhausted",
            Self::ServerFailed => "server_failed",
            Self::TimeoutExpired => "timeout_expired",
        }
    }
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    /// The name, without modules.
    pub name: String,
    /// Where the name is declared.
    pub span: Span,
    /// The module it stands in.
    pub module: ModuleId,
    /// What it is.
    pub kind: ClassKind,
    /// The class it derives from.
    pub base: Option<ClassId>,
    /// Own state variables, in the order of declaration; those of the base are the base's.
    pub fields: Vec<FieldId>,
    /// Own methods, in the order of declaration.
    pub methods: Vec<MethodId>,
    /// Constructors, in the order of declaration; an implied one is there too.
    pub constructors: Vec<ConstructorId>,
    /// Own invariants; those of the bases hold too. They see `this` alone.
    pub invariants: Vec<Condition>,
    /// Classes that derive from it directly, in the order of declaration.
    pub derived: Vec<ClassId>,
    /// A reference of this type may name a server: it, or a class derived from it, is a server class.
    pub may_be_server: bool,
    /// Some `server` expression of the program creates servers of it.
    pub is_created_as_server: bool,
    /// One of its methods may call, create, find or delete servers.
    pub calls_servers: bool,
    /// It is `exception` or derives from it.
    pub is_exception: bool,
    /// Doc comment.
    pub documentation: Documentation,
}

/// How many objects the other side of an inverse relation names, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplicity {
    /// A class reference.
    One,
    /// A set, bag or list of class references.
    Many,
}

/// A state variable of a class.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name.
    pub name: String,
    /// Where the name is declared.
    pub span: Span,
    /// The class that declares it.
    pub class: ClassId,
    /// The type.
    pub ty: Type,
    /// The constant length if the type is an array.
    pub length: Option<u64>,
    /// The initial value, computed for each new object before the constructor runs; it sees no `this`. None: the type's zero.
    pub init: Option<Expr>,
    /// Whether code outside the class may use it.
    pub is_public: bool,
    /// The state variable of the related class that the runtime keeps as the inverse: when an object is
    /// related to another here, the other is related to it there. Set on both sides.
    pub inverse: Option<FieldId>,
    /// Whether it relates to one or many objects; meaningful for relations.
    pub multiplicity: Multiplicity,
    /// Doc comment.
    pub documentation: Documentation,
}

/// A condition, with its text for the message when it fails.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The boolean expression.
    pub expr: Expr,
    /// Its text in the source, on one line.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A variable of a body.
#[derive(Clone, Debug)]
pub struct Local {
    /// The name in the source; several locals of a body may share it (shadowing, sibling blocks).
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// The type.
    pub ty: Type,
    /// It is a parameter.
    pub is_parameter: bool,
    /// It is assigned to or changed in place after its declaration.
    pub is_mutable: bool,
    /// It is read, assigned to or changed somewhere.
    pub is_used: bool,
}

/// Code with its variables. Parameters are the first locals.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The variables.
    pub locals: Vec<Local>,
    /// How many of them are parameters.
    pub parameters: usize,
    /// The code. If the result is not void, each path through it ends in `return` or `throw` or does not end.
    pub block: Block,
    /// It may run again before it ends.
    pub recurses: bool,
}

impl Body {
    /// The ids of the parameters, in order.
    pub fn parameter_ids(&self) -> impl Iterator<Item = LocalId> {
        (0..self.parameters).map(LocalId::at)
    }
}

/// A method.
#[derive(Clone, Debug)]
pub struct Method {
    /// The name.
    pub name: String,
    /// Where the name is declared.
    pub span: Span,
    /// The class that declares it.
    pub class: ClassId,
    /// The number among the methods of this name in the class and its bases, overriders sharing that of what they
    /// override; 0 for most.
    pub overload: u32,
    /// The result.
    pub result: Type,
    /// Parameters (their names, types and spans) and code. A method of an external class has no code: an empty block.
    pub body: Body,
    /// Whether code outside the class may call it.
    pub is_public: bool,
    /// Declared `const`.
    pub is_const: bool,
    /// The method of a base that it overrides directly.
    pub overrides: Option<MethodId>,
    /// A derived class overrides it, so that a call needs the dynamic class.
    pub is_overridden: bool,
    /// Preconditions; they see `this` and the parameters.
    pub pre: Vec<Condition>,
    /// Postconditions; they see `this` and the parameters as they are at the end.
    pub post: Vec<Condition>,
    /// What it may do, the overriding methods included.
    pub effects: Effects,
    /// Doc comment.
    pub documentation: Documentation,
}

impl Method {
    /// Proved to change nothing, itself and where it is overridden: a server may answer it from its state
    /// without giving it a place in the order of commands.
    #[must_use]
    pub fn reads_only(&self) -> bool {
        self.effects.is_read_only()
    }
}

/// A constructor.
#[derive(Clone, Debug)]
pub struct Constructor {
    /// The class.
    pub class: ClassId,
    /// Where it is declared: the class's name if it is implied.
    pub span: Span,
    /// The number among the class's constructors.
    pub overload: u32,
    /// Whether code outside the class may call it.
    pub is_public: bool,
    /// The source does not declare it: it takes nothing and does nothing but call the base's.
    pub is_implied: bool,
    /// Preconditions.
    pub pre: Vec<Condition>,
    /// Postconditions.
    pub post: Vec<Condition>,
    /// The base's constructor and its arguments, run before the code; none if there is no base. The arguments see
    /// the parameters.
    pub base_call: Option<(ConstructorId, Vec<Expr>)>,
    /// Parameters and code.
    pub body: Body,
    /// What it may do, to objects other than the one it makes.
    pub effects: Effects,
    /// Doc comment.
    pub documentation: Documentation,
}

/// A function outside a class.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name, without modules.
    pub name: String,
    /// Where the name is declared.
    pub span: Span,
    /// The module it stands in.
    pub module: ModuleId,
    /// The number among the functions of this name in the module; 0 for most.
    pub overload: u32,
    /// The result.
    pub result: Type,
    /// Parameters and code.
    pub body: Body,
    /// The embedding Rust code provides it: there is no code.
    pub is_external: bool,
    /// Preconditions; they see the parameters.
    pub pre: Vec<Condition>,
    /// Postconditions; they see the parameters as they are at the end.
    pub post: Vec<Condition>,
    /// A declaration whose definition is another entry: nothing calls it, and nothing is to be emitted.
    pub is_forward: bool,
    /// What it may do.
    pub effects: Effects,
    /// Doc comment.
    pub documentation: Documentation,
}

/// One name of an enumeration.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// The number that a cast to an integer gives.
    pub value: i64,
    /// Doc comment.
    pub documentation: Documentation,
}

/// An enumeration. Values are ordered by their numbers.
#[derive(Clone, Debug)]
pub struct Enumeration {
    /// The name, without modules.
    pub name: String,
    /// Where the name is declared.
    pub span: Span,
    /// The module it stands in.
    pub module: ModuleId,
    /// The names; at least one. The first is the initial value of variables.
    pub variants: Vec<Variant>,
    /// Doc comment.
    pub documentation: Documentation,
}

/// A constant or variable outside classes and functions.
#[derive(Clone, Debug)]
pub struct Global {
    /// The name, without modules.
    pub name: String,
    /// Where the name is declared.
    pub span: Span,
    /// The module it stands in.
    pub module: ModuleId,
    /// The type.
    pub ty: Type,
    /// A constant: never assigned to, and usable in server classes.
    pub is_const: bool,
    /// The constant length if the type is an array.
    pub length: Option<u64>,
    /// The value if the compiler could compute it.
    pub value: Option<Literal>,
    /// The initial value; none for a variable that starts as its type's zero.
    pub init: Option<Expr>,
    /// Variables of the initial value's expression: none, but an expression's `accept` may have blocks.
    pub body: Body,
    /// Doc comment.
    pub documentation: Documentation,
}

/// A type name.
#[derive(Clone, Debug)]
pub struct Typedef {
    /// The name, without modules.
    pub name: String,
    /// Where the name is declared.
    pub span: Span,
    /// The module it stands in.
    pub module: ModuleId,
    /// What it stands for.
    pub ty: Type,
    /// Doc comment.
    pub documentation: Documentation,
}
