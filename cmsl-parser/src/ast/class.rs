//! Classes and their members.

use super::{Declarator, Doc, Expr, Function, Path, Type};
use super::{Name, Variables};
use crate::Span;

/// `class track : public thing { … }`
#[derive(Debug, Clone)]
pub struct Class {
    /// The `server` before `class`, if it is there.
    pub server: Option<Span>,
    /// Its name.
    pub name: Name,
    /// The class that it inherits from.
    pub base: Option<Path>,
    /// Its members, in order; `None` for a class that is only declared, `class track;`.
    pub members: Option<Vec<Member>>,
}

/// One member of a class.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its documentation.
    pub doc: Option<Doc>,
    /// Who may use it: what the `public:` or `private:` before it says. Members of an extern class are
    /// public until `private:`.
    pub access: Access,
    /// Which member.
    pub kind: MemberKind,
    /// From its first token to its last.
    pub span: Span,
}

/// Who may use a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// The class itself.
    Private,
}

/// The members.
#[derive(Debug, Clone)]
pub enum MemberKind {
    /// `attribute string callsign;`, `relation flight_plan plan inverse flight_plan::track;`
    Field(Field),
    /// A constructor: a function without a result that has the name of the class.
    Constructor(Function),
    /// A method.
    Method(Function),
    /// `invariant (length(points) <= 4096);`
    Invariant(Expr),
    /// Text that is no member; it has been reported.
    Error,
}

impl MemberKind {
    /// The function, of constructors and methods.
    #[must_use]
    pub fn function(&self) -> Option<&Function> {
        match self {
            Self::Constructor(function) | Self::Method(function) => Some(function),
            Self::Field(_) | Self::Invariant(_) | Self::Error => None,
        }
    }
}

/// State of a class: attributes or relations of one type.
#[derive(Debug, Clone)]
pub struct Field {
    /// The word that introduces it.
    pub keyword: FieldKeyword,
    /// Type, names and initial values; never `const`.
    pub variables: Variables,
    /// The inverse relation, if it is named: class and attribute. Only where there is one declarator.
    pub inverse: Option<Path>,
}

impl Field {
    /// The type of the field.
    #[must_use]
    pub fn ty(&self) -> &Type {
        &self.variables.ty
    }

    /// The names that are declared.
    #[must_use]
    pub fn declarators(&self) -> &[Declarator] {
        &self.variables.declarators
    }
}

/// `attribute` and `relation` may be used interchangeably.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKeyword {
    /// `attribute`
    Attribute,
    /// `relation`
    Relation,
}

/// `pre (p != null)`, `post (last () == p)`
#[derive(Debug, Clone)]
pub struct Contract {
    /// Which of the two.
    pub kind: ContractKind,
    /// The condition; its span is the text that a failure names.
    pub condition: Expr,
    /// All of it.
    pub span: Span,
}

/// When a contract is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractKind {
    /// Before the body.
    Pre,
    /// After the body.
    Post,
}
