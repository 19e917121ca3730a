//! Rust code under construction: pieces that are cheap to put together, and the templates that make them.
//!
//! A template is Rust with holes: `rust!(#object.read(cx)?.#field)`. What goes into a hole is code of another
//! template or a typed token (a [`Name`], a number, a literal), never text, so that nothing of the source reaches
//! the output unescaped. Code goes into a hole by value: nothing is copied, however deep it is nested.

use std::rc::Rc;

use cmsl_parser::Span;
use proc_macro2::Literal;

use super::token::Token;

/// Code from a template; `#name` is a hole for the variable of that name, and `#(#names,)*` one for the items of a
/// collection with a comma behind each.
macro_rules! rust {
    () => { $crate::format::Tokens::new() };
    (# $hole:ident) => { $crate::format::Append::into_tokens($hole) };
    ($word:ident) => {
        $crate::format::Append::into_tokens(
            const { &$crate::format::Token::of(stringify!($word)) },
        )
    };
    ($($token:tt)*) => {{
        let mut code =
            $crate::format::Tokens::with_capacity(const { $crate::format::rust_count!($($token)*) });
        $crate::format::rust_pairs!(code (@ $($token)*) ($($token)* @));
        code
    }};
}

/// How many tokens a template has.
macro_rules! rust_count {
    ($($token:tt)*) => { 0 $( + $crate::format::rust_size!($token) )* };
}

/// How many tokens a token tree has.
macro_rules! rust_size {
    (( $($inner:tt)* )) => { 2 + $crate::format::rust_count!($($inner)*) };
    ([ $($inner:tt)* ]) => { 2 + $crate::format::rust_count!($($inner)*) };
    ({ $($inner:tt)* }) => { 2 + $crate::format::rust_count!($($inner)*) };
    ($token:tt) => { 1 };
}

/// Looks at each token of a template with the one before it.
macro_rules! rust_pairs {
    ($code:ident ($($before:tt)*) ($($token:tt)*)) => {
        $( $crate::format::rust_token!($code $before $token); )*
    };
}

/// Adds one token of a template.
macro_rules! rust_token {
    ($code:ident # $hole:ident) => { $code.append($hole) };
    ($code:ident # ( # $items:ident , )) => { $code.append_each($items) };
    ($code:ident ( # $items:ident , ) *) => {};
    ($code:ident $before:tt #) => {};
    ($code:ident $before:tt @) => {};
    ($code:ident # !) => {
        $crate::format::rust_fixed!($code "#");
        $crate::format::rust_fixed!($code "!")
    };
    ($code:ident # [doc = $text:literal]) => {
        $code.push(const { &$crate::format::Token::doc($text) })
    };
    ($code:ident # [ $($inner:tt)* ]) => {
        $crate::format::rust_fixed!($code "#");
        $crate::format::rust_token!($code @ [ $($inner)* ])
    };
    ($code:ident $before:tt ( $($inner:tt)* )) => {
        $crate::format::rust_fixed!($code "(");
        $crate::format::rust_pairs!($code (@ $($inner)*) ($($inner)* @));
        $crate::format::rust_fixed!($code ")")
    };
    ($code:ident $before:tt [ $($inner:tt)* ]) => {
        $crate::format::rust_fixed!($code "[");
        $crate::format::rust_pairs!($code (@ $($inner)*) ($($inner)* @));
        $crate::format::rust_fixed!($code "]")
    };
    ($code:ident $before:tt { $($inner:tt)* }) => {
        $crate::format::rust_fixed!($code "{");
        $crate::format::rust_pairs!($code (@ $($inner)*) ($($inner)* @));
        $crate::format::rust_fixed!($code "}")
    };
    ($code:ident $before:tt $token:tt) => { $crate::format::rust_fixed!($code stringify!($token)) };
}

/// Adds a token that is the same in each program.
macro_rules! rust_fixed {
    ($code:ident $text:expr) => {
        $code.push(const { &$crate::format::Token::of($text) })
    };
}

pub(crate) use {rust, rust_count, rust_fixed, rust_pairs, rust_size, rust_token};

/// A part of code.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Fixed(&'static Token),
    Word(Rc<str>),
    Literal(Rc<str>),
    Lifetime(Rc<str>),
    Doc(Rc<str>),
    Position(Span),
    Nested(Vec<Piece>),
}

/// An identifier, escaped if it is a keyword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(Rc<str>);

impl Name {
    /// A name that is no keyword, or an escaped one.
    pub(crate) fn new(text: &str) -> Name {
        debug_assert!(
            text.chars()
                .all(|char| char == '_' || char == '#' || char.is_ascii_alphanumeric()),
            "`{text}` is no identifier"
        );
        Name(text.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Rust code: one piece, which may be a row of them. Code of a single token, like most names and types, takes no
/// memory of its own.
#[derive(Clone, Debug)]
pub(crate) struct Tokens(pub(super) Piece);

impl Default for Tokens {
    fn default() -> Tokens {
        Tokens(Piece::Nested(Vec::new()))
    }
}

/// Code this short is moved into the code around it; longer code is nested.
const INLINE_PIECES_MAX: usize = 3;

impl Tokens {
    pub(crate) fn new() -> Tokens {
        Tokens::default()
    }

    pub(crate) fn with_capacity(pieces: usize) -> Tokens {
        Tokens(Piece::Nested(Vec::with_capacity(pieces)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.0, Piece::Nested(pieces) if pieces.is_empty())
    }

    /// Whether a word occurs.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        fn found(pieces: &[Piece], word: &str) -> bool {
            pieces.iter().any(|piece| match piece {
                Piece::Fixed(token) => token.text == word,
                Piece::Word(text) => **text == *word,
                Piece::Nested(pieces) => found(pieces, word),
                Piece::Literal(_) | Piece::Lifetime(_) | Piece::Doc(_) | Piece::Position(_) => {
                    false
                }
            })
        }
        found(std::slice::from_ref(&self.0), word)
    }

    pub(crate) fn push(&mut self, token: &'static Token) {
        self.pieces().push(Piece::Fixed(token));
    }

    /// The row, to add to.
    fn pieces(&mut self) -> &mut Vec<Piece> {
        if !matches!(self.0, Piece::Nested(_)) {
            let single = std::mem::take(self).0;
            self.0 = Piece::Nested(vec![single]);
        }
        match &mut self.0 {
            Piece::Nested(pieces) => pieces,
            _ => unreachable!("it has just become a row"),
        }
    }

    pub(crate) fn append(&mut self, code: impl Append) {
        code.append_to(self);
    }

    /// Each item with a comma behind it.
    pub(crate) fn append_each<T: Append>(&mut self, items: impl IntoIterator<Item = T>) {
        for item in items {
            self.append(item);
            self.push(const { &Token::of(",") });
        }
    }
}

/// A string literal.
pub(crate) fn string(text: &str) -> Tokens {
    Tokens(Piece::Literal(Literal::string(text).to_string().into()))
}

/// A character literal.
pub(crate) fn character(value: char) -> Tokens {
    Tokens(Piece::Literal(Literal::character(value).to_string().into()))
}

/// A number literal as it is written, without a sign; something else is an error of ours.
pub(crate) fn number(text: &str) -> Tokens {
    debug_assert!(
        text.starts_with(|first: char| first.is_ascii_digit())
            && text.chars().all(|char| char == '.'
                || char == '_'
                || char.is_ascii_alphanumeric()
                || char == '-'),
        "`{text}` is no number"
    );
    Tokens(Piece::Literal(text.into()))
}

/// A label, without its `'`.
pub(crate) fn lifetime(name: &str) -> Tokens {
    Tokens(Piece::Lifetime(format!("'{name}").into()))
}

/// Lines of a doc comment.
pub(crate) fn documentation<'a>(lines: impl IntoIterator<Item = &'a str>) -> Tokens {
    let pieces = lines.into_iter().map(|line| {
        let line = line.trim_end();
        Piece::Doc(if line.is_empty() || line.starts_with(' ') {
            line.into()
        } else {
            format!(" {line}").into()
        })
    });
    Tokens(Piece::Nested(pieces.collect()))
}

/// The marker that says where the next statement comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position(pub Span);

/// Code with commas between.
pub(crate) fn commas<T: Append>(items: impl IntoIterator<Item = T>) -> Tokens {
    separated(items, const { &Token::of(",") })
}

/// A tuple.
pub(crate) fn tuple<T: Append>(items: impl ExactSizeIterator<Item = T>) -> Tokens {
    let is_single = items.len() == 1;
    let items = commas(items);
    if is_single {
        rust!((#items,))
    } else {
        rust!((#items))
    }
}

/// Code with a token between.
pub(crate) fn separated<T: Append>(
    items: impl IntoIterator<Item = T>,
    separator: &'static Token,
) -> Tokens {
    let mut tokens = Tokens::new();
    for item in items {
        if !tokens.is_empty() {
            tokens.push(separator);
        }
        tokens.append(item);
    }
    tokens
}

/// What can go into the hole of a template.
pub(crate) trait Append {
    fn append_to(self, tokens: &mut Tokens);

    /// As code of its own.
    fn into_tokens(self) -> Tokens
    where
        Self: Sized,
    {
        let mut tokens = Tokens::new();
        tokens.append(self);
        tokens
    }
}

impl Append for Tokens {
    fn append_to(self, tokens: &mut Tokens) {
        match self.0 {
            Piece::Nested(pieces) if pieces.len() <= INLINE_PIECES_MAX => {
                tokens.pieces().extend(pieces);
            }
            piece => tokens.pieces().push(piece),
        }
    }

    fn into_tokens(self) -> Tokens {
        self
    }
}

impl Append for &Tokens {
    fn append_to(self, tokens: &mut Tokens) {
        self.clone().append_to(tokens);
    }
}

impl Append for Name {
    fn append_to(self, tokens: &mut Tokens) {
        tokens.pieces().push(Piece::Word(self.0));
    }

    fn into_tokens(self) -> Tokens {
        Tokens(Piece::Word(self.0))
    }
}

impl Append for &Name {
    fn append_to(self, tokens: &mut Tokens) {
        self.clone().append_to(tokens);
    }

    fn into_tokens(self) -> Tokens {
        self.clone().into_tokens()
    }
}

impl Append for &'static Token {
    fn append_to(self, tokens: &mut Tokens) {
        tokens.push(self);
    }

    fn into_tokens(self) -> Tokens {
        Tokens(Piece::Fixed(self))
    }
}

impl Append for Position {
    fn append_to(self, tokens: &mut Tokens) {
        tokens.pieces().push(Piece::Position(self.0));
    }
}

impl Append for bool {
    fn append_to(self, tokens: &mut Tokens) {
        tokens.push(if self {
            const { &Token::of("true") }
        } else {
            const { &Token::of("false") }
        });
    }
}

impl Append for usize {
    fn append_to(self, tokens: &mut Tokens) {
        tokens
            .pieces()
            .push(Piece::Literal(self.to_string().into()));
    }
}

impl Append for u32 {
    fn append_to(self, tokens: &mut Tokens) {
        tokens
            .pieces()
            .push(Piece::Literal(self.to_string().into()));
    }
}

impl Append for i64 {
    fn append_to(self, tokens: &mut Tokens) {
        if self < 0 {
            tokens.push(const { &Token::of("-") });
        }
        self.unsigned_abs().append_to(tokens);
    }
}

impl Append for u64 {
    fn append_to(self, tokens: &mut Tokens) {
        tokens
            .pieces()
            .push(Piece::Literal(self.to_string().into()));
    }
}

impl<T: Append> Append for Option<T> {
    fn append_to(self, tokens: &mut Tokens) {
        if let Some(code) = self {
            code.append_to(tokens);
        }
    }
}

impl<T: Append> Append for Vec<T> {
    fn append_to(self, tokens: &mut Tokens) {
        for code in self {
            code.append_to(tokens);
        }
    }
}

impl<T: Append> FromIterator<T> for Tokens {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Tokens {
        let mut tokens = Tokens::new();
        for item in items {
            tokens.append(item);
        }
        tokens
    }
}

impl<T: Append> Extend<T> for Tokens {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.append(item);
        }
    }
}
