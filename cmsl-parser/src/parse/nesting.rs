//! How deep a text nests, counted token by token.
//!
//! Every recursion of the grammar is counted by something here that grows at least as fast: brackets;
//! words that a statement may follow directly (`if`, `while`, `for`, `do`); `?` without its `:`;
//! `<` after the word of a generic type. Counting too high for a moment is harmless, counting too low
//! would let a hostile text overflow the stack. Operators before one operand are no recursion of the
//! grammar; the builder counts them.

use crate::ast::NESTING_MAX;

/// The counters of one bracket's inside.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Words that a statement follows, since the last complete statement.
    statements: usize,
    /// `?` without `:`.
    questions: usize,
    /// `<` of generic types without `>`.
    generics: usize,
}

impl Level {
    fn sum(self) -> usize {
        self.statements + self.questions + self.generics
    }
}

/// The counters of a text up to the present token.
#[derive(Default)]
pub(super) struct Nesting {
    outer: Vec<Level>,
    /// What `outer` adds up to, brackets included.
    outer_sum: usize,
    level: Level,
    after_else: bool,
    after_generic: bool,
    deepest: usize,
}

impl Nesting {
    /// Inside so many modules.
    pub(super) fn inside(modules: usize) -> Self {
        Self {
            outer_sum: modules,
            deepest: modules,
            ..Self::default()
        }
    }

    /// The word if it matters here or to the scanner, else a word that does not.
    pub(super) fn known(word: &str) -> &'static str {
        match word {
            "if" => "if",
            "else" => "else",
            "while" => "while",
            "for" => "for",
            "every" => "every",
            "do" => "do",
            "list" | "set" | "bag" | "map" | "future" | "find" => "list",
            _ => "x",
        }
    }

    pub(super) fn word(&mut self, word: &str) {
        let after_else = std::mem::take(&mut self.after_else);
        self.after_generic = word == "list";
        match word {
            // `else if` goes on with a chain and nests no deeper; any other `else` nests its statement in
            // the `if`, which still counts.
            "if" if after_else => {}
            "if" | "while" | "for" | "do" => self.level.statements += 1,
            "else" => self.after_else = true,
            _ => {}
        }
        self.note();
    }

    pub(super) fn operand(&mut self) {
        self.after_else = false;
        self.after_generic = false;
    }

    pub(super) fn symbol(&mut self, symbol: u8) {
        let after_generic = std::mem::take(&mut self.after_generic);
        self.after_else = false;
        match symbol {
            b'<' if after_generic => self.level.generics += 1,
            b'>' => self.level.generics = self.level.generics.saturating_sub(1),
            b'?' => self.level.questions += 1,
            b':' => self.level.questions = self.level.questions.saturating_sub(1),
            b',' => self.level.questions = 0,
            _ => {}
        }
        self.note();
    }

    pub(super) fn open(&mut self, bracket: u8) {
        self.after_else = false;
        self.after_generic = false;
        if bracket == b'{' {
            // `if (x) {` is one level, not two.
            let merged = self.level.statements.min(1);
            self.outer_sum = (self.outer_sum + self.level.sum() + 1).saturating_sub(merged);
        } else {
            self.outer_sum += self.level.sum() + 1;
        }
        self.outer.push(std::mem::take(&mut self.level));
        self.note();
    }

    /// A bracket is closed: a block's or another.
    pub(super) fn close(&mut self, block: bool, else_follows: bool) {
        self.operand();
        let Some(level) = self.outer.pop() else {
            return;
        };
        self.level = level;
        let merged = if block { level.statements.min(1) } else { 0 };
        self.outer_sum = (self.outer_sum + merged).saturating_sub(level.sum() + 1);
        if block {
            self.end_statement(else_follows);
        }
    }

    pub(super) fn semicolon(&mut self, else_follows: bool) {
        self.operand();
        self.level.questions = 0;
        self.level.generics = 0;
        self.end_statement(else_follows);
    }

    fn end_statement(&mut self, else_follows: bool) {
        if !else_follows {
            self.level.statements = 0;
        }
    }

    fn note(&mut self) {
        let depth = self.outer_sum + self.level.sum();
        self.deepest = self.deepest.max(depth);
    }

    pub(super) fn deepest(&self) -> usize {
        self.deepest
    }

    pub(super) fn is_too_deep(&self) -> bool {
        self.deepest > NESTING_MAX
    }
}
