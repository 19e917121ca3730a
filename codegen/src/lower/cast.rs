//! `(num) -x`: a cast where `num` is a type, a difference where it is a value. The grammar, which does not know what is a
//! type, takes it for a difference; here it gets its meaning, and its neighbours their precedence.

use cmsl_parser::ast::NESTING_MAX;
use cmsl_parser::{Span, ast};

use super::operator::flat;
use super::{Lower, poison};
use crate::ir::Expr;
use crate::resolve::Symbol;

/// An operator before an operand, and where it stands.
type Sign = (ast::UnaryOp, Span);

/// An operand of a chain.
enum Operand<'a> {
    Plain(&'a ast::Expr),
    /// `(num) -x`, and the signs before it
    Cast {
        signs: Vec<Sign>,
        to: &'a ast::Path,
        op: ast::UnaryOp,
        op_span: Span,
        operand: Box<Operand<'a>>,
        depth: usize,
    },
}

impl Operand<'_> {
    fn span(&self) -> Span {
        match self {
            Operand::Plain(expr) => expr.span,
            Operand::Cast { to, operand, .. } => to.span.to(operand.span()),
        }
    }

    /// How many casts there are, one of the other.
    fn depth(&self) -> usize {
        match self {
            Operand::Plain(_) => 0,
            Operand::Cast { depth, .. } => *depth,
        }
    }
}

/// The operators that stand before an operand, too.
fn prefix(op: ast::BinaryOp) -> Option<ast::UnaryOp> {
    match op {
        ast::BinaryOp::Add => Some(ast::UnaryOp::Plus),
        ast::BinaryOp::Subtract => Some(ast::UnaryOp::Minus),
        _ => None,
    }
}

/// The operands and operators of a chain in the order of the text, what is in parentheses left as it is.
#[derive(Default)]
struct Flat<'a> {
    operands: Vec<&'a ast::Expr>,
    operators: Vec<(ast::BinaryOp, Span)>,
}

impl<'a> Flat<'a> {
    fn add(&mut self, expr: &'a ast::Expr) {
        if expr.parenthesised || !self.add_inside(expr) {
            self.operands.push(expr);
        }
    }

    fn add_inside(&mut self, expr: &'a ast::Expr) -> bool {
        match &expr.kind {
            ast::ExprKind::Binary {
                op,
                op_span,
                left,
                right,
            } => {
                self.add(left);
                self.operators.push((*op, *op_span));
                self.add(right);
            }
            ast::ExprKind::Chain { first, links } => {
                self.add(first);
                for link in links {
                    self.operators.push((link.op, link.op_span));
                    self.add(&link.operand);
                }
            }
            _ => return false,
        }
        true
    }
}

