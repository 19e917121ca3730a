//! Statements.

use super::{Builder, Pair, Parts};
use crate::Span;
use crate::ast::{
    BinaryOp, Block, Bound, Catch, Declarator, Expr, ExprKind, For, ForEvery, ForIn, IfArm, Stmt,
    StmtKind, Switch, SwitchLabel, SwitchSection, Type, TypeKind, Variables,
};
use crate::diagnostic::{ASSIGNMENT_VALUE, FOR_EVERY_FORM, UNEXPECTED};
use crate::parse::grammar::Rule;

impl<'a> Builder<'a> {
    pub(super) fn block(&mut self, pair: Pair<'a>) -> Block {
        let span = self.span(pair);
        let mut statements = Vec::new();
        for part in pair.parts() {
            statements.push(self.stmt(part));
        }
        Block { statements, span }
    }

    pub(super) fn stmt(&mut self, pair: Pair<'a>) -> Stmt {
        let span = self.span(pair);
        let rule = pair.rule();
        let kind = match rule {
            Rule::block => StmtKind::Block(self.block(pair)),
            Rule::variables => StmtKind::Variables(self.variables(pair)),
            Rule::plain => return self.plain(pair, span),
            Rule::simple => return self.simple(pair),
            Rule::accept_statement => return self.accept_statement(pair),
            Rule::if_statement => self.if_statement(pair),
            Rule::for_every => self.for_every(pair),
            Rule::for_in => self.for_in(pair),
            Rule::for_loop => self.for_loop(pair),
            Rule::switch_statement => self.switch(pair),
            Rule::try_statement => self.try_statement(pair),
            Rule::empty => StmtKind::Empty,
            Rule::break_statement => StmtKind::Break,
            Rule::continue_statement => StmtKind::Continue,
            Rule::while_statement => {
                let mut parts = pair.parts();
                let condition = self.next_expr(&mut parts);
                StmtKind::While {
                    condition,
                    body: Box::new(self.next_stmt(&mut parts)),
                }
            }
            Rule::do_statement => {
                let mut parts = pair.parts();
                parts.optional(Rule::do_word);
                let body = Box::new(self.next_stmt(&mut parts));
                StmtKind::DoWhile {
                    body,
                    condition: self.next_expr(&mut parts),
                }
            }
            Rule::return_statement => StmtKind::Return(self.operand_of(pair)),
            Rule::throw_statement => StmtKind::Throw(self.operand_of(pair)),
            Rule::assert_statement => StmtKind::Assert(self.required_of(pair, span)),
            Rule::delete_statement => StmtKind::Delete(self.required_of(pair, span)),
            _ => {
                let span = self.skipped(pair);
                return Stmt {
                    kind: StmtKind::Error,
                    span,
                };
            }
        };
        Stmt { kind, span }
    }

    fn next_expr(&mut self, parts: &mut Parts<'a>) -> Expr {
        let pair = parts.required();
        self.expr(pair)
    }

    fn next_stmt(&mut self, parts: &mut Parts<'a>) -> Stmt {
        let pair = parts.required();
        self.stmt(pair)
    }

    /// The expression behind the word of a statement, if there is one.
    fn operand_of(&mut self, pair: Pair<'a>) -> Option<Expr> {
        let expr = pair.parts().find(|part| part.rule() == Rule::expr)?;
        Some(self.expr(expr))
    }

    fn required_of(&mut self, pair: Pair<'a>, span: Span) -> Expr {
        self.operand_of(pair)
            .unwrap_or_else(|| super::expr::error(span))
    }

    /// What begins with a path: a declaration, an assignment or an expression, without the `;`.
    fn plain(&mut self, pair: Pair<'a>, span: Span) -> Stmt {
        let mut parts = pair.parts();
        let path = parts.required();
        if parts.peek() == Some(Rule::declarator) {
            let ty = self.ty(path);
            let variables = self.declarators(None, ty, parts);
            let kind = StmtKind::Variables(variables);
            return Stmt { kind, span };
        }
        let target = self.operand_from(path, &mut parts);
        self.assignment(target, parts, span)
    }

    /// An expression or an assignment, without the `;`.
    fn simple(&mut self, pair: Pair<'a>) -> Stmt {
        let span = self.span(pair);
        let mut parts = pair.parts();
        let target = self.next_expr(&mut parts);
        self.assignment(target, parts, span)
    }

