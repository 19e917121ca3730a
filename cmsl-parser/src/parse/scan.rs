//! The pass before the grammar: what a grammar cannot say well or could not survive.
//!
//! One walk over the bytes takes out the comments, and reports unfinished comments and literals, characters
//! that no token has, brackets without partner, and nesting that would overflow the stack of a recursive
//! parser. Its promise to the grammar: in [`Scan::squeezed`] there are no comments and hardly a blank, braces
//! are balanced and literals are finished, so that skipping to the next `;` or `}` always succeeds.

use std::ops::Range;

use super::brackets::{Bracket, Brackets, Lines};
use super::nesting::Nesting;
use super::squeeze::{Squeezed, Squeezer};
use crate::ast::{Comment, CommentKind};
use crate::diagnostic::{
    TOO_DEEP, UNBALANCED, UNFINISHED_COMMENT, UNFINISHED_LITERAL, UNKNOWN_CHARACTER,
};
use crate::{Diagnostic, FileId, Span};

/// What the walk found.
pub(super) struct Scan {
    /// All comments in order.
    pub comments: Vec<Comment>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The text without blanks, comments and wrong places, with missing braces at the end.
    pub squeezed: Squeezed,
    /// Whether the text must not be given to the grammar.
    pub fatal: bool,
    /// The deepest nesting.
    pub depth: usize,
}

/// Walks over a part of a text that lies inside so many modules. What stands behind it does not matter; what stands before it does not, either.
pub(super) fn scan(file: FileId, text: &str, range: Range<usize>, modules: usize) -> Scan {
    let text = text.get(..range.end).unwrap_or_default();
    let run = |by_column| {
        let mut scanner = Scanner {
            file,
            text,
            at: range.start,
            comments: Vec::new(),
            diagnostics: Vec::new(),
            squeezer: Squeezer::new(text, range.start),
            brackets: Brackets::new(by_column),
            lines: Lines::new(),
            nesting: Nesting::inside(modules),
            unknown_until: 0,
            unbalanced: false,
            fatal: false,
        };
        scanner.run();
        (scanner.unbalanced || scanner.brackets.has_brace(), scanner)
    };
    match run(false) {
        (true, first) if !first.fatal => run(true).1.finish(),
        (_, first) => first.finish(),
    }
}

/// Where a word ends that begins at an offset.
pub(super) fn word_end(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    start + rest.iter().take_while(is_part).count()
}

/// Where the line of an offset ends.
pub(super) fn line_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    start + rest.find('\n').unwrap_or(rest.len())
}

/// Where the block comment ends that begins at an offset; nothing if it does not.
pub(super) fn block_comment_end(text: &str, start: usize) -> Option<usize> {
    let body = text.get(start + 2..).unwrap_or_default();
    Some(start + 2 + body.find("*/")? + 2)
}

/// Where the string or character ends that begins at an offset, and whether it is closed there. One that is not
/// ends before the brackets and the `;` at the end of its line: they were hardly meant to be a part of it.
pub(super) fn literal_end(text: &str, start: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    let quote = bytes.get(start);
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            None | Some(b'\n') => {
                let literal = text.get(start + 1..at.min(bytes.len())).unwrap_or_default();
                let end = |c: char| c.is_whitespace() || ")]};".contains(c);
                return (start + 1 + literal.trim_end_matches(end).len(), false);
            }
            Some(b'\\') if bytes.get(at + 1) != Some(&b'\n') => at += 2,
            byte => {
                at += 1;
                if byte == quote {
                    return (at, true);
                }
            }
        }
    }
}

