//! The Rust signature that a declaration asks for, as text and compared with one that is there.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::{FnArg, GenericArgument, PathArguments, ReturnType};

use super::provided::Function;
use crate::emit::external_names;
use crate::ir::{Body, ClassKind, Program, Type};

/// What a declaration asks for.
pub(super) struct Signature {
    /// The name in Rust, with `r#` if it is a keyword.
    pub name: String,
    is_of_object: bool,
    /// The way to what is outside is shown, before the parameters.
    pub names_outside: bool,
    parameters: Vec<(String, TokenStream)>,
    result: TokenStream,
}

impl Signature {
    pub(super) fn new(program: &Program, name: String, body: &Body, result: Type) -> Signature {
        let parameters = body.parameter_ids().map(|id| {
            let local = &body.locals[id.index()];
            let name = external_names::parameter(&local.name);
            (name, parameter(program, local.ty))
        });
        Signature {
            name,
            is_of_object: false,
            names_outside: false,
            parameters: parameters.collect(),
            result: value(program, result),
        }
    }

    /// The same as a method.
    pub(super) fn of_object(self) -> Signature {
        Signature {
            is_of_object: true,
            ..self
        }
    }

    /// As one writes it.
    pub(super) fn text(&self) -> String {
        let name = ident(&self.name);
        let this = self.is_of_object.then(|| quote!(&mut self,));
        let outside = self.names_outside.then(|| quote!(outside: &mut Outside,));
        let parameters = self.parameters.iter().map(|(name, ty)| {
            let name = ident(name);
            quote!(#name: #ty)
        });
        let result = (!self.result.is_empty()).then(|| {
            let result = &self.result;
            quote!(-> #result)
        });
        text(&quote!(pub fn #name(#this #outside #(#parameters),*) #result))
    }

    /// What certainly does not fit in a function.
    pub(super) fn mistake(&self, found: &Function) -> Option<String> {
        let (name, signature) = (&self.name, &found.signature);
        if !found.is_public {
            return Some(format!("`{name}` is not `pub`"));
        }
        if signature.asyncness.is_some() {
            return Some(format!("`{name}` is `async`: nobody would wait for it"));
        }
        let receiver = signature.receiver();
        match (self.is_of_object, receiver) {
            (true, None) => return Some(format!("`{name}` does not take `&mut self` or `&self`")),
            (true, Some(receiver)) if matches!(receiver.kind, syn::ReceiverKind::Value) => {
                return Some(format!(
                    "`{name}` takes `self` by value: it would use the object up"
                ));
            }
            (false, Some(_)) => return Some(format!("`{name}` takes `self`")),
            _ => {}
        }
        let mut takes: Vec<&syn::Type> = typed(signature).collect();
        if takes_outside(found) {
            takes.remove(0);
        }
        if takes.iter().any(|ty| is_outside(ty)) {
            let first = if self.is_of_object {
                "the first parameter after `self`"
            } else {
                "the first parameter"
            };
            return Some(format!(
                "`{name}` can have `outside: &mut Outside` as {first}, and nowhere else"
            ));
        }
        let (wanted, there) = (self.parameters.len(), takes.len());
        if wanted != there {
            let plural = if there == 1 { "" } else { "s" };
            return Some(format!(
                "`{name}` takes {there} parameter{plural}, not {wanted}"
            ));
        }
        for ((parameter, wanted), there) in self.parameters.iter().zip(takes) {
            if let Some((wanted, there)) = differ(wanted, there) {
                return Some(format!(
                    "`{parameter}` of `{name}` is `{there}`, not `{wanted}`"
                ));
            }
        }
        let gives = match &signature.output {
            ReturnType::Default => syn::parse2(quote!(())).ok()?,
            ReturnType::Type(_, ty) => (**ty).clone(),
        };
        let gives = inside(&gives, &["Result", "Option"]);
        let wanted = if self.result.is_empty() {
            quote!(())
        } else {
            self.result.clone()
        };
        let (wanted, there) = differ(&wanted, gives)?;
        Some(format!("`{name}` gives `{there}`, not `{wanted}`"))
    }
}

fn typed(signature: &syn::Signature) -> impl Iterator<Item = &syn::Type> {
    signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(&*input.ty),
        FnArg::Receiver(_) => None,
    })
}

/// Whether a function wants to be handed the way to what is outside.
pub(super) fn takes_outside(function: &Function) -> bool {
    let first = typed(&function.signature).next();
    first.is_some_and(|ty| matches!(ty, syn::Type::Reference(_)) && is_outside(ty))
}

/// Whether it stands anywhere among the parameters.
pub(super) fn names_outside(function: &Function) -> bool {
    typed(&function.signature).any(is_outside)
}

/// `Outside`, by whatever way and reference.
fn is_outside(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Reference(reference) => is_outside(&reference.elem),
        syn::Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| last.ident == "Outside")
        }
        _ => false,
    }
}

