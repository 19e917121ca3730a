//! The syntax tree: what the text says, with nothing resolved.
//!
//! Every node knows its [`Span`](crate::Span). Parentheses leave no node. Nesting is bounded by the
//! parser ([`NESTING_MAX`], [`EXPRESSION_HEIGHT_MAX`]), so that recursion over a tree is safe and a tree
//! may be dropped recursively. Where the text was wrong an `Error` node stands, and a diagnostic has been
//! reported: later phases pass over it in silence.

mod class;
mod expr;
mod item;
mod name;
mod server;
mod stmt;
mod ty;

pub use class::{Access, Class, Contract, ContractKind, Field, FieldKeyword, Member, MemberKind};
pub use expr::{
    Accept, BinaryOp, Expr, ExprKind, Fixity, Link, Literal, MemberAccess, StepOp, Timeout, UnaryOp,
};
pub use item::{
    BaseCall, Comment, CommentKind, Declarator, Doc, Enum, EnumValue, Extern, File, Function,
    Import, Item, ItemKind, Module, Parameter, Typedef, Using, Variables,
};
pub use name::{Name, Path};
pub use server::{FailureModel, New, Property, PropertyKind, Server};
pub use stmt::{
    Block, Bound, Catch, For, ForEvery, ForIn, IfArm, Stmt, StmtKind, Switch, SwitchLabel,
    SwitchSection,
};
pub use ty::{Type, TypeKind};

/// How deep brackets, types and statements without braces may nest.
pub const NESTING_MAX: usize = 256;

/// How high an expression's tree may grow; a long chain `a + b + c` is flat, and counts as one level.
pub const EXPRESSION_HEIGHT_MAX: usize = 512;