struct Scanner<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    comments: Vec<Comment>,
    diagnostics: Vec<Diagnostic>,
    squeezer: Squeezer<'a>,
    brackets: Brackets,
    lines: Lines,
    nesting: Nesting,
    /// The end of the line on which a character was reported last: one message a line suffices.
    unknown_until: usize,
    /// A brace has no partner.
    unbalanced: bool,
    fatal: bool,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let mut word = "";
        while let Some(byte) = self.byte(self.at) {
            let start = self.at;
            self.at += 1;
            let before = std::mem::take(&mut word);
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    self.blanks(start);
                    word = before;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    word = self.word(start);
                    self.nesting.word(word);
                    self.lines.token(byte);
                }
                b'0'..=b'9' => {
                    self.word(start);
                    self.nesting.operand();
                    self.lines.token(byte);
                }
                b'/' if self.byte(self.at) == Some(b'/') => {
                    self.line_comment(start);
                    word = before;
                }
                b'/' if self.byte(self.at) == Some(b'*') => {
                    self.block_comment(start);
                    word = before;
                }
                b'"' | b'\'' => {
                    self.literal(start, byte);
                    self.nesting.operand();
                    self.lines.token(byte);
                }
                b'(' | b'[' | b'{' => self.open(start, byte, matches!(before, "for" | "every")),
                b')' | b']' | b'}' => self.close(start, byte),
                b';' => self.semicolon(start),
                b'<' | b'>' | b'?' | b':' | b',' | b'!' | b'~' | b'-' | b'+' | b'=' | b'*'
                | b'/' | b'%' | b'&' | b'|' | b'^' | b'.' => {
                    self.nesting.symbol(byte);
                    self.lines.token(byte);
                }
                _ => self.unknown(start),
            }
            if self.nesting.is_too_deep() {
                self.too_deep(start);
                return;
            }
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < super::DIAGNOSTICS_MAX {
            self.diagnostics.push(diagnostic);
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        super::span(self.file, start, end)
    }

    fn blanks(&mut self, start: usize) {
        self.at = self.lines.blanks(self.text, start);
        self.squeezer.leave_out(start, self.at);
    }

    fn word(&mut self, start: usize) -> &'static str {
        self.at = word_end(self.text, start);
        Nesting::known(self.text.get(start..self.at).unwrap_or_default())
    }

    fn line_comment(&mut self, start: usize) {
        self.at = line_end(self.text, start);
        let line = self.text.get(start..self.at).unwrap_or_default();
        let line = line.trim_end_matches('\r');
        // `////…` is a rule drawn across the page, not documentation.
        let kind = if line.starts_with("///") && !line.starts_with("////") {
            CommentKind::Doc
        } else {
            CommentKind::Line
        };
        self.comment(kind, start, start + line.len());
    }

    fn comment(&mut self, kind: CommentKind, start: usize, end: usize) {
        let span = self.span(start, end);
        self.comments.push(Comment { kind, span });
        self.squeezer.leave_out(start, self.at);
    }

    fn block_comment(&mut self, start: usize) {
        let Some(end) = block_comment_end(self.text, start) else {
            self.report(
                Diagnostic::new(
                    UNFINISHED_COMMENT,
                    self.span(start, start + 2),
                    "this comment does not end",
                )
                .help("close it with `*/`; comments do not nest"),
            );
            self.at = self.text.len();
            self.squeezer.leave_out(start, self.at);
            return;
        };
        self.at = end;
        self.comment(CommentKind::Block, start, end);
    }

    fn literal(&mut self, start: usize, quote: u8) {
        let (end, closed) = literal_end(self.text, start);
        self.at = end;
        if closed {
            return;
        }
        let what = if quote == b'"' { "string" } else { "character" };
        self.report(
            Diagnostic::new(
                UNFINISHED_LITERAL,
                self.span(start, start + 1),
                format!("this {what} does not end on its line"),
            )
            .help(format!(
                "close it with `{}`; a line's end inside is written `\\n`",
                quote as char
            )),
        );
        self.squeezer.leave_out(start, self.at);
    }

    fn open(&mut self, start: usize, byte: u8, of_for: bool) {
        if byte == b'{' {
            for bracket in self.brackets.block(&self.lines) {
                self.unclosed(&bracket, Some(start));
            }
        }
        self.lines.token(byte);
        self.brackets.open(byte, start, of_for, &self.lines);
        self.nesting.open(byte);
    }

    fn close(&mut self, start: usize, byte: u8) {
        let (unclosed, found) = self.brackets.close(byte, &self.lines);
        self.lines.token(byte);
        for bracket in unclosed {
            self.unclosed(&bracket, Some(start));
        }
        if found {
            self.nesting.close(byte == b'}', self.next_is_else());
            return;
        }
        self.unbalanced |= byte == b'}';
        let opener = match byte {
            b')' => '(',
            b']' => '[',
            _ => '{',
        };
        let message = format!("this `{}` closes nothing", byte as char);
        let help = format!("remove it, or open it with `{opener}`");
        let span = self.span(start, start + 1);
        self.report(Diagnostic::new(UNBALANCED, span, message).help(help));
        self.squeezer.leave_out(start, start + 1);
    }

    fn semicolon(&mut self, start: usize) {
        for bracket in self.brackets.semicolon() {
            self.unclosed(&bracket, Some(start));
        }
        self.lines.token(b';');
        self.nesting.semicolon(self.next_is_else());
    }

    /// Reports a bracket that is not closed, at the place where that shows.
    fn unclosed(&mut self, bracket: &Bracket, met: Option<usize>) {
        self.nesting.close(bracket.byte == b'{', false);
        let closer = match bracket.byte {
            b'(' => ')',
            b'[' => ']',
            _ => '}',
        };
        if let Some(met) = met
            && bracket.byte == b'{'
        {
            self.squeezer.insert(met, "}");
        }
        let mut diagnostic = Diagnostic::new(
            UNBALANCED,
            self.span(bracket.at, bracket.at + 1),
            format!("this `{}` is not closed", bracket.byte as char),
        );
        if let Some(met) = met {
            let note = format!("a `{closer}` is missing before this");
            diagnostic = diagnostic.label(self.span(met, met + 1), note);
        }
        self.report(diagnostic.help(format!("write the missing `{closer}`")));
    }

    fn next_is_else(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default().trim_start();
        // A comment may hide an `else`; taking it for one only counts nesting too high for a moment.
        rest.starts_with("else") || rest.starts_with('/')
    }

    fn unknown(&mut self, start: usize) {
        let found = self.text.get(start..).and_then(|rest| rest.chars().next());
        let Some(character) = found else {
            return;
        };
        self.at = start + character.len_utf8();
        if character == '#' && self.lines.is_first {
            self.at = line_end(self.text, start);
        }
        self.squeezer.leave_out(start, self.at);
        if start < self.unknown_until {
            return;
        }
        let rest = self.text.get(start..).unwrap_or_default();
        self.unknown_until = start + rest.find('\n').unwrap_or(rest.len());
        let help = match character {
            '#' => "there is no preprocessor; `import \"file.cmsl\";` and `const` do its work",
            '“' | '”' | '„' => "strings stand between straight quotes, \"…\"",
            '‘' | '’' => "characters stand between straight quotes, '…'",
            _ => {
                "names consist of letters from `a` to `z`, digits and `_`; other characters stand in strings"
            }
        };
        let message = format!(
            "`{}` is not a character of the language",
            character.escape_debug()
        );
        let span = self.span(start, self.at);
        self.report(Diagnostic::new(UNKNOWN_CHARACTER, span, message).help(help));
    }

    fn too_deep(&mut self, start: usize) {
        let message = format!("nesting is deeper than {}", crate::ast::NESTING_MAX);
        self.report(
            Diagnostic::new(TOO_DEEP, self.span(start, self.at.max(start + 1)), message)
                .help("give the inner part a name: a variable, a function or a typedef of its own"),
        );
        self.fatal = true;
    }

    fn finish(mut self) -> Scan {
        let mut missing = String::new();
        if !self.fatal {
            while let Some(bracket) = self.brackets.pop() {
                if bracket.byte == b'{' {
                    missing.push('}');
                }
                self.unclosed(&bracket, None);
            }
        }
        Scan {
            comments: self.comments,
            depth: self.nesting.deepest(),
            diagnostics: self.diagnostics,
            squeezed: self.squeezer.finish(&missing),
            fatal: self.fatal,
        }
    }
}