/// Both types, if they are certainly different ones.
fn differ(wanted: &TokenStream, there: &syn::Type) -> Option<(String, String)> {
    let (wanted_ty, shown) = (syn::parse2(wanted.clone()).ok()?, text(wanted));
    let (wanted, known) = (known(&wanted_ty)?, known(there)?);
    (wanted != known).then(|| (shown, text(&there.to_token_stream())))
}

/// A type of the standard library, or of `crate::data`, in one writing; nothing if it may be any.
fn known(ty: &syn::Type) -> Option<String> {
    match ty {
        syn::Type::Tuple(tuple) if tuple.elems.is_empty() => Some("()".to_owned()),
        syn::Type::Slice(slice) => Some(format!("[{}]", known(&slice.elem)?)),
        syn::Type::Reference(reference) => {
            // A reference to the whole is as good as one to its contents.
            let inner = match known(&reference.elem)?.as_str() {
                "String" => "str".to_owned(),
                inner => match inner.strip_prefix("Vec<") {
                    Some(item) => format!("[{}]", item.trim_end_matches('>')),
                    None => inner.to_owned(),
                },
            };
            let mutable = reference.mutability.map_or("", |_| "mut ");
            Some(format!("&{mutable}{inner}"))
        }
        syn::Type::Path(path) => {
            let segments = &path.path.segments;
            let last = segments.last()?;
            let name = last.ident.to_string();
            match (&last.arguments, name.as_str()) {
                (
                    PathArguments::None,
                    "bool" | "char" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8"
                    | "i16" | "i32" | "i64" | "i128" | "isize" | "f32" | "f64" | "str" | "String",
                ) if segments.len() == 1 => Some(name),
                (PathArguments::None, _) if segments.iter().rev().nth(1)?.ident == "data" => {
                    Some(format!("data::{name}"))
                }
                (PathArguments::AngleBracketed(_), "Vec") => {
                    Some(format!("Vec<{}>", known(argument(last)?)?))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// What a `Result<T, E>` or `Option<T>` holds.
fn inside<'a>(ty: &'a syn::Type, holders: &[&str]) -> &'a syn::Type {
    if let syn::Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && holders.iter().any(|holder| last.ident == holder)
        && let Some(argument) = argument(last)
    {
        return inside(argument, holders);
    }
    ty
}

fn argument(segment: &syn::PathSegment) -> Option<&syn::Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The type of a parameter.
fn parameter(program: &Program, ty: Type) -> TokenStream {
    match ty {
        Type::String => quote!(&str),
        Type::List(id) => {
            let item = value(program, program.types.at(id));
            quote!(&[#item])
        }
        Type::Class(_) => {
            let class = value(program, ty);
            quote!(&#class)
        }
        _ => value(program, ty),
    }
}

/// The type of a result, and of what stands in a list.
fn value(program: &Program, ty: Type) -> TokenStream {
    match ty {
        Type::Void => quote!(),
        Type::Boolean => quote!(bool),
        Type::Char => quote!(char),
        Type::Octet => quote!(u8),
        Type::Short => quote!(i16),
        Type::UnsignedShort => quote!(u16),
        Type::UnsignedInt => quote!(u32),
        Type::Long | Type::Timestamp | Type::Interval | Type::Time => quote!(i64),
        Type::UnsignedLong => quote!(u64),
        Type::Float => quote!(f32),
        Type::Double => quote!(f64),
        Type::String => quote!(String),
        Type::List(id) | Type::Array(id) => {
            let item = value(program, program.types.at(id));
            quote!(Vec<#item>)
        }
        Type::Class(id) => {
            let class = program.class(id);
            let name = ident(&external_names::class(&class.name));
            if class.kind == ClassKind::External {
                quote!(#name)
            } else {
                quote!(crate::data::#name)
            }
        }
        // An enumeration is its number.
        _ => quote!(i32),
    }
}

fn ident(name: &str) -> proc_macro2::Ident {
    match name.strip_prefix("r#") {
        Some(name) => format_ident!("r#{}", name),
        None => format_ident!("{}", name),
    }
}

/// Tokens of a signature as rustfmt writes them on one line.
pub(super) fn text(tokens: &TokenStream) -> String {
    const TOGETHER: &[(&str, &str)] = &[
        (" (", "("),
        (" ,", ","),
        (",)", ")"),
        (" :", ":"),
        (":: ", "::"),
        ("& ", "&"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("{ }", "{ … }"),
    ];
    let apart = tokens.to_string();
    TOGETHER.iter().fold(apart, |text, (apart, together)| {
        text.replace(apart, together)
    })
}
