//! Functions, enumerations, constants and variables outside classes, and the modules around them.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Emitter;
use super::body::BodyEmitter;
use super::ty::is_copy;
use crate::ir::{ClassKind, EnumId, Enumeration, FunctionId, GlobalId, Literal, ModuleId, Type};

/// How a constant is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConstantKind {
    /// A Rust constant.
    Value,
    /// A `&str`, made a text where it is used.
    Text,
    /// A function that computes it.
    Computed,
}

/// `///` lines.
pub(super) fn documentation(lines: &[String]) -> TokenStream {
    lines
        .iter()
        .map(|line| {
            let line = if line.is_empty() || line.starts_with(' ') {
                line.clone()
            } else {
                format!(" {line}")
            };
            quote!(#[doc = #line])
        })
        .collect()
}

impl Emitter<'_> {
    /// The items of a module and of those inside it.
    pub(super) fn module(&self, id: ModuleId) -> TokenStream {
        let program = self.program;
        let mut tokens = TokenStream::new();
        for (index, item) in program.enums.iter().enumerate() {
            if item.module == id {
                tokens.extend(self.enumeration(EnumId::at(index), item));
            }
        }
        for (index, global) in program.globals.iter().enumerate() {
            if global.module == id && global.is_const {
                tokens.extend(self.constant(GlobalId::at(index)));
            }
        }
        for (index, class) in program.classes.iter().enumerate() {
            if class.module == id && matches!(class.kind, ClassKind::Ordinary | ClassKind::Server) {
                tokens.extend(self.class(crate::ir::ClassId::at(index)));
            }
        }
        for (index, function) in program.functions.iter().enumerate() {
            if function.module == id && !function.is_external {
                tokens.extend(self.function(FunctionId::at(index)));
            }
        }
        for (index, module) in program.modules.iter().enumerate() {
            if module.parent == Some(id) && index != id.index() {
                let name = &self.names.modules[index];
                let items = self.module(ModuleId::at(index));
                tokens.extend(quote! {
                    pub mod #name {
                        use cmsl_runtime::prelude::*;
                        #items
                    }
                });
            }
        }
        tokens
    }

    fn enumeration(&self, id: EnumId, item: &Enumeration) -> TokenStream {
        let name = self.names.enumeration(id);
        let docs = documentation(&item.documentation);
        let variants = &self.names.variants[id.index()];
        let declared =
            item.variants
                .iter()
                .zip(variants)
                .zip(0..)
                .map(|((variant, name), position)| {
                    let docs = documentation(&variant.documentation);
                    let default = (position == 0).then(|| quote!(#[default]));
                    quote!(#docs #default #name,)
                });
        let names = item.variants.iter().map(|variant| &variant.name);
        let numbers = item
            .variants
            .iter()
            .map(|variant| proc_macro2::Literal::i64_unsuffixed(variant.value));
        quote! {
            #docs
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
            pub enum #name { #(#declared)* }

            impl Enumeration for #name {
                const ALL: &'static [Self] = &[#(Self::#variants),*];

                fn name(self) -> &'static str {
                    match self { #(Self::#variants => #names,)* }
                }

                fn number(self) -> i64 {
                    match self { #(Self::#variants => #numbers,)* }
                }
            }
        }
    }

    pub(super) fn constant_kind(&self, id: GlobalId) -> ConstantKind {
        match &self.program.global(id).value {
            Some(Literal::String(_)) => ConstantKind::Text,
            Some(Literal::Null | Literal::Ok) | None => ConstantKind::Computed,
            Some(_) => ConstantKind::Value,
        }
    }

    /// The function that computes a constant.
    pub(super) fn constant_function(&self, id: GlobalId) -> Ident {
        let name = self.names.global(id).to_string().to_ascii_lowercase();
        super::name::ident(&format!("constant_{name}"))
    }

    fn constant(&self, id: GlobalId) -> TokenStream {
        let global = self.program.global(id);
        let docs = documentation(&global.documentation);
        let name = self.names.global(id);
        let ty = self.ty(global.ty, global.module);
        let mut body = BodyEmitter::new(self, global.module, &global.body, global.ty);
        match (self.constant_kind(id), &global.value) {
            (ConstantKind::Text, Some(Literal::String(text))) => {
                quote!(#docs pub const #name: &str = #text;)
            }
            (ConstantKind::Value, Some(value)) => {
                let value = body.literal(value, global.ty).tokens;
                quote!(#docs pub const #name: #ty = #value;)
            }
            _ => {
                let function = self.constant_function(id);
                let value = match &global.init {
                    Some(init) => body.result_of(Some(init)),
                    None => {
                        let zero = self.zero(global.ty);
                        quote!(Ok(#zero))
                    }
                };
                quote! {
                    #docs
                    pub fn #function(cx: &mut Context) -> Outcome<#ty> { #value }
                }
            }
        }
    }

    /// The struct of all variables outside classes, and the function that gives them their initial values.
    pub(super) fn globals(&self) -> TokenStream {
        let root = ModuleId::at(0);
        let variables: Vec<GlobalId> = (0..self.program.globals.len())
            .map(GlobalId::at)
            .filter(|&id| !self.program.global(id).is_const)
            .collect();
        if variables.is_empty() {
            return TokenStream::new();
        }
        let names: Vec<Ident> = variables
            .iter()
            .map(|&id| self.names.global_field(id))
            .collect();
        let types = variables
            .iter()
            .map(|&id| self.ty(self.program.global(id).ty, root));
        let constants = variables
            .iter()
            .zip(&names)
            .zip(0..)
            .map(|((&id, name), number)| {
                let constant = self.names.global(id);
                let ty = self.ty(self.program.global(id).ty, root);
                let number = proc_macro2::Literal::u32_unsuffixed(number);
                quote! {
                    pub const #constant: Field<Globals, #ty> =
                        Field::new(#number, |this| &this.#name, |this| &mut this.#name);
                }
            });
        let initialised = variables.iter().filter_map(|&id| {
            let global = self.program.global(id);
            let constant = self.names.global(id);
            let value = match (&global.init, global.length) {
                (Some(init), None) => {
                    BodyEmitter::new(self, root, &global.body, global.ty)
                        .owned(init)
                        .tokens
                }
                (None, Some(length)) => {
                    let length = proc_macro2::Literal::u64_unsuffixed(length);
                    quote!(Array::new(#length)?)
                }
                (Some(init), Some(length)) => {
                    let length = proc_macro2::Literal::u64_unsuffixed(length);
                    let init = BodyEmitter::new(self, root, &global.body, global.ty)
                        .owned(init)
                        .tokens;
                    quote!(Array::new(#length)?.assigned(#init)?)
                }
                (None, None) => return None,
            };
            let position = crate::format::position(global.span);
            Some(quote! {
                #position
                cx.globals::<Globals>()?.set(Globals::#constant, #value, cx)?;
            })
        });
        let initialised: Vec<_> = initialised.collect();
        quote! {
            /// The variables outside classes.
            #[derive(Clone, Default)]
            pub struct Globals { #(pub #names: #types,)* }

            impl Class for Globals {
                const INFO: ClassInfo = ClassInfo::of::<Globals>("");

                fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
                    #(each(&self.#names);)*
                }

                fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
                    #(each(&mut self.#names);)*
                }
            }

            impl Globals {
                #(#constants)*

                /// Gives the variables their initial values, in the order of declaration.
                fn initialise(cx: &mut Context) -> Outcome<()> {
                    #(#initialised)*
                    Ok(())
                }
            }
        }
    }

    pub(super) fn has_globals(&self) -> bool {
        self.program.globals.iter().any(|global| !global.is_const)
    }

    fn function(&self, id: FunctionId) -> TokenStream {
        let function = self.program.function(id);
        let mut body = BodyEmitter::new(self, function.module, &function.body, function.result);
        let docs = documentation(&function.documentation);
        let name = self.names.function(id);
        let (parameters, result) = (body.parameters(), body.ty(function.result));
        let code = super::class::function_code(&mut body, function);
        quote! {
            #docs
            pub fn #name(#parameters cx: &mut Context) -> Outcome<#result> { #code }
        }
    }

    /// The value with which variables of a type start.
    pub(super) fn zero(&self, ty: Type) -> TokenStream {
        match ty {
            Type::Boolean => quote!(false),
            Type::Char => quote!('\0'),
            Type::Float | Type::Double => quote!(0.0),
            Type::String => quote!(Text::default()),
            Type::List(_) => quote!(List::new()),
            Type::Set(_) => quote!(Set::new()),
            Type::Bag(_) => quote!(Bag::new()),
            Type::Map(..) => quote!(Map::new()),
            Type::Class(id) if self.is_external(id) => quote!(Extern::null()),
            Type::Class(_) => quote!(Ref::null()),
            Type::Error => quote!(Error::ok()),
            _ if ty.is_integer() => quote!(0),
            _ if is_copy(ty) => quote!(Default::default()),
            _ => quote!(Default::default()),
        }
    }

    /// A name as the source has it, with its modules.
    pub(super) fn source_name(&self, name: &str, module: ModuleId) -> String {
        self.program.qualified(name, module)
    }
}
