//! Predefined functions, and methods of predefined types.

use cmsl_parser::diagnostic::nearest;
use cmsl_parser::{Diagnostic, Span, ast};

use super::operator::is_ordered;
use super::{Lower, poison, typed};
use crate::check::{names, types};
use crate::index::predefined;
use crate::ir::{Builtin, Expr, ExprKind, Mutation, Type, Types};

/// Functions with fixed parameters: name, function, parameters, result.
const FUNCTIONS: &[(&str, Builtin, &[Type], Type)] = &[
    ("my_host", Builtin::MyHost, &[], Type::Host),
    ("host", Builtin::HostByName, &[Type::String], Type::Host),
    ("now", Builtin::Now, &[], Type::Timestamp),
    ("sleep", Builtin::Sleep, &[Type::Double], Type::Void),
    ("random", Builtin::Random, &[], Type::Double),
    (
        "error",
        Builtin::MakeError,
        &[Type::Int, Type::String],
        Type::Error,
    ),
    ("sqrt", Builtin::Sqrt, &[Type::Double], Type::Double),
    ("cbrt", Builtin::Cbrt, &[Type::Double], Type::Double),
    ("sin", Builtin::Sin, &[Type::Double], Type::Double),
    ("cos", Builtin::Cos, &[Type::Double], Type::Double),
    ("tan", Builtin::Tan, &[Type::Double], Type::Double),
    ("asin", Builtin::Asin, &[Type::Double], Type::Double),
    ("acos", Builtin::Acos, &[Type::Double], Type::Double),
    ("atan", Builtin::Atan, &[Type::Double], Type::Double),
    (
        "atan2",
        Builtin::Atan2,
        &[Type::Double, Type::Double],
        Type::Double,
    ),
    ("sinh", Builtin::Sinh, &[Type::Double], Type::Double),
    ("cosh", Builtin::Cosh, &[Type::Double], Type::Double),
    ("tanh", Builtin::Tanh, &[Type::Double], Type::Double),
    ("exp", Builtin::Exp, &[Type::Double], Type::Double),
    ("log", Builtin::Log, &[Type::Double], Type::Double),
    ("log2", Builtin::Log2, &[Type::Double], Type::Double),
    ("log10", Builtin::Log10, &[Type::Double], Type::Double),
    (
        "pow",
        Builtin::Pow,
        &[Type::Double, Type::Double],
        Type::Double,
    ),
    (
        "hypot",
        Builtin::Hypot,
        &[Type::Double, Type::Double],
        Type::Double,
    ),
    (
        "fmod",
        Builtin::Fmod,
        &[Type::Double, Type::Double],
        Type::Double,
    ),
    ("floor", Builtin::Floor, &[Type::Double], Type::Double),
    ("ceil", Builtin::Ceil, &[Type::Double], Type::Double),
    ("round", Builtin::Round, &[Type::Double], Type::Double),
    ("trunc", Builtin::Trunc, &[Type::Double], Type::Double),
    ("is_nan", Builtin::IsNan, &[Type::Double], Type::Boolean),
    (
        "parse_int",
        Builtin::ParseInteger,
        &[Type::String],
        Type::Long,
    ),
    (
        "parse_double",
        Builtin::ParseDouble,
        &[Type::String],
        Type::Double,
    ),
    (
        "date",
        Builtin::MakeDate,
        &[Type::Int, Type::Int, Type::Int],
        Type::Date,
    ),
    (
        "time",
        Builtin::MakeTime,
        &[Type::Int, Type::Int, Type::Double],
        Type::Time,
    ),
    (
        "timestamp",
        Builtin::MakeTimestamp,
        &[Type::Date, Type::Time],
        Type::Timestamp,
    ),
    (
        "interval",
        Builtin::MakeInterval,
        &[Type::Double],
        Type::Interval,
    ),
];

/// Functions whose types depend on their arguments.
const GENERIC: [&str; 7] = ["hosts", "args", "length", "abs", "min", "max", "to_string"];

