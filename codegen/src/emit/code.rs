//! A printed expression and what its surroundings must know of it.

use proc_macro2::TokenStream;
use quote::quote;

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
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub tokens: TokenStream,
    pub level: Level,
    pub cx: Cx,
    /// The value is a place inside the context's heap, not an owned value.
    pub borrows: bool,
    /// The expression without its closing `?`, if that is what it ends in.
    pub outcome: Option<TokenStream>,
}

impl Code {
    pub(super) fn new(tokens: TokenStream, level: Level, cx: Cx) -> Code {
        Code {
            tokens,
            level,
            cx,
            borrows: false,
            outcome: None,
        }
    }

    pub(super) fn atom(tokens: TokenStream, cx: Cx) -> Code {
        Code::new(tokens, Level::Atom, cx)
    }

    /// An expression that gives an `Outcome`, with `?` behind it.
    pub(super) fn fallible(outcome: TokenStream, cx: Cx) -> Code {
        Code {
            tokens: quote!(#outcome?),
            level: Level::Atom,
            cx,
            borrows: false,
            outcome: Some(outcome),
        }
    }

    /// The expression as an operand of an operator of this level.
    pub(super) fn at_least(&self, level: Level) -> TokenStream {
        let tokens = &self.tokens;
        if self.level < level {
            quote!((#tokens))
        } else {
            tokens.clone()
        }
    }

    /// The expression before a `.`
    pub(super) fn receiver(&self) -> TokenStream {
        self.at_least(Level::Atom)
    }

    /// The expression behind `&`.
    pub(super) fn reference(&self) -> TokenStream {
        let operand = self.at_least(Level::Unary);
        quote!(&#operand)
    }
}
