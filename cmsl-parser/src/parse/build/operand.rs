//! Operands: a primary expression with what stands before and behind it.

use super::expr::error;
use super::ty::primitive;
use super::{Builder, Pair, Parts};
use crate::Span;
use crate::ast::{
    Accept, Expr, ExprKind, Fixity, Literal, MemberAccess, NESTING_MAX, Path, StepOp, Timeout,
    UnaryOp,
};
use crate::diagnostic::{ACCEPT_FORM, INVOKE_FORM, NOT_CALLABLE, UNEXPECTED};
use crate::parse::grammar::Rule;

impl<'a> Builder<'a> {
    pub(super) fn operand(&mut self, parts: &mut Parts<'a>) -> Expr {
        let mut prefixes = Vec::new();
        while let Some(Rule::prefix_op | Rule::cast | Rule::invoke_word) = parts.peek() {
            prefixes.push(parts.required());
        }
        let deep = prefixes.len() > NESTING_MAX;
        let primary = parts.required();
        let mut operand = self.operand_from(primary, parts);
        if deep {
            self.too_high(operand.span);
            return error(operand.span);
        }
        while let Some(prefix) = prefixes.pop() {
            operand = self.prefix(prefix, operand);
        }
        operand
    }

    /// An operand that begins with a primary expression.
    pub(super) fn operand_from(&mut self, primary: Pair<'a>, parts: &mut Parts<'a>) -> Expr {
        let mut operand = self.primary(primary, parts);
        while let Some(Rule::member | Rule::arguments | Rule::index | Rule::postfix_op) =
            parts.peek()
        {
            let postfix = parts.required();
            operand = self.postfix(operand, postfix, parts);
        }
        operand
    }

    fn primary(&mut self, pair: Pair<'a>, parts: &mut Parts<'a>) -> Expr {
        let span = self.span(pair);
        let kind = match pair.rule() {
            Rule::expr => {
                let mut inside = self.expr(pair);
                inside.parenthesised = true;
                return inside;
            }
            Rule::path if primitive(pair.text()).is_some() => {
                return self.conversion(pair, parts);
            }
            Rule::path => {
                let path = self.path(pair);
                match parts.optional(Rule::arguments) {
                    Some(arguments) => return self.call(path, arguments),
                    None => ExprKind::Path(path),
                }
            }
            Rule::unsigned => return self.conversion(pair, parts),
            Rule::number => self.number(pair).map_or(ExprKind::Error, ExprKind::Literal),
            Rule::character => self
                .character(pair)
                .map_or(ExprKind::Error, ExprKind::Literal),
            Rule::string => ExprKind::Literal(Literal::String(self.string(pair))),
            Rule::constant => constant(pair.text()),
            Rule::new => return self.new_object(pair, span),
            Rule::server => return self.server(pair, span),
            Rule::accept => return self.accept(pair, span),
            Rule::find => return self.find(pair, span),
            _ => ExprKind::Error,
        };
        Expr {
            kind,
            span,
            height: 1,
            parenthesised: false,
        }
    }

    fn call(&mut self, function: Path, arguments: Pair<'a>) -> Expr {
        let span = function.span.to(self.span(arguments));
        let (arguments, height) = self.arguments(arguments);
        self.node(
            ExprKind::Call {
                function,
                arguments,
            },
            span,
            height,
        )
    }

    /// `double (x)`
    fn conversion(&mut self, pair: Pair<'a>, parts: &mut Parts<'a>) -> Expr {
        let word = pair.text();
        let ty = self.ty(pair);
        let Some(list) = parts.optional(Rule::arguments) else {
            self.keyword(word, ty.span);
            return error(ty.span);
        };
        let span = ty.span.to(self.span(list));
        let (mut arguments, height) = self.arguments(list);
        match (arguments.pop(), arguments.is_empty()) {
            (Some(operand), true) => self.node(
                ExprKind::Cast {
                    ty,
                    operand: Box::new(operand),
                },
                span,
                height,
            ),
            _ => {
                let message = "a conversion takes one value";
                self.error(
                    NOT_CALLABLE,
                    span,
                    message,
                    "write `(double) x` or `double (x)`",
                );
                error(span)
            }
        }
    }

    /// The expressions between parentheses, and the greatest of their heights.
    pub(super) fn arguments(&mut self, pair: Pair<'a>) -> (Vec<Expr>, u16) {
        let mut arguments = Vec::new();
        for part in pair.parts() {
            arguments.push(self.expr(part));
        }
        let height = arguments
            .iter()
            .map(|argument| argument.height)
            .max()
            .unwrap_or_default();
        (arguments, height)
    }

    /// The expression between square brackets.
    pub(super) fn index(&mut self, pair: Pair<'a>) -> Expr {
        let expr = pair.parts().required();
        self.expr(expr)
    }

