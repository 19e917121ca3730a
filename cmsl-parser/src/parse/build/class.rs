//! Classes.

use super::{Builder, Pair};
use crate::ast::{Access, Class, Field, FieldKeyword, Member, MemberKind, Name, Path};
use crate::diagnostic::{DECLARATION_FORM, FIELD_KEYWORD};
use crate::parse::grammar::Rule;

impl<'a> Builder<'a> {
    /// A class whose members have an access until one is stated.
    pub(super) fn class(&mut self, pair: Pair<'a>, access: Access) -> Class {
        let mut parts = pair.parts();
        let server = parts
            .optional(Rule::server_word)
            .map(|word| self.span(word));
        parts.optional(Rule::class_word);
        let name = parts.required();
        let name = self.name(name);
        let base = parts.optional(Rule::base);
        let base = base.and_then(|base| self.base(base));
        let body = parts.optional(Rule::class_body);
        let members = body.map(|body| self.members(body, &name, access));
        Class {
            server,
            name,
            base,
            members,
        }
    }

    fn base(&mut self, pair: Pair<'a>) -> Option<Path> {
        let mut base = None;
        for part in pair.parts() {
            let span = self.span(part);
            match part.rule() {
                Rule::access_word if part.text() == "private" => {
                    let message = "a base is never private";
                    let help = "write `public`, or no word: what the base has, the class has, too";
                    self.error(DECLARATION_FORM, span, message, help);
                }
                Rule::path => base = Some(self.path(part)),
                Rule::generic => {
                    let message = "a class derives from classes only";
                    let help = format!("keep it as state, `attribute {} items;`", part.text());
                    self.error(DECLARATION_FORM, span, message, &help);
                }
                Rule::other_base => {
                    let message = "a class has one base";
                    let help = "derive from one, and refer to an object of the other: `relation other it;`";
                    self.error(DECLARATION_FORM, span, message, help);
                }
                _ => {}
            }
        }
        base
    }

    fn members(&mut self, body: Pair<'a>, class: &Name, mut access: Access) -> Vec<Member> {
        let mut members = Vec::new();
        for part in body.parts() {
            if part.rule() == Rule::access {
                let public = part.text().starts_with("public");
                access = if public {
                    Access::Public
                } else {
                    Access::Private
                };
                continue;
            }
            let span = self.span(part);
            let doc = self.doc(span.start);
            if part.parts().any(|part| part.rule() == Rule::missing_end) {
                self.end_missing(span);
            }
            let kind = self.member(part, class);
            if matches!(kind, MemberKind::Error) {
                // It may have had a `public:` before it.
                access = Access::Public;
            }
            members.push(Member {
                doc,
                access,
                kind,
                span,
            });
        }
        members
    }

    fn member(&mut self, pair: Pair<'a>, class: &Name) -> MemberKind {
        match pair.rule() {
            Rule::field => self.field(pair),
            Rule::function => self.method(pair, class),
            Rule::invariant => {
                let condition = pair.parts().required();
                MemberKind::Invariant(self.expr(condition))
            }
            Rule::plain_field => {
                let span = self.span(pair);
                let message = "this state lacks the word that introduces it";
                let help = "write `attribute` before the type, or `relation` if it refers to objects \
                            of classes";
                self.error(FIELD_KEYWORD, span, message, help);
                let mut variables = self.variables(pair.parts().required());
                variables.constant = None;
                MemberKind::Field(Field {
                    keyword: FieldKeyword::Attribute,
                    variables,
                    inverse: None,
                })
            }
            _ => {
                self.skipped(pair);
                MemberKind::Error
            }
        }
    }

    fn field(&mut self, pair: Pair<'a>) -> MemberKind {
        let mut parts = pair.parts();
        let relation = parts.required().text() == "relation";
        let keyword = if relation {
            FieldKeyword::Relation
        } else {
            FieldKeyword::Attribute
        };
        let mut variables = self.variables(parts.required());
        if let Some(span) = variables.constant.take() {
            let help = "declare a constant outside of the class";
            self.error(
                DECLARATION_FORM,
                span,
                "state of an object is never `const`",
                help,
            );
        }
        let inverse = parts.optional(Rule::inverse).and_then(|inverse| {
            let path = inverse.parts().find(|part| part.rule() == Rule::path)?;
            Some(self.path(path))
        });
        if let Some(inverse) = &inverse
            && variables.declarators.len() > 1
        {
            let help = "declare each relation by itself";
            let message = "several relations cannot share one inverse";
            self.error(DECLARATION_FORM, inverse.span, message, help);
        }
        MemberKind::Field(Field {
            keyword,
            variables,
            inverse,
        })
    }

    fn method(&mut self, pair: Pair<'a>, class: &Name) -> MemberKind {
        let function = self.function(pair);
        if !function.name.qualifiers.is_empty() {
            let help = format!("inside the class write `{}` alone", function.name.name);
            let message = "a member's name is not qualified inside its class";
            self.error(DECLARATION_FORM, function.name.span, message, &help);
            return MemberKind::Error;
        }
        let of_class = function.name.name.text == class.text;
        match (&function.result, of_class) {
            (None, true) => MemberKind::Constructor(function),
            (Some(result), true) => {
                let help = "remove the type before it";
                self.error(
                    DECLARATION_FORM,
                    result.span,
                    "a constructor has no result",
                    help,
                );
                MemberKind::Error
            }
            (None, false) => {
                self.result_missing(&function);
                MemberKind::Error
            }
            (Some(_), false) => MemberKind::Method(function),
        }
    }
}
