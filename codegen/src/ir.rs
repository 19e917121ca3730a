//! The intermediate representation: a program that is known to be right.
//!
//! Everything in it is resolved (ids instead of names, overloads chosen), typed (each expression has
//! its type and its span) and explicit (widenings, casts and conversions between one, many and arrays
//! are nodes of their own). Emission decides nothing about meaning: it only writes down what is here.
//!
//! What stays implicit, because the runtime does it at each use: null checks, index checks, overflow
//! checks, taking the first object of a group where one object is needed, and keeping inverses (a write
//! to a field whose [`Field::inverse`] is set updates the other side too).
//!
//! Tables are vectors that are indexed by ids; declarations stand in the order of the source, so
//! iterating a table gives the same order each time. It must not know of Rust.

mod builtin;
mod effects;
mod expr;
mod items;
mod program;
mod stmt;
mod types;
mod visit;

pub use builtin::Builtin;
pub use effects::Effects;
pub use expr::{
    Accept, BinaryOp, CallTarget, Comparison, Conversion, Dispatch, Expr, ExprKind, FaultModel,
    Link, LinkOp, Literal, Place, PlaceRoot, PlaceStep, Protocol, ServerCreation, StepKind, StepOp,
    Template, TemplatePiece, Timeout, UnaryOp,
};
pub use items::{
    Body, Class, ClassKind, Condition, Constructor, Documentation, Enumeration, Field, Function,
    Global, Local, Method, Module, Multiplicity, PredefinedClass, Typedef, Variant,
};
pub use program::{Obstacle, Program, ServerLoop};
pub use stmt::{AssignOp, Block, Catch, Label, Mutation, Stmt, StmtKind, SwitchCase};
pub use types::{
    ClassId, ConstructorId, EnumId, FieldId, FunctionId, GlobalId, LocalId, MethodId, ModuleId,
    Type, TypeId, Types,
};
