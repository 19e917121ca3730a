//! Statements.

use cmsl_parser::Span;

use super::expr::{BinaryOp, Expr, ExprKind, Literal, Place};
use super::types::{ClassId, LocalId};

/// Statements in order. A block is a scope, but locals have ids of their own, so that scopes matter to
/// readable output only.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// The statements.
    pub statements: Vec<Stmt>,
    /// From the opening to the closing brace.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// Where it stands.
    pub span: Span,
}

/// Names a loop or `switch` of a body, for `break` and `continue`; unique in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub u32);

/// How an assignment changes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignOp {
    /// `=`
    Set,
    /// `op=`: the place is read, the operator applied, and the outcome stored; objects and indexes of the
    /// place are evaluated once. The value has the place's type, but for shifts (any integer) and dates and
    /// times. For strings, `+=` joins.
    Compute(BinaryOp),
}

/// What changes a collection in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// `list.append (element)`
    ListAppend,
    /// `list.insert (index, element)`: before the index; at the length, appends.
    ListInsert,
    /// `list.remove (index)`
    ListRemove,
    /// `list.clear ()`
    ListClear,
    /// `set.insert (element)`
    SetInsert,
    /// `set.remove (element)`: nothing if absent.
    SetRemove,
    /// `set.clear ()`
    SetClear,
    /// `bag.insert (element)`
    BagInsert,
    /// `bag.remove (element)`: one occurrence; nothing if absent.
    BagRemove,
    /// `bag.clear ()`
    BagClear,
    /// `map.set (key, value)`; `map[key] = value` is this too, so no [`StmtKind::Assign`] ends in a key but with `op=`.
    MapSet,
    /// `map.remove (key)`: nothing if absent.
    MapRemove,
    /// `map.clear ()`
    MapClear,
}

/// One arm of a `switch`.
#[derive(Clone, Debug)]
pub struct SwitchCase {
    /// The constants that select it, of the type of the switch's value.
    pub values: Vec<Literal>,
    /// It is (also) the default.
    pub is_default: bool,
    /// The code, without its closing `break`; it has one only where it ends inside another statement.
    pub body: Block,
    /// Control runs on into the next arm at its end.
    pub falls_through: bool,
}

/// One `catch`.
#[derive(Clone, Debug)]
pub struct Catch {
    /// The class caught, subclasses included; it derives from `exception`.
    pub class: ClassId,
    /// The variable that names the exception.
    pub local: Option<LocalId>,
    /// The code.
    pub body: Block,
}

/// What a statement does.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// A declaration of one variable.
    Declare {
        /// The variable.
        local: LocalId,
        /// The number of elements, an integer (`long`), if it is an array.
        length: Option<Expr>,
        /// The value; without one the variable starts as its type's zero.
        init: Option<Expr>,
    },
    /// An expression for its effect; its value, if any, is dropped.
    Expr(Expr),
    /// An assignment. The place's objects and indexes are evaluated first, then the value.
    Assign {
        /// What changes.
        place: Place,
        /// How.
        op: AssignOp,
        /// The value. For [`AssignOp::Set`] of the place's type.
        value: Expr,
    },
    /// A change of a collection in place.
    Mutate {
        /// The collection.
        place: Place,
        /// The change.
        mutation: Mutation,
        /// Its arguments, of the element's, key's or index's (`long`) type.
        arguments: Vec<Expr>,
    },
    /// A block of its own.
    Block(Block),
    /// `if`
    If {
        /// Of type boolean.
        condition: Expr,
        /// When true.
        then: Block,
        /// When false.
        otherwise: Option<Block>,
    },
    /// `while`
    While {
        /// For `break` and `continue`.
        label: Label,
        /// Of type boolean.
        condition: Expr,
        /// The loop's body.
        body: Block,
    },
    /// `do … while`
    DoWhile {
        /// For `break` and `continue`; `continue` goes to the condition.
        label: Label,
        /// The loop's body.
        body: Block,
        /// Of type boolean.
        condition: Expr,
    },
    /// `for (;;)`
    For {
        /// For `break` and `continue`; `continue` goes to the step.
        label: Label,
        /// What is done first: declarations, assignments or expressions.
        init: Vec<Stmt>,
        /// Of type boolean; none is `true`.
        condition: Option<Expr>,
        /// What is done after each round.
        step: Vec<Stmt>,
        /// The loop's body.
        body: Block,
    },
    /// `for (T x : collection)`: over a copy of the collection taken before the first round. A map gives its
    /// keys, a string its chars, a class reference its objects, an array its elements.
    ForEach {
        /// For `break` and `continue`.
        label: Label,
        /// The element.
        local: LocalId,
        /// The element needs this conversion from the collection's element type to the local's, if any.
        conversion: Option<super::expr::Conversion>,
        /// The collection.
        collection: Expr,
        /// The loop's body.
        body: Block,
    },
    /// `for every i, low <= i < high, body`: bounds are evaluated once, `i` is new in each round and ascends.
    ForEvery {
        /// For `break` and `continue`.
        label: Label,
        /// The index, of the bounds' type.
        local: LocalId,
        /// The lower bound.
        low: Expr,
        /// The first value is above `low`: written `low < i`.
        low_exclusive: bool,
        /// The upper bound.
        high: Expr,
        /// The last value may be `high`: written `i <= high`.
        high_inclusive: bool,
        /// The loop's body.
        body: Block,
    },
    /// `switch`. One on an enum that names each value and has no default covers everything.
    Switch {
        /// For `break`.
        label: Label,
        /// An integer, char, enum or string.
        value: Expr,
        /// The arms.
        cases: Vec<SwitchCase>,
    },
    /// Leaves the loop or switch.
    Break(Label),
    /// Goes to the next round of the loop.
    Continue(Label),
    /// Leaves the function; in a constructor and for `void` without a value.
    Return(Option<Expr>),
    /// `try`
    Try {
        /// The code that may raise.
        body: Block,
        /// Tried in order; at least one.
        catches: Vec<Catch>,
    },
    /// `throw object`
    Throw(Expr),
    /// `throw` in a `catch`: the exception being handled by the innermost one, thrown on.
    Rethrow,
    /// `assert`; raises `assertion_failed` with the text.
    Assert {
        /// Of type boolean.
        condition: Expr,
        /// Its text in the source.
        text: String,
    },
    /// `delete server`; of a local object it does nothing.
    Delete(Expr),
}

impl Stmt {
    /// Whether it is the creation or use of a value whose outcome nobody takes.
    #[must_use]
    pub fn drops_value(&self) -> bool {
        match &self.kind {
            StmtKind::Expr(expr) => {
                expr.ty != super::types::Type::Void && !matches!(expr.kind, ExprKind::Step { .. })
            }
            _ => false,
        }
    }
}