/// Methods of types without elements: type, name, method, parameters, result.
const METHODS: &[(Type, &str, Builtin, &[Type], Type)] = &[
    (
        Type::String,
        "contains",
        Builtin::StringContains,
        &[Type::String],
        Type::Boolean,
    ),
    (
        Type::String,
        "starts_with",
        Builtin::StringStartsWith,
        &[Type::String],
        Type::Boolean,
    ),
    (
        Type::String,
        "ends_with",
        Builtin::StringEndsWith,
        &[Type::String],
        Type::Boolean,
    ),
    (
        Type::String,
        "substring",
        Builtin::StringSubstring,
        &[Type::Long, Type::Long],
        Type::String,
    ),
    (
        Type::String,
        "find",
        Builtin::StringFind,
        &[Type::String],
        Type::Int,
    ),
    (Type::String, "trim", Builtin::StringTrim, &[], Type::String),
    (
        Type::String,
        "upper",
        Builtin::StringUpper,
        &[],
        Type::String,
    ),
    (
        Type::String,
        "lower",
        Builtin::StringLower,
        &[],
        Type::String,
    ),
    (Type::Host, "name", Builtin::HostName, &[], Type::String),
    (Type::Date, "year", Builtin::DateYear, &[], Type::Int),
    (Type::Date, "month", Builtin::DateMonth, &[], Type::Int),
    (Type::Date, "day", Builtin::DateDay, &[], Type::Int),
    (Type::Time, "hour", Builtin::TimeHour, &[], Type::Int),
    (Type::Time, "minute", Builtin::TimeMinute, &[], Type::Int),
    (Type::Time, "second", Builtin::TimeSecond, &[], Type::Double),
    (
        Type::Timestamp,
        "date",
        Builtin::TimestampDate,
        &[],
        Type::Date,
    ),
    (
        Type::Timestamp,
        "time",
        Builtin::TimestampTime,
        &[],
        Type::Time,
    ),
    (
        Type::Timestamp,
        "nanoseconds",
        Builtin::TimestampNanoseconds,
        &[],
        Type::Long,
    ),
    (
        Type::Interval,
        "seconds",
        Builtin::IntervalSeconds,
        &[],
        Type::Double,
    ),
    (
        Type::Interval,
        "nanoseconds",
        Builtin::IntervalNanoseconds,
        &[],
        Type::Long,
    ),
];

/// Parameters and result of a predefined function, if they are always the same.
pub(crate) fn predefined_signature(types: &mut Types, name: &str) -> Option<(Vec<Type>, Type)> {
    let element = match name {
        "hosts" => Some(Type::Host),
        "args" => Some(Type::String),
        _ => None,
    };
    if let Some(element) = element {
        return Some((Vec::new(), Type::List(types.intern(element))));
    }
    let (.., parameters, result) = FUNCTIONS.iter().find(|(known, ..)| *known == name)?;
    Some((parameters.to_vec(), *result))
}

/// The names of the predefined functions, for suggestions.
pub(crate) fn function_names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, ..)| *name).chain(GENERIC)
}

/// The names of the methods of a predefined type, for suggestions.
pub(crate) fn method_names(ty: Type) -> Vec<&'static str> {
    match ty {
        Type::List(_) => vec![
            "append", "insert", "remove", "clear", "first", "last", "contains",
        ],
        Type::Set(_) | Type::Bag(_) => vec!["insert", "remove", "clear", "contains"],
        Type::Map(..) => {
            vec![
                "set", "get", "remove", "clear", "contains", "keys", "values",
            ]
        }
        _ => METHODS
            .iter()
            .filter(|(owner, ..)| *owner == ty)
            .map(|(_, name, ..)| *name)
            .chain((ty == Type::String).then_some("split"))
            .collect(),
    }
}

/// The change that a method of a collection makes, with its parameters.
pub(super) fn mutation(types: &Types, ty: Type, name: &str) -> Option<(Mutation, Vec<Type>)> {
    Some(match (ty, name) {
        (Type::List(id), "append") => (Mutation::ListAppend, vec![types.at(id)]),
        (Type::List(id), "insert") => (Mutation::ListInsert, vec![Type::Long, types.at(id)]),
        (Type::List(_), "remove") => (Mutation::ListRemove, vec![Type::Long]),
        (Type::List(_), "clear") => (Mutation::ListClear, vec![]),
        (Type::Set(id), "insert") => (Mutation::SetInsert, vec![types.at(id)]),
        (Type::Set(id), "remove") => (Mutation::SetRemove, vec![types.at(id)]),
        (Type::Set(_), "clear") => (Mutation::SetClear, vec![]),
        (Type::Bag(id), "insert") => (Mutation::BagInsert, vec![types.at(id)]),
        (Type::Bag(id), "remove") => (Mutation::BagRemove, vec![types.at(id)]),
        (Type::Bag(_), "clear") => (Mutation::BagClear, vec![]),
        (Type::Map(key, value), "set") => (Mutation::MapSet, vec![types.at(key), types.at(value)]),
        (Type::Map(key, _), "remove") => (Mutation::MapRemove, vec![types.at(key)]),
        (Type::Map(..), "clear") => (Mutation::MapClear, vec![]),
        _ => return None,
    })
}