    fn assignment(&mut self, target: Expr, mut parts: Parts<'a>, span: Span) -> Stmt {
        let Some(op) = parts.optional(Rule::assign_op) else {
            let kind = match self.pointer(&target, None) {
                Some(variables) => StmtKind::Variables(variables),
                None => StmtKind::Expr(target),
            };
            return Stmt { kind, span };
        };
        let op_span = self.span(op);
        let value = self.next_expr(&mut parts);
        if op.text() == "="
            && let Some(variables) = self.pointer(&target, Some(&value))
        {
            let kind = StmtKind::Variables(variables);
            return Stmt { kind, span };
        }
        if let Some(second) = parts.optional(Rule::assign_op) {
            let span = self.span(second);
            let message = "an assignment has no value that another could take";
            self.error(
                ASSIGNMENT_VALUE,
                span,
                message,
                "write a statement for each assignment",
            );
        }
        let op = op.text().strip_suffix('=').filter(|op| !op.is_empty());
        let op: Option<BinaryOp> = op.map(super::expr::binary_op);
        Stmt {
            kind: StmtKind::Assign {
                target,
                op,
                op_span,
                value,
            },
            span,
        }
    }

    /// `T * x` and `T & x`, which C++ declares: reported, and taken for a declaration.
    fn pointer(&mut self, target: &Expr, value: Option<&Expr>) -> Option<Variables> {
        let ExprKind::Binary {
            op: op @ (BinaryOp::Multiply | BinaryOp::BitAnd),
            op_span,
            left,
            right,
        } = &target.kind
        else {
            return None;
        };
        let (ExprKind::Path(ty), ExprKind::Path(name)) = (&left.kind, &right.kind) else {
            return None;
        };
        let name = name.single()?.clone();
        let message = format!("`{}` has no meaning between a type and a name", op.symbol());
        let help =
            "there are no pointers: a variable of a class refers to objects by itself; remove it";
        self.error(UNEXPECTED, *op_span, message, help);
        let span = value.map_or(name.span, |value| name.span.to(value.span));
        Some(Variables {
            constant: None,
            ty: Type {
                span: ty.span,
                kind: TypeKind::Named(ty.clone()),
            },
            declarators: vec![Declarator {
                name,
                size: None,
                value: value.cloned(),
                span,
            }],
        })
    }

