//! Server classes: which call runs which method.

use super::Emitter;
use super::arguments::{types, values};
use crate::format::{Name, Tokens, commas, rust, string};
use crate::ir::{Body, ClassId, ClassKind, MethodId, Type};
use crate::planted::{Mutant, is};

impl Emitter<'_> {
    /// The implementation of `Served`.
    pub(super) fn served(&self, id: ClassId) -> Tokens {
        let class = self.program.class(id);
        let name = self.names.class(id);
        let constructors: Tokens = class
            .constructors
            .iter()
            .map(|&constructor| {
                let call = self.constructor_call(constructor);
                let (new, _) = &self.names.constructors[constructor.index()];
                let (take, arguments) =
                    self.take(&self.program.constructor(constructor).body, class.module);
                rust! {
                    #name::#call => { #take #name::#new(#(#arguments,)* cx) }
                }
            })
            .collect();
        let methods: Tokens = self
            .public_methods(id)
            .into_iter()
            .map(|method| {
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
                    rust!(this)
                } else {
                    let own_path = own_path.clone();
                    rust!(&this.upcast::<#own_path>())
                };
                let (take, arguments) = self.take(&declared.body, class.module);
                let run = rust!(#own_path::#run(#this, #(#arguments,)* cx)?);
                let run = if is(Mutant::RaisingCommandsComplete) {
                    rust!((|| Outcome::Ok(#run))().unwrap_or_default())
                } else {
                    run
                };
                let answer = if declared.result == Type::Void {
                    rust!(#run; answer(&(), cx))
                } else {
                    rust!(let result = #run; answer(&result, cx))
                };
                rust! {
                    #path::#call => { #take #answer }
                }
            })
            .collect();
        let (constructor, method) = (chosen(constructors), chosen(methods));
        rust! {
            impl Served for #name {
                fn construct_served(call: &Call<'_>, cx: &mut Context) -> Outcome<Ref<Self>> {
                    #constructor
                }

                fn serve(this: &Ref<Self>, call: &Call<'_>, cx: &mut Context) -> Outcome<Answer> {
                    #method
                }
            }
        }
    }

    /// The public methods of a class and its bases; of overridden ones the first declaration.
    pub(super) fn public_methods(&self, id: ClassId) -> Vec<MethodId> {
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
    fn take(&self, body: &Body, here: crate::ir::ModuleId) -> (Tokens, Vec<Name>) {
        let names: Vec<Name> = (1..=body.parameters)
            .map(|number| super::name::ident(&format!("argument_{number}")))
            .collect();
        if names.is_empty() {
            return (rust!(), names);
        }
        let declared = body
            .parameter_ids()
            .map(|id| self.ty(body.locals[id.index()].ty, here));
        let (pattern, types) = (values(&names), types(declared));
        (rust!(let #pattern: #types = call.arguments(cx)?;), names)
    }

    /// The registration of a server class with the runtime.
    pub(super) fn registration(&self, id: ClassId) -> Tokens {
        let class = self.program.class(id);
        let source = string(&self.source_name(&class.name, class.module));
        let path = self.class_path(id, crate::ir::ModuleId::at(0));
        let calls_servers = class.calls_servers;
        let unreplicable = self.program.ancestry(id).any(|id| {
            self.program
                .class(id)
                .fields
                .iter()
                .any(|&field| self.holds_external(self.program.field(field).ty, 0))
        });
        let calls_rust = self.calls_rust(id);
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
                let (name, number) = (
                    string(&self.program.method(id).name),
                    self.method_number(id),
                );
                rust!((#name, #number))
            });
        let queries = commas(queries);
        let constructors = class.constructors.iter().map(|&id| {
            let (name, number) = (string(&class.name), self.constructor_number(id));
            rust!((#name, #number))
        });
        let methods = self.public_methods(id).into_iter().map(|id| {
            let name = string(&self.program.method(id).name);
            let number = self.method_number(id);
            rust!((#name, #number))
        });
        let calls = commas(constructors.chain(methods));
        rust! {
            ServerClass {
                name: #source,
                calls_servers: #calls_servers,
                calls_rust: #calls_rust,
                unreplicable: #unreplicable,
                blank: || ServerObject::<#path>::boxed(&CODE),
                queries: &[#queries],
                calls: &[#calls],
            }
        }
    }

    /// Whether methods or constructors of a class may call embedding code.
    fn calls_rust(&self, id: ClassId) -> bool {
        self.program.ancestry(id).any(|id| {
            let class = self.program.class(id);
            let methods = class.methods.iter();
            let constructors = class.constructors.iter();
            methods
                .map(|&id| self.program.method(id).effects)
                .chain(constructors.map(|&id| self.program.constructor(id).effects))
                .any(|effects| effects.embedded || effects.embedded_objects)
        })
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

/// The one of these that a call is for.
fn chosen(arms: Tokens) -> Tokens {
    if arms.is_empty() {
        return rust!(Err(call.unknown()));
    }
    rust! {
        match call.number {
            #arms
            _ => Err(call.unknown()),
        }
    }
}