impl Lower<'_, '_> {
    /// A call of a predefined function; none if there is none of that name.
    pub fn builtin(&mut self, name: &str, arguments: &[Expr], span: Span) -> Option<Expr> {
        let fixed = FUNCTIONS.iter().find(|(known, ..)| *known == name);
        if let Some(&(_, builtin, parameters, result)) = fixed {
            self.note_effects(builtin);
            let kind = self
                .convert_all(name, arguments.to_vec(), parameters, span)
                .map_or(poison(span).kind, |arguments| {
                    ExprKind::Builtin(builtin, arguments)
                });
            return Some(typed(kind, result, span));
        }
        GENERIC
            .contains(&name)
            .then(|| self.generic(name, arguments.to_vec(), span))
    }

    fn note_effects(&mut self, builtin: Builtin) {
        let effects = &mut self.facts.effects;
        match builtin {
            Builtin::MyHost | Builtin::Hosts | Builtin::Args | Builtin::HostByName => {
                effects.surroundings = true;
            }
            Builtin::Now | Builtin::Sleep => effects.time = true,
            Builtin::Random => effects.randomness = true,
            _ => {}
        }
    }

    fn generic(&mut self, name: &str, mut arguments: Vec<Expr>, span: Span) -> Expr {
        let expected = match name {
            "hosts" | "args" => 0,
            "min" | "max" => 2,
            _ => 1,
        };
        if arguments.len() != expected {
            let callee = format!("`{name}`");
            let found = arguments.len();
            self.report(types::argument_count(span, &callee, expected, found, None));
            return poison(span);
        }
        match (name, arguments.pop(), arguments.pop()) {
            ("hosts", ..) => {
                self.note_effects(Builtin::Hosts);
                let ty = self.checker.wrap(Type::Host, Type::List);
                typed(ExprKind::Builtin(Builtin::Hosts, vec![]), ty, span)
            }
            ("args", ..) => {
                self.note_effects(Builtin::Args);
                let ty = self.checker.wrap(Type::String, Type::List);
                typed(ExprKind::Builtin(Builtin::Args, vec![]), ty, span)
            }
            (_, Some(last), None) => self.generic_of_one(name, last, span),
            (_, Some(last), Some(first)) => self.extreme(name, first, last, span),
            _ => poison(span),
        }
    }

    fn generic_of_one(&mut self, name: &str, value: Expr, span: Span) -> Expr {
        let ty = value.ty;
        if ty == Type::Poison {
            return poison(span);
        }
        let (builtin, fits, result) = match name {
            "length" => {
                let fits = matches!(
                    ty,
                    Type::String
                        | Type::List(_)
                        | Type::Set(_)
                        | Type::Bag(_)
                        | Type::Map(..)
                        | Type::Array(_)
                        | Type::Class(_)
                );
                (Builtin::Length, fits, Type::Int)
            }
            "to_string" => (Builtin::ToString, is_printable(ty), Type::String),
            _ => (Builtin::Abs, ty.is_number() || ty == Type::Interval, ty),
        };
        if !fits {
            let message = format!("`{name}` does not work on `{}`", self.show(ty));
            self.report(Diagnostic::new(types::MISMATCH, value.span, message));
            return typed(poison(span).kind, result, span);
        }
        typed(ExprKind::Builtin(builtin, vec![value]), result, span)
    }

    fn extreme(&mut self, name: &str, first: Expr, last: Expr, span: Span) -> Expr {
        let Some((first, last)) = self.unify(first, last, span) else {
            return poison(span);
        };
        let ty = first.ty;
        if !is_ordered(ty) {
            let message = format!("values of `{}` have no order", self.show(ty));
            self.report(Diagnostic::new(types::BAD_OPERANDS, span, message));
            return poison(span);
        }
        let builtin = if name == "min" {
            Builtin::Min
        } else {
            Builtin::Max
        };
        typed(ExprKind::Builtin(builtin, vec![first, last]), ty, span)
    }

