//! What became of the `for every` loops that call servers.

use std::fmt::Write as _;

use cmsl_parser::{Sources, Span};

use crate::ir::Program;

/// A line a loop: that its calls are sent together, or which dependence prevented it.
#[must_use]
pub fn parallel_loops(program: &Program, sources: &Sources) -> String {
    let mut text = String::new();
    for item in &program.loops {
        let calls = item.calls.join("`, `");
        let _ = match &item.obstacle {
            None => writeln!(
                text,
                "{}: parallel: all calls of `{calls}` are sent before the first reply is awaited",
                place(sources, item.span)
            ),
            Some(obstacle) => writeln!(
                text,
                "{}: one after the other: `{calls}`\n    {}: {}",
                place(sources, item.span),
                place(sources, obstacle.span),
                obstacle.message
            ),
        };
    }
    if text.is_empty() {
        text.push_str("no `for every` loop calls a server\n");
    }
    text
}

fn place(sources: &Sources, span: Span) -> String {
    format!(
        "{}:{}",
        sources.source(span.file).name(),
        sources.position(span)
    )
}
