//! Types as they are written to types.

use cmsl_parser::{Diagnostic, Span, ast, diagnostic, words};

use super::{Checker, Found, Scope, Symbol, TypedefState};
use crate::check::{names, types};
use crate::ir::{ClassId, Type};

/// The predefined types that are no keywords.
pub(crate) const PREDEFINED_TYPES: [(&str, Type); 6] = [
    ("date", Type::Date),
    ("error", Type::Error),
    ("host", Type::Host),
    ("interval", Type::Interval),
    ("time", Type::Time),
    ("timestamp", Type::Timestamp),
];

/// The type of a predefined name.
pub(crate) fn predefined_type(name: &str) -> Option<Type> {
    PREDEFINED_TYPES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|&(_, ty)| ty)
}

impl<'a> Checker<'a> {
    /// The type of a variable, parameter or element: not `void`.
    pub fn value_type(&mut self, ty: &ast::Type, scope: Scope) -> Type {
        let resolved = self.ty(ty, scope);
        if resolved == Type::Void {
            let message = "`void` is no type of values";
            self.report(
                Diagnostic::new(types::VOID_VALUE, ty.span, message)
                    .help("`void` is the result of functions that return nothing"),
            );
            return Type::Poison;
        }
        resolved
    }

    /// The type that is written.
    pub fn ty(&mut self, ty: &ast::Type, scope: Scope) -> Type {
        let resolved = self.written_type(ty, scope);
        if self.program.types.depth(resolved) <= ast::NESTING_MAX {
            return resolved;
        }
        self.report(made_of_too_many(ty.span));
        Type::Poison
    }

    fn written_type(&mut self, ty: &ast::Type, scope: Scope) -> Type {
        match &ty.kind {
            ast::TypeKind::Void => Type::Void,
            ast::TypeKind::Boolean => Type::Boolean,
            ast::TypeKind::Char => Type::Char,
            ast::TypeKind::Octet => Type::Octet,
            ast::TypeKind::Short => Type::Short,
            ast::TypeKind::Int => Type::Int,
            ast::TypeKind::Long => Type::Long,
            ast::TypeKind::UnsignedShort => Type::UnsignedShort,
            ast::TypeKind::UnsignedInt => Type::UnsignedInt,
            ast::TypeKind::UnsignedLong => Type::UnsignedLong,
            ast::TypeKind::Float => Type::Float,
            ast::TypeKind::Double => Type::Double,
            ast::TypeKind::String => Type::String,
            ast::TypeKind::Set(element) => {
                let element = self.key_type(element, scope, "element of a set");
                self.wrap(element, Type::Set)
            }
            ast::TypeKind::Bag(element) => {
                let element = self.value_type(element, scope);
                self.wrap(element, Type::Bag)
            }
            ast::TypeKind::List(element) => {
                let element = self.value_type(element, scope);
                self.wrap(element, Type::List)
            }
            ast::TypeKind::Map(key, value) => {
                let key = self.key_type(key, scope, "key of a map");
                let value = self.value_type(value, scope);
                if key == Type::Poison || value == Type::Poison {
                    return Type::Poison;
                }
                let (key, value) = (
                    self.program.types.intern(key),
                    self.program.types.intern(value),
                );
                Type::Map(key, value)
            }
            ast::TypeKind::Future(None) => Type::Future(self.program.types.unknown()),
            ast::TypeKind::Future(Some(result)) => {
                let result = self.ty(result, scope);
                self.wrap(result, Type::Future)
            }
            ast::TypeKind::Named(path) => self.named_type(path, scope),
            ast::TypeKind::Error => Type::Poison,
        }
    }

    /// A type around another.
    pub fn wrap(&mut self, element: Type, make: impl FnOnce(crate::ir::TypeId) -> Type) -> Type {
        if element == Type::Poison {
            return Type::Poison;
        }
        make(self.program.types.intern(element))
    }

    fn key_type(&mut self, ty: &ast::Type, scope: Scope, what: &str) -> Type {
        let resolved = self.value_type(ty, scope);
        if self.is_key(resolved) {
            return resolved;
        }
        let message =
            format!("`{}` cannot be an {what}", self.show(resolved)).replace("an key", "a key");
        self.report(Diagnostic::new(types::BAD_KEY, ty.span, message).help(
            "use an integer, char, boolean, string, enum, date, time, host or class, or a `bag`",
        ));
        Type::Poison
    }

    fn is_key(&self, ty: Type) -> bool {
        !matches!(
            ty,
            Type::Float
                | Type::Double
                | Type::Error
                | Type::Set(_)
                | Type::Bag(_)
                | Type::List(_)
                | Type::Map(..)
                | Type::Array(_)
                | Type::Future(_)
                | Type::Void
        )
    }

