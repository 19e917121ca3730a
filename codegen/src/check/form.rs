//! What can be said of the meaning of a program whose form is wrong in places.
//!
//! A mistake inside of a body leaves all declarations what they are: that body is not spoken of, and everything else
//! is. A mistake anywhere else may have swallowed a declaration, so that what seems wrong with names and types may be
//! a consequence of it: then the form alone is spoken of. But state without its word is a declaration for all that.

use cmsl_parser::diagnostic::{FIELD_KEYWORD, UNBALANCED, UNFINISHED_COMMENT};
use cmsl_parser::{Diagnostic, Sources, Span, ast};

/// The most mistakes in the form of a file of which all are sure to be known.
const MISTAKES_MAX: usize = 100;

/// Where the form of a program is wrong.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// The mistakes, in order.
    mistakes: Vec<Span>,
    /// Some of them may have swallowed declarations.
    is_open: bool,
}

impl Form {
    /// What the diagnostics of the parser and of the imports say about the files of a program.
    pub fn new(sources: &Sources, files: &[ast::File], diagnostics: &[Diagnostic]) -> Self {
        let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.is_error()).collect();
        if errors.is_empty() {
            return Self::default();
        }
        let mut bodies = Vec::new();
        for file in files {
            collect(&file.items, &mut bodies);
        }
        bodies.sort_unstable();
        let mut mistakes: Vec<Span> = errors.iter().map(|error| error.span).collect();
        mistakes.sort_unstable();
        let leaks = |error: &&Diagnostic| {
            let is_brace = matches!(sources.slice(error.span), "{" | "}");
            (error.code == UNBALANCED && is_brace)
                || error.code == UNFINISHED_COMMENT
                || (error.code != FIELD_KEYWORD && !contains(&bodies, error.span))
        };
        Self {
            is_open: errors.len() > MISTAKES_MAX || errors.iter().any(leaks),
            mistakes,
        }
    }

    /// Whether nothing can be said of the meaning.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// Whether the form of a body is wrong.
    pub fn is_broken(&self, body: Span) -> bool {
        let first = self.mistakes.partition_point(|mistake| mistake < &body);
        let mistake = self.mistakes.get(first);
        mistake.is_some_and(|mistake| mistake.file == body.file && mistake.start < body.end)
    }
}

/// Whether one of the spans, which are in order and apart, has another one in it.
fn contains(spans: &[Span], inner: Span) -> bool {
    let after = spans.partition_point(|span| (span.file, span.start) <= (inner.file, inner.start));
    let last = after.checked_sub(1).and_then(|last| spans.get(last));
    last.is_some_and(|span| span.file == inner.file && inner.end <= span.end)
}

fn collect(items: &[std::sync::Arc<ast::Item>], bodies: &mut Vec<Span>) {
    let body = |function: &ast::Function| function.body.as_ref().map(|body| body.span);
    for item in items {
        match &item.kind {
            ast::ItemKind::Function(function) => bodies.extend(body(function)),
            ast::ItemKind::Class(class) => {
                let members = class.members.iter().flatten();
                let methods = members.filter_map(|member| member.kind.function());
                bodies.extend(methods.filter_map(body));
            }
            ast::ItemKind::Module(module) => collect(&module.items, bodies),
            _ => {}
        }
    }
}
