//! The pairs of the grammar in one flat list.
//!
//! pest's own pairs count references and their children whenever one looks inside; these are copied like
//! numbers. A pair's children follow it in the list, and it knows where they end.

use std::ops::Range;

use pest::Token;
use pest::iterators::Pairs;

use crate::parse::grammar::Rule;
use crate::parse::squeeze::Squeezed;

/// All pairs of a text, each before its children.
pub struct Nodes<'a> {
    text: &'a str,
    nodes: Vec<Node>,
}

/// One pair.
pub struct Node {
    rule: Rule,
    /// Where it begins and ends in the text that the grammar saw, a blank behind it left out.
    squeezed: (u32, u32),
    /// The same in the source.
    original: (u32, u32),
    /// The place of the first pair that is not inside this one.
    after: u32,
}

impl Node {
    /// Which rule took it.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Where it begins in the source.
    pub fn start(&self) -> usize {
        self.original.0 as usize
    }

    /// Where it ends in the source.
    pub fn end(&self) -> usize {
        self.original.1 as usize
    }

    /// The place in the list of the first pair that is not inside this one.
    pub fn after(&self) -> usize {
        self.after as usize
    }
}

impl<'a> Nodes<'a> {
    /// The pairs that the grammar made of a text.
    pub fn new(squeezed: &'a Squeezed, pairs: Pairs<'_, Rule>) -> Self {
        let text = squeezed.text.as_bytes();
        let is_blank = |at: usize| text.get(at) == Some(&b' ');
        let tokens = pairs.tokens();
        let mut nodes: Vec<Node> = Vec::with_capacity(tokens.len() / 2);
        let mut open: Vec<usize> = Vec::with_capacity(32);
        let mut starts = squeezed.walk();
        let mut ends = squeezed.walk();
        for token in tokens {
            match token {
                Token::Start { rule, pos } => {
                    let start = pos.pos();
                    let original = number(starts.original(start));
                    open.push(nodes.len());
                    nodes.push(Node {
                        rule,
                        squeezed: (number(start), number(start)),
                        original: (original, original),
                        after: 0,
                    });
                }
                Token::End { pos, .. } => {
                    let after = number(nodes.len());
                    let Some(node) = open.pop().and_then(|at| nodes.get_mut(at)) else {
                        continue;
                    };
                    node.after = after;
                    let last = pos.pos().saturating_sub(1);
                    let last = last - usize::from(is_blank(last));
                    if last >= node.squeezed.0 as usize {
                        node.squeezed.1 = number(last + 1);
                        node.original.1 = number(ends.after(last));
                    }
                }
            }
        }
        Self {
            text: &squeezed.text,
            nodes,
        }
    }

    /// All pairs, each before its children.
    pub fn into_list(self) -> Vec<Node> {
        self.nodes
    }

    /// The pairs that are inside no other.
    pub fn outermost(&self) -> Parts<'_> {
        Parts {
            text: self.text,
            nodes: &self.nodes,
            at: 0,
            end: number(self.nodes.len()),
        }
    }
}

/// Offsets and counts stay below the length of a source, doubled.
fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// What one rule took.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    text: &'a str,
    nodes: &'a [Node],
    at: u32,
}

impl<'a> Pair<'a> {
    fn node(self) -> &'a Node {
        self.nodes
            .get(self.at as usize)
            .expect("a pair is made of a place in the list")
    }

    pub fn rule(self) -> Rule {
        self.node().rule
    }

    /// Where it begins in the source.
    pub fn start(self) -> usize {
        self.node().original.0 as usize
    }

    /// Where it ends in the source.
    pub fn end(self) -> usize {
        self.node().original.1 as usize
    }

    /// Where it stands in the text that the grammar saw.
    pub fn squeezed(self) -> Range<usize> {
        let (start, end) = self.node().squeezed;
        start as usize..end as usize
    }

    /// The text that the grammar saw.
    pub fn text(self) -> &'a str {
        self.text.get(self.squeezed()).unwrap_or_default()
    }

    /// The pairs inside this one.
    pub fn parts(self) -> Parts<'a> {
        Parts {
            text: self.text,
            nodes: self.nodes,
            at: self.at + 1,
            end: self.node().after,
        }
    }
}

/// The pairs inside one pair, read in order.
pub struct Parts<'a> {
    text: &'a str,
    nodes: &'a [Node],
    at: u32,
    end: u32,
}

impl<'a> Parts<'a> {
    /// The next pair, which the grammar requires.
    pub fn required(&mut self) -> Pair<'a> {
        self.next().expect("the grammar requires another part here")
    }

    fn first(&self) -> Option<Pair<'a>> {
        let (text, nodes, at) = (self.text, self.nodes, self.at);
        (at < self.end).then_some(Pair { text, nodes, at })
    }

    /// The rule of the next pair.
    pub fn peek(&self) -> Option<Rule> {
        self.first().map(Pair::rule)
    }

    /// The next pair, if it is of a rule.
    pub fn optional(&mut self, rule: Rule) -> Option<Pair<'a>> {
        if self.peek() == Some(rule) {
            self.next()
        } else {
            None
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        let pair = self.first()?;
        self.at = pair.node().after;
        Some(pair)
    }
}
