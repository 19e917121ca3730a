//! The walk over the tokens: where lines end and how far they stand in.

use super::LINE_COLUMNS;
use super::lines::{Lines, text_of};
use super::marks::{Mark, Marks};
use super::spacing::Piece;
use super::tokens::{Kind, Token};

/// How far the inside of braces stands in.
const STEP: usize = 4;

/// What a pair of braces is around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Braces {
    /// Statements, members or items.
    Lines,
    /// The sections of a `switch`; whether a label has come.
    Sections(bool),
    /// The values of an enum, one a line.
    Values,
    /// Something on one line.
    Inline,
}

pub(super) struct Walk<'a> {
    tokens: &'a [Token<'a>],
    marks: &'a Marks,
    at: usize,
    lines: Lines,
    pieces: Vec<Piece<'a>>,
    /// Whether a part of the present line of code has been printed.
    continued: bool,
    /// Round and square brackets that are open since the last brace.
    brackets: usize,
    outer_brackets: Vec<usize>,
    braces: Vec<Braces>,
    /// Up to which token a label and its statements share a line.
    shared_line: usize,
    /// Whether the present line is a contract.
    in_contract: bool,
    /// Whether the present line is an access or a label.
    outdented: bool,
}

impl<'a> Walk<'a> {
    pub fn new(tokens: &'a [Token<'a>], marks: &'a Marks) -> Self {
        Self {
            tokens,
            marks,
            at: 0,
            lines: Lines::default(),
            pieces: Vec::new(),
            continued: false,
            brackets: 0,
            outer_brackets: Vec::new(),
            braces: Vec::new(),
            shared_line: 0,
            in_contract: false,
            outdented: false,
        }
    }

    pub fn run(mut self) -> String {
        while let Some(token) = self.tokens.get(self.at).copied() {
            self.at += 1;
            match token.kind {
                Kind::Code => self.code(token),
                Kind::Alone => self.comment_alone(token),
                Kind::Behind => self.comment_behind(token),
                Kind::Before => {
                    self.blank_line(token);
                    self.push(token);
                }
            }
        }
        self.end_line();
        self.lines.finish()
    }

    fn indent(&self) -> usize {
        let steps: usize = self
            .braces
            .iter()
            .map(|braces| match braces {
                Braces::Lines | Braces::Values | Braces::Sections(false) => 1,
                Braces::Sections(true) => 2,
                Braces::Inline => 0,
            })
            .sum();
        steps * STEP
    }

    fn line_indent(&self) -> usize {
        let sections = matches!(self.braces.last(), Some(Braces::Sections(_)));
        match (self.in_contract, self.outdented) {
            (true, _) => self.indent() + STEP,
            (_, true) if sections => self.indent().saturating_sub(STEP),
            (_, true) => self.indent().saturating_sub(STEP / 2),
            _ => self.indent(),
        }
    }

    /// Keeps one blank line before what begins a line.
    fn blank_line(&mut self, token: Token<'a>) {
        if token.after_blank_line && self.pieces.is_empty() && !self.continued {
            self.lines.blank();
        }
    }

    fn push(&mut self, token: Token<'a>) {
        let is_comment = token.kind != Kind::Code;
        let mark = if is_comment {
            None
        } else {
            self.marks.get(token.start)
        };
        let word = self.marks.word(token.start).filter(|_| !is_comment);
        let text = word.unwrap_or(token.text);
        self.pieces.push(Piece {
            text,
            mark,
            is_comment,
        });
    }

    /// Prints what has been gathered; the line of code may go on.
    fn print(&mut self) {
        let pieces = std::mem::take(&mut self.pieces);
        if pieces.is_empty() {
            return;
        }
        let is_comment = |piece: &&Piece<'_>| piece.is_comment;
        let comments = pieces.iter().rev().take_while(is_comment).count();
        let (code, behind) = pieces.split_at((pieces.len() - comments).max(1));
        self.lines.code(self.line_indent(), code, self.continued);
        for comment in behind {
            self.lines.behind(comment.text);
        }
        self.continued = true;
    }

    fn end_line(&mut self) {
        self.print();
        self.continued = false;
        self.in_contract = false;
        self.outdented = false;
    }

    fn comment_alone(&mut self, token: Token<'a>) {
        self.print();
        if token.after_blank_line && !self.continued {
            self.lines.blank();
        }
        let mut indent = self.line_indent();
        if self.continued {
            indent += super::lines::CONTINUED;
        } else if self
            .next_code()
            .is_some_and(|next| self.marks.get(next.start) == Some(Mark::Label))
        {
            self.outdented = matches!(self.braces.last(), Some(Braces::Sections(true)));
            indent = self.line_indent();
            self.outdented = false;
        }
        self.lines.comment(indent, token.text);
    }

    fn comment_behind(&mut self, token: Token<'a>) {
        self.print();
        self.lines.behind(token.text);
    }

    fn next_code(&self) -> Option<Token<'a>> {
        let rest = self.tokens.get(self.at..)?;
        rest.iter().find(|token| token.kind == Kind::Code).copied()
    }

    fn code(&mut self, token: Token<'a>) {
        let mark = self.marks.get(token.start);
        match mark {
            Some(Mark::Contract) => {
                self.print();
                self.continued = false;
                self.in_contract = true;
            }
            Some(Mark::Label) => {
                if let Some(Braces::Sections(labelled)) = self.braces.last_mut() {
                    *labelled = true;
                }
                self.outdented = true;
            }
            Some(Mark::Access) => self.outdented = true,
            _ => {}
        }
        if !token.is("}") {
            self.blank_line(token);
        }
        match token.text {
            "{" => return self.open(token, mark),
            "}" => return self.close(token),
            "(" | "[" => self.brackets += 1,
            ")" | "]" => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        self.push(token);
        let ends = self.brackets == 0
            && match self.braces.last() {
                Some(Braces::Inline) => false,
                Some(Braces::Values) => token.text == ",",
                _ => token.text == ";",
            };
        if mark == Some(Mark::LabelEnd) {
            self.shared_line = self.at + self.statements_behind_label();
        }
        let ends = ends || matches!(mark, Some(Mark::LabelEnd | Mark::AccessEnd));
        if ends && self.at >= self.shared_line {
            self.end_line();
        }
    }

    /// How many tokens behind a label stay on its line: simple statements that stood there and fit.
    fn statements_behind_label(&self) -> usize {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|token| token.starts_line);
        let line = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        let code = line
            .iter()
            .take_while(|token| token.kind == Kind::Code)
            .count();
        let (code, behind) = line.split_at(code);
        let simple = code.last().is_some_and(|last| last.is(";"))
            && behind.iter().all(|token| token.kind == Kind::Behind)
            && code.iter().all(|token| {
                let label = self.marks.get(token.start) == Some(Mark::Label);
                !label && !matches!(token.text, "{" | "}")
            });
        if simple && self.fits(code) {
            code.len()
        } else {
            0
        }
    }

    /// Whether more tokens fit onto the present line.
    fn fits(&self, tokens: &[Token<'a>]) -> bool {
        let mut pieces = self.pieces.clone();
        pieces.extend(tokens.iter().map(|token| Piece {
            text: token.text,
            mark: self.marks.get(token.start),
            is_comment: false,
        }));
        self.line_indent() + text_of(&pieces).chars().count() <= LINE_COLUMNS
    }

    fn open(&mut self, token: Token<'a>, mark: Option<Mark>) {
        if self.in_contract {
            self.end_line();
        }
        self.push(token);
        if self.stays_on_its_line(mark) {
            self.braces.push(Braces::Inline);
        } else {
            // The head of a line that goes on in braces: what is inside belongs to no bracket outside.
            self.print();
            self.continued = false;
            self.braces.push(match mark {
                Some(Mark::Sections) => Braces::Sections(false),
                Some(Mark::Values) => Braces::Values,
                _ => Braces::Lines,
            });
        }
        self.outer_brackets.push(std::mem::take(&mut self.brackets));
    }

    fn close(&mut self, token: Token<'a>) {
        let inline = self.braces.last() == Some(&Braces::Inline);
        if !inline {
            self.end_line();
            self.lines.no_blank();
        }
        self.braces.pop();
        self.brackets = self.outer_brackets.pop().unwrap_or_default();
        self.push(token);
        let next = self.tokens.get(self.at).copied();
        let Some(next) = next.filter(|next| next.kind == Kind::Code) else {
            return self.end_line();
        };
        let goes_on = matches!(next.text, ";" | "," | ")" | "else" | "catch")
            || self.marks.get(next.start) == Some(Mark::DoWhile);
        if !goes_on && self.brackets == 0 {
            self.end_line();
        }
    }

    /// Whether braces and what they hold stay on one line: nothing, the values of an enum that fit, and a
    /// single statement that stood on the line of its braces and fits.
    fn stays_on_its_line(&self, mark: Option<Mark>) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let Some(length) = rest.iter().position(|token| token.is("}")) else {
            return false;
        };
        let inside = rest.get(..length).unwrap_or_default();
        let plain = inside
            .iter()
            .all(|token| token.kind == Kind::Code && token.text != "{");
        if !plain {
            return false;
        }
        if inside.is_empty() {
            return true;
        }
        let same_line = rest.get(..=length).unwrap_or_default();
        let ends = inside.iter().filter(|token| token.text == ";").count();
        let statement = mark == Some(Mark::Block)
            && ends == 1
            && inside.last().is_some_and(|last| last.is(";"))
            && !self.before_else(length)
            && same_line.iter().all(|token| !token.starts_line);
        if mark != Some(Mark::Values) && !statement {
            return false;
        }
        let behind = rest.get(length + 1).is_some_and(|next| next.is(";"));
        self.fits(
            rest.get(..=length + usize::from(behind))
                .unwrap_or_default(),
        )
    }

    /// Whether an `else` or a `catch` goes on behind the brace that closes here, or stands before it.
    fn before_else(&self, length: usize) -> bool {
        let next = self.tokens.get(self.at + length + 1);
        let first = self.pieces.first();
        let joins = |text: &str| matches!(text, "else" | "catch" | "try" | "do");
        next.is_some_and(|next| next.kind == Kind::Code && joins(next.text))
            || first.is_some_and(|first| first.text == "}" || joins(first.text))
    }
}
