//! What the grammar knows about single tokens: which `<` opens a type's arguments, which `:` ends a label.

use std::collections::BTreeMap;

use super::field;
use crate::ast::File;
use crate::parse::{Node, Rule};

/// What the layout has to know about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// An operator between two operands, with how tightly it binds.
    Binary(u8),
    Assign,
    Prefix,
    Postfix,
    /// `<`, `>` or `>>` around a type's arguments.
    Generic,
    /// The `)` of a cast.
    CastEnd,
    /// `case` or `default`, and the `:` behind.
    Label,
    LabelEnd,
    /// `public` or `private`, and the `:` behind.
    Access,
    AccessEnd,
    /// `pre` or `post`.
    Contract,
    /// The word of a server's property.
    Property,
    /// The `{` of statements.
    Block,
    /// The `{` of an enum's values.
    Values,
    /// The `{` of the sections of a `switch`.
    Sections,
    /// The `while` behind the body of a `do`.
    DoWhile,
}

/// The marks of a file, by where the tokens begin.
pub(super) struct Marks {
    marks: BTreeMap<usize, Mark>,
    /// The words to be written for `attribute` and `relation`.
    words: BTreeMap<usize, &'static str>,
}

impl Marks {
    pub fn new(text: &str, nodes: &[Node], tree: &File, imported: &[File]) -> Self {
        let mut marks = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate() {
            let (start, end) = (node.start(), node.end());
            let piece = text.get(start..end).unwrap_or_default();
            match node.rule() {
                Rule::binary_op => {
                    marks.insert(start, Mark::Binary(precedence(piece)));
                }
                Rule::assign_op => {
                    marks.insert(start, Mark::Assign);
                }
                Rule::prefix_op => {
                    marks.insert(start, Mark::Prefix);
                }
                Rule::postfix_op => {
                    marks.insert(start, Mark::Postfix);
                }
                Rule::cast => {
                    marks.insert(end - 1, Mark::CastEnd);
                }
                Rule::label => {
                    marks.insert(start, Mark::Label);
                    marks.insert(end - 1, Mark::LabelEnd);
                }
                Rule::access => {
                    marks.insert(start, Mark::Access);
                    marks.insert(end - 1, Mark::AccessEnd);
                }
                Rule::contract => {
                    marks.insert(start, Mark::Contract);
                }
                Rule::property => {
                    marks.insert(start, Mark::Property);
                }
                Rule::block => {
                    marks.insert(start, Mark::Block);
                }
                Rule::generic | Rule::find => generics(&mut marks, nodes, index, text),
                Rule::enum_item | Rule::switch_statement => {
                    let (from, mark) = if node.rule() == Rule::enum_item {
                        (child_end(nodes, index, 1), Mark::Values)
                    } else {
                        (child_end(nodes, index, 0), Mark::Sections)
                    };
                    mark_next(&mut marks, text, from, '{', mark);
                }
                Rule::do_statement => {
                    let from = child_end(nodes, index, 1);
                    mark_next(&mut marks, text, from, 'w', Mark::DoWhile);
                }
                _ => {}
            }
        }
        let words = field::words(tree, imported);
        Self { marks, words }
    }

    pub fn get(&self, start: usize) -> Option<Mark> {
        self.marks.get(&start).copied()
    }

    pub fn word(&self, start: usize) -> Option<&'static str> {
        self.words.get(&start).copied()
    }
}

fn precedence(operator: &str) -> u8 {
    match operator.trim_end() {
        "||" | "&&" => 1,
        "==" | "!=" | "<" | "<=" | ">" | ">=" => 2,
        "*" | "/" | "%" => 4,
        _ => 3,
    }
}

/// Where a child of a pair ends.
fn child_end(nodes: &[Node], parent: usize, number: usize) -> usize {
    let mut at = parent + 1;
    for _ in 0..number {
        at = nodes.get(at).map_or(at, Node::after);
    }
    nodes.get(at).map_or(0, Node::end)
}

/// Marks the next token behind an offset that begins with a character; only comments stand between.
fn mark_next(marks: &mut BTreeMap<usize, Mark>, text: &str, from: usize, first: char, mark: Mark) {
    let mut at = crate::parse::skip_blank(text, from);
    // The `)` of a condition.
    while text.get(at..).is_some_and(|rest| rest.starts_with(')')) {
        at = crate::parse::skip_blank(text, at + 1);
    }
    if text.get(at..).is_some_and(|rest| rest.starts_with(first)) {
        marks.insert(at, mark);
    }
}

/// The angles of one type: behind its word, and behind its last argument.
fn generics(marks: &mut BTreeMap<usize, Mark>, nodes: &[Node], index: usize, text: &str) {
    let Some(node) = nodes.get(index) else {
        return;
    };
    let is_find = node.rule() == Rule::find;
    let open = if is_find {
        node.start() + "find".len()
    } else {
        child_end(nodes, index, 0)
    };
    let open = crate::parse::skip_blank(text, open);
    let close = if is_find {
        crate::parse::skip_blank(text, child_end(nodes, index, 0))
    } else {
        node.end() - 1
    };
    marks.insert(open, Mark::Generic);
    marks.insert(close, Mark::Generic);
}
