//! Expressions. Operands and arguments are evaluated left to right.

use std::sync::Arc;

use cmsl_parser::Span;

use super::builtin::Builtin;
use super::stmt::Block;
use super::types::{
    ClassId, ConstructorId, EnumId, FieldId, FunctionId, GlobalId, LocalId, MethodId, Type,
};

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// The type of its value.
    pub ty: Type,
    /// Where it stands; a conversion has the span of what it converts.
    pub span: Span,
}

/// A constant value. Its type is the expression's.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// Of type boolean.
    Boolean(bool),
    /// Of type char.
    Char(char),
    /// Of an integer type, and in its range.
    Integer(i128),
    /// Of type float or double; exact for float.
    Float(f64),
    /// Of type string.
    String(Arc<str>),
    /// The variant of an enumeration, by its position.
    Enum(EnumId, u32),
    /// `null`; the type is a class.
    Null,
    /// `ok`, the error that is none.
    Ok,
}

/// An operator with one operand, of the expression's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-` of signed integers (checked), floats, doubles and intervals.
    Negate,
    /// `!` of booleans.
    Not,
    /// `~` of integers.
    Complement,
}

/// An operator that computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`, joining strings too.
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`, of integers, floats and doubles; the sign of the dividend.
    Remainder,
    /// `&` of integers, and of booleans (both evaluated).
    BitAnd,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
    /// `<<`: the right operand has an integer type of its own.
    ShiftLeft,
    /// `>>`
    ShiftRight,
}

/// An operator that compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`: identity of class references and hosts, else equality of content.
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The one that holds of two ordered values where this one does not.
    pub fn opposite(self) -> Comparison {
        match self {
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
            Comparison::Less => Comparison::GreaterOrEqual,
            Comparison::LessOrEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessOrEqual,
            Comparison::GreaterOrEqual => Comparison::Less,
        }
    }
}

/// A change of type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// A number to a number type that holds all values of its own.
    Widen,
    /// Written in the source: between number types, `char` and integers, enums and integers; raises `arithmetic_error`
    /// if the value does not fit. Floats to integers truncate. A float cast to a narrower float rounds.
    Cast,
    /// A reference to a reference of a base class.
    Upcast,
    /// Written in the source: a reference to a reference of a derived class; raises `bad_cast` if an object is not of it. `null` stays `null`.
    Downcast,
    /// An array variable `C name[n]` to a group of type `C`: all n references, nulls kept.
    ArrayToGroup,
    /// A group of type `C` to an array variable's value. Assigning it raises `index_out_of_range` if lengths differ.
    GroupToArray,
    /// An array variable, all at once, whose elements need a conversion of their own (an upcast of a class) to fit
    /// another array's.
    ArrayUpcast,
    /// An element to a list of it alone: what `hosts (h)` needs.
    ListOfOne,
}

/// A link of a long chain: what is done to what was computed so far.
#[derive(Clone, Debug)]
pub struct Link {
    /// The operator.
    pub op: LinkOp,
    /// Its right operand.
    pub operand: Expr,
}

/// The operator of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkOp {
    /// As [`ExprKind::Binary`].
    Compute(BinaryOp),
    /// As [`ExprKind::Compare`].
    Compare(Comparison),
    /// As [`ExprKind::And`].
    And,
    /// As [`ExprKind::Or`].
    Or,
}

/// How the method that runs is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispatch {
    /// Exactly the named method: no class overrides it, or it is called by `base::method ()`. The object is local.
    Exact,
    /// By the dynamic class of a local object.
    Virtual,
    /// The reference may name a server: if it does, the call is a command and arguments go by value; else
    /// as [`Dispatch::Virtual`].
    MaybeServer,
}

/// What a call names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallTarget {
    /// A function.
    Function(FunctionId),
    /// A method.
    Method(MethodId),
    /// A constructor.
    Constructor(ConstructorId),
}

/// The text of `print`, `println` and `format`, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePiece {
    /// Text as it is, braces already single.
    Text(String),
    /// The next argument, formatted.
    Argument,
}

/// A template and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// `print`
    Print,
    /// `println`
    Println,
    /// `format`
    Format,
}

/// How a failed replica behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultModel {
    /// Replicas do not fail.
    Correct,
    /// They stop.
    Crash,
    /// They do anything.
    Byzantine,
}

/// A coordination protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Executive Paxos.
    Executive,
}

/// A `server` expression. What is evaluated is evaluated in the order: constructor's arguments, size, then properties as
/// listed here.
#[derive(Clone, Debug)]
pub struct ServerCreation {
    /// A server class.
    pub class: ClassId,
    /// Its constructor.
    pub constructor: ConstructorId,
    /// The constructor's arguments.
    pub arguments: Vec<Expr>,
    /// The number of servers, a `long`; none makes one server.
    pub size: Option<Expr>,
    /// A `long`.
    pub replicas: Option<Expr>,
    /// A `long`.
    pub tolerance: Option<Expr>,
    /// How many replicas each server will have, if the compiler could compute it.
    pub replicas_known: Option<u32>,
    /// `model`
    pub model: FaultModel,
    /// Each a `list<host>`, in order of preference.
    pub hosts: Vec<Expr>,
    /// `disjoint`
    pub disjoint: bool,
    /// A `long`.
    pub priority: Option<Expr>,
    /// `protocol`, if given.
    pub protocol: Option<Protocol>,
    /// A `string`.
    pub name: Option<Expr>,
    /// A `boolean`; if absent, off for [`FaultModel::Correct`] and on otherwise.
    pub durable: Option<Expr>,
}

