//! Lines: breaking those that are too long, and putting the comments behind them into a column.

use super::LINE_COLUMNS;
use super::marks::Mark;
use super::spacing::{Piece, space};

/// How much further the rest of a broken line stands in.
pub(super) const CONTINUED: usize = 8;

/// What it costs to break where only a part that then fits is worth it.
const DEAR: usize = 45;

/// One printed line.
struct Line {
    text: String,
    /// The comment behind the code.
    behind: Option<String>,
}

/// The lines of a file.
#[derive(Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
}

impl Lines {
    /// A blank line, unless there is one already or nothing stands before it.
    pub fn blank(&mut self) {
        let last = self.lines.last();
        if last.is_some_and(|line| !line.text.is_empty() && !line.text.ends_with('{')) {
            self.lines.push(Line {
                text: String::new(),
                behind: None,
            });
        }
    }

    /// Takes back a blank line.
    pub fn no_blank(&mut self) {
        if self.lines.last().is_some_and(|line| line.text.is_empty()) {
            self.lines.pop();
        }
    }

    /// A comment on lines of its own.
    pub fn comment(&mut self, indent: usize, text: &str) {
        let text = format!("{}{}", " ".repeat(indent), text.trim_end());
        self.lines.push(Line { text, behind: None });
    }

    /// A comment behind the last line.
    pub fn behind(&mut self, text: &str) {
        let text = text.trim_end();
        match self.lines.last_mut() {
            Some(line) => match &mut line.behind {
                Some(behind) => {
                    behind.push(' ');
                    behind.push_str(text);
                }
                None => line.behind = Some(text.to_owned()),
            },
            None => self.comment(0, text),
        }
    }

    /// Code, broken where it is too long.
    pub fn code(&mut self, indent: usize, pieces: &[Piece<'_>], continued: bool) {
        let mut rest = pieces;
        let mut indent = if continued {
            indent + CONTINUED
        } else {
            indent
        };
        let mut continued = continued;
        while !rest.is_empty() {
            let count = fitting(rest, indent);
            let (line, next) = rest.split_at(count.clamp(1, rest.len()));
            let text = format!("{}{}", " ".repeat(indent), text_of(line));
            self.lines.push(Line { text, behind: None });
            rest = next;
            if !continued {
                indent += CONTINUED;
                continued = true;
            }
        }
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        self.no_blank();
        let mut text = String::new();
        let mut rest = self.lines.as_slice();
        while !rest.is_empty() {
            // Neighbours with comments behind them put these into one column.
            let group = rest.iter().take_while(|line| line.behind.is_some()).count();
            let (lines, next) = rest.split_at(group.max(1));
            let width = |line: &Line| {
                line.text
                    .rsplit('\n')
                    .next()
                    .map_or(0, |last| last.chars().count())
            };
            let column = lines.iter().map(width).max().unwrap_or_default();
            for line in lines {
                text.push_str(&line.text);
                if let Some(behind) = &line.behind {
                    text.push_str(&" ".repeat(column - width(line) + 1));
                    text.push_str(behind);
                }
                text.push('\n');
            }
            rest = next;
        }
        // What is left of line ends of the other kind stands inside of comments.
        if text.contains('\r') {
            return text.replace("\r\n", "\n");
        }
        text
    }
}

/// The text of pieces on one line.
pub(super) fn text_of(pieces: &[Piece<'_>]) -> String {
    let mut text = String::new();
    let mut before: Option<&Piece<'_>> = None;
    for piece in pieces {
        if before.is_some_and(|before| space(before, piece)) {
            text.push(' ');
        }
        text.push_str(piece.text);
        before = Some(piece);
    }
    text
}

/// How many pieces go onto a line: all, or those before the best place to break.
fn fitting(pieces: &[Piece<'_>], indent: usize) -> usize {
    let mut width = indent;
    let mut depth = 0_usize;
    let mut best: Option<(usize, usize)> = None;
    let mut before: Option<&Piece<'_>> = None;
    for (count, piece) in pieces.iter().enumerate() {
        if let Some(before) = before {
            width += usize::from(space(before, piece));
            if let Some(cost) = cost(before, piece, depth)
                && (cost < DEAR || indent + CONTINUED + piece.text.chars().count() <= LINE_COLUMNS)
                && best.is_none_or(|(least, _)| cost <= least || width > LINE_COLUMNS)
            {
                // Past the edge, the first place is the best.
                if width > LINE_COLUMNS && best.is_some() {
                    break;
                }
                best = Some((cost, count));
            }
        }
        width += piece.text.chars().count();
        if width > LINE_COLUMNS && best.is_some() {
            break;
        }
        match piece.text {
            "(" | "[" if !piece.is_comment => depth += 1,
            ")" | "]" if !piece.is_comment => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = Some(piece);
    }
    match best {
        Some((_, count)) if width > LINE_COLUMNS => count,
        _ => pieces.len(),
    }
}

/// What it costs to break between two pieces; `None` where no line may end.
fn cost(before: &Piece<'_>, piece: &Piece<'_>, depth: usize) -> Option<usize> {
    let class = match (before.text, before.mark, piece.text, piece.mark) {
        // A comment that ends a line would be one behind it.
        _ if before.is_comment => return None,
        _ if piece.is_comment => 6,
        (",", _, _, _) => 1,
        (_, _, _, Some(Mark::Property)) => 0,
        (_, _, _, Some(Mark::Binary(tightness))) => 1 + usize::from(tightness),
        (_, _, "?" | ":", None) => 1,
        (_, Some(Mark::Assign), _, _) | ("=", _, _, _) => DEAR,
        (")", None, word, None) if depth == 0 && word.bytes().all(|b| b.is_ascii_lowercase()) => 0,
        ("(", _, next, _) if next != ")" => DEAR + 15,
        _ => return None,
    };
    Some(depth * 10 + class)
}
