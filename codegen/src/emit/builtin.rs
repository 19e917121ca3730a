//! Predefined functions, and methods of predefined types.

use quote::quote;

use super::body::BodyEmitter;
use super::code::{Code, Cx};
use crate::ir::{Builtin, Expr, Type};

impl BodyEmitter<'_> {
    pub(super) fn builtin(&mut self, builtin: Builtin, arguments: &[Expr]) -> Code {
        if let Some(function) = mathematics(builtin) {
            let (arguments, cx) = self.arguments(arguments);
            let function = super::name::ident(function);
            return Code::atom(quote!(math::#function(#(#arguments),*)), cx);
        }
        match arguments {
            [] => self.of_the_world(builtin),
            [object, rest @ ..] => self.of_a_value(builtin, object, rest),
        }
    }

    fn of_the_world(&mut self, builtin: Builtin) -> Code {
        match builtin {
            Builtin::MyHost => Code::fallible(quote!(cx.my_host()), Cx::Writes),
            Builtin::Hosts => Code::fallible(quote!(cx.hosts()), Cx::Writes),
            Builtin::Now => Code::atom(quote!(cx.now()), Cx::Reads),
            Builtin::Random => Code::atom(quote!(cx.random()), Cx::Writes),
            _ => Code::atom(quote!(cx.args()), Cx::Reads),
        }
    }

    /// Functions with arguments, and methods: the first argument is the object.
    fn of_a_value(&mut self, builtin: Builtin, object: &Expr, rest: &[Expr]) -> Code {
        use Builtin as B;
        match builtin {
            B::HostByName => {
                let name = self.borrowed_from_outside(object).tokens;
                Code::fallible(quote!(host(#name, cx)), Cx::Writes)
            }
            B::Sleep => {
                let seconds = self.owned(object).tokens;
                Code::atom(quote!(sleep(#seconds, cx)), Cx::Writes)
            }
            B::HostName => {
                let host = self.owned(object);
                let receiver = host.receiver();
                Code::atom(quote!(#receiver.name()), host.cx)
            }
            B::Length => {
                let place = match object.kind {
                    crate::ir::ExprKind::This => Code::atom(quote!(this), Cx::Unused),
                    _ => self.place(object),
                };
                let receiver = place.receiver();
                match object.ty {
                    Type::Class(_) => Code::fallible(quote!(#receiver.length()), place.cx),
                    _ => Code::atom(quote!(#receiver.length()), place.cx),
                }
            }
            B::ToString => {
                let value = self.borrowed(object);
                let tokens = value.tokens;
                Code::atom(quote!(Text::from(show(#tokens).to_string())), value.cx)
            }
            B::Abs if object.ty.is_integer() => {
                let value = self.owned(object);
                let tokens = value.tokens;
                Code::fallible(quote!(int::abs(#tokens)), value.cx)
            }
            B::Abs => {
                let value = self.owned(object);
                let receiver = value.receiver();
                Code::atom(quote!(#receiver.abs()), value.cx)
            }
            B::IsNan => {
                let value = self.owned(object);
                let receiver = value.receiver();
                Code::atom(quote!(#receiver.is_nan()), value.cx)
            }
            B::MakeError => {
                let (code, message) = (self.owned(object), rest.first());
                let message = message.map(|message| self.borrowed(message));
                let (tokens, message) = (code.tokens, message.map(|message| message.tokens));
                Code::atom(quote!(Error::new(#tokens, #message)), Cx::Reads)
            }
            B::MakeDate => self.construction(&quote!(Date), object, rest),
            B::MakeTime => self.construction(&quote!(Time), object, rest),
            B::MakeTimestamp => self.construction(&quote!(Timestamp), object, rest),
            B::MakeInterval => self.construction(&quote!(Interval), object, rest),
            _ => self.of_an_object(builtin, object, rest),
        }
    }

    fn construction(
        &mut self,
        name: &proc_macro2::TokenStream,
        first: &Expr,
        rest: &[Expr],
    ) -> Code {
        let first = self.owned(first);
        let (rest, cx) = self.arguments(rest);
        let tokens = first.tokens;
        Code::fallible(quote!(#name::new(#tokens #(, #rest)*)), first.cx.max(cx))
    }

    fn of_an_object(&mut self, builtin: Builtin, object: &Expr, rest: &[Expr]) -> Code {
        let Some((name, takes, fallible)) = method(builtin) else {
            return Code::atom(quote!(()), Cx::Unused);
        };
        let mut cx = Cx::Unused;
        let arguments: Vec<_> = rest
            .iter()
            .map(|argument| {
                let code = match takes {
                    Takes::Reference => self.borrowed(argument),
                    Takes::Str => {
                        let place = self.place(argument);
                        let receiver = place.at_least(super::code::Level::Unary);
                        Code {
                            tokens: quote!(&*#receiver),
                            ..place
                        }
                    }
                    Takes::Value => self.owned(argument),
                };
                cx = cx.max(code.cx);
                code.tokens
            })
            .collect();
        let object = self.place_before(object, cx);
        let (receiver, name) = (object.receiver(), super::name::ident(name));
        let tokens = quote!(#receiver.#name(#(#arguments),*));
        if fallible {
            Code::fallible(tokens, object.cx.max(cx))
        } else {
            Code::atom(tokens, object.cx.max(cx))
        }
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
