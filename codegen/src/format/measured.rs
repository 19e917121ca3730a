//! Code as a flat row of tokens, each with what layout asks of it in one step: how wide a range is on one line, and
//! whether it may stand on one line at all.

use cmsl_parser::Span;

use super::token::{Kind, spaced};
use super::tokens::{Piece, Tokens};

/// What a pair of brackets encloses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Anything without a role, and all other tokens.
    None,
    /// Arguments of a call or macro, items of a tuple.
    Arguments,
    /// Parameters of a function.
    Parameters,
    /// Statements.
    Block,
    /// Arms of a `match`.
    Arms,
    /// Fields of a value.
    Fields,
    /// Fields or variants that are declared.
    Declared,
    /// Items.
    Items,
}

/// A token in its row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured<'a> {
    pub text: &'a str,
    pub kind: Kind,
    pub role: Role,
    /// A space stands before it.
    pub is_spaced: bool,
    /// Of a bracket, the other one; of a position, its index.
    pub pair: u32,
    /// The width of the row up to the token's end.
    end: u32,
    /// How many reasons to break lines there are in the row up to the token's end.
    breaks: u32,
    /// One of them is that the chain of calls which ends here is too long.
    ends_long_chain: bool,
}

/// A row of tokens.
pub(super) struct Row<'a> {
    pub tokens: Vec<Measured<'a>>,
    pub spans: Vec<Span>,
}

/// The widest that rustfmt lets these be on one line.
const ARGUMENTS_WIDTH_MAX: u32 = super::layout::ARGUMENTS_WIDTH_MAX as u32;
const CHAIN_WIDTH_MAX: u32 = 60;
const FIELDS_WIDTH_MAX: u32 = 18;
const CHOICE_WIDTH_MAX: u32 = 50;

impl Row<'_> {
    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    pub(super) fn pair(&self, at: usize) -> usize {
        self.tokens.get(at).map_or(at, |token| token.pair as usize)
    }

    /// The width of a range on one line.
    pub(super) fn width(&self, from: usize, to: usize) -> usize {
        let (Some(first), Some(last)) =
            (self.tokens.get(from), self.tokens.get(to.wrapping_sub(1)))
        else {
            return 0;
        };
        if from >= to {
            return 0;
        }
        (last.end + width_of(first.text, first.kind) - first.end) as usize
    }

    /// The `(` of a call that is the first argument between brackets: `f(&g(…)?)`. It is the only argument if
    /// nothing follows.
    pub(super) fn nested_call(&self, open: usize) -> Option<usize> {
        let mut at = open + 1;
        while matches!(self.kind(at), Some(Kind::Prefix | Kind::Bang)) {
            at += 1;
        }
        let start = at;
        while matches!(
            self.kind(at),
            Some(
                Kind::Word
                    | Kind::Path
                    | Kind::LeftAngle
                    | Kind::RightAngle
                    | Kind::Comma
                    | Kind::Bang
            )
        ) {
            at += 1;
        }
        (at > start && self.kind(at) == Some(Kind::OpenParen)).then_some(at)
    }

    /// Whether a range has to be broken into lines.
    pub(super) fn is_broken(&self, from: usize, to: usize) -> bool {
        let count = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| self.tokens.get(at));
            before.map_or(0, |token| token.breaks)
        };
        if from >= to {
            return false;
        }
        // A link of a chain is not to blame for the length of the whole.
        let is_link = self.kind(from) == Some(Kind::Dot);
        let last = self.tokens.get(to - 1);
        let blameless = u32::from(is_link && last.is_some_and(|token| token.ends_long_chain));
        count(to) - blameless > count(from)
    }
}

/// How many columns a token takes. Only literals have characters of more than a byte.
fn width_of(text: &str, kind: Kind) -> u32 {
    let width = if kind == Kind::Literal {
        text.chars().count()
    } else {
        text.len()
    };
    u32::try_from(width).unwrap_or(u32::MAX / 4)
}

/// Room for the tokens of most items.
const TOKENS_EXPECTED: usize = 512;

/// Where there is no token.
const NOWHERE: u32 = u32::MAX;

/// An open bracket, and what is known of what it encloses so far. There is one at each bracket, so it is kept small.
#[derive(Clone, Copy)]
struct Frame {
    open: u32,
    commas: u32,
    /// The first token of the operand that may become a chain of calls, and the dots of that.
    chain: u32,
    dots: u32,
    /// The `if` of a value.
    choice: u32,
    /// Its `else` has come.
    has_else: bool,
    role: Role,
    /// What the next `{` encloses, if a keyword said so.
    next_brace: Role,
    /// The next `(` encloses parameters of a function.
    is_signature: bool,
    /// Inside the parameters of a closure.
    is_in_bars: bool,
    has_dots_or_signs: bool,
    has_statements: bool,
}