    fn accept_statement(&mut self, pair: Pair<'a>) -> Stmt {
        let mut parts = pair.parts();
        let simple = parts.required();
        let stmt = self.simple(simple);
        let accept = match &stmt.kind {
            StmtKind::Expr(value) | StmtKind::Assign { value, .. } => match &value.kind {
                ExprKind::Accept(accept) => Some(accept),
                ExprKind::Error => return stmt,
                _ => None,
            },
            _ => None,
        };
        let timeout = accept.and_then(|accept| accept.timeout.as_ref());
        let has_block = timeout.is_some_and(|timeout| timeout.block.is_some());
        if parts.optional(Rule::semicolon).is_none() && !has_block {
            let file = stmt.span.file;
            let end = Span::new(file, stmt.span.end.saturating_sub(1), stmt.span.end);
            let rest = self.text.get(stmt.span.end as usize..).unwrap_or_default();
            let on_line = rest.lines().next().unwrap_or_default().trim_start();
            if timeout.is_some() && on_line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let message = "what is done when the time is over is a block";
                let help = "write it in braces, `timeout (2) { … }`";
                self.error(UNEXPECTED, end, message, help);
            } else {
                let help = "end the statement with `;`";
                self.error(UNEXPECTED, end, "expected `;` behind this", help);
            }
        }
        stmt
    }

    fn if_statement(&mut self, pair: Pair<'a>) -> StmtKind {
        let mut parts = pair.parts();
        let mut arms = Vec::new();
        let mut otherwise = None;
        while let Some(part) = parts.next() {
            match part.rule() {
                Rule::expr => {
                    let condition = self.expr(part);
                    arms.push(IfArm {
                        condition,
                        body: self.next_stmt(&mut parts),
                    });
                }
                Rule::else_body => {
                    let body = part.parts().required();
                    otherwise = Some(Box::new(self.stmt(body)));
                }
                _ => {}
            }
        }
        StmtKind::If { arms, otherwise }
    }

    fn for_every(&mut self, pair: Pair<'a>) -> StmtKind {
        let mut parts = pair.parts();
        parts.optional(Rule::for_word);
        parts.optional(Rule::every_word);
        let name = parts.required();
        let name = self.name(name);
        let range = self.next_expr(&mut parts);
        let span = range.span;
        let body = self.next_stmt(&mut parts);
        match bounds(range, name.as_str()) {
            Ok((low, high)) => StmtKind::ForEvery(Box::new(ForEvery {
                name,
                low,
                high,
                body,
            })),
            Err(reported) => {
                if !reported {
                    let message = format!("this is no range of `{name}`");
                    let help = format!("write `for every {name}, 0 <= {name} < n, statement`");
                    self.error(FOR_EVERY_FORM, span, message, &help);
                }
                StmtKind::Error
            }
        }
    }

    fn for_in(&mut self, pair: Pair<'a>) -> StmtKind {
        let mut parts = pair.parts();
        let ty = parts.required();
        let ty = self.ty(ty);
        let name = parts.required();
        let name = self.name(name);
        let collection = self.next_expr(&mut parts);
        let body = self.next_stmt(&mut parts);
        StmtKind::ForIn(Box::new(ForIn {
            ty,
            name,
            collection,
            body,
        }))
    }

    fn for_loop(&mut self, pair: Pair<'a>) -> StmtKind {
        let mut parts = pair.parts();
        let initial = self.stmts(parts.required());
        let condition = self.operand_of(parts.required());
        let step = self.stmts(parts.required());
        let body = self.next_stmt(&mut parts);
        StmtKind::For(Box::new(For {
            initial,
            condition,
            step,
            body,
        }))
    }

    fn stmts(&mut self, pair: Pair<'a>) -> Vec<Stmt> {
        let mut statements = Vec::new();
        for part in pair.parts() {
            statements.push(self.stmt(part));
        }
        statements
    }

    fn switch(&mut self, pair: Pair<'a>) -> StmtKind {
        let mut parts = pair.parts();
        let subject = self.next_expr(&mut parts);
        let mut sections = Vec::new();
        for part in parts {
            if part.rule() == Rule::section {
                sections.push(self.section(part));
            } else {
                self.skipped(part);
            }
        }
        StmtKind::Switch(Switch { subject, sections })
    }

    fn section(&mut self, pair: Pair<'a>) -> SwitchSection {
        let mut section = SwitchSection {
            labels: Vec::new(),
            statements: Vec::new(),
        };
        for part in pair.parts() {
            if part.rule() == Rule::label {
                let span = self.span(part);
                let value = part.parts().find(|part| part.rule() == Rule::case_value);
                let value = value.map(|value| self.expr(value));
                section.labels.push(SwitchLabel { value, span });
            } else {
                section.statements.push(self.stmt(part));
            }
        }
        section
    }

    fn try_statement(&mut self, pair: Pair<'a>) -> StmtKind {
        let mut parts = pair.parts();
        let body = parts.required();
        let body = self.block(body);
        let mut catches = Vec::new();
        for part in parts {
            catches.push(self.catch(part));
        }
        StmtKind::Try { body, catches }
    }

    fn catch(&mut self, pair: Pair<'a>) -> Catch {
        let span = self.span(pair);
        let (mut class, mut name, mut block) = (None, None, None);
        for part in pair.parts() {
            match part.rule() {
                Rule::ident => name = Some(self.name(part)),
                Rule::block => block = Some(self.block(part)),
                _ => class = Some(self.ty(part)),
            }
        }
        let body = block.unwrap_or(Block {
            statements: Vec::new(),
            span,
        });
        Catch {
            class,
            name,
            body,
            span,
        }
    }
}

/// The two ends of `low <= name < high`; the error says whether it has been reported before.
fn bounds(range: Expr, name: &str) -> Result<(Bound, Bound), bool> {
    let reported = matches!(range.kind, ExprKind::Error);
    let ExprKind::Binary {
        op: second,
        left,
        right: high,
        ..
    } = range.kind
    else {
        return Err(reported);
    };
    let ExprKind::Binary {
        op: first,
        left: low,
        right: middle,
        ..
    } = left.kind
    else {
        return Err(matches!(left.kind, ExprKind::Error));
    };
    let is_name = matches!(&middle.kind, ExprKind::Path(path)
        if path.single().is_some_and(|single| single.as_str() == name));
    let inclusive = |op: BinaryOp| match op {
        BinaryOp::Less => Ok(false),
        BinaryOp::LessEqual => Ok(true),
        _ => Err(false),
    };
    let (first, second) = (inclusive(first)?, inclusive(second)?);
    if !is_name {
        return Err(false);
    }
    Ok((
        Bound {
            value: *low,
            inclusive: first,
        },
        Bound {
            value: *high,
            inclusive: second,
        },
    ))
}
