//! Expressions.

use std::sync::Arc;

use super::{Block, Name, New, Path, Server, Type};
use crate::Span;

/// An expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// Which expression.
    pub kind: ExprKind,
    /// From its first token to its last; parentheses around it are not part of it.
    pub span: Span,
    /// The height of its tree, at most [`EXPRESSION_HEIGHT_MAX`](super::EXPRESSION_HEIGHT_MAX).
    pub height: u16,
    /// Whether it stands in parentheses: `(a) - b` may be a cast of `-b`, which `a - b` is not.
    pub parenthesised: bool,
}

/// The expressions.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// `12`, `1.5`, `'c'`, `"text"`, `true`, `null`
    Literal(Literal),
    /// `this`
    This,
    /// A variable, a constant, an attribute or an enum's value: `limit`, `phase::climb`
    Path(Path),
    /// `-x`, `!x`, `~x`, `+x`
    Unary(UnaryOp, Box<Expr>),
    /// `x++`, `--x`
    Step {
        /// Up or down.
        op: StepOp,
        /// Before or behind the operand.
        fixity: Fixity,
        /// What is stepped.
        operand: Box<Expr>,
    },
    /// `a + b`; chains lean to the left, long ones are an [`ExprKind::Chain`].
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// What stands before it.
        left: Box<Expr>,
        /// What stands behind it.
        right: Box<Expr>,
    },
    /// `a + b + …`, from left to right: so long that a tree of it would be too high.
    Chain {
        /// What stands before the first operator.
        first: Box<Expr>,
        /// The operators and what stands behind each.
        links: Vec<Link>,
    },
    /// `condition ? then : otherwise`
    Conditional {
        /// What decides.
        condition: Box<Expr>,
        /// The value if it holds.
        then: Box<Expr>,
        /// The value if not.
        otherwise: Box<Expr>,
    },
    /// `(double) x`, and `double (x)` for the types that are keywords.
    Cast {
        /// The type.
        ty: Type,
        /// What is converted.
        operand: Box<Expr>,
    },
    /// `f (a, b)`: a function, a method of `this`, or a predefined name such as `host` or `error`.
    Call {
        /// What is called.
        function: Path,
        /// The arguments.
        arguments: Vec<Expr>,
    },
    /// `x->m (a)`, `x.m (a)`
    MethodCall {
        /// The object or the value.
        object: Box<Expr>,
        /// `->` or `.`
        access: MemberAccess,
        /// The method.
        method: Name,
        /// The arguments.
        arguments: Vec<Expr>,
    },
    /// `x->a`, `x.a`, `f->result`
    Field {
        /// The object or the value.
        object: Box<Expr>,
        /// `->` or `.`
        access: MemberAccess,
        /// The attribute.
        field: Name,
    },
    /// `x[i]`
    Index {
        /// The array, the list, the string or the reference.
        object: Box<Expr>,
        /// The index.
        index: Box<Expr>,
    },
    /// `find<C> ("name")`
    Find {
        /// The class.
        class: Type,
        /// The arguments.
        arguments: Vec<Expr>,
    },
    /// `new C (a) [n]`
    New(Box<New>),
    /// `server C (a) [n] replicas (3)`
    Server(Box<Server>),
    /// `invoke s->m (a)`; the operand is always an [`ExprKind::MethodCall`].
    Invoke(Box<Expr>),
    /// `accept (futures, n) timeout (seconds)`
    Accept(Box<Accept>),
    /// Text that is no expression; it has been reported.
    Error,
}

/// A link of a chain: `+ b`.
#[derive(Debug, Clone)]
pub struct Link {
    /// The operator.
    pub op: BinaryOp,
    /// Where it stands.
    pub op_span: Span,
    /// What stands behind it.
    pub operand: Expr,
}

/// A value in the text.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `12`, `0x1f`; a sign before it is an operator.
    Integer(u64),
    /// `1.5`, `2e6`
    Real(f64),
    /// `'c'`
    Char(char),
    /// `"text"`, escapes resolved.
    String(Arc<str>),
    /// `true`, `false`
    Boolean(bool),
    /// `null`
    Null,
}

/// Operators before one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `!`
    Not,
    /// `~`
    Complement,
}

/// Steps by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOp {
    /// `++`
    Increment,
    /// `--`
    Decrement,
}

/// On which side of its operand an operator stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixity {
    /// `++x`
    Prefix,
    /// `x++`
    Postfix,
}

/// How a member is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberAccess {
    /// `->`, through a reference.
    Arrow,
    /// `.`, on a value.
    Dot,
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&`
    BitAnd,
    /// `^`
    BitXor,
    /// `|`
    BitOr,
    /// `&&`
    And,
    /// `||`
    Or,
}

impl BinaryOp {
    /// The operator as it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::BitAnd => "&",
            Self::BitXor => "^",
            Self::BitOr => "|",
            Self::And => "&&",
            Self::Or => "||",
        }
    }

    /// How tightly it binds: C++'s order, the larger the tighter. All lean to the left.
    #[must_use]
    pub fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::BitOr => 3,
            Self::BitXor => 4,
            Self::BitAnd => 5,
            Self::Equal | Self::NotEqual => 6,
            Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual => 7,
            Self::ShiftLeft | Self::ShiftRight => 8,
            Self::Add | Self::Subtract => 9,
            Self::Multiply | Self::Divide | Self::Remainder => 10,
        }
    }
}

impl UnaryOp {
    /// The operator as it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Not => "!",
            Self::Complement => "~",
        }
    }
}

/// `accept (futures, n)`, with or without a timeout.
#[derive(Debug, Clone)]
pub struct Accept {
    /// The futures, or the single one.
    pub futures: Expr,
    /// How many of them.
    pub count: Expr,
    /// What happens if no reply comes in time.
    pub timeout: Option<Timeout>,
}

/// `timeout (seconds)`, which raises, or `timeout (seconds) { … }`, which runs the block.
#[derive(Debug, Clone)]
pub struct Timeout {
    /// How long to wait.
    pub seconds: Expr,
    /// What to run instead of raising.
    pub block: Option<Block>,
    /// All of it.
    pub span: Span,
}