    /// Arguments as values of fixed parameters.
    pub fn convert_all(
        &mut self,
        name: &str,
        arguments: Vec<Expr>,
        parameters: &[Type],
        span: Span,
    ) -> Option<Vec<Expr>> {
        if arguments.len() != parameters.len() {
            let callee = format!("`{name}`");
            let (expected, found) = (parameters.len(), arguments.len());
            self.report(types::argument_count(span, &callee, expected, found, None));
            return None;
        }
        let converted = arguments
            .into_iter()
            .zip(parameters)
            .enumerate()
            .map(|(position, (argument, &ty))| {
                let note = format!("argument {} of `{name}`", position + 1);
                self.convert(argument, ty, &note)
            })
            .collect();
        Some(converted)
    }

    /// `value.m (a)` of a predefined type.
    pub fn value_method(
        &mut self,
        object: Expr,
        access: ast::MemberAccess,
        name: &ast::Name,
        arguments: Vec<Expr>,
        span: Span,
    ) -> Expr {
        let ty = object.ty;
        if ty == Type::Poison {
            return poison(span);
        }
        self.checker
            .note_predefined(name.span, || predefined::method(ty, name.as_str()));
        let Some((builtin, parameters, result)) = self.value_method_named(ty, name.as_str()) else {
            self.unknown_value_method(ty, name, span);
            return poison(span);
        };
        if !self.check_access(&object, access, ast::MemberAccess::Dot, name) {
            return typed(poison(span).kind, result, span);
        }
        let kind = match self.convert_all(name.as_str(), arguments, &parameters, span) {
            Some(arguments) => {
                let all = std::iter::once(object).chain(arguments).collect();
                ExprKind::Builtin(builtin, all)
            }
            None => poison(span).kind,
        };
        typed(kind, result, span)
    }

    fn value_method_named(&mut self, ty: Type, name: &str) -> Option<(Builtin, Vec<Type>, Type)> {
        let types = &mut self.checker.program.types;
        Some(match (ty, name) {
            (Type::List(id), "first") => (Builtin::ListFirst, vec![], types.at(id)),
            (Type::List(id), "last") => (Builtin::ListLast, vec![], types.at(id)),
            (Type::List(id), "contains") => {
                (Builtin::ListContains, vec![types.at(id)], Type::Boolean)
            }
            (Type::Set(id), "contains") => {
                (Builtin::SetContains, vec![types.at(id)], Type::Boolean)
            }
            (Type::Bag(id), "contains") => {
                (Builtin::BagContains, vec![types.at(id)], Type::Boolean)
            }
            (Type::Map(key, _), "contains") => {
                (Builtin::MapContains, vec![types.at(key)], Type::Boolean)
            }
            (Type::Map(key, value), "get") => {
                (Builtin::MapGet, vec![types.at(key)], types.at(value))
            }
            (Type::Map(key, _), "keys") => (Builtin::MapKeys, vec![], Type::List(key)),
            (Type::Map(_, value), "values") => (Builtin::MapValues, vec![], Type::List(value)),
            (Type::String, "split") => {
                let list = Type::List(types.intern(Type::String));
                (Builtin::StringSplit, vec![Type::String], list)
            }
            _ => {
                let (.., builtin, parameters, result) = METHODS
                    .iter()
                    .find(|(owner, known, ..)| *owner == ty && *known == name)?;
                (*builtin, parameters.to_vec(), *result)
            }
        })
    }

    fn unknown_value_method(&mut self, ty: Type, name: &ast::Name, span: Span) {
        let changes = mutation(&self.checker.program.types, ty, name.as_str()).is_some();
        if changes {
            let message = format!("`{name}` changes the collection and has no value");
            self.report(
                Diagnostic::new(types::VOID_VALUE, span, message)
                    .help("write it as a statement of its own"),
            );
            return;
        }
        let owner = self.show(ty);
        let counts = matches!(name.as_str(), "length" | "size" | "count")
            || nearest(name.as_str(), ["length"]).is_some();
        let unknown = names::unknown_member(&owner, name.as_str(), name.span, method_names(ty));
        self.report(if counts {
            unknown.help("write `length (x)`")
        } else {
            unknown
        });
    }
}

/// Whether a value has a text.
pub(super) fn is_printable(ty: Type) -> bool {
    ty.is_number()
        || matches!(
            ty,
            Type::Boolean
                | Type::Char
                | Type::String
                | Type::Enum(_)
                | Type::Date
                | Type::Time
                | Type::Timestamp
                | Type::Interval
                | Type::Host
                | Type::Error
                | Type::Poison
        )
}