    fn named_type(&mut self, path: &ast::Path, scope: Scope) -> Type {
        match self.find_path(path, scope) {
            Found::Symbol(Symbol::Class(id)) => Type::Class(id),
            Found::Symbol(Symbol::Enum(id)) => Type::Enum(id),
            Found::Symbol(Symbol::Typedef(index)) => self.typedef(index),
            Found::Symbol(symbol) => {
                let message = format!("`{path}` is {}, not a type", describe(symbol));
                self.report(Diagnostic::new(names::WRONG_KIND, path.span, message));
                Type::Poison
            }
            Found::Reported => Type::Poison,
            Found::Nothing => {
                if let Some(ty) = path
                    .single()
                    .and_then(|name| predefined_type(name.as_str()))
                {
                    return ty;
                }
                self.unknown_type(path, scope);
                Type::Poison
            }
        }
    }

    fn unknown_type(&mut self, path: &ast::Path, scope: Scope) {
        let mut candidates = self.visible_names(scope, |symbol| {
            matches!(
                symbol,
                Symbol::Class(_) | Symbol::Enum(_) | Symbol::Typedef(_)
            )
        });
        candidates.extend(PREDEFINED_TYPES.map(|(name, _)| name));
        candidates.extend(words::TYPES);
        candidates.extend(words::GENERIC_TYPES);
        let name = path.to_string();
        let diagnostic = names::unknown("type", &name, path.span, candidates);
        self.report(diagnostic);
    }

    /// A class that is named where nothing but a class can stand.
    pub fn class_named(&mut self, path: &ast::Path, scope: Scope) -> Option<ClassId> {
        match self.named_type(path, scope) {
            Type::Class(id) => Some(id),
            Type::Poison => None,
            _ => {
                let message = format!("`{path}` is no class");
                self.report(Diagnostic::new(names::WRONG_KIND, path.span, message));
                None
            }
        }
    }

    /// Resolves all type names.
    pub fn resolve_typedefs(&mut self) {
        for index in 0..self.typedef_sources.len() {
            self.typedef(index);
        }
    }

    fn typedef(&mut self, index: usize) -> Type {
        let Some(&(item, scope, state)) = self.typedef_sources.get(index) else {
            return Type::Poison;
        };
        match state {
            TypedefState::Done(ty) => return ty,
            TypedefState::Resolving => {
                let message = format!("`{}` is defined by itself", item.name);
                self.report(Diagnostic::new(
                    names::TYPEDEF_CYCLE,
                    item.name.span,
                    message,
                ));
                return Type::Poison;
            }
            TypedefState::Waiting => {}
        }
        self.set_typedef(index, TypedefState::Resolving);
        self.typedefs_open += 1;
        let mut ty = Type::Poison;
        if self.typedefs_open <= ast::NESTING_MAX {
            ty = self.value_type(&item.ty, scope);
        }
        self.typedefs_open -= 1;
        if self.typedefs_open >= ast::NESTING_MAX {
            self.report(made_of_too_many(item.name.span));
            ty = Type::Poison;
        }
        self.set_typedef(index, TypedefState::Done(ty));
        if let Some(typedef) = self.program.typedefs.get_mut(index) {
            typedef.ty = ty;
        }
        ty
    }

    fn set_typedef(&mut self, index: usize, state: TypedefState) {
        if let Some((_, _, slot)) = self.typedef_sources.get_mut(index) {
            *slot = state;
        }
    }

    /// An array of a type, of a declaration with a size.
    pub fn array_of(&mut self, element: Type, span: Span) -> Type {
        if matches!(element, Type::Array(_)) {
            self.report(Diagnostic::new(
                types::BAD_LENGTH,
                span,
                "an array of arrays",
            ));
            return Type::Poison;
        }
        self.wrap(element, Type::Array)
    }

    /// A type as it is written in the source.
    pub fn show(&self, ty: Type) -> String {
        self.program.show(ty)
    }
}

fn made_of_too_many(span: Span) -> Diagnostic {
    let message = "too many types stand in one another, or name one another";
    Diagnostic::new(diagnostic::TOO_DEEP, span, message).help("write a class for a part of them")
}

/// What a symbol is, in words.
pub(crate) fn describe(symbol: Symbol) -> &'static str {
    match symbol {
        Symbol::Module(_) => "a module",
        Symbol::Class(_) => "a class",
        Symbol::Enum(_) => "an enumeration",
        Symbol::Variant(..) | Symbol::Variants => "a value of an enumeration",
        Symbol::Typedef(_) => "a type",
        Symbol::Functions(_) => "a function",
        Symbol::Global(_) => "a variable",
    }
}