impl Frame {
    fn new(open: u32, role: Role) -> Frame {
        Frame {
            open,
            commas: 0,
            chain: NOWHERE,
            dots: 0,
            choice: NOWHERE,
            has_else: false,
            role,
            next_brace: Role::None,
            is_signature: false,
            is_in_bars: false,
            has_dots_or_signs: false,
            has_statements: false,
        }
    }
}

/// Makes a row of code.
pub(super) fn measure(code: &Tokens) -> Row<'_> {
    let mut builder = Builder {
        row: Row {
            tokens: Vec::with_capacity(TOKENS_EXPECTED),
            spans: Vec::new(),
        },
        frames: Vec::with_capacity(16),
        frame: Frame::new(0, Role::Items),
        before: None,
        end: 0,
        breaks: 0,
    };
    builder.add(std::slice::from_ref(&code.0));
    builder.row
}

struct Builder<'a> {
    row: Row<'a>,
    frames: Vec<Frame>,
    frame: Frame,
    /// The token before, markers left out, and whether it is the `|` before parameters.
    before: Option<(Kind, bool)>,
    end: u32,
    breaks: u32,
}

impl<'a> Builder<'a> {
    fn add(&mut self, pieces: &'a [Piece]) {
        for piece in pieces {
            match piece {
                Piece::Fixed(token) => self.token(token.text, token.kind),
                Piece::Word(text) => self.token(text, Kind::Word),
                Piece::Literal(text) => self.token(text, Kind::Literal),
                Piece::Lifetime(text) => self.token(text, Kind::Lifetime),
                Piece::Doc(text) => self.token(text, Kind::Doc),
                Piece::Position(span) => {
                    let index = self.row.spans.len();
                    self.row.spans.push(*span);
                    self.marker("", Kind::Position, index);
                }
                Piece::Nested(pieces) => self.add(pieces),
            }
        }
    }

    /// Something that is not a token of a line, but stands on or before one of its own.
    fn marker(&mut self, text: &'a str, kind: Kind, index: usize) {
        self.breaks += 1;
        self.frame.has_statements = true;
        self.push(text, kind, Role::None, false, index);
    }

    fn push(&mut self, text: &'a str, kind: Kind, role: Role, is_spaced: bool, pair: usize) {
        self.row.tokens.push(Measured {
            text,
            kind,
            role,
            is_spaced,
            pair: u32::try_from(pair).unwrap_or(u32::MAX),
            end: self.end,
            breaks: self.breaks,
            ends_long_chain: false,
        });
    }

    fn token(&mut self, text: &'a str, kind: Kind) {
        if kind.is_marker() {
            self.marker(text, kind, 0);
            return;
        }
        let at = self.row.tokens.len();
        let is_spaced = self
            .before
            .is_some_and(|(before, opens)| spaced(before, kind, opens));
        if kind.closes() {
            self.end_chain(at);
            let opened = self.frame.open as usize;
            let role = self.frame.role;
            let is_spaced = is_spaced && kind == Kind::CloseBrace;
            self.end += u32::from(is_spaced) + 1;
            if self.must_break(at) {
                self.breaks += 1;
            }
            self.frame = self.frames.pop().unwrap_or(Frame::new(0, Role::Items));
            self.push(text, kind, role, is_spaced, opened);
            if let Some(open) = self.row.tokens.get_mut(opened) {
                open.pair = u32::try_from(at).unwrap_or(u32::MAX);
            }
            if kind == Kind::CloseBrace {
                self.end_choice(at);
            }
            self.before = Some((kind, false));
            return;
        }
        self.end += u32::from(is_spaced) + width_of(text, kind);
        let role = self.note(kind, at);
        self.push(text, kind, role, is_spaced, 0);
        let opens_parameters = kind == Kind::Bar && self.frame.is_in_bars;
        self.before = Some((kind, opens_parameters));
        if kind.opens() {
            self.frames.push(self.frame);
            self.frame = Frame::new(u32::try_from(at).unwrap_or(NOWHERE), role);
        }
    }

