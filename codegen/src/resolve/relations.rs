//! Relations and their inverses.

use cmsl_parser::{Diagnostic, Span};

use super::{Checker, Found, Symbol};
use crate::check::{classes, names};
use crate::index::Entity;
use crate::ir::{ClassId, ClassKind, FieldId, Type};

impl Checker<'_> {
    /// Finds the inverse of each relation that names one.
    pub fn resolve_inverses(&mut self) {
        for index in 0..self.field_sources.len() {
            let Some(&Some((field, _, scope))) = self.field_sources.get(index) else {
                continue;
            };
            let Some(path) = &field.inverse else { continue };
            let id = FieldId::at(index);
            match self.find_qualifier(path, scope) {
                Found::Symbol(Symbol::Class(class)) => {
                    let name = path.name.as_str();
                    if let Some(other) = self.find_field(class, name) {
                        self.note(path.name.span, Entity::Field(other));
                        self.join(id, other, path.span);
                    } else {
                        let owner = self.class_name(class).to_owned();
                        let candidates = self.member_names(class);
                        let unknown =
                            names::unknown_member(&owner, name, path.name.span, candidates);
                        self.report(unknown);
                    }
                }
                Found::Reported => {}
                _ => {
                    let message = "an inverse is written `class::relation`";
                    self.report(Diagnostic::new(classes::BAD_INVERSE, path.span, message));
                }
            }
        }
    }

    fn join(&mut self, id: FieldId, other: FieldId, span: Span) {
        if self.program.field(id).ty == Type::Poison || self.program.field(other).ty == Type::Poison
        {
            return;
        }
        if let Some(problem) = self.inverse_problem(id, other) {
            let declared = self.program.field(other).span;
            self.report(
                Diagnostic::new(classes::BAD_INVERSE, span, problem)
                    .label(declared, "the other side"),
            );
            return;
        }
        if let Some((message, help)) = self.between_servers(id, other) {
            let diagnostic = Diagnostic::new(classes::BAD_INVERSE, span, message);
            self.report(diagnostic.help(help));
            return;
        }
        for (one, two) in [(id, other), (other, id)] {
            if let Some(field) = self.program.fields.get_mut(one.index()) {
                field.inverse = Some(two);
            }
        }
    }

    /// What one server changes, it cannot change in another one as well.
    fn between_servers(&self, id: FieldId, other: FieldId) -> Option<(String, String)> {
        let (this, that) = (self.program.field(id), self.program.field(other));
        let is_server = |class| self.program.class(class).kind == ClassKind::Server;
        if !is_server(this.class) || !is_server(that.class) {
            return None;
        }
        let message = format!(
            "`{}` and `{}` are attributes of two servers",
            this.name, that.name
        );
        let owner = self.class_name(that.class);
        let help = format!(
            "leave `inverse` out, and change `{}` by a method of `{owner}`",
            that.name
        );
        Some((message, help))
    }

    fn inverse_problem(&self, id: FieldId, other: FieldId) -> Option<String> {
        let (this, that) = (self.program.field(id), self.program.field(other));
        for field in [this, that] {
            if self.related(field.ty).is_none() {
                return Some(format!(
                    "`{}` is no relation: it has the type `{}`",
                    field.name,
                    self.show(field.ty)
                ));
            }
        }
        let fits = |from: &crate::ir::Field, to: &crate::ir::Field| {
            self.related(from.ty)
                .is_some_and(|class| self.program.derives_from(class, to.class))
        };
        if !fits(this, that) || !fits(that, this) {
            return Some(format!(
                "`{}` of `{}` and `{}` of `{}` do not relate to each other's class",
                this.name,
                self.class_name(this.class),
                that.name,
                self.class_name(that.class),
            ));
        }
        let taken = [(this, other), (that, id)]
            .into_iter()
            .any(|(field, wanted)| field.inverse.is_some_and(|inverse| inverse != wanted));
        taken.then(|| format!("`{}` has another inverse already", that.name))
    }

    /// The class that a relation's type leads to.
    fn related(&self, ty: Type) -> Option<ClassId> {
        match ty {
            Type::Class(id) => Some(id),
            Type::Set(id) | Type::Bag(id) | Type::List(id) => match self.program.types.at(id) {
                Type::Class(id) => Some(id),
                _ => None,
            },
            _ => None,
        }
    }
}