/// The timeout of an `accept`.
#[derive(Clone, Debug)]
pub struct Timeout {
    /// A `double`.
    pub seconds: Expr,
    /// Run instead of raising `timeout_expired`; the value is then -1.
    pub block: Option<Block>,
}

/// An `accept` expression: the index (`int`) of the next reply among the first `count` futures.
#[derive(Clone, Debug)]
pub struct Accept {
    /// A future (which counts as an array of one), an array of futures, or a list of futures.
    pub futures: Box<Expr>,
    /// A `long`.
    pub count: Box<Expr>,
    /// The limit.
    pub timeout: Option<Box<Timeout>>,
}

/// What changes: an assignment's left side.
#[derive(Clone, Debug)]
pub struct Place {
    /// The variable.
    pub root: PlaceRoot,
    /// The way from its value to the part that changes; empty for the whole value.
    pub steps: Vec<PlaceStep>,
    /// The type of the variable itself.
    pub root_ty: Type,
    /// The type of the part that changes.
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
}

/// The variable of a place.
#[derive(Clone, Debug)]
pub enum PlaceRoot {
    /// A local.
    Local(LocalId),
    /// A variable outside classes.
    Global(GlobalId),
    /// A state variable of an object (the first of a group); `this` may be left out in the source.
    Field(Box<Expr>, FieldId),
}

/// One step into a value.
#[derive(Clone, Debug)]
pub struct PlaceStep {
    /// Which part.
    pub kind: StepKind,
    /// The type of that part.
    pub ty: Type,
}

/// The part of a value that a step leads to.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// The element of a list or array variable at an index (`long`).
    Index(Expr),
    /// The value of a map's key; raises `no_such_element` if it is absent.
    Key(Expr),
    /// `code` of an `error`.
    ErrorCode,
    /// `message` of an `error`.
    ErrorMessage,
}

/// `++` and `--` used as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOp {
    /// `++x`
    IncrementBefore,
    /// `x++`
    IncrementAfter,
    /// `--x`
    DecrementBefore,
    /// `x--`
    DecrementAfter,
}

/// What an expression computes.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// A variable of the body.
    Local(LocalId),
    /// A constant or variable outside classes. (A constant whose value is known is still this, so that output reads well.)
    Global(GlobalId),
    /// The object whose method or constructor runs.
    This,
    /// A state variable of an object: of the first one of a group.
    Field(Box<Expr>, FieldId),
    /// `e->code`: the number of an `error`, an `int`.
    ErrorCode(Box<Expr>),
    /// `e->message` of an `error`.
    ErrorMessage(Box<Expr>),
    /// `x[i]`, the index a `long`: by the type of `x`, an element of a list or array variable, the i-th char of a
    /// string, or the i-th object of a group.
    Index(Box<Expr>, Box<Expr>),
    /// `m[k]`: the value of a key, as `m.get (k)`.
    MapGet(Box<Expr>, Box<Expr>),
    /// An operator with one operand.
    Unary(UnaryOp, Box<Expr>),
    /// An operator that computes; both operands have the expression's type, but the right one of a shift and
    /// those on dates and times.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// A comparison; both operands have the same type.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `&&`
    And(Box<Expr>, Box<Expr>),
    /// `||`
    Or(Box<Expr>, Box<Expr>),
    /// `a + b + …`, from left to right, where it is long: what stands before, and what each link does to what was
    /// computed so far. All that is computed on the way has the expression's type.
    Chain(Box<Expr>, Vec<Link>),
    /// `?:`; both outcomes have the expression's type.
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A change of type, to the expression's.
    Convert(Conversion, Box<Expr>),
    /// `++` or `--` of a number; its value is used or not.
    Step(StepOp, Box<Place>),
    /// A call of a function.
    Call(FunctionId, Vec<Expr>),
    /// A call of a method.
    CallMethod {
        /// The object: the first one of a group.
        object: Box<Expr>,
        /// The method, as the static class has it.
        method: MethodId,
        /// Its arguments.
        arguments: Vec<Expr>,
        /// How the method that runs is found.
        dispatch: Dispatch,
    },
    /// A call of a predefined function or a method of a predefined type.
    Builtin(Builtin, Vec<Expr>),
    /// `print`, `println`, `format`.
    Template(Template, Vec<TemplatePiece>, Vec<Expr>),
    /// `new C (…)` or `new C [n]`.
    New {
        /// The constructor, which names the class.
        constructor: ConstructorId,
        /// Its arguments, evaluated once.
        arguments: Vec<Expr>,
        /// The number of objects, a `long`; none makes one object.
        size: Option<Box<Expr>>,
    },
    /// `server C …`
    Server(Box<ServerCreation>),
    /// `find<C> (name)`: the running server of that name; raises `no_such_element` if there is none.
    Find(ClassId, Box<Expr>),
    /// `invoke s->m (…)`; of type `future<T>`.
    Invoke {
        /// The server (or a local object of its class).
        object: Box<Expr>,
        /// The method.
        method: MethodId,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
    /// `accept (…)`
    Accept(Accept),
    /// `f->result`
    FutureResult(Box<Expr>),
}
