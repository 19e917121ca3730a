//! Members of objects and values.

use cmsl_parser::{Diagnostic, Span, ast};

use super::builtin;
use super::{Lower, poison, typed};
use crate::check::{names, servers, types};
use crate::ir::{ClassId, ClassKind, Expr, ExprKind, Type};

impl<'a> Lower<'_, 'a> {
    /// What stands before `->` or `.`.
    pub fn object(&mut self, object: &'a ast::Expr) -> Expr {
        self.value(object)
    }

    /// `object->field`, `value.field`
    pub fn field(
        &mut self,
        object: Expr,
        access: ast::MemberAccess,
        name: &ast::Name,
        span: Span,
    ) -> Expr {
        match object.ty {
            Type::Poison => poison(span),
            Type::Future(result) => {
                if name.as_str() != "result" {
                    let owner = self.show(object.ty);
                    let unknown =
                        names::unknown_member(&owner, name.as_str(), name.span, ["result"]);
                    self.report(unknown.help("the only member of a future is `->result`"));
                    return poison(span);
                }
                if !self.check_access(&object, access, ast::MemberAccess::Arrow, name) {
                    return poison(span);
                }
                let ty = self.checker.program.types.at(result);
                if ty == Type::Null {
                    self.checker.meets_unknown = true;
                    let message = "the result type of this future is not known yet";
                    self.report(
                        Diagnostic::new(types::UNKNOWN_FUTURE, span, message)
                            .help("write it where the future is declared: `future<T>`"),
                    );
                    return poison(span);
                }
                self.facts.effects.calls_servers = true;
                self.facts.effects.waits = true;
                typed(ExprKind::FutureResult(Box::new(object)), ty, span)
            }
            Type::Error => {
                if !self.check_access(&object, access, ast::MemberAccess::Dot, name) {
                    return poison(span);
                }
                match name.as_str() {
                    "code" => typed(ExprKind::ErrorCode(Box::new(object)), Type::Int, span),
                    "message" => {
                        typed(ExprKind::ErrorMessage(Box::new(object)), Type::String, span)
                    }
                    other => {
                        let unknown =
                            names::unknown_member("error", other, name.span, ["code", "message"]);
                        self.report(unknown);
                        poison(span)
                    }
                }
            }
            Type::Class(class) => self.object_field(object, class, access, name, span),
            ty => {
                let owner = self.show(ty);
                let candidates = builtin::method_names(ty);
                let called = candidates.contains(&name.as_str());
                let unknown = names::unknown_member(&owner, name.as_str(), name.span, candidates);
                self.report(if called {
                    unknown.help("it is a method: write `()` behind it")
                } else {
                    unknown
                });
                poison(span)
            }
        }
    }

    fn object_field(
        &mut self,
        object: Expr,
        class: ClassId,
        access: ast::MemberAccess,
        name: &ast::Name,
        span: Span,
    ) -> Expr {
        let Some(field) = self.checker.find_field(class, name.as_str()) else {
            let owner = self.checker.class_name(class).to_owned();
            let method = !self.checker.find_methods(class, name.as_str()).is_empty();
            let candidates = self.checker.member_names(class);
            let unknown = if method {
                let message = format!("`{name}` is a method of `{owner}`, not an attribute");
                Diagnostic::new(names::WRONG_KIND, name.span, message)
                    .help("call it: write `()` behind it")
            } else {
                names::unknown_member(&owner, name.as_str(), name.span, candidates)
            };
            self.report(unknown);
            return poison(span);
        };
        if !self.check_access(&object, access, ast::MemberAccess::Arrow, name) {
            return poison(span);
        }
        let is_server = self.checker.program.class(class).kind == ClassKind::Server;
        if is_server && !matches!(object.kind, ExprKind::This) {
            let declared = self.checker.program.field(field).span;
            let owner = self.checker.class_name(class).to_owned();
            let message = format!("`{name}` is an attribute of the server class `{owner}`");
            self.report(
                Diagnostic::new(servers::REMOTE_ATTRIBUTE, name.span, message)
                    .note("reached from outside the server")
                    .label(declared, "declared here")
                    .help(format!(
                        "declare a method in `{owner}` that returns or changes it"
                    )),
            );
            return poison(span);
        }
        self.field_of(object, field, name)
    }

    /// Checks that `->` and `.` are used for what they are for.
    pub fn check_access(
        &mut self,
        object: &Expr,
        access: ast::MemberAccess,
        right: ast::MemberAccess,
        name: &ast::Name,
    ) -> bool {
        if access == right {
            return true;
        }
        let (wrong, correct) = match right {
            ast::MemberAccess::Arrow => (".", "->"),
            ast::MemberAccess::Dot => ("->", "."),
        };
        let what = self.show(object.ty);
        let span = object.span.to(name.span);
        let message = format!("members of `{what}` are reached with `{correct}`, not `{wrong}`");
        self.report(
            Diagnostic::new(types::WRONG_ACCESS, span, message)
                .help(format!("write `{correct}{name}`")),
        );
        false
    }
}
