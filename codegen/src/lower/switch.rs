//! `switch`.

use std::collections::BTreeMap;

use cmsl_parser::{Diagnostic, Span, ast};

use super::Lower;
use crate::check::types;
use crate::ir::{Label, Literal, StmtKind, SwitchCase, Type};

impl<'a> Lower<'_, 'a> {
    pub fn switch(&mut self, switch: &'a ast::Switch) -> (StmtKind, bool) {
        let value = self.value(&switch.subject);
        let ty = value.ty;
        let fits = ty.is_integer()
            || matches!(ty, Type::Char | Type::Enum(_) | Type::String | Type::Poison);
        if !fits {
            let message = format!("`switch` does not look at `{}`", self.show(ty));
            self.report(
                Diagnostic::new(types::BAD_SWITCH, value.span, message)
                    .help("integers, chars, enums and strings can be switched on"),
            );
        }
        let subject = if fits { ty } else { Type::Poison };
        let (label, outcome, broken) =
            self.inside(false, |lower| lower.sections(&switch.sections, subject));
        let (mut cases, ends_open, has_default) = outcome;
        for case in &mut cases {
            strip_break(case, label);
        }
        // Of what is not known, all may be named.
        let exhaustive = has_default || ty == Type::Poison || self.covers_all(&cases, ty);
        let reachable = broken || ends_open || !exhaustive;
        let kind = StmtKind::Switch {
            label,
            value,
            cases,
        };
        (kind, reachable)
    }

    /// The arms; whether control runs out of the last one, and whether there is a default.
    fn sections(
        &mut self,
        sections: &'a [ast::SwitchSection],
        subject: Type,
    ) -> (Vec<SwitchCase>, bool, bool) {
        let mut cases = Vec::with_capacity(sections.len());
        let mut seen = BTreeMap::new();
        let mut default: Option<Span> = None;
        let mut ends_open = sections.is_empty();
        for (position, section) in sections.iter().enumerate() {
            let mut values = Vec::new();
            let mut is_default = false;
            for label in &section.labels {
                match &label.value {
                    Some(value) => {
                        values.extend(self.case_value(value, subject, &mut seen));
                    }
                    None => {
                        if let Some(first) = default {
                            let message = "`default` occurs twice";
                            self.report(
                                Diagnostic::new(types::BAD_SWITCH, label.span, message)
                                    .label(first, "first here"),
                            );
                        }
                        default = Some(label.span);
                        is_default = true;
                    }
                }
            }
            let span = match (section.statements.first(), section.statements.last()) {
                (Some(first), Some(last)) => first.span.to(last.span),
                _ => section.labels.first().map_or(Span::default(), |l| l.span),
            };
            let (body, open) = self.scoped(|lower| lower.statements(&section.statements, span));
            let is_last = position + 1 == sections.len();
            if is_last {
                ends_open = open;
            }
            cases.push(SwitchCase {
                values,
                is_default,
                body,
                falls_through: open && !is_last,
            });
        }
        (cases, ends_open, default.is_some())
    }

    fn case_value(
        &mut self,
        value: &'a ast::Expr,
        subject: Type,
        seen: &mut BTreeMap<String, Span>,
    ) -> Option<Literal> {
        let value = self.expect(value, subject, "a case of this switch");
        if subject == Type::Poison || value.ty == Type::Poison {
            return None;
        }
        let literal = self.checker.constant(&value, "a case")?;
        let key = format!("{literal:?}");
        if let Some(&first) = seen.get(&key) {
            let message = "this case occurs twice";
            self.report(
                Diagnostic::new(types::BAD_SWITCH, value.span, message)
                    .label(first, "first here")
                    .help("remove one of them"),
            );
            return None;
        }
        seen.insert(key, value.span);
        Some(literal)
    }

    fn covers_all(&self, cases: &[SwitchCase], ty: Type) -> bool {
        let Type::Enum(id) = ty else {
            return false;
        };
        let covered: usize = cases.iter().map(|case| case.values.len()).sum();
        covered == self.checker.program.enumeration(id).variants.len()
    }
}

/// The `break` that ends an arm is what an arm does anyway.
fn strip_break(case: &mut SwitchCase, label: Label) {
    let ends = matches!(
        case.body.statements.last().map(|stmt| &stmt.kind),
        Some(StmtKind::Break(target)) if *target == label
    );
    if ends {
        case.body.statements.pop();
    }
}
