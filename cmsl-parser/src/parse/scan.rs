//! The pass before the grammar: what a grammar cannot say well or could not survive.
//!
//! One walk over the bytes takes out the comments, and reports unfinished comments and literals, characters
//! that no token has, brackets without partner, and nesting that would overflow the stack of a recursive
//! parser. Its promise to the grammar: in [`Scan::squeezed`] there are no comments and hardly a blank, braces
//! are balanced and literals are finished, so that skipping to the next `;` or `}` always succeeds.

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

/// Walks over a text.
pub(super) fn scan(file: FileId, text: &str) -> Scan {
    let mut scanner = Scanner {
        file,
        text,
        at: 0,
        comments: Vec::new(),
        diagnostics: Vec::new(),
        squeezer: Squeezer::new(text),
        brackets: Vec::new(),
        nesting: Nesting::default(),
        unknown_until: 0,
        fatal: false,
    };
    scanner.run();
    scanner.finish()
}

struct Bracket {
    byte: u8,
    at: usize,
    /// `for (`, in which a `;` is no end.
    of_for: bool,
}

struct Scanner<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    comments: Vec<Comment>,
    diagnostics: Vec<Diagnostic>,
    squeezer: Squeezer<'a>,
    brackets: Vec<Bracket>,
    nesting: Nesting,
    /// The end of the line on which a character was reported last: one message a line suffices.
    unknown_until: usize,
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
                }
                b'0'..=b'9' => {
                    self.word(start);
                    self.nesting.operand();
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
                }
                b'(' | b'[' | b'{' => self.open(start, byte, before == "for"),
                b')' | b']' | b'}' => self.close(start, byte),
                b';' => self.semicolon(start),
                b'<' | b'>' | b'?' | b':' | b',' | b'!' | b'~' | b'-' | b'+' => {
                    self.nesting.symbol(byte);
                }
                b'=' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'.' => self.nesting.symbol(byte),
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
        while matches!(self.byte(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.squeezer.leave_out(start, self.at);
    }

    fn word(&mut self, start: usize) -> &'static str {
        while matches!(
            self.byte(self.at),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_')
        ) {
            self.at += 1;
        }
        Nesting::known(self.text.get(start..self.at).unwrap_or_default())
    }

    fn line_comment(&mut self, start: usize) {
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest
            .find('\n')
            .map_or(rest, |end| rest.get(..end).unwrap_or_default());
        self.at = start + line.len();
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
        let body = self.text.get(start + 2..).unwrap_or_default();
        let Some(length) = body.find("*/") else {
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
        self.at = start + 2 + length + 2;
        self.comment(CommentKind::Block, start, self.at);
    }

    fn literal(&mut self, start: usize, quote: u8) {
        loop {
            match self.byte(self.at) {
                None | Some(b'\n') => break,
                Some(b'\\') => {
                    self.at += if self.byte(self.at + 1) == Some(b'\n') {
                        1
                    } else {
                        2
                    }
                }
                Some(byte) => {
                    self.at += 1;
                    if byte == quote {
                        return;
                    }
                }
            }
        }
        self.at = self.at.min(self.text.len());
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
        self.brackets.push(Bracket {
            byte,
            at: start,
            of_for,
        });
        self.nesting.open(byte);
    }

    fn close(&mut self, start: usize, byte: u8) {
        let opener = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        // A brace closes whatever is open inside it; a round or square bracket closes its like alone.
        let partner = match byte {
            b'}' => self
                .brackets
                .iter()
                .rposition(|bracket| bracket.byte == opener),
            _ => {
                let inside = self
                    .brackets
                    .iter()
                    .rposition(|bracket| bracket.byte == b'{');
                let found = self
                    .brackets
                    .iter()
                    .rposition(|bracket| bracket.byte == opener);
                found.filter(|&found| inside.is_none_or(|inside| found > inside))
            }
        };
        let Some(partner) = partner else {
            let message = format!("this `{}` closes nothing", byte as char);
            let help = format!("remove it, or open it with `{}`", opener as char);
            let span = self.span(start, start + 1);
            self.report(Diagnostic::new(UNBALANCED, span, message).help(help));
            self.squeezer.leave_out(start, start + 1);
            return;
        };
        while self.brackets.len() > partner + 1 {
            self.unclosed(Some(start));
        }
        self.brackets.pop();
        self.nesting.close(byte, self.next_is_else());
    }

    fn semicolon(&mut self, start: usize) {
        while self
            .brackets
            .last()
            .is_some_and(|top| top.byte != b'{' && !top.of_for)
        {
            self.unclosed(Some(start));
        }
        self.nesting.semicolon(self.next_is_else());
    }

    /// Reports the innermost open bracket and forgets it.
    fn unclosed(&mut self, met: Option<usize>) {
        let Some(bracket) = self.brackets.pop() else {
            return;
        };
        self.nesting.close(bracket.byte, false);
        let closer = match bracket.byte {
            b'(' => ')',
            b'[' => ']',
            _ => '}',
        };
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
            while let Some(bracket) = self.brackets.last() {
                if bracket.byte == b'{' {
                    missing.push('}');
                }
                self.unclosed(None);
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
