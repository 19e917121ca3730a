//! Types.

use super::{Builder, Pair};
use crate::Span;
use crate::ast::{Type, TypeKind};
use crate::diagnostic::{TYPE_ARGUMENTS, VOID_VALUE};
use crate::parse::grammar::Rule;

impl<'a> Builder<'a> {
    /// A type of a value.
    pub(super) fn ty(&mut self, pair: Pair<'a>) -> Type {
        let ty = self.result(pair);
        if matches!(ty.kind, TypeKind::Void) {
            let message = "`void` is no type of a value";
            self.error(
                VOID_VALUE,
                ty.span,
                message,
                "write the type of the value; a function without parameters has `()`",
            );
            return Type {
                kind: TypeKind::Error,
                span: ty.span,
            };
        }
        ty
    }

    /// A type of a result, which may be `void`.
    pub(super) fn result(&mut self, pair: Pair<'a>) -> Type {
        let span = self.span(pair);
        let kind = match pair.rule() {
            Rule::primitive => primitive(pair.text()).unwrap_or(TypeKind::Error),
            Rule::unsigned => unsigned(pair.text()),
            Rule::generic => self.generic(pair, span),
            _ => self.named(pair),
        };
        Type { kind, span }
    }

    fn named(&mut self, pair: Pair<'a>) -> TypeKind {
        if let Some(primitive) = primitive(pair.text()) {
            return primitive;
        }
        let path = self.path(pair);
        match path.single().map(|name| name.as_str()) {
            Some("future") => TypeKind::Future(None),
            Some(word @ ("list" | "set" | "bag" | "map")) => {
                let message = format!("`{word}` does not say of what");
                let help = format!("write {}", form(word));
                self.error(TYPE_ARGUMENTS, path.span, message, &help);
                TypeKind::Error
            }
            _ => TypeKind::Named(path),
        }
    }

    fn generic(&mut self, pair: Pair<'a>, span: Span) -> TypeKind {
        let mut parts = pair.parts();
        let word = parts.required().text();
        let mut types = Vec::with_capacity(2);
        for part in parts {
            // A method may return nothing: its futures say only that it was done.
            let ty = if word == "future" {
                self.result(part)
            } else {
                self.ty(part)
            };
            types.push(Box::new(ty));
        }
        let count = types.len();
        let mut types = types.into_iter();
        match (word, types.next(), types.next()) {
            ("set", Some(element), None) => TypeKind::Set(element),
            ("bag", Some(element), None) => TypeKind::Bag(element),
            ("list", Some(element), None) => TypeKind::List(element),
            ("future", Some(reply), None) => TypeKind::Future(Some(reply)),
            ("map", Some(key), Some(value)) if count == 2 => TypeKind::Map(key, value),
            _ => {
                let message = format!("`{word}` does not take {count} types");
                let help = format!("write {}", form(word));
                self.error(TYPE_ARGUMENTS, span, message, &help);
                TypeKind::Error
            }
        }
    }
}

fn form(word: &str) -> &'static str {
    match word {
        "set" => "`set<T>` with the type T of its elements",
        "bag" => "`bag<T>` with the type T of its elements",
        "list" => "`list<T>` with the type T of its elements",
        "map" => "`map<K, V>` with the types of its keys and values",
        _ => "`future<T>` with the type T of the reply, or plain `future`",
    }
}

/// The predefined types that are one keyword.
pub(super) fn primitive(word: &str) -> Option<TypeKind> {
    Some(match word {
        "void" => TypeKind::Void,
        "boolean" => TypeKind::Boolean,
        "char" => TypeKind::Char,
        "octet" => TypeKind::Octet,
        "short" => TypeKind::Short,
        "int" => TypeKind::Int,
        "long" => TypeKind::Long,
        "float" => TypeKind::Float,
        "double" => TypeKind::Double,
        "string" => TypeKind::String,
        _ => return None,
    })
}

fn unsigned(text: &str) -> TypeKind {
    if text.ends_with("short") {
        TypeKind::UnsignedShort
    } else if text.ends_with("int") {
        TypeKind::UnsignedInt
    } else {
        TypeKind::UnsignedLong
    }
}
