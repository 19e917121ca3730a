//! What the embedding Rust code provides: calls into it, and the plain structs by which data goes in and out.
//!
//! Objects are copied field by field; sharing is not kept, and a cycle ends as an exception at a bounded depth.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::Emitter;
use super::body::BodyEmitter;
use super::code::{Code, Cx};
use super::name::ident;
use crate::ir::{
    ClassId, ClassKind, ConstructorId, Expr, FieldId, FunctionId, MethodId, ModuleId, Type,
};

/// The plain structs stand in a module that is none of the program's: paths from there begin at the crate.
fn elsewhere() -> ModuleId {
    ModuleId::at(u32::MAX as usize)
}

impl BodyEmitter<'_> {
    pub(super) fn external_function(&mut self, id: FunctionId, arguments: &[Expr]) -> Code {
        let function = self.program().function(id);
        let name = overload(&function.name, function.overload);
        let (before, arguments) = self.external_arguments(arguments);
        let value = self.external_result(
            function.result,
            &quote!(crate::externs::#name(#(#arguments),*)),
        );
        finish(&before, &value)
    }

    pub(super) fn external_new(&mut self, id: ConstructorId, arguments: &[Expr]) -> Code {
        let constructor = self.program().constructor(id);
        let class = self.emitter.class_path(constructor.class, self.here);
        let name = overload("new", constructor.overload);
        let (before, arguments) = self.external_arguments(arguments);
        let object = quote!(ExternResult::<#class>::outcome(#class::#name(#(#arguments),*))?);
        finish(&before, &quote!(Extern::new(#object)))
    }

    pub(super) fn external_method(
        &mut self,
        object: &Expr,
        id: MethodId,
        arguments: &[Expr],
    ) -> Code {
        let method = self.program().method(id);
        let name = overload(&method.name, method.overload);
        let object = self.owned(object).tokens;
        let (mut before, arguments) = self.external_arguments(arguments);
        before = quote!(let external = #object; #before);
        let value = self.external_result(
            method.result,
            &quote!(external.with(|external| external.#name(#(#arguments),*))?),
        );
        finish(&before, &value)
    }

    /// `let`s that evaluate and convert arguments, and what is passed.
    fn external_arguments(&mut self, arguments: &[Expr]) -> (TokenStream, Vec<TokenStream>) {
        let mut before = TokenStream::new();
        let passed = arguments
            .iter()
            .zip(1..)
            .map(|(argument, number)| {
                let name = ident(&format!("argument_{number}"));
                let value = self.owned(argument).tokens;
                let data = self.emitter.to_data(argument.ty, &value, 0);
                before.extend(quote!(let #name = #data;));
                match argument.ty {
                    Type::String | Type::List(_) | Type::Class(_) => quote!(&#name),
                    _ => quote!(#name),
                }
            })
            .collect();
        (before, passed)
    }

    fn external_result(&mut self, ty: Type, call: &TokenStream) -> TokenStream {
        if let Type::Class(id) = ty
            && !self.emitter.is_external(id)
        {
            let data = self.emitter.data_type(ty);
            return quote!(match ExternResult::<Option<#data>>::outcome(#call)? {
                Some(data) => data.make(cx)?,
                None => Ref::null(),
            });
        }
        let data = self.emitter.data_type(ty);
        let value = quote!(ExternResult::<#data>::outcome(#call)?);
        self.emitter.of_data(ty, &value)
    }
}

fn finish(before: &TokenStream, value: &TokenStream) -> Code {
    if before.is_empty() {
        return Code::new(quote!(#value), super::code::Level::Block, Cx::Writes);
    }
    Code::new(
        quote!({ #before #value }),
        super::code::Level::Block,
        Cx::Writes,
    )
}

/// The name of an overload: the first is plain, the second has `_2` behind it.
fn overload(name: &str, number: u32) -> proc_macro2::Ident {
    let name = super::name::snake(name);
    match number {
        0 => ident(&name),
        _ => ident(&format!("{name}_{}", number + 1)),
    }
}

impl Emitter<'_> {
    /// The Rust type that stands for a type in the embedding code's results and in plain structs.
    fn data_type(&self, ty: Type) -> TokenStream {
        match ty {
            Type::String => quote!(String),
            Type::Timestamp | Type::Interval | Type::Time => quote!(i64),
            Type::Date | Type::Enum(_) => quote!(i32),
            Type::List(id) | Type::Array(id) => {
                let item = self.data_type(self.program.types.at(id));
                quote!(Vec<#item>)
            }
            Type::Class(id) if self.is_external(id) => self.class_path(id, ModuleId::at(0)),
            Type::Class(id) => {
                let name = self.names.class(id);
                quote!(crate::data::#name)
            }
            _ => self.ty(ty, ModuleId::at(0)),
        }
    }

    /// A value on its way to the embedding code.
    fn to_data(&self, ty: Type, value: &TokenStream, depth: u32) -> TokenStream {
        match ty {
            Type::String => quote!(#value.to_string()),
            Type::Timestamp | Type::Interval | Type::Time | Type::Date => quote!(#value.0),
            Type::Enum(_) => quote!((#value) as i32),
            Type::List(id) => {
                let item = ident(&format!("item_{depth}"));
                let converted = self.to_data(self.program.types.at(id), &quote!(#item), depth + 1);
                let items = ident(&format!("items_{depth}"));
                quote!({
                    let mut #items = Vec::new();
                    for #item in #value {
                        #items.push(#converted);
                    }
                    #items
                })
            }
            Type::Class(id) => {
                let name = self.names.class(id);
                quote!(crate::data::#name::of(&#value, 0, cx)?)
            }
            _ => value.clone(),
        }
    }

    /// A value that comes from the embedding code.
    fn of_data(&self, ty: Type, value: &TokenStream) -> TokenStream {
        match ty {
            Type::String => quote!(Text::from(#value)),
            Type::Timestamp => quote!(Timestamp(#value)),
            Type::Interval => quote!(Interval(#value)),
            Type::Time => quote!(Time(#value)),
            Type::Date => quote!(Date(#value)),
            Type::Enum(id) => {
                let path = self.enum_path(id, elsewhere());
                quote!(enumerator::<#path>(#value)?)
            }
            Type::List(id) => {
                let item = self.of_data(self.program.types.at(id), &quote!(item));
                quote!({
                    let mut items = List::new();
                    for item in #value {
                        items.append(#item);
                    }
                    items
                })
            }
            Type::Class(id) if self.is_external(id) => quote!(Extern::new(#value)),
            Type::Class(_) => quote!(#value.make(cx)?),
            _ => value.clone(),
        }
    }

    /// Whether the program declares anything that embedding code provides.
    pub(super) fn has_externals(&self) -> bool {
        self.program
            .functions
            .iter()
            .any(|function| function.is_external)
            || self
                .program
                .classes
                .iter()
                .any(|class| class.kind == ClassKind::External)
    }

    /// The plain structs of all classes that declarations of embedding code lead to.
    pub(super) fn data(&self) -> TokenStream {
        let mut wanted = BTreeSet::new();
        for function in &self.program.functions {
            if function.is_external {
                self.want(function.result, &mut wanted);
                for local in &function.body.locals {
                    self.want(local.ty, &mut wanted);
                }
            }
        }
        for class in &self.program.classes {
            if class.kind != ClassKind::External {
                continue;
            }
            for &id in &class.methods {
                let method = self.program.method(id);
                self.want(method.result, &mut wanted);
                for local in &method.body.locals {
                    self.want(local.ty, &mut wanted);
                }
            }
            for &id in &class.constructors {
                for local in &self.program.constructor(id).body.locals {
                    self.want(local.ty, &mut wanted);
                }
            }
        }
        let structs = wanted.iter().map(|&id| self.plain_struct(id));
        quote! {
            //! Plain copies of objects, for the Rust code behind `extern` declarations.
            use cmsl_runtime::prelude::*;
            #(#structs)*
        }
    }

    fn want(&self, ty: Type, wanted: &mut BTreeSet<ClassId>) {
        let mut next = Some(ty);
        while let Some(ty) = next {
            next = self.program.types.element(ty);
            let Type::Class(id) = ty else { continue };
            if self.is_external(id) || !wanted.insert(id) {
                continue;
            }
            for field in self.all_fields(id) {
                self.want(self.program.field(field).ty, wanted);
            }
        }
    }

    /// All state variables of a class that plain structs carry, inherited ones first.
    fn all_fields(&self, id: ClassId) -> Vec<FieldId> {
        let mut classes: Vec<ClassId> = self.program.ancestry(id).collect();
        classes.reverse();
        classes
            .iter()
            .flat_map(|&id| self.program.class(id).fields.iter().copied())
            .filter(|&field| self.is_plain(self.program.field(field).ty))
            .collect()
    }

    fn is_plain(&self, ty: Type) -> bool {
        match ty {
            Type::Class(id) => {
                matches!(
                    self.program.class(id).kind,
                    ClassKind::Ordinary | ClassKind::Server
                )
            }
            Type::List(id) => self.is_plain(self.program.types.at(id)),
            Type::Map(..)
            | Type::Set(_)
            | Type::Bag(_)
            | Type::Array(_)
            | Type::Future(_)
            | Type::Host
            | Type::Error => false,
            _ => true,
        }
    }

    fn plain_struct(&self, id: ClassId) -> TokenStream {
        let root = ModuleId::at(0);
        let name = self.names.class(id);
        let class = self.class_path(id, elsewhere());
        let fields = self.all_fields(id);
        let declared = fields.iter().map(|&field| {
            let name = &self.names.fields[field.index()];
            let ty = self.program.field(field).ty;
            let data = self.data_type(ty);
            match ty {
                Type::Class(_) => quote!(pub #name: Option<Box<#data>>,),
                _ => quote!(pub #name: #data,),
            }
        });
        let read = fields.iter().map(|&id_| {
            let name = &self.names.fields[id_.index()];
            let field = self.program.field(id_);
            let bases = self
                .program
                .ancestry(id)
                .position(|ancestor| ancestor == field.class)
                .unwrap_or(0);
            let bases = (0..bases).map(|_| quote!(base));
            let value = quote!(object.read(cx)?.#(#bases.)*#name.clone());
            match field.ty {
                Type::Class(class) => {
                    let data = self.names.class(class);
                    quote!(#name: {
                        let related = #value;
                        if related.is_null() {
                            None
                        } else {
                            Some(Box::new(#data::of(&related, depth + 1, cx)?))
                        }
                    },)
                }
                Type::List(item) if matches!(self.program.types.at(item), Type::Class(_)) => {
                    let Type::Class(class) = self.program.types.at(item) else {
                        return TokenStream::new();
                    };
                    let data = self.names.class(class);
                    quote!(#name: {
                        let mut items = Vec::new();
                        for item in #value {
                            items.push(#data::of(&item, depth + 1, cx)?);
                        }
                        items
                    },)
                }
                ty => {
                    let converted = self.to_data(ty, &value, 0);
                    quote!(#name: #converted,)
                }
            }
        });
        let written = fields.iter().map(|&id_| {
            let name = &self.names.fields[id_.index()];
            let constant = &self.names.field_constants[id_.index()];
            let field = self.program.field(id_);
            let owner = self.class_path(field.class, elsewhere());
            let value = match field.ty {
                Type::Class(_) => quote!(match self.#name {
                    Some(data) => data.make(cx)?,
                    None => Ref::null(),
                }),
                ty => self.of_data(ty, &quote!(self.#name)),
            };
            quote! {
                let value = #value;
                this.set(#owner::#constant, value, cx)?;
            }
        });
        let source = &self.program.class(id).name;
        let docs = format!(" A copy of an object of class `{source}`.");
        let _ = root;
        quote! {
            #[doc = #docs]
            #[derive(Debug, Clone, Default, PartialEq)]
            pub struct #name { #(#declared)* }

            impl #name {
                pub(crate) fn of(object: &Ref<#class>, depth: u32, cx: &Context) -> Outcome<#name> {
                    within_depth(depth, #source)?;
                    Ok(#name { #(#read)* })
                }

                pub(crate) fn make(self, cx: &mut Context) -> Outcome<Ref<#class>> {
                    let this = cx.create(#class::default());
                    #(#written)*
                    Ok(this)
                }
            }
        }
    }
}
