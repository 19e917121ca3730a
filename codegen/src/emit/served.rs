//! Server classes: which call runs which method.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Emitter;
use crate::ir::{Body, ClassId, ClassKind, MethodId, Type};

impl Emitter<'_> {
    /// The implementation of `Served`.
    pub(super) fn served(&self, id: ClassId) -> TokenStream {
        let class = self.program.class(id);
        let name = self.names.class(id);
        let constructors = class.constructors.iter().map(|&constructor| {
            let call = self.constructor_call(constructor);
            let (new, _) = &self.names.constructors[constructor.index()];
            let (take, arguments) =
                self.take(&self.program.constructor(constructor).body, class.module);
            quote! {
                #name::#call => { #take #name::#new(#(#arguments,)* cx) }
            }
        });
        let methods = self.public_methods(id).into_iter().map(|method| {
            let declared = self.program.method(method);
            let path = self.class_path(declared.class, class.module);
            let call = self.method_call(method);
            let own = self.program.implementation(method, id);
            let own_declared = self.program.method(own);
            let own_path = self.class_path(own_declared.class, class.module);
            let run = if self.has_entry(own) {
                self.names.exact(own)
            } else {
                self.names.method(own).clone()
            };
            let this = if own_declared.class == id {
                quote!(this)
            } else {
                quote!(&this.upcast::<#own_path>())
            };
            let (take, arguments) = self.take(&declared.body, class.module);
            let run = quote!(#own_path::#run(#this, #(#arguments,)* cx)?);
            let answer = if declared.result == Type::Void {
                quote!(#run; answer(&(), cx))
            } else {
                quote!(let result = #run; answer(&result, cx))
            };
            quote! {
                #path::#call => { #take #answer }
            }
        });
        quote! {
            impl Served for #name {
                fn construct_served(call: &Call<'_>, cx: &mut Context) -> Outcome<Ref<Self>> {
                    match call.number {
                        #(#constructors)*
                        _ => Err(call.unknown()),
                    }
                }

                fn serve(this: &Ref<Self>, call: &Call<'_>, cx: &mut Context) -> Outcome<Answer> {
                    match call.number {
                        #(#methods)*
                        _ => Err(call.unknown()),
                    }
                }
            }
        }
    }

    /// The public methods of a class and its bases; of overridden ones the first declaration.
    fn public_methods(&self, id: ClassId) -> Vec<MethodId> {
        self.program
            .ancestry(id)
            .filter(|&id| !matches!(self.program.class(id).kind, ClassKind::Predefined(_)))
            .flat_map(|id| self.program.class(id).methods.iter().copied())
            .filter(|&id| {
                let method = self.program.method(id);
                method.is_public && method.overrides.is_none()
            })
            .collect()
    }

    /// Takes the arguments of a call apart.
    fn take(&self, body: &Body, here: crate::ir::ModuleId) -> (TokenStream, Vec<Ident>) {
        let names: Vec<Ident> = (1..=body.parameters)
            .map(|number| super::name::ident(&format!("argument_{number}")))
            .collect();
        if names.is_empty() {
            return (TokenStream::new(), names);
        }
        let types = body
            .parameter_ids()
            .map(|id| self.ty(body.locals[id.index()].ty, here));
        (
            quote!(let (#(#names,)*): (#(#types,)*) = call.arguments(cx)?;),
            names,
        )
    }

    /// The registration of a server class with the runtime.
    pub(super) fn registration(&self, id: ClassId) -> TokenStream {
        let class = self.program.class(id);
        let source = self.source_name(&class.name, class.module);
        let path = self.class_path(id, crate::ir::ModuleId::at(0));
        let calls_servers = class.calls_servers;
        let unreplicable = self.program.ancestry(id).any(|id| {
            self.program
                .class(id)
                .fields
                .iter()
                .any(|&field| self.holds_external(self.program.field(field).ty, 0))
        });
        let queries = self
            .public_methods(id)
            .into_iter()
            .filter(|&method| {
                let method = self.program.method(method);
                method.body.parameters == 0
                    && method.result == Type::String
                    && !method.effects.writes_state()
            })
            .map(|id| {
                let (name, number) = (&self.program.method(id).name, self.method_number(id));
                quote!((#name, #number))
            });
        quote! {
            ServerClass {
                name: #source,
                calls_servers: #calls_servers,
                unreplicable: #unreplicable,
                blank: || ServerObject::<#path>::boxed(&CODE),
                queries: &[#(#queries),*],
            }
        }
    }

    /// Whether values of a type can hold Rust objects.
    fn holds_external(&self, ty: Type, depth: u32) -> bool {
        match ty {
            Type::Class(id) => self.is_external(id),
            _ if depth > 16 => false,
            _ => self
                .program
                .types
                .element(ty)
                .is_some_and(|inner| self.holds_external(inner, depth + 1)),
        }
    }
}
