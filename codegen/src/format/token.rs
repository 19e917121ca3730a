//! The tokens of printed Rust, and between which of them a space stands.
//!
//! In templates `<` and `>` are always the brackets of generics, `&`, `*`, `-` always stand before an operand, and
//! `|` always encloses a closure's parameters: the operators of the same look are made by [`Token::sign`].

/// What a token is, as far as layout asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, or a keyword that reads like one (`self`, `crate`, `pub`).
    Word,
    /// A keyword after which an expression or type begins: `let`, `mut`, `in`, `as`, …
    Keyword,
    Break,
    Const,
    Else,
    Enum,
    Fn,
    For,
    If,
    Impl,
    Let,
    Loop,
    Match,
    Mod,
    Return,
    Static,
    Struct,
    Use,
    While,
    Literal,
    Lifetime,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    Semicolon,
    Colon,
    /// `::`
    Path,
    Dot,
    Question,
    /// `&`, `*`, `-` before an operand.
    Prefix,
    /// `!` before an operand, or behind a macro's name.
    Bang,
    /// `|` around the parameters of a closure.
    Bar,
    /// `||` of a closure without parameters.
    Bars,
    /// `<` of generics.
    LeftAngle,
    /// `>` or `>>` of generics.
    RightAngle,
    /// An operator between operands.
    Sign,
    /// `=`, `+=`, …
    Assign,
    /// `->`
    Arrow,
    /// `=>`
    FatArrow,
    /// `..` or `..=`
    Range,
    Hash,
    /// A line of a doc comment: the text behind `///` or `//!`.
    Doc,
    InnerDoc,
    /// Where the next statement comes from; nothing is printed.
    Position,
}

/// A token that is the same in each program.
#[derive(Debug)]
pub(crate) struct Token {
    pub text: &'static str,
    pub kind: Kind,
}

impl Token {
    /// A token of a template.
    pub(crate) const fn of(text: &'static str) -> Token {
        Token {
            text,
            kind: classify(text),
        }
    }

    /// A line of a doc comment in a template.
    pub(crate) const fn doc(text: &'static str) -> Token {
        Token {
            text,
            kind: Kind::Doc,
        }
    }

    /// A token between two operands.
    pub(crate) const fn sign(text: &'static str) -> Token {
        Token {
            text,
            kind: Kind::Sign,
        }
    }
}

const fn classify(text: &str) -> Kind {
    match text.as_bytes() {
        b"break" => Kind::Break,
        b"const" => Kind::Const,
        b"else" => Kind::Else,
        b"enum" => Kind::Enum,
        b"fn" => Kind::Fn,
        b"for" => Kind::For,
        b"if" => Kind::If,
        b"impl" => Kind::Impl,
        b"let" => Kind::Let,
        b"loop" => Kind::Loop,
        b"match" => Kind::Match,
        b"mod" => Kind::Mod,
        b"return" => Kind::Return,
        b"static" => Kind::Static,
        b"struct" => Kind::Struct,
        b"use" => Kind::Use,
        b"while" => Kind::While,
        b"as" | b"dyn" | b"in" | b"move" | b"mut" | b"ref" | b"where" => Kind::Keyword,
        b"(" => Kind::OpenParen,
        b")" => Kind::CloseParen,
        b"[" => Kind::OpenBracket,
        b"]" => Kind::CloseBracket,
        b"{" => Kind::OpenBrace,
        b"}" => Kind::CloseBrace,
        b"," => Kind::Comma,
        b";" => Kind::Semicolon,
        b":" => Kind::Colon,
        b"::" => Kind::Path,
        b"." => Kind::Dot,
        b"?" => Kind::Question,
        b"&" | b"*" | b"-" => Kind::Prefix,
        b"!" => Kind::Bang,
        b"|" => Kind::Bar,
        b"||" => Kind::Bars,
        b"<" => Kind::LeftAngle,
        b">" | b">>" => Kind::RightAngle,
        b"=" | b"+=" | b"-=" | b"*=" | b"/=" | b"%=" | b"&=" | b"|=" | b"^=" => Kind::Assign,
        b"->" => Kind::Arrow,
        b"=>" => Kind::FatArrow,
        b".." | b"..=" => Kind::Range,
        b"#" => Kind::Hash,
        [b'0'..=b'9' | b'"', ..] => Kind::Literal,
        [b'\'', .., b'\''] => Kind::Literal,
        [b'\'', ..] => Kind::Lifetime,
        [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => Kind::Word,
        _ => Kind::Sign,
    }
}

impl Kind {
    pub(crate) fn opens(self) -> bool {
        matches!(self, Kind::OpenParen | Kind::OpenBracket | Kind::OpenBrace)
    }

    pub(crate) fn closes(self) -> bool {
        matches!(
            self,
            Kind::CloseParen | Kind::CloseBracket | Kind::CloseBrace
        )
    }

    /// Whether an operand may end with such a token: what follows is behind it or between operands.
    pub(crate) fn ends_operand(self) -> bool {
        matches!(
            self,
            Kind::Word
                | Kind::Literal
                | Kind::CloseParen
                | Kind::CloseBracket
                | Kind::CloseBrace
                | Kind::Question
                | Kind::RightAngle
        )
    }

    /// Whether nothing but a marker of lines stands here.
    pub(crate) fn is_marker(self) -> bool {
        matches!(self, Kind::Doc | Kind::InnerDoc | Kind::Position)
    }
}

/// Whether a space stands between two tokens on one line. `opens_parameters`: the first one is the `|` before a
/// closure's parameters.
pub(crate) fn spaced(before: Kind, after: Kind, opens_parameters: bool) -> bool {
    use Kind as K;
    match before {
        K::OpenParen
        | K::OpenBracket
        | K::Prefix
        | K::Bang
        | K::Dot
        | K::Path
        | K::LeftAngle
        | K::Range
        | K::Hash => return false,
        K::Bar if opens_parameters => return false,
        K::OpenBrace => return after != K::CloseBrace,
        _ => {}
    }
    match after {
        K::Comma
        | K::Semicolon
        | K::Colon
        | K::Dot
        | K::Question
        | K::CloseParen
        | K::CloseBracket
        | K::RightAngle
        | K::LeftAngle
        | K::Range => false,
        K::OpenParen | K::OpenBracket | K::Path => !before.ends_operand(),
        K::Bang => !matches!(before, K::Word),
        K::Bar => !matches!(before, K::Word | K::CloseParen | K::RightAngle),
        _ => true,
    }
}