impl<'a> Lower<'_, 'a> {
    /// Whether what stands before an operator ends with a type in parentheses.
    pub fn is_cast(&mut self, op: ast::BinaryOp, left: &'a ast::Expr) -> bool {
        if prefix(op).is_none() {
            return false;
        }
        let mut last = left;
        while !last.parenthesised {
            last = match &last.kind {
                ast::ExprKind::Binary { right, .. } => right,
                ast::ExprKind::Chain { first, links } => {
                    links.last().map_or(first, |link| &link.operand)
                }
                ast::ExprKind::Unary(_, operand) => operand,
                _ => break,
            };
        }
        self.type_in_parentheses(last).is_some()
    }

    /// The type's name and the signs before it, if that is what an operand is.
    fn signs_and_type(&mut self, operand: &'a ast::Expr) -> Option<(Vec<Sign>, &'a ast::Path)> {
        let (mut signs, mut last) = (Vec::new(), operand);
        while let ast::ExprKind::Unary(op, operand) = &last.kind
            && !last.parenthesised
        {
            signs.push((*op, last.span));
            last = operand;
        }
        Some((signs, self.type_in_parentheses(last)?))
    }

    /// The type's name, if that is what an expression is.
    fn type_in_parentheses(&mut self, expr: &'a ast::Expr) -> Option<&'a ast::Path> {
        let ast::ExprKind::Path(path) = &expr.kind else {
            return None;
        };
        if !expr.parenthesised {
            return None;
        }
        if let Some(name) = path.single() {
            let field = |class| self.checker.find_field(class, name.as_str());
            if self.local(name.as_str()).is_some() || self.class.and_then(field).is_some() {
                return None;
            }
        }
        let symbol = self.checker.peek_path(path, self.scope)?;
        matches!(symbol, Symbol::Enum(_) | Symbol::Typedef(_)).then_some(path)
    }

    /// A chain of operators in which some are the signs of what is cast.
    pub fn with_casts(&mut self, expr: &'a ast::Expr) -> Expr {
        let mut flat = Flat::default();
        flat.add_inside(expr);
        let Flat {
            operands: mut plain,
            mut operators,
        } = flat;
        let mut operands: Vec<Operand<'a>> = Vec::with_capacity(plain.len());
        let mut between: Vec<(ast::BinaryOp, Span)> = Vec::with_capacity(operators.len());
        // From the right: the operand of a cast may be a cast itself.
        while let Some(operand) = plain.pop() {
            let sign = between
                .last()
                .and_then(|&(op, span)| Some((prefix(op)?, span)));
            let made = match (sign, self.signs_and_type(operand), operands.pop()) {
                (Some((op, op_span)), Some((signs, to)), Some(of)) if of.depth() < NESTING_MAX => {
                    between.pop();
                    Operand::Cast {
                        signs,
                        to,
                        op,
                        op_span,
                        depth: of.depth() + 1,
                        operand: Box::new(of),
                    }
                }
                (_, _, after) => {
                    operands.extend(after);
                    Operand::Plain(operand)
                }
            };
            operands.push(made);
            between.extend(operators.pop());
        }
        operands.reverse();
        between.reverse();
        self.climb(operands, between)
    }

    /// By precedence, as the parser does it.
    fn climb(&mut self, operands: Vec<Operand<'a>>, operators: Vec<(ast::BinaryOp, Span)>) -> Expr {
        let is_long = operands.len() > NESTING_MAX;
        let mut operators = operators.into_iter();
        let mut values: Vec<Expr> = Vec::new();
        let mut waiting: Vec<(ast::BinaryOp, Span)> = Vec::new();
        for operand in operands {
            values.push(self.cast_or_value(operand));
            let next = operators.next();
            while let Some(&(op, span)) = waiting.last()
                && next.is_none_or(|(next, _)| op.precedence() >= next.precedence())
            {
                waiting.pop();
                if let (Some(right), Some(left)) = (values.pop(), values.pop()) {
                    let whole = left.span.to(right.span);
                    let value = self.binary(op, span, left, right, whole);
                    values.push(if is_long { flat(value) } else { value });
                }
            }
            waiting.extend(next);
        }
        values.pop().unwrap_or_else(|| poison(Span::default()))
    }

    fn cast_or_value(&mut self, operand: Operand<'a>) -> Expr {
        let span = operand.span();
        let (signs, to, op, op_span, operand) = match operand {
            Operand::Plain(expr) => return self.value(expr),
            Operand::Cast {
                signs,
                to,
                op,
                op_span,
                operand,
                ..
            } => (signs, to, op, op_span, operand),
        };
        let ty = ast::Type {
            kind: ast::TypeKind::Named(to.clone()),
            span: to.span,
        };
        let to = self.checker.value_type(&ty, self.scope);
        let signed = op_span.to(operand.span());
        let value = match *operand {
            Operand::Plain(expr) => self.unary(op, expr, signed),
            operand => {
                let value = self.cast_or_value(operand);
                self.unary_of(op, value, signed)
            }
        };
        let value = self.cast(value, to, span);
        let signs = signs.into_iter().rev();
        signs.fold(value, |value, (op, from)| {
            self.unary_of(op, value, from.to(span))
        })
    }
}
