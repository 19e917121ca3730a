//! Which bracket closes which.
//!
//! In a text that is balanced the innermost open bracket is the one. Where it is not, whoever matches by the
//! innermost alone finds the gap at the end of the text; people find it by the indentation, and so does this on
//! request: a `}` at the start of a line closes the `{` of a statement that begins at the same column.

/// An open bracket.
pub(super) struct Bracket {
    /// Which.
    pub byte: u8,
    /// Where it stands.
    pub at: usize,
    /// `for (`, in which a `;` is no end.
    pub of_for: bool,
    /// The column of the statement or item that it belongs to.
    column: usize,
}

/// Where a token stands on its line.
#[derive(Clone, Copy, Default)]
pub(super) struct Lines {
    /// The column of the first token of the line.
    column: usize,
    /// No token of the line has been met yet.
    pub is_first: bool,
    /// The next token begins a statement or item.
    begins: bool,
    /// The column of the line on which the present statement or item began.
    statement: usize,
    /// How the last token begins.
    last: u8,
}

impl Lines {
    /// At the start of a text.
    pub fn new() -> Self {
        Self {
            is_first: true,
            begins: true,
            ..Self::default()
        }
    }

    /// Passes over blanks and says where they end.
    pub fn blanks(&mut self, text: &str, start: usize) -> usize {
        let mut at = start;
        let mut line = None;
        for byte in text.as_bytes().get(start..).unwrap_or_default() {
            match byte {
                b' ' | b'\t' | b'\r' => {}
                b'\n' => line = Some(at + 1),
                _ => break,
            }
            at += 1;
        }
        if let Some(line) = line {
            self.column = at - line;
            self.is_first = true;
        }
        at
    }

    /// A token was met.
    pub fn token(&mut self, byte: u8) {
        if std::mem::take(&mut self.begins) {
            self.statement = self.column;
        }
        self.is_first = false;
        self.last = byte;
        self.begins = matches!(byte, b';' | b'{' | b'}');
    }

    /// The column of a token that is the first of its line.
    pub fn column(&self) -> Option<usize> {
        self.is_first.then_some(self.column)
    }
}

/// The brackets that are open.
#[derive(Default)]
pub(super) struct Brackets {
    open: Vec<Bracket>,
    by_column: bool,
}

impl Brackets {
    /// None yet. Braces are matched by their columns if that is wanted.
    pub fn new(by_column: bool) -> Self {
        Self {
            open: Vec::new(),
            by_column,
        }
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether a brace is open.
    pub fn has_brace(&self) -> bool {
        self.open.iter().any(|open| open.byte == b'{')
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.open.clear();
    }

    /// The innermost one, which is forgotten.
    pub fn pop(&mut self) -> Option<Bracket> {
        self.open.pop()
    }

    /// A bracket is opened, as the next token of a line.
    pub fn open(&mut self, byte: u8, at: usize, of_for: bool, lines: &Lines) {
        self.open.push(Bracket {
            byte,
            at,
            of_for,
            column: lines.statement,
        });
    }

    /// A bracket is closed, before its token is counted to its line: those inside it that are not, and whether there
    /// was one to close.
    pub fn close(&mut self, byte: u8, lines: &Lines) -> (Vec<Bracket>, bool) {
        let Some(partner) = self.partner(byte, lines) else {
            return (Vec::new(), false);
        };
        let mut unclosed = self.open.split_off(partner + 1);
        unclosed.reverse();
        self.open.pop();
        (unclosed, true)
    }

    fn partner(&self, byte: u8, lines: &Lines) -> Option<usize> {
        // A brace closes whatever is open inside it; a round or square bracket closes its like alone, within its brace.
        let last = |wanted: u8| {
            let stops = |open: &Bracket| open.byte == wanted || open.byte == b'{';
            let found = self.open.iter().rposition(stops)?;
            let is_wanted = self.open.get(found).map(|open| open.byte) == Some(wanted);
            is_wanted.then_some(found)
        };
        match byte {
            b')' => last(b'('),
            b']' => last(b'['),
            _ => match lines.column().filter(|_| self.by_column) {
                Some(column) => self
                    .open
                    .iter()
                    .rposition(|open| open.byte == b'{' && open.column <= column)
                    .filter(|&found| {
                        self.open
                            .get(found)
                            .is_some_and(|open| open.column == column)
                    }),
                None => last(b'{'),
            },
        }
    }

    /// A `{` is met, before its token is counted to its line: the brackets that it ends. Within brackets a block stands
    /// behind a `)` alone.
    pub fn block(&mut self, lines: &Lines) -> Vec<Bracket> {
        if lines.last == b')' {
            return Vec::new();
        }
        let kept = self.open.iter().rposition(|open| open.byte == b'{');
        let mut unclosed = self.open.split_off(kept.map_or(0, |at| at + 1));
        unclosed.reverse();
        unclosed
    }

    /// A `;` is met: the brackets that it ends.
    pub fn semicolon(&mut self) -> Vec<Bracket> {
        let goes_on = |open: &Bracket| open.byte == b'{' || open.of_for;
        let kept = self.open.iter().rposition(goes_on).map_or(0, |at| at + 1);
        let mut unclosed = self.open.split_off(kept);
        unclosed.reverse();
        unclosed
    }
}
