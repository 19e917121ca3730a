//! Classes: the struct of state variables, what the heap must know of it, constructors and methods.
//!
//! A method that may run elsewhere than in its own body, because a derived class overrides it or the object may be a
//! running server, is printed twice: the *entry* under its name decides, the *exact* one runs this body.

use super::Emitter;
use super::arguments::values;
use super::body::BodyEmitter;
use super::code::{cx_of, this_of};
use super::contract::{conditions, constructor_code, method_code, of_class};
use super::item::documentation;
use crate::format::{Name, Position, Tokens, commas, rust, string};
use crate::ir::{Class, ClassId, ClassKind, ConstructorId, FieldId, MethodId, ModuleId, Type};
use crate::planted::{Mutant, is};

impl Emitter<'_> {
    pub(super) fn class(&self, id: ClassId) -> Tokens {
        let class = self.program.class(id);
        let here = class.module;
        let name = self.names.class(id);
        let docs = documentation(&class.documentation);
        let base_path = class.base.map(|base| self.class_path(base, here));
        let base_field = base_path.map(|path| {
            rust! {
                /// The class it derives from.
                pub base: #path,
            }
        });
        let fields: Tokens = class
            .fields
            .iter()
            .map(|&id| {
                let field = self.program.field(id);
                let (name, ty) = (&self.names.fields[id.index()], self.ty(field.ty, here));
                let docs = documentation(&field.documentation);
                rust!(#docs pub #name: #ty,)
            })
            .collect();
        let description = self.description(class, name);
        let constants = self.constants(class, name);
        let initial = self.initial(id, here);
        let constructors: Tokens = class
            .constructors
            .iter()
            .map(|&id| self.constructor(class, id))
            .collect();
        let methods: Tokens = class
            .methods
            .iter()
            .map(|&id| self.method(class, id))
            .collect();
        let invariants = self.invariants(class);
        let served = (class.kind == ClassKind::Server).then(|| self.served(id));
        rust! {
            #docs
            #[derive(Clone, Default)]
            pub struct #name { #base_field #fields }

            impl Class for #name { #description }

            impl #name {
                #constants
                #initial
                #constructors
                #methods
                #invariants
            }

            #served
        }
    }

    /// What the heap must know.
    fn description(&self, class: &Class, name: &Name) -> Tokens {
        let source = string(&self.source_name(&class.name, class.module));
        let base = class.base.map(|_| {
            rust! {
                fn base(&self) -> Option<&dyn Object> { Some(&self.base) }
                fn base_mut(&mut self) -> Option<&mut dyn Object> { Some(&mut self.base) }
            }
        });
        let names = || class.fields.iter().map(|id| &self.names.fields[id.index()]);
        let left_out = usize::from(is(Mutant::AttributeNotCopied));
        let names = || names().take(class.fields.len().saturating_sub(left_out));
        let each: Tokens = names().map(|name| rust!(each(&self.#name);)).collect();
        let each_mut: Tokens = names().map(|name| rust!(each(&mut self.#name);)).collect();
        let inherited = class.base.map(|_| rust!(self.base.attributes(each);));
        let inherited_mut = class.base.map(|_| rust!(self.base.attributes_mut(each);));
        let attributes = (!class.fields.is_empty() || class.base.is_some()).then(|| {
            rust! {
                fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
                    #inherited
                    #each
                }
                fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
                    #inherited_mut
                    #each_mut
                }
            }
        });
        let known = self.attribute_names(class);
        let known = (!known.is_empty()).then(|| {
            let known = commas(known.iter().map(|name| string(name)));
            rust!(.with(&[#known]))
        });
        rust! {
            const INFO: ClassInfo = ClassInfo::of::<#name>(#source)#known;
            #base
            #attributes
        }
    }

    /// What the source calls the state variables, those of the bases first.
    fn attribute_names(&self, class: &Class) -> Vec<String> {
        let base = class.base.map(|base| self.program.class(base));
        let mut names = base.map_or(Vec::new(), |base| self.attribute_names(base));
        let own = class.fields.iter().map(|&id| &self.program.field(id).name);
        names.extend(own.cloned());
        names
    }

    /// A constant for each state variable, and one for each call that a server of the class takes.
    fn constants(&self, class: &Class, name: &Name) -> Tokens {
        let inherited: usize = class.base.map_or(0, |base| {
            self.program
                .ancestry(base)
                .map(|id| match self.program.class(id).kind {
                    ClassKind::Predefined(_) => usize::from(self.program.class(id).base.is_none()),
                    _ => self.program.class(id).fields.len(),
                })
                .sum()
        });
        let fields: Tokens = class
            .fields
            .iter()
            .zip(inherited..)
            .map(|(&id, number)| {
                let ty = self.ty(self.program.field(id).ty, class.module);
                let (field, constant) = (
                    &self.names.fields[id.index()],
                    &self.names.field_constants[id.index()],
                );
                rust! {
                    pub const #constant: Field<#name, #ty> =
                        Field::new(#number, |this| &this.#field, |this| &mut this.#field);
                }
            })
            .collect();
        let calls = self.calls(class);
        rust!(#fields #calls)
    }

    fn calls(&self, class: &Class) -> Tokens {
        if !class.may_be_server {
            return rust!();
        }
        let constructors: Tokens = class
            .constructors
            .iter()
            .map(|&id| {
                let (name, number) = (self.constructor_call(id), self.constructor_number(id));
                rust!(pub const #name: u32 = #number;)
            })
            .collect();
        let methods: Tokens = class
            .methods
            .iter()
            .filter(|&&id| self.program.method(id).is_public)
            .map(|&id| {
                let (name, number) = (self.method_call(id), self.method_number(id));
                rust!(pub const #name: u32 = #number;)
            })
            .collect();
        rust!(#constructors #methods)
    }

    /// The number of a constructor's call: those of a class count from 0.
    pub(super) fn constructor_number(&self, id: ConstructorId) -> u32 {
        self.program.constructor(id).overload
    }

    /// The number of a method's call: unlike that of all other methods of the program, and unlike any constructor's. It says whether
    /// the method, and whatever overrides it, only reads.
    pub(super) fn method_number(&self, id: MethodId) -> Tokens {
        let declared = std::iter::successors(Some(id), |&id| self.program.method(id).overrides);
        let first = declared.last().unwrap_or(id);
        let number = METHOD_CALLS + first.index();
        if self.program.method(first).reads_only() {
            rust!(read_only(#number))
        } else {
            rust!(#number)
        }
    }

    /// The constant that names a constructor's call.
    pub(super) fn constructor_call(&self, id: ConstructorId) -> Name {
        let (new, _) = &self.names.constructors[id.index()];
        constant("CALL", new)
    }

    /// The constant that names a method's call.
    pub(super) fn method_call(&self, id: MethodId) -> Name {
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
    fn blank(&self, id: ClassId, here: ModuleId) -> Tokens {
        let path = self.class_path(id, here);
        if self.has_initial(id) {
            rust!(#path::initial(cx)?)
        } else {
            rust!(#path::default())
        }
    }

    fn initial(&self, id: ClassId, here: ModuleId) -> Tokens {
        if !self.has_initial(id) {
            return rust!();
        }
        let class = self.program.class(id);
        let mut first = Tokens::new();
        let mut fields = Vec::new();
        for (&id, number) in class.fields.iter().zip(1..) {
            let name = &self.names.fields[id.index()];
            let value = self.initial_value(id, here);
            let init = self.program.field(id).init.as_ref();
            match init.filter(|_| value.mentions("?")) {
                // On a line of its own, which leads to its place in the source.
                Some(init) => {
                    let position = Position(init.span);
                    let local = &super::name::ident(&format!("initial_{number}"));
                    first.append(rust!(#position let #local = #value;));
                    fields.push(rust!(#name: #local));
                }
                None => fields.push(rust!(#name: #value)),
            }
        }
        let base = class.base.map(|base| self.blank(base, here));
        let base = match base {
            // What the base raises comes first.
            Some(blank) if !first.is_empty() && blank.mentions("?") => {
                first = rust!(let initial_base = #blank; #first);
                Some(rust!(base: initial_base))
            }
            base => base.map(|blank| rust!(base: #blank)),
        };
        let fields = commas(base.into_iter().chain(fields));
        let code = rust!(#first Ok(Self { #fields }));
        let cx = cx_of(&code);
        rust! {
            /// The object before its constructor runs.
            fn initial(#cx: &mut Context) -> Outcome<Self> {
                #code
            }
        }
    }

    fn initial_value(&self, id: FieldId, here: ModuleId) -> Tokens {
        let field = self.program.field(id);
        let body = crate::ir::Body::default();
        let init = field
            .init
            .as_ref()
            .filter(|_| !is(Mutant::InitialValuesForgotten));
        let init = init.map(|init| {
            BodyEmitter::new(self, here, &body, Type::Void)
                .owned(init)
                .value()
        });
        match (field.length, init) {
            (Some(length), init) => {
                let assigned = init.map(|init| rust!(.assigned(#init)?));
                rust!(Array::new(#length)? #assigned)
            }
            (None, Some(init)) => init,
            (None, None) => self.zero(field.ty),
        }
    }

    fn constructor(&self, class: &Class, id: ConstructorId) -> Tokens {
        let constructor = self.program.constructor(id);
        let mut body = BodyEmitter::new(self, class.module, &constructor.body, Type::Void);
        let parameters = body.parameters();
        let names = body.locals[..constructor.body.parameters].to_vec();
        let docs = documentation(&constructor.documentation);
        let (new, construct) = &self.names.constructors[id.index()];
        let class_name = self.names.class(constructor.class);
        let blank = self.blank(constructor.class, class.module);
        let create = if self.has_initial(constructor.class) {
            rust!(let object = #blank; let this = cx.create(object);)
        } else {
            rust!(let this = cx.create(#blank);)
        };
        let plain: Tokens = constructor
            .body
            .parameter_ids()
            .map(|id| {
                let (name, ty) = (
                    &body.locals[id.index()],
                    body.ty(constructor.body.locals[id.index()].ty),
                );
                rust!(#name: #ty,)
            })
            .collect();
        let code = constructor_code(&mut body, class, constructor);
        let (this, cx) = (this_of(&code), cx_of(&code));
        rust! {
            #docs
            pub fn #new(#plain cx: &mut Context) -> Outcome<Ref<#class_name>> {
                #create
                #class_name::#construct(&this, #(#names,)* cx)?;
                Ok(this)
            }

            /// Runs the constructor for an object of this class or of one derived from it.
            pub fn #construct(#this: &Ref<#class_name>, #parameters #cx: &mut Context) -> Outcome<()> {
                #code
            }
        }
    }

    /// Whether a method has an entry beside its exact form.
    pub(super) fn has_entry(&self, id: MethodId) -> bool {
        let method = self.program.method(id);
        method.is_overridden || (method.is_public && self.program.class(method.class).may_be_server)
    }

    fn method(&self, class: &Class, id: MethodId) -> Tokens {
        let method = self.program.method(id);
        let mut body = BodyEmitter::new(self, class.module, &method.body, method.result);
        let parameters = body.parameters();
        let docs = documentation(&method.documentation);
        let name = self.names.method(id);
        let class_name = self.names.class(method.class);
        let result = &body.ty(method.result);
        let code = method_code(&mut body, class, method);
        let (this, cx) = (this_of(&code), cx_of(&code));
        if !self.has_entry(id) {
            return rust! {
                #docs
                pub fn #name(#this: &Ref<#class_name>, #parameters #cx: &mut Context) -> Outcome<#result> {
                    #code
                }
            };
        }
        let exact = self.names.exact(id);
        let entry = self.entry(class, id, &body);
        let plain: Tokens = method
            .body
            .parameter_ids()
            .map(|id| {
                let (name, ty) = (
                    argument(&body.locals[id.index()]),
                    body.ty(method.body.locals[id.index()].ty),
                );
                rust!(#name: #ty,)
            })
            .collect();
        let note = format!("Runs `{}` of this very class, here.", method.name);
        let note = crate::format::documentation([note.as_str()]);
        rust! {
            #docs
            pub fn #name(this: &Ref<#class_name>, #plain cx: &mut Context) -> Outcome<#result> {
                #entry
            }

            #note
            pub fn #exact(#this: &Ref<#class_name>, #parameters #cx: &mut Context) -> Outcome<#result> {
                #code
            }
        }
    }

    /// Finds where a method is to run: at a server, in a derived class, or here.
    fn entry(&self, class: &Class, id: MethodId, body: &BodyEmitter<'_>) -> Tokens {
        let method = self.program.method(id);
        let names: Vec<Name> = method
            .body
            .parameter_ids()
            .map(|id| argument(&body.locals[id.index()]))
            .collect();
        let class_name = self.names.class(method.class);
        let served = (method.is_public && class.may_be_server).then(|| {
            let pattern = values(&names);
            let constant = self.method_call(id);
            rust! {
                if let Some(server) = this.server()? {
                    return call(server, #class_name::#constant, #pattern, cx);
                }
            }
        });
        let derived = self
            .next_overriders(method.class, id)
            .into_iter()
            .map(|(derived, own)| {
                let path = self.class_path(derived, class.module);
                // Where others override it again, its entry goes on looking.
                let target = if self.has_entry(own) && !self.program.method(own).is_overridden {
                    self.names.exact(own)
                } else {
                    self.names.method(own).clone()
                };
                let names = &names;
                let derived = path.clone();
                rust! {
                    if let Some(this) = this.as_class::<#derived>(cx) {
                        return #path::#target(&this, #(#names,)* cx);
                    }
                }
            });
        let derived: Tokens = derived.collect();
        let exact = self.names.exact(id);
        rust! {
            #served
            #derived
            #class_name::#exact(this, #(#names,)* cx)
        }
    }

    /// The classes below one that override a method, without those below them.
    fn next_overriders(&self, class: ClassId, method: MethodId) -> Vec<(ClassId, MethodId)> {
        let mut found = Vec::new();
        let mut below: Vec<ClassId> = self.program.class(class).derived.clone();
        while let Some(derived) = below.pop() {
            let item = self.program.class(derived);
            let mut methods = item.methods.iter().copied();
            match methods.find(|&own| self.program.method(own).overrides == Some(method)) {
                Some(own) => found.push((derived, own)),
                None => below.extend(&item.derived),
            }
        }
        found
    }

    fn invariants(&self, class: &Class) -> Tokens {
        if !self.has_invariants(class) {
            return rust!();
        }
        let base = class
            .base
            .filter(|&base| self.has_invariants(self.program.class(base)))
            .map(|base| {
                let path = self.class_path(base, class.module);
                let base = path.clone();
                rust!(#path::check_invariants(&this.upcast::<#base>(), cx)?;)
            });
        let body = crate::ir::Body::default();
        let mut emitter = BodyEmitter::new(self, class.module, &body, Type::Void);
        let owner = of_class(class);
        let checks = conditions(&mut emitter, &class.invariants, "invariant", &owner);
        let name = self.name_of(class);
        let code = rust!(#base #checks);
        let (this, cx) = (this_of(&code), cx_of(&code));
        rust! {
            /// Checks what must hold between method calls.
            pub fn check_invariants(#this: &Ref<#name>, #cx: &mut Context) -> Outcome<()> {
                #code
                Ok(())
            }
        }
    }

    /// The struct of a class.
    pub(super) fn name_of(&self, class: &Class) -> &Name {
        let position = self
            .program
            .classes
            .iter()
            .position(|other| std::ptr::eq(other, class));
        self.names.class(ClassId::at(position.unwrap_or(0)))
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

fn constant(prefix: &str, name: &Name) -> Name {
    let name = name.as_str().to_ascii_uppercase();
    super::name::ident(&format!("{prefix}_{}", name.trim_start_matches("R#")))
}

/// A parameter's name where it is used whether or not the body uses it.
fn argument(name: &Name) -> Name {
    match name.as_str().strip_prefix('_') {
        Some(plain) if !plain.is_empty() => super::name::ident(plain),
        _ => name.clone(),
    }
}
