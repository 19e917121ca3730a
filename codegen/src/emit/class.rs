//! Classes: the struct of state variables, what the heap must know of it, constructors and methods.
//!
//! A method that may run elsewhere than in its own body, because a derived class overrides it or the object may be a
//! running server, is printed twice: the *entry* under its name decides, the *exact* one runs this body.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::Emitter;
use super::body::{Attempt, BodyEmitter, Scope};
use super::item::documentation;
use crate::ir::{
    Class, ClassId, ClassKind, Condition, Constructor, ConstructorId, Expr, FieldId, Function,
    Method, MethodId, ModuleId, Type,
};

impl Emitter<'_> {
    pub(super) fn class(&self, id: ClassId) -> TokenStream {
        let class = self.program.class(id);
        let here = class.module;
        let name = self.names.class(id);
        let docs = documentation(&class.documentation);
        let base_path = class.base.map(|base| self.class_path(base, here));
        let base_field = base_path
            .as_ref()
            .map(|path| quote!(#[doc = " The class it derives from."] pub base: #path,));
        let fields = class.fields.iter().map(|&id| {
            let field = self.program.field(id);
            let (name, ty) = (&self.names.fields[id.index()], self.ty(field.ty, here));
            let docs = documentation(&field.documentation);
            quote!(#docs pub #name: #ty,)
        });
        let description = self.description(class, name);
        let constants = self.constants(class, name);
        let initial = self.initial(id, here);
        let constructors = class
            .constructors
            .iter()
            .map(|&id| self.constructor(class, id));
        let methods = class.methods.iter().map(|&id| self.method(class, id));
        let invariants = self.invariants(class);
        let served = (class.kind == ClassKind::Server).then(|| self.served(id));
        quote! {
            #docs
            #[derive(Clone, Default)]
            pub struct #name { #base_field #(#fields)* }

            impl Class for #name { #description }

            impl #name {
                #constants
                #initial
                #(#constructors)*
                #(#methods)*
                #invariants
            }

            #served
        }
    }

    /// What the heap must know.
    fn description(&self, class: &Class, name: &Ident) -> TokenStream {
        let source = self.source_name(&class.name, class.module);
        let base = class.base.map(|_| {
            quote! {
                fn base(&self) -> Option<&dyn Object> { Some(&self.base) }
                fn base_mut(&mut self) -> Option<&mut dyn Object> { Some(&mut self.base) }
            }
        });
        let fields: Vec<_> = class
            .fields
            .iter()
            .map(|id| &self.names.fields[id.index()])
            .collect();
        let inherited = class.base.map(|_| quote!(self.base.attributes(each);));
        let inherited_mut = class.base.map(|_| quote!(self.base.attributes_mut(each);));
        let attributes = (!fields.is_empty() || class.base.is_some()).then(|| {
            quote! {
                fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
                    #inherited
                    #(each(&self.#fields);)*
                }
                fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
                    #inherited_mut
                    #(each(&mut self.#fields);)*
                }
            }
        });
        quote! {
            const INFO: ClassInfo = ClassInfo::of::<#name>(#source);
            #base
            #attributes
        }
    }

    /// A constant for each state variable, and one for each call that a server of the class takes.
    fn constants(&self, class: &Class, name: &Ident) -> TokenStream {
        let inherited: usize = class.base.map_or(0, |base| {
            self.program
                .ancestry(base)
                .map(|id| match self.program.class(id).kind {
                    ClassKind::Predefined(_) => usize::from(self.program.class(id).base.is_none()),
                    _ => self.program.class(id).fields.len(),
                })
                .sum()
        });
        let fields = class.fields.iter().zip(inherited..).map(|(&id, number)| {
            let number = Literal::usize_unsuffixed(number);
            let ty = self.ty(self.program.field(id).ty, class.module);
            let (field, constant) = (
                &self.names.fields[id.index()],
                &self.names.field_constants[id.index()],
            );
            quote! {
                pub const #constant: Field<#name, #ty> =
                    Field::new(#number, |this| &this.#field, |this| &mut this.#field);
            }
        });
        let calls = self.calls(class);
        quote!(#(#fields)* #calls)
    }

    fn calls(&self, class: &Class) -> TokenStream {
        if !class.may_be_server {
            return TokenStream::new();
        }
        let constructors = class.constructors.iter().map(|&id| {
            let (name, number) = (self.constructor_call(id), self.constructor_number(id));
            quote!(pub const #name: u32 = #number;)
        });
        let methods = class
            .methods
            .iter()
            .filter(|&&id| self.program.method(id).is_public)
            .map(|&id| {
                let (name, number) = (self.method_call(id), self.method_number(id));
                quote!(pub const #name: u32 = #number;)
            });
        quote!(#(#constructors)* #(#methods)*)
    }

    /// The number of a constructor's call: those of a class count from 0.
    fn constructor_number(&self, id: ConstructorId) -> Literal {
        Literal::u32_unsuffixed(self.program.constructor(id).overload)
    }

    /// The number of a method's call: unlike that of all other methods of the program, and unlike any constructor's.
    pub(super) fn method_number(&self, id: MethodId) -> Literal {
        let declared = std::iter::successors(Some(id), |&id| self.program.method(id).overrides);
        let first = declared.last().unwrap_or(id).index();
        Literal::usize_unsuffixed(METHOD_CALLS + first)
    }

    /// The constant that names a constructor's call.
    pub(super) fn constructor_call(&self, id: ConstructorId) -> Ident {
        let (new, _) = &self.names.constructors[id.index()];
        constant("CALL", new)
    }

    /// The constant that names a method's call.
    pub(super) fn method_call(&self, id: MethodId) -> Ident {
        constant("CALL", self.names.method(id))
    }

    /// Whether objects of the class begin with anything but zeros.
    fn has_initial(&self, id: ClassId) -> bool {
        self.program.ancestry(id).any(|id| {
            self.program.class(id).fields.iter().any(|&id| {
                let field = self.program.field(id);
                field.init.is_some() || field.length.is_some()
            })
        })
    }

    /// The object before its constructor runs.
    fn blank(&self, id: ClassId, here: ModuleId) -> TokenStream {
        let path = self.class_path(id, here);
        if self.has_initial(id) {
            quote!(#path::initial(cx)?)
        } else {
            quote!(#path::default())
        }
    }

    fn initial(&self, id: ClassId, here: ModuleId) -> TokenStream {
        if !self.has_initial(id) {
            return TokenStream::new();
        }
        let class = self.program.class(id);
        let base = class.base.map(|base| {
            let blank = self.blank(base, here);
            quote!(base: #blank,)
        });
        let fields = class.fields.iter().map(|&id| {
            let name = &self.names.fields[id.index()];
            let value = self.initial_value(id, here);
            quote!(#name: #value,)
        });
        quote! {
            /// The object before its constructor runs.
            fn initial(cx: &mut Context) -> Outcome<Self> {
                Ok(Self { #base #(#fields)* })
            }
        }
    }

    fn initial_value(&self, id: FieldId, here: ModuleId) -> TokenStream {
        let field = self.program.field(id);
        let body = crate::ir::Body::default();
        let init = field.init.as_ref().map(|init| {
            BodyEmitter::new(self, here, &body, Type::Void)
                .owned(init)
                .tokens
        });
        match (field.length, init) {
            (Some(length), init) => {
                let length = Literal::u64_unsuffixed(length);
                let assigned = init.map(|init| quote!(.assigned(#init)?));
                quote!(Array::new(#length)? #assigned)
            }
            (None, Some(init)) => init,
            (None, None) => self.zero(field.ty),
        }
    }

    fn constructor(&self, class: &Class, id: ConstructorId) -> TokenStream {
        let constructor = self.program.constructor(id);
        let mut body = BodyEmitter::new(self, class.module, &constructor.body, Type::Void);
        let parameters = body.parameters();
        let names: Vec<Ident> = constructor
            .body
            .parameter_ids()
            .map(|id| body.locals[id.index()].clone())
            .collect();
        let docs = documentation(&constructor.documentation);
        let (new, construct) = &self.names.constructors[id.index()];
        let class_name = self.names.class(constructor.class);
        let blank = self.blank(constructor.class, class.module);
        let create = if self.has_initial(constructor.class) {
            quote!(let object = #blank; let this = cx.create(object);)
        } else {
            quote!(let this = cx.create(#blank);)
        };
        let plain: TokenStream = constructor
            .body
            .parameter_ids()
            .map(|id| {
                let (name, ty) = (
                    &body.locals[id.index()],
                    body.ty(constructor.body.locals[id.index()].ty),
                );
                quote!(#name: #ty,)
            })
            .collect();
        let code = constructor_code(&mut body, class, constructor);
        quote! {
            #docs
            pub fn #new(#plain cx: &mut Context) -> Outcome<Ref<#class_name>> {
                #create
                #class_name::#construct(&this, #(#names,)* cx)?;
                Ok(this)
            }

            /// Runs the constructor for an object of this class or of one derived from it.
            pub fn #construct(this: &Ref<#class_name>, #parameters cx: &mut Context) -> Outcome<()> {
                #code
            }
        }
    }

    /// Whether a method has an entry beside its exact form.
    pub(super) fn has_entry(&self, id: MethodId) -> bool {
        let method = self.program.method(id);
        method.is_overridden || (method.is_public && self.program.class(method.class).may_be_server)
    }

    fn method(&self, class: &Class, id: MethodId) -> TokenStream {
        let method = self.program.method(id);
        let mut body = BodyEmitter::new(self, class.module, &method.body, method.result);
        let parameters = body.parameters();
        let docs = documentation(&method.documentation);
        let name = self.names.method(id);
        let class_name = self.names.class(method.class);
        let result = body.ty(method.result);
        let code = method_code(&mut body, class, method);
        if !self.has_entry(id) {
            return quote! {
                #docs
                pub fn #name(this: &Ref<#class_name>, #parameters cx: &mut Context) -> Outcome<#result> {
                    #code
                }
            };
        }
        let exact = self.names.exact(id);
        let entry = self.entry(class, id, &body);
        let plain: TokenStream = method
            .body
            .parameter_ids()
            .map(|id| {
                let (name, ty) = (
                    argument(&body.locals[id.index()]),
                    body.ty(method.body.locals[id.index()].ty),
                );
                quote!(#name: #ty,)
            })
            .collect();
        let note = format!(" Runs `{}` of this very class, here.", method.name);
        quote! {
            #docs
            pub fn #name(this: &Ref<#class_name>, #plain cx: &mut Context) -> Outcome<#result> {
                #entry
            }

            #[doc = #note]
            pub fn #exact(this: &Ref<#class_name>, #parameters cx: &mut Context) -> Outcome<#result> {
                #code
            }
        }
    }

    /// Finds where a method is to run: at a server, in a derived class, or here.
    fn entry(&self, class: &Class, id: MethodId, body: &BodyEmitter<'_>) -> TokenStream {
        let method = self.program.method(id);
        let names: Vec<Ident> = method
            .body
            .parameter_ids()
            .map(|id| argument(&body.locals[id.index()]))
            .collect();
        let class_name = self.names.class(method.class);
        let served = (method.is_public && class.may_be_server).then(|| {
            let constant = self.method_call(id);
            quote! {
                if let Some(server) = this.server()? {
                    return call(server, #class_name::#constant, (#(#names,)*), cx);
                }
            }
        });
        // The most derived class first.
        let derived = self.program.family(method.class);
        let derived = derived.iter().skip(1).rev().filter_map(|&derived| {
            let own = self
                .program
                .class(derived)
                .methods
                .iter()
                .copied()
                .find(|&own| self.program.overrides(own, id))?;
            let path = self.class_path(derived, class.module);
            let target = if self.has_entry(own) {
                self.names.exact(own)
            } else {
                self.names.method(own).clone()
            };
            Some(quote! {
                if let Some(this) = this.as_class::<#path>(cx) {
                    return #path::#target(&this, #(#names,)* cx);
                }
            })
        });
        let derived: Vec<_> = derived.collect();
        let exact = self.names.exact(id);
        quote! {
            #served
            #(#derived)*
            #class_name::#exact(this, #(#names,)* cx)
        }
    }

    fn invariants(&self, class: &Class) -> TokenStream {
        if !self.has_invariants(class) {
            return TokenStream::new();
        }
        let base = class
            .base
            .filter(|&base| self.has_invariants(self.program.class(base)))
            .map(|base| {
                let path = self.class_path(base, class.module);
                quote!(#path::check_invariants(&this.upcast::<#path>(), cx)?;)
            });
        let body = crate::ir::Body::default();
        let mut emitter = BodyEmitter::new(self, class.module, &body, Type::Void);
        let checks = conditions(
            &mut emitter,
            &class.invariants,
            "invariant",
            &of_class(class),
        );
        let name = class_ident(self, class);
        quote! {
            /// Checks what must hold between method calls.
            pub fn check_invariants(this: &Ref<#name>, cx: &mut Context) -> Outcome<()> {
                #base
                #checks
                Ok(())
            }
        }
    }

    pub(super) fn has_invariants(&self, class: &Class) -> bool {
        !class.invariants.is_empty()
            || class
                .base
                .is_some_and(|base| self.has_invariants(self.program.class(base)))
    }
}

/// Numbers below are constructors'.
const METHOD_CALLS: usize = 1000;

fn constant(prefix: &str, name: &Ident) -> Ident {
    let name = name.to_string().to_ascii_uppercase();
    super::name::ident(&format!("{prefix}_{}", name.trim_start_matches("R#")))
}

/// A parameter's name where it is used whether or not the body uses it.
fn argument(name: &Ident) -> Ident {
    let text = name.to_string();
    match text.strip_prefix('_') {
        Some(plain) if !plain.is_empty() => super::name::ident(plain),
        _ => name.clone(),
    }
}

fn class_ident<'a>(emitter: &'a Emitter<'_>, class: &Class) -> &'a Ident {
    let position = emitter
        .program
        .classes
        .iter()
        .position(|other| std::ptr::eq(other, class));
    emitter.names.class(ClassId::at(position.unwrap_or(0)))
}

/// The code of a function outside a class, with its contract.
pub(super) fn function_code(body: &mut BodyEmitter<'_>, function: &Function) -> TokenStream {
    let owner = format!("function {}", function.name);
    let pre = conditions(body, &function.pre, "precondition", &owner);
    let after = conditions(body, &function.post, "postcondition", &owner);
    let code = guarded(body, &after);
    quote!(#pre #code)
}

fn of_class(class: &Class) -> String {
    format!("class {}", class.name)
}

/// Conditions in order, each raising if it does not hold.
fn conditions(
    body: &mut BodyEmitter<'_>,
    conditions: &[Condition],
    kind: &str,
    owner: &str,
) -> TokenStream {
    let kind = super::name::ident(kind);
    conditions
        .iter()
        .map(|condition| {
            let position = body.position(condition.span);
            let holds = body.owned(&condition.expr).tokens;
            let text = format!("{owner}: {}", condition.text);
            quote!(#position #kind(#holds, #text)?;)
        })
        .collect()
}

fn base_call(body: &mut BodyEmitter<'_>, call: Option<&(ConstructorId, Vec<Expr>)>) -> TokenStream {
    let Some((id, arguments)) = call else {
        return TokenStream::new();
    };
    let constructor = body.program().constructor(*id);
    let class = body.program().class(constructor.class);
    let path = body.emitter.class_path(constructor.class, body.here);
    if let ClassKind::Predefined(_) = class.kind {
        let Some(message) = arguments.first() else {
            return TokenStream::new();
        };
        let message = body.borrowed_from_outside(message).tokens;
        return quote!(#path::construct_with_message(&this.upcast::<#path>(), #message, cx)?;);
    }
    if constructor.is_implied && constructor.base_call.is_none() {
        return TokenStream::new();
    }
    let (_, construct) = &body.emitter.names.constructors[id.index()];
    let (arguments, _) = body.arguments(arguments);
    quote!(#path::#construct(&this.upcast::<#path>(), #(#arguments,)* cx)?;)
}

fn constructor_code(
    body: &mut BodyEmitter<'_>,
    class: &Class,
    constructor: &Constructor,
) -> TokenStream {
    let pre = conditions(body, &constructor.pre, "precondition", &of_class(class));
    let base = base_call(body, constructor.base_call.as_ref());
    let has_invariants = body.emitter.has_invariants(class);
    let after = after(body, class, &constructor.post, has_invariants);
    let code = guarded(body, &after);
    quote!(#pre #base #code)
}

fn method_code(body: &mut BodyEmitter<'_>, class: &Class, method: &Method) -> TokenStream {
    let pre = conditions(body, &method.pre, "precondition", &of_class(class));
    let checks =
        method.is_public && method.effects.writes_state() && body.emitter.has_invariants(class);
    let after = after(body, class, &method.post, checks);
    let code = guarded(body, &after);
    quote!(#pre #code)
}

/// What is checked when a body has run.
fn after(
    body: &mut BodyEmitter<'_>,
    class: &Class,
    post: &[Condition],
    checks_invariants: bool,
) -> TokenStream {
    let post = conditions(body, post, "postcondition", &of_class(class));
    let invariants = checks_invariants.then(|| {
        let name = class_ident(body.emitter, class);
        quote!(#name::check_invariants(this, cx)?;)
    });
    quote!(#post #invariants)
}

/// A body with something to check behind it: then it runs as a closure, so that each `return` comes to the check.
fn guarded(body: &mut BodyEmitter<'_>, after: &TokenStream) -> TokenStream {
    if after.is_empty() {
        return body.whole();
    }
    body.scopes.push(Scope::Attempt(Attempt::Body));
    let code = body.whole();
    body.scopes.pop();
    let result = body.ty(body.result);
    if body.result == Type::Void {
        quote!(attempt(|| -> Outcome<()> { #code })?; #after Ok(()))
    } else {
        quote!(let result = attempt(|| -> Outcome<#result> { #code })?; #after Ok(result))
    }
}