    fn postfix(&mut self, object: Expr, pair: Pair<'a>, parts: &mut Parts<'a>) -> Expr {
        let span = object.span.to(self.span(pair));
        let height = object.height;
        match pair.rule() {
            Rule::index => {
                let index = self.index(pair);
                let height = height.max(index.height);
                let (object, index) = (Box::new(object), Box::new(index));
                self.node(ExprKind::Index { object, index }, span, height)
            }
            Rule::member => self.member_access(object, pair, span, parts),
            Rule::postfix_op => {
                let op = step_op(pair.text());
                let operand = Box::new(object);
                let kind = ExprKind::Step {
                    op,
                    fixity: Fixity::Postfix,
                    operand,
                };
                self.node(kind, span, height)
            }
            _ => {
                let help = match &object.kind {
                    ExprKind::New(_) | ExprKind::Server(_) => {
                        "the arguments stand before the size, `new c (a) [n]`"
                    }
                    _ => "write the name of a function, `f (a)`, or of a method, `x->m (a)`",
                };
                self.error(NOT_CALLABLE, span, "this cannot be called", help);
                error(span)
            }
        }
    }

    fn member_access(
        &mut self,
        object: Expr,
        pair: Pair<'a>,
        span: Span,
        parts: &mut Parts<'a>,
    ) -> Expr {
        let arrow = pair.text().starts_with('-');
        let access = if arrow {
            MemberAccess::Arrow
        } else {
            MemberAccess::Dot
        };
        let name = pair.parts().required();
        let name = self.name(name);
        let object = Box::new(object);
        let Some(list) = parts.optional(Rule::arguments) else {
            let height = object.height;
            return self.node(
                ExprKind::Field {
                    object,
                    access,
                    field: name,
                },
                span,
                height,
            );
        };
        let span = span.to(self.span(list));
        let (arguments, height) = self.arguments(list);
        let height = height.max(object.height);
        let kind = ExprKind::MethodCall {
            object,
            access,
            method: name,
            arguments,
        };
        self.node(kind, span, height)
    }

    fn prefix(&mut self, pair: Pair<'a>, operand: Expr) -> Expr {
        let start = self.span(pair);
        let span = start.to(operand.span);
        let height = operand.height;
        let operand = Box::new(operand);
        let kind = match pair.rule() {
            Rule::cast => {
                let ty = pair.parts().required();
                ExprKind::Cast {
                    ty: self.ty(ty),
                    operand,
                }
            }
            Rule::invoke_word => match operand.kind {
                ExprKind::MethodCall { .. } | ExprKind::Error => ExprKind::Invoke(operand),
                _ => {
                    let message = "`invoke` needs a call of a server's method";
                    self.error(INVOKE_FORM, span, message, "write `invoke s->m (a)`");
                    ExprKind::Error
                }
            },
            _ => match pair.text() {
                "++" | "--" => ExprKind::Step {
                    op: step_op(pair.text()),
                    fixity: Fixity::Prefix,
                    operand,
                },
                "-" => ExprKind::Unary(UnaryOp::Minus, operand),
                "+" => ExprKind::Unary(UnaryOp::Plus, operand),
                "!" => ExprKind::Unary(UnaryOp::Not, operand),
                _ => ExprKind::Unary(UnaryOp::Complement, operand),
            },
        };
        self.node(kind, span, height)
    }

    fn find(&mut self, pair: Pair<'a>, span: Span) -> Expr {
        let mut parts = pair.parts();
        let class = parts.required();
        let class_text = class.text().trim_end();
        let Some(arguments) = parts.optional(Rule::arguments) else {
            let name = parts.next().map_or("\"name\"", Pair::text);
            let help = format!("write `find<{class_text}> ({name})`");
            let message = "the name of the server stands in parentheses";
            self.error(UNEXPECTED, span, message, &help);
            return error(span);
        };
        let class = self.ty(class);
        let (arguments, height) = self.arguments(arguments);
        self.node(ExprKind::Find { class, arguments }, span, height)
    }

    fn accept(&mut self, pair: Pair<'a>, span: Span) -> Expr {
        let mut parts = pair.parts();
        let (arguments, height) = self.arguments(parts.required());
        let timeout = parts
            .optional(Rule::timeout)
            .map(|timeout| self.timeout(timeout));
        let height = timeout
            .as_ref()
            .map_or(height, |timeout| height.max(timeout.seconds.height));
        let mut arguments = arguments.into_iter();
        let (Some(futures), Some(count), None) =
            (arguments.next(), arguments.next(), arguments.next())
        else {
            let message = "`accept` takes the futures and how many of them to wait for";
            let help = "write `accept (futures, n)`, or `accept (f, 1)` for a single future";
            self.error(ACCEPT_FORM, span, message, help);
            return error(span);
        };
        self.node(
            ExprKind::Accept(Box::new(Accept {
                futures,
                count,
                timeout,
            })),
            span,
            height,
        )
    }

    fn timeout(&mut self, pair: Pair<'a>) -> Timeout {
        let span = self.span(pair);
        let mut parts = pair.parts();
        let seconds = parts.required();
        let seconds = self.expr(seconds);
        let block = parts.optional(Rule::block).map(|block| self.block(block));
        Timeout {
            seconds,
            block,
            span,
        }
    }
}

fn step_op(text: &str) -> StepOp {
    if text == "++" {
        StepOp::Increment
    } else {
        StepOp::Decrement
    }
}

fn constant(text: &str) -> ExprKind {
    match text {
        "this" => ExprKind::This,
        "null" => ExprKind::Literal(Literal::Null),
        _ => ExprKind::Literal(Literal::Boolean(text == "true")),
    }
}
