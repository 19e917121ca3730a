//! `print`, `println` and `format`.

use cmsl_parser::{Diagnostic, Span, ast};

use super::builtin::is_printable;
use super::{Lower, poison, typed};
use crate::check::types;
use crate::ir::{Expr, ExprKind, Template, TemplatePiece, Type};

impl<'a> Lower<'_, 'a> {
    /// A call of one of the three; none if the name is another one.
    pub fn template(&mut self, name: &str, arguments: &'a [ast::Expr], span: Span) -> Option<Expr> {
        let (template, ty) = match name {
            "print" => (Template::Print, Type::Void),
            "println" => (Template::Println, Type::Void),
            "format" => (Template::Format, Type::String),
            _ => return None,
        };
        if template != Template::Format {
            self.facts.effects.output = true;
        }
        let kind = match self.template_parts(template, name, arguments, span) {
            Some((pieces, values)) => ExprKind::Template(template, pieces, values),
            None => poison(span).kind,
        };
        Some(typed(kind, ty, span))
    }

    fn template_parts(
        &mut self,
        template: Template,
        name: &str,
        arguments: &'a [ast::Expr],
        span: Span,
    ) -> Option<(Vec<TemplatePiece>, Vec<Expr>)> {
        let Some((first, rest)) = arguments.split_first() else {
            if template == Template::Println {
                return Some((Vec::new(), Vec::new()));
            }
            let message = format!("`{name}` takes a template");
            self.report(
                Diagnostic::new(types::BAD_TEMPLATE, span, message)
                    .help(format!("write `{name} (\"{{}}\", …)`")),
            );
            return None;
        };
        let values: Vec<Expr> = rest
            .iter()
            .map(|argument| self.printable(argument))
            .collect();
        let ast::ExprKind::Literal(ast::Literal::String(text)) = &first.kind else {
            self.value(first);
            let message = "the template must be a literal";
            self.report(
                Diagnostic::new(types::BAD_TEMPLATE, first.span, message)
                    .help(format!("write `{name} (\"{{}}\", …)`")),
            );
            return None;
        };
        let pieces = match pieces(text) {
            Ok(pieces) => pieces,
            Err(problem) => {
                self.report(
                    Diagnostic::new(types::BAD_TEMPLATE, first.span, problem)
                        .help("`{}` stands for an argument, `{{` and `}}` for braces"),
                );
                return None;
            }
        };
        let places = pieces
            .iter()
            .filter(|piece| **piece == TemplatePiece::Argument)
            .count();
        if places != values.len() {
            let message = format!(
                "the template has {places} `{{}}` for {} argument{}",
                values.len(),
                if values.len() == 1 { "" } else { "s" }
            );
            self.report(Diagnostic::new(types::BAD_TEMPLATE, first.span, message));
            return None;
        }
        Some((pieces, values))
    }

    fn printable(&mut self, argument: &'a ast::Expr) -> Expr {
        let value = self.value(argument);
        if is_printable(value.ty) {
            return value;
        }
        let message = format!("`{}` has no text", self.show(value.ty));
        let help = match value.ty {
            Type::Future(_) => "print its `->result`",
            Type::Class(_) => "print its attributes or what its methods return",
            _ => "print what it is made of",
        };
        self.report(Diagnostic::new(types::NOT_PRINTABLE, value.span, message).help(help));
        poison(value.span)
    }
}

/// A template taken apart.
fn pieces(text: &str) -> Result<Vec<TemplatePiece>, &'static str> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '{' => match chars.next() {
                Some('{') => plain.push('{'),
                Some('}') => {
                    if !plain.is_empty() {
                        pieces.push(TemplatePiece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(TemplatePiece::Argument);
                }
                _ => return Err("a `{` in the template is not followed by `}` or `{`"),
            },
            '}' => match chars.next() {
                Some('}') => plain.push('}'),
                _ => return Err("a `}` in the template stands alone"),
            },
            c => plain.push(c),
        }
    }
    if !plain.is_empty() {
        pieces.push(TemplatePiece::Text(plain));
    }
    Ok(pieces)
}
