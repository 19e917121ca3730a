//! Creation of objects and of servers.

use super::{Expr, Name, Path};
use crate::Span;

/// `new track (a, b) [n]`
#[derive(Debug, Clone)]
pub struct New {
    /// The class.
    pub class: Path,
    /// The constructor's arguments; empty where they are left out.
    pub arguments: Vec<Expr>,
    /// How many objects, if an array is asked for.
    pub size: Option<Expr>,
}

/// `server database (a, b) [n] property*`
#[derive(Debug, Clone)]
pub struct Server {
    /// The class.
    pub class: Path,
    /// The constructor's arguments; empty where they are left out.
    pub arguments: Vec<Expr>,
    /// How many servers, if an array is asked for.
    pub size: Option<Expr>,
    /// The properties as written; one may occur twice.
    pub properties: Vec<Property>,
}

/// One property of a server.
#[derive(Debug, Clone)]
pub struct Property {
    /// Which property, with its argument.
    pub kind: PropertyKind,
    /// The word that names it, as spelt (`tolerance` or `tolerate`).
    pub name: Name,
    /// Word and argument.
    pub span: Span,
}

/// The properties of servers.
#[derive(Debug, Clone)]
pub enum PropertyKind {
    /// `replicas (n)`
    Replicas(Expr),
    /// `tolerance (t)`, `tolerate (t)`
    Tolerance(Expr),
    /// `model crash`
    Model(FailureModel),
    /// `hosts (h1, h2)`
    Hosts(Vec<Expr>),
    /// `disjoint`
    Disjoint,
    /// `priority (p)`
    Priority(Expr),
    /// `protocol executive`: any name; which ones exist is not the parser's knowledge.
    Protocol(Name),
    /// `name ("radar")`
    Name(Expr),
    /// `durable`, or `durable (condition)`
    Durable(Option<Expr>),
    /// No property; it has been reported.
    Error,
}

/// How failed replicas behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureModel {
    /// They do not fail.
    Correct,
    /// They stop.
    Crash,
    /// They do anything.
    Byzantine,
}