    /// Takes notice of a token; says what it encloses if it is an open bracket.
    fn note(&mut self, kind: Kind, at: usize) -> Role {
        let before = self.before.map(|(kind, _)| kind);
        self.follow_chain(kind, before, at);
        let frame = &mut self.frame;
        match kind {
            Kind::Match => frame.next_brace = Role::Arms,
            Kind::If => {
                frame.next_brace = Role::Block;
                if before == Some(Kind::Else) {
                    self.breaks += 1;
                } else {
                    frame.choice = u32::try_from(at).unwrap_or(NOWHERE);
                    frame.has_else = false;
                }
            }
            Kind::Else => {
                frame.next_brace = Role::Block;
                frame.has_else = true;
            }
            Kind::While | Kind::Loop | Kind::Arrow | Kind::Bars => frame.next_brace = Role::Block,
            Kind::For if frame.next_brace != Role::Items => frame.next_brace = Role::Block,
            Kind::Fn => {
                frame.next_brace = Role::Block;
                frame.is_signature = true;
            }
            Kind::Impl | Kind::Mod => frame.next_brace = Role::Items,
            Kind::Struct | Kind::Enum => frame.next_brace = Role::Declared,
            Kind::Bar => {
                frame.is_in_bars = !frame.is_in_bars;
                frame.next_brace = Role::Block;
            }
            Kind::Dot | Kind::Sign => frame.has_dots_or_signs = true,
            Kind::Comma => {
                frame.commas += 1;
                // Between items, a comma stands in a type: what opens behind it is still the body.
                if frame.role != Role::Items {
                    frame.next_brace = Role::None;
                }
            }
            Kind::Semicolon => {
                frame.has_statements = true;
                frame.next_brace = Role::None;
            }
            Kind::OpenParen => {
                return if std::mem::take(&mut frame.is_signature) {
                    Role::Parameters
                } else {
                    Role::Arguments
                };
            }
            Kind::OpenBracket => return Role::Arguments,
            Kind::OpenBrace => {
                let role = std::mem::replace(&mut frame.next_brace, Role::None);
                return match (role, before) {
                    (Role::None, Some(Kind::Word | Kind::RightAngle)) => Role::Fields,
                    (Role::None, _) => Role::Block,
                    (role, _) => role,
                };
            }
            _ => {}
        }
        Role::None
    }

    /// Whether what a closing bracket encloses has to be broken into lines.
    fn must_break(&self, close: usize) -> bool {
        let frame = &self.frame;
        let open = frame.open as usize;
        let inner = self.row.width(open + 1, close);
        let inner = u32::try_from(inner).unwrap_or(u32::MAX);
        let is_empty = open + 1 == close;
        match frame.role {
            Role::None | Role::Parameters => false,
            Role::Arguments => {
                inner > ARGUMENTS_WIDTH_MAX
                    && (frame.commas > 0
                        || (!frame.has_dots_or_signs && self.row.nested_call(open).is_some()))
            }
            Role::Block => frame.has_statements,
            Role::Fields => inner > FIELDS_WIDTH_MAX,
            Role::Arms | Role::Declared | Role::Items => !is_empty,
        }
    }

    fn end_choice(&mut self, at: usize) {
        let frame = &mut self.frame;
        if !std::mem::take(&mut frame.has_else) || frame.choice == NOWHERE {
            return;
        }
        let from = std::mem::replace(&mut frame.choice, NOWHERE) as usize;
        if self.row.width(from, at + 1) > CHOICE_WIDTH_MAX as usize {
            self.add_break();
        }
    }

    /// A reason to break lines that is found when its last token is in the row already.
    fn add_break(&mut self) {
        self.breaks += 1;
        if let Some(last) = self.row.tokens.last_mut() {
            last.breaks = self.breaks;
        }
    }

    /// Finds chains of calls: `a.b(…)?.c`.
    fn follow_chain(&mut self, kind: Kind, before: Option<Kind>, at: usize) {
        let continues = before.is_some_and(|before| {
            before.ends_operand() || matches!(before, Kind::Dot | Kind::Path | Kind::LeftAngle)
        });
        match kind {
            Kind::Dot => self.frame.dots += 1,
            Kind::Question | Kind::Path | Kind::LeftAngle | Kind::RightAngle => {}
            Kind::Word | Kind::Literal | Kind::OpenParen | Kind::OpenBracket => {
                if !continues {
                    self.frame.chain = u32::try_from(at).unwrap_or(NOWHERE);
                    self.frame.dots = 0;
                }
            }
            _ => self.end_chain(at),
        }
    }

    fn end_chain(&mut self, at: usize) {
        let from = std::mem::replace(&mut self.frame.chain, NOWHERE);
        if from != NOWHERE
            && self.frame.dots > 1
            && self.row.width(from as usize, at) > CHAIN_WIDTH_MAX as usize
        {
            self.add_break();
            if let Some(last) = self.row.tokens.last_mut() {
                last.ends_long_chain = true;
            }
        }
    }
}
