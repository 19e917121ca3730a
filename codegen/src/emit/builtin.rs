//! Predefined functions, and methods of predefined types.

use super::body::BodyEmitter;
use super::code::{Code, Cx, Level};
use crate::format::{Tokens, commas, rust, string};
use crate::ir::{Builtin, Expr, Type};

impl BodyEmitter<'_> {
    pub(super) fn builtin(&mut self, builtin: Builtin, arguments: &[Expr]) -> Code {
        if let Some(function) = mathematics(builtin) {
            let (arguments, cx) = self.arguments(arguments);
            let (function, arguments) = (super::name::ident(function), commas(arguments));
            return Code::atom(rust!(math::#function(#arguments)), cx);
        }
        match arguments {
            [] => of_the_world(builtin),
            [object, rest @ ..] => self.of_a_value(builtin, object, rest),
        }
    }

    /// Functions with arguments, and methods: the first argument is the object.
    fn of_a_value(&mut self, builtin: Builtin, object: &Expr, rest: &[Expr]) -> Code {
        use Builtin as B;
        match builtin {
            B::HostByName => {
                let name = self.borrowed_from_outside(object).value();
                Code::fallible(rust!(host(#name, cx)), Cx::Writes)
            }
            B::Sleep => {
                let seconds = self.owned(object).value();
                Code::atom(rust!(sleep(#seconds, cx)), Cx::Writes)
            }
            B::Length => {
                let place = match object.kind {
                    crate::ir::ExprKind::This => Code::atom(rust!(this), Cx::Unused),
                    _ => self.place(object),
                };
                let (cx, receiver) = (place.cx, place.receiver());
                match object.ty {
                    Type::Class(_) => Code::fallible(rust!(#receiver.length()), cx),
                    _ => Code::atom(rust!(#receiver.length()), cx),
                }
            }
            B::ToString => {
                let value = self.borrowed(object);
                let (cx, value) = (value.cx, value.value());
                // `format!` ends the loan of a place in the heap; a temporary would keep it to the end of the statement.
                let template = string("{}");
                Code::atom(rust!(Text::from(format!(#template, show(#value)))), cx)
            }
            B::Abs if object.ty.is_integer() => {
                let value = self.owned(object);
                let (cx, value) = (value.cx, value.value());
                Code::fallible(rust!(int::abs(#value)), cx)
            }
            // As functions of their type: a literal alone does not say which it is.
            B::Abs | B::IsNan => {
                let value = self.owned(object);
                let (cx, value) = (value.cx, value.value());
                let function = match (builtin, object.ty) {
                    (B::Abs, Type::Float) => rust!(f32::abs),
                    (B::Abs, _) => rust!(f64::abs),
                    _ => rust!(f64::is_nan),
                };
                Code::atom(rust!(#function(#value)), cx)
            }
            B::HostName => {
                let value = self.owned(object);
                let (cx, receiver) = (value.cx, value.receiver());
                Code::atom(rust!(#receiver.name()), cx)
            }
            B::MakeError => {
                let code = self.owned(object).value();
                let message = rest.first().map(|message| self.borrowed(message).value());
                let arguments = commas([Some(code), message].into_iter().flatten());
                Code::atom(rust!(Error::new(#arguments)), Cx::Reads)
            }
            B::MakeDate => self.construction(rust!(Date), object, rest),
            B::MakeTime => self.construction(rust!(Time), object, rest),
            B::MakeTimestamp => self.construction(rust!(Timestamp), object, rest),
            B::MakeInterval => self.construction(rust!(Interval), object, rest),
            _ => self.of_an_object(builtin, object, rest),
        }
    }

    fn construction(&mut self, name: Tokens, first: &Expr, rest: &[Expr]) -> Code {
        let first = self.owned(first);
        let (rest, cx) = self.arguments(rest);
        let cx = cx.max(first.cx);
        let arguments = commas(std::iter::once(first.value()).chain(rest));
        Code::fallible(rust!(#name::new(#arguments)), cx)
    }

    fn of_an_object(&mut self, builtin: Builtin, object: &Expr, rest: &[Expr]) -> Code {
        let Some((name, takes, fallible)) = method(builtin) else {
            return Code::atom(rust!(()), Cx::Unused);
        };
        let mut cx = Cx::Unused;
        let arguments: Vec<_> = rest
            .iter()
            .map(|argument| {
                let code = match takes {
                    Takes::Reference => self.borrowed(argument),
                    Takes::Str => {
                        let place = self.place(argument);
                        let (cx, place) = (place.cx, place.at_least(Level::Unary));
                        Code::new(rust!(&*#place), Level::Unary, cx)
                    }
                    Takes::Value => self.owned(argument),
                };
                cx = cx.max(code.cx);
                code.value()
            })
            .collect();
        let object = self.place_before(object, cx);
        let cx = cx.max(object.cx);
        let (receiver, name) = (object.receiver(), super::name::ident(name));
        let arguments = commas(arguments);
        let tokens = rust!(#receiver.#name(#arguments));
        if fallible {
            Code::fallible(tokens, cx)
        } else {
            Code::atom(tokens, cx)
        }
    }
}

fn of_the_world(builtin: Builtin) -> Code {
    match builtin {
        Builtin::MyHost => Code::fallible(rust!(cx.my_host()), Cx::Writes),
        Builtin::Hosts => Code::fallible(rust!(cx.hosts()), Cx::Writes),
        Builtin::Now => Code::atom(rust!(cx.now()), Cx::Reads),
        Builtin::Random => Code::atom(rust!(cx.random()), Cx::Writes),
        _ => Code::atom(rust!(cx.args()), Cx::Reads),
    }
}

enum Takes {
    Reference,
    /// `&str`
    Str,
    Value,
}

/// The Rust method behind a method of a predefined type, how it takes its arguments, and whether it may raise.
fn method(builtin: Builtin) -> Option<(&'static str, Takes, bool)> {
    use Builtin as B;
    use Takes::{Reference, Str, Value};
    Some(match builtin {
        B::ListFirst => ("first", Value, true),
        B::ListLast => ("last", Value, true),
        B::ListContains | B::SetContains | B::BagContains | B::MapContains | B::StringContains => {
            ("contains", Reference, false)
        }
        B::MapGet => ("get", Reference, true),
        B::MapKeys => ("keys", Value, false),
        B::MapValues => ("values", Value, false),
        B::StringStartsWith => ("starts_with", Str, false),
        B::StringEndsWith => ("ends_with", Str, false),
        B::StringSubstring => ("substring", Value, true),
        B::StringFind => ("find", Reference, false),
        B::StringSplit => ("split", Reference, false),
        B::StringTrim => ("trimmed", Value, false),
        B::StringUpper => ("upper", Value, false),
        B::StringLower => ("lower", Value, false),
        B::ParseInteger => ("to_integer", Value, true),
        B::ParseDouble => ("to_double", Value, true),
        B::DateYear => ("year", Value, false),
        B::DateMonth => ("month", Value, false),
        B::DateDay => ("day", Value, false),
        B::TimeHour => ("hour", Value, false),
        B::TimeMinute => ("minute", Value, false),
        B::TimeSecond => ("second", Value, false),
        B::TimestampDate => ("date", Value, false),
        B::TimestampTime => ("time", Value, false),
        B::IntervalSeconds => ("seconds", Value, false),
        B::TimestampNanoseconds | B::IntervalNanoseconds => ("nanoseconds", Value, false),
        _ => return None,
    })
}

/// The function of the prelude's `math` behind a numeric function.
fn mathematics(builtin: Builtin) -> Option<&'static str> {
    use Builtin as B;
    Some(match builtin {
        B::Sqrt => "sqrt",
        B::Cbrt => "cbrt",
        B::Sin => "sin",
        B::Cos => "cos",
        B::Tan => "tan",
        B::Asin => "asin",
        B::Acos => "acos",
        B::Atan => "atan",
        B::Atan2 => "atan2",
        B::Sinh => "sinh",
        B::Cosh => "cosh",
        B::Tanh => "tanh",
        B::Exp => "exp",
        B::Log => "log",
        B::Log2 => "log2",
        B::Log10 => "log10",
        B::Pow => "pow",
        B::Hypot => "hypot",
        B::Fmod => "fmod",
        B::Floor => "floor",
        B::Ceil => "ceil",
        B::Round => "round",
        B::Trunc => "trunc",
        B::Min => "min",
        B::Max => "max",
        _ => return None,
    })
}
