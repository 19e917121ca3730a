//! A printed expression and what its surroundings must know of it.

use crate::format::{Token, Tokens, rust};

/// How tightly an expression binds; an operand that binds less tightly than its operator gets parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// A block, `if`, `match`, or `as`.
    Block,
    Or,
    And,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Add,
    Multiply,
    Unary,
    Atom,
}

/// What evaluating an expression does with the context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cx {
    /// Nothing.
    Unused,
    /// Borrows it shared.
    Reads,
    /// Borrows it mutably: nothing borrowed from it before can be used after.
    Writes,
}

/// A printed expression.
#[derive(Debug)]
pub(super) struct Code {
    /// Without the `?` that belongs behind it.
    tokens: Tokens,
    /// It gives an `Outcome`, and a `?` belongs behind it.
    is_fallible: bool,
    pub level: Level,
    pub cx: Cx,
    /// The value is a place inside the context's heap, not an owned value.
    pub borrows: bool,
}

impl Code {
    pub(super) fn new(tokens: Tokens, level: Level, cx: Cx) -> Code {
        Code {
            tokens,
            is_fallible: false,
            level,
            cx,
            borrows: false,
        }
    }

    pub(super) fn atom(tokens: Tokens, cx: Cx) -> Code {
        Code::new(tokens, Level::Atom, cx)
    }

    /// An expression that gives an `Outcome`.
    pub(super) fn fallible(outcome: Tokens, cx: Cx) -> Code {
        Code {
            is_fallible: true,
            ..Code::atom(outcome, cx)
        }
    }

    /// Whether the value is a place inside the context's heap.
    pub(super) fn borrowing(self, borrows: bool) -> Code {
        Code { borrows, ..self }
    }

    /// The value of the expression.
    pub(super) fn value(self) -> Tokens {
        let tokens = self.tokens;
        if self.is_fallible {
            rust!(#tokens?)
        } else {
            tokens
        }
    }

    /// Whether a `?` ends the expression.
    pub(super) fn is_fallible(&self) -> bool {
        self.is_fallible
    }

    /// The expression as an `Outcome`.
    pub(super) fn outcome(self) -> Tokens {
        let tokens = self.tokens;
        if self.is_fallible {
            tokens
        } else {
            rust!(Ok(#tokens))
        }
    }

    /// The expression as an operand of an operator of this level.
    pub(super) fn at_least(self, level: Level) -> Tokens {
        let is_looser = self.level < level;
        let tokens = self.value();
        if is_looser { rust!((#tokens)) } else { tokens }
    }

    /// The expression before a `.`
    pub(super) fn receiver(self) -> Tokens {
        self.at_least(Level::Atom)
    }

    /// The expression behind `&`.
    pub(super) fn reference(self) -> Tokens {
        let operand = self.at_least(Level::Unary);
        rust!(&#operand)
    }
}

/// The name of the context as a parameter of code.
pub(super) fn cx_of(code: &Tokens) -> &'static Token {
    if code.mentions("cx") {
        const { &Token::of("cx") }
    } else {
        const { &Token::of("_cx") }
    }
}

/// The name of the object as a parameter of code.
pub(super) fn this_of(code: &Tokens) -> &'static Token {
    if code.mentions("this") {
        const { &Token::of("this") }
    } else {
        const { &Token::of("_this") }
    }
}
