//! Names as values: variables, attributes, constants, values of enumerations.

use cmsl_parser::{Diagnostic, Span, ast};

use super::{Lower, poison, typed};
use crate::check::{classes, names};
use crate::index::Entity;
use crate::ir::{ClassId, Expr, ExprKind, FieldId, GlobalId, Literal, LocalId, Type};
use crate::resolve::{Found, Symbol};

/// How many of the enumerations are named that have a value of one name.
const OWNERS_SHOWN: usize = 8;

impl<'a> Lower<'_, 'a> {
    /// `this`
    pub fn this(&mut self, span: Span) -> Expr {
        match self.class {
            Some(class) if self.has_this => typed(ExprKind::This, Type::Class(class), span),
            _ => {
                let message = "there is no `this` here";
                self.report(
                    Diagnostic::new(classes::NO_THIS, span, message)
                        .help("`this` exists in methods, constructors and invariants"),
                );
                poison(span)
            }
        }
    }

    /// A variable that is visible here.
    pub fn local(&self, name: &str) -> Option<LocalId> {
        self.visible.find(name)
    }

    /// A name as a value.
    pub fn path(&mut self, path: &'a ast::Path, span: Span) -> Expr {
        if let Some(name) = path.single() {
            if let Some(id) = self.local(name.as_str()) {
                return self.local_value(id, span);
            }
            if let Some(class) = self.class {
                if let Some(field) = self.checker.find_field(class, name.as_str()) {
                    let this = self.this(span);
                    return self.field_of(this, field, name);
                }
                if !self.checker.find_methods(class, name.as_str()).is_empty() {
                    return self.not_a_value(
                        path,
                        "a method",
                        Some("call it: write `()` behind it"),
                    );
                }
            }
        } else if let Found::Symbol(Symbol::Class(class)) =
            self.checker.find_qualifier(path, self.scope)
        {
            return self.inherited_field(path, class, span);
        }
        match self.checker.find_path(path, self.scope) {
            Found::Symbol(symbol) => self.symbol_value(symbol, path, span),
            Found::Reported => poison(span),
            Found::Nothing if path.single().is_some_and(|name| name.as_str() == "ok") => {
                typed(ExprKind::Literal(Literal::Ok), Type::Error, span)
            }
            Found::Nothing => {
                if !self.uses_member(path) {
                    self.unknown_value(path);
                }
                poison(span)
            }
        }
    }

    fn local_value(&mut self, id: LocalId, span: Span) -> Expr {
        let ty = match self.locals.get_mut(id.index()) {
            Some(local) => {
                local.is_used = true;
                self.checker.note(span, Entity::Local(local.span));
                local.ty
            }
            None => Type::Poison,
        };
        typed(ExprKind::Local(id), ty, span)
    }

    /// `base::attribute`
    fn inherited_field(&mut self, path: &'a ast::Path, class: ClassId, span: Span) -> Expr {
        let this = self.this(span);
        if this.ty == Type::Poison {
            return this;
        }
        let derives = self
            .class
            .is_some_and(|this| self.checker.program.derives_from(this, class));
        match self.checker.find_field(class, path.name.as_str()) {
            Some(field) if derives => self.field_of(this, field, &path.name),
            _ => {
                let owner = self.checker.class_name(class).to_owned();
                let candidates = self.checker.member_names(class);
                let name = &path.name;
                self.report(names::unknown_member(
                    &owner,
                    name.as_str(),
                    name.span,
                    candidates,
                ));
                poison(span)
            }
        }
    }

    /// An attribute of an object, which its class or a base declares.
    pub fn field_of(&mut self, object: Expr, field: FieldId, name: &ast::Name) -> Expr {
        if object.ty == Type::Poison {
            return object;
        }
        let span = object.span.to(name.span);
        self.checker.note(name.span, Entity::Field(field));
        let declared = self.checker.program.field(field);
        let (ty, public, owner) = (declared.ty, declared.is_public, declared.class);
        if !public && self.class != Some(owner) {
            let declared = declared.span;
            let owner = self.checker.class_name(owner).to_owned();
            self.report(names::private(&owner, name.as_str(), name.span, declared));
            return typed(poison(span).kind, Type::Poison, span);
        }
        self.facts.effects.reads_state = true;
        typed(ExprKind::Field(Box::new(object), field), ty, span)
    }

    fn symbol_value(&mut self, symbol: Symbol, path: &'a ast::Path, span: Span) -> Expr {
        match symbol {
            Symbol::Global(id) => self.global_value(id, span),
            Symbol::Variant(id, position) => typed(
                ExprKind::Literal(Literal::Enum(id, position)),
                Type::Enum(id),
                span,
            ),
            Symbol::Variants => {
                let most = OWNERS_SHOWN.min(self.checker.candidates_max());
                let owners: Vec<String> = self
                    .checker
                    .program
                    .enums
                    .iter()
                    .zip(&self.checker.variants)
                    .filter(|(_, variants)| variants.contains_key(path.name.as_str()))
                    .map(|(item, _)| format!("`{}::{}`", item.name, path.name))
                    .take(most)
                    .collect();
                let message = format!("`{path}` is a value of several enumerations");
                self.report(
                    Diagnostic::new(names::AMBIGUOUS_NAME, span, message)
                        .help(format!("write {}", owners.join(" or "))),
                );
                poison(span)
            }
            Symbol::Functions(_) => {
                self.not_a_value(path, "a function", Some("call it: write `()` behind it"))
            }
            Symbol::Class(_) => {
                let help =
                    format!("make an object of it, `{path} x = new {path} (…);`, and use `x`");
                self.not_a_value(path, "a class", Some(&help))
            }
            Symbol::Enum(_) | Symbol::Typedef(_) => {
                let what = match symbol {
                    Symbol::Enum(_) => "an enumeration",
                    _ => "a type",
                };
                // `(num) -5` is a difference, for the grammar does not know what is a type.
                let help = format!("to convert a value, put it in parentheses: `({path}) (…)`");
                self.not_a_value(path, what, Some(&help))
            }
            Symbol::Module(_) => self.not_a_value(path, "a module", None),
        }
    }

    fn global_value(&mut self, id: GlobalId, span: Span) -> Expr {
        let global = self.checker.program.global(id);
        if !global.is_const {
            self.facts.globals.push((id, span));
        }
        typed(ExprKind::Global(id), global.ty, span)
    }

    fn not_a_value(&mut self, path: &ast::Path, what: &str, help: Option<&str>) -> Expr {
        let message = format!("`{path}` is {what}, not a value");
        let diagnostic = Diagnostic::new(names::WRONG_KIND, path.span, message);
        self.report(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
        poison(path.span)
    }

    /// Reports a member in the initial value of another one.
    pub fn uses_member(&mut self, path: &ast::Path) -> bool {
        let (Some(class), Some(name)) = (self.initialised, path.single()) else {
            return false;
        };
        let field = self.checker.find_field(class, name.as_str());
        let field = field.map(|id| self.checker.program.field(id).span);
        let methods = self.checker.find_methods(class, name.as_str());
        let method = methods
            .first()
            .map(|&id| self.checker.program.method(id).span);
        let Some(declared) = field.or(method) else {
            return false;
        };
        let message = format!("`{name}` is a member, and initial values use none");
        let mut diagnostic = Diagnostic::new(classes::NO_THIS, name.span, message)
            .help("assign it in a constructor, where the object exists");
        if declared != Span::default() {
            diagnostic = diagnostic.label(declared, "declared here");
        }
        self.report(diagnostic);
        true
    }

    /// Reports a name that nothing declares, once a body: what is not declared is often used several times.
    fn unknown_value(&mut self, path: &ast::Path) {
        let name = path.to_string();
        if !self.unknown.insert(name.clone()) {
            return;
        }
        let most = self.checker.candidates_max();
        let mut candidates: Vec<&str> = self.visible.names().take(most).collect();
        if let Some(class) = self.class {
            candidates.extend(self.checker.member_names(class));
        }
        candidates.extend(self.checker.visible_names(self.scope, |symbol| {
            matches!(
                symbol,
                Symbol::Global(_) | Symbol::Variant(..) | Symbol::Functions(_)
            )
        }));
        let unknown = names::unknown("name", &name, path.span, candidates);
        self.report(unknown);
    }
}
