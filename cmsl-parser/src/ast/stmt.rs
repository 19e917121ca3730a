//! Statements.

use super::{BinaryOp, Expr, Name, Type, Variables};
use crate::Span;

/// `{ … }`
#[derive(Debug, Clone)]
pub struct Block {
    /// The statements.
    pub statements: Vec<Stmt>,
    /// From brace to brace.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Stmt {
    /// Which statement.
    pub kind: StmtKind,
    /// From its first token to its last.
    pub span: Span,
}

/// The statements.
#[derive(Debug, Clone)]
pub enum StmtKind {
    /// `{ … }`
    Block(Block),
    /// `int n = 3, index;`
    Variables(Variables),
    /// An expression for its effect: a call, a step, an `accept`, …
    Expr(Expr),
    /// `x = e;`, `x += e;`
    Assign {
        /// What is assigned to.
        target: Expr,
        /// The operator before the `=`, if there is one.
        op: Option<BinaryOp>,
        /// Where the whole operator stands.
        op_span: Span,
        /// The value.
        value: Expr,
    },
    /// `if (a) … else if (b) … else …`
    If {
        /// The conditions in order, at least one.
        arms: Vec<IfArm>,
        /// What the last `else` runs.
        otherwise: Option<Box<Stmt>>,
    },
    /// `while (condition) body`
    While {
        /// Tested before each turn.
        condition: Expr,
        /// What is repeated.
        body: Box<Stmt>,
    },
    /// `do body while (condition);`
    DoWhile {
        /// What is repeated.
        body: Box<Stmt>,
        /// Tested after each turn.
        condition: Expr,
    },
    /// `for (;;) body`
    For(Box<For>),
    /// `for (T x : collection) body`
    ForIn(Box<ForIn>),
    /// `for every i, low <= i < high, body`
    ForEvery(Box<ForEvery>),
    /// `switch (subject) { … }`
    Switch(Switch),
    /// `break;`
    Break,
    /// `continue;`
    Continue,
    /// `return e;`
    Return(Option<Expr>),
    /// `try { … } catch (c e) { … }`
    Try {
        /// What is tried.
        body: Block,
        /// The catches in order, at least one.
        catches: Vec<Catch>,
    },
    /// `throw e;`, or `throw;` in a catch.
    Throw(Option<Expr>),
    /// `assert (e);`
    Assert(Expr),
    /// `delete s;`
    Delete(Expr),
    /// `;`
    Empty,
    /// Text that is no statement; it has been reported.
    Error,
}

/// One condition of an `if` and what it runs.
#[derive(Debug, Clone)]
pub struct IfArm {
    /// What is tested.
    pub condition: Expr,
    /// What runs if it holds.
    pub body: Stmt,
}

/// `for (initial; condition; step) body`
#[derive(Debug, Clone)]
pub struct For {
    /// [`StmtKind::Variables`] once, or assignments and expressions, which commas may separate.
    pub initial: Vec<Stmt>,
    /// Tested before each turn.
    pub condition: Option<Expr>,
    /// Assignments and expressions after each turn, which commas may separate.
    pub step: Vec<Stmt>,
    /// What is repeated.
    pub body: Stmt,
}

/// `for (T x : collection) body`
#[derive(Debug, Clone)]
pub struct ForIn {
    /// The type of the variable.
    pub ty: Type,
    /// The variable.
    pub name: Name,
    /// What it runs through.
    pub collection: Expr,
    /// What is repeated.
    pub body: Stmt,
}

/// `for every i, low <= i < high, body`
#[derive(Debug, Clone)]
pub struct ForEvery {
    /// The new variable.
    pub name: Name,
    /// Where it starts.
    pub low: Bound,
    /// Where it ends.
    pub high: Bound,
    /// What is repeated.
    pub body: Stmt,
}

/// One end of the range of a `for every`.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The value.
    pub value: Expr,
    /// `<=` if it holds, else `<`.
    pub inclusive: bool,
}

/// `switch (subject) { … }`
#[derive(Debug, Clone)]
pub struct Switch {
    /// What is looked at.
    pub subject: Expr,
    /// The sections in order.
    pub sections: Vec<SwitchSection>,
}

/// Labels and the statements behind them, which fall through to the next section.
#[derive(Debug, Clone)]
pub struct SwitchSection {
    /// At least one.
    pub labels: Vec<SwitchLabel>,
    /// Up to the next label.
    pub statements: Vec<Stmt>,
}

/// `case 3:` or `default:`
#[derive(Debug, Clone)]
pub struct SwitchLabel {
    /// The value; `default` has none.
    pub value: Option<Expr>,
    /// From the word to the colon.
    pub span: Span,
}

/// `catch (timeout_expired e) { … }`
#[derive(Debug, Clone)]
pub struct Catch {
    /// The class; `catch (...)` has none and takes everything.
    pub class: Option<Type>,
    /// The variable, which may be left out.
    pub name: Option<Name>,
    /// What runs.
    pub body: Block,
    /// From `catch` to the end of the body.
    pub span: Span,
}
