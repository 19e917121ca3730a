//! Functions, enumerations, constants and variables outside classes, and the modules around them.

use super::Emitter;
use super::body::BodyEmitter;
use super::code::cx_of;
use super::ty::is_copy;
use crate::format::{Name, Position, Printer, Tokens, commas, rust, string};
use crate::ir::{
    ClassId, ClassKind, EnumId, Enumeration, FunctionId, GlobalId, Literal, ModuleId, Program, Type,
};

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

/// What is printed in a module, kind by kind in the order of the source.
#[derive(Default)]
pub(super) struct Contents {
    enums: Vec<EnumId>,
    constants: Vec<GlobalId>,
    classes: Vec<ClassId>,
    /// Whether there are classes at all, those of the embedding Rust code included.
    any_class: bool,
    functions: Vec<FunctionId>,
    modules: Vec<ModuleId>,
}

impl Contents {
    /// Of each module.
    pub(super) fn of(program: &Program) -> Vec<Contents> {
        let mut all: Vec<Contents> = program
            .modules
            .iter()
            .map(|_| Contents::default())
            .collect();
        for (index, item) in program.enums.iter().enumerate() {
            all[item.module.index()].enums.push(EnumId::at(index));
        }
        for (index, global) in program.globals.iter().enumerate() {
            if global.is_const {
                all[global.module.index()]
                    .constants
                    .push(GlobalId::at(index));
            }
        }
        for (index, class) in program.classes.iter().enumerate() {
            let contents = &mut all[class.module.index()];
            contents.any_class = true;
            if matches!(class.kind, ClassKind::Ordinary | ClassKind::Server) {
                contents.classes.push(ClassId::at(index));
            }
        }
        for (index, function) in program.functions.iter().enumerate() {
            if !function.is_external && !function.is_forward {
                all[function.module.index()]
                    .functions
                    .push(FunctionId::at(index));
            }
        }
        for (index, module) in program.modules.iter().enumerate() {
            if let Some(parent) = module.parent {
                all[parent.index()].modules.push(ModuleId::at(index));
            }
        }
        all
    }
}

/// `///` lines.
pub(super) fn documentation(lines: &[String]) -> Tokens {
    crate::format::documentation(lines.iter().map(String::as_str))
}

impl Emitter<'_> {
    /// Prints the items of a module and of those inside it.
    pub(super) fn module(&self, id: ModuleId, printer: &mut Printer) {
        let contents = &self.contents[id.index()];
        for &id in &contents.enums {
            printer.items(&self.enumeration(id, self.program.enumeration(id)));
        }
        for &id in &contents.constants {
            printer.items(&self.constant(id));
        }
        for &id in &contents.classes {
            printer.items(&self.class(id));
        }
        for &id in &contents.functions {
            printer.items(&self.function(id));
        }
        for &id in &contents.modules {
            let name = &self.names.modules[id.index()];
            printer.begin_module(&rust!(pub mod #name));
            if self.uses_the_prelude(id) {
                printer.items(&rust!(
                    use cmsl_runtime::prelude::*;
                ));
            }
            self.module(id, printer);
            printer.end_module();
        }
    }

    /// Whether anything that stands directly in a module is more than a plain constant.
    fn uses_the_prelude(&self, id: ModuleId) -> bool {
        let program = self.program;
        let is_plain = |index: usize| {
            let ty = program.globals[index].ty;
            let is_value = self.constant_kind(GlobalId::at(index)) != ConstantKind::Computed;
            let is_of_rust = ty.is_number()
                || matches!(
                    ty,
                    Type::Boolean | Type::Char | Type::String | Type::Enum(_)
                );
            is_value && is_of_rust
        };
        let contents = &self.contents[id.index()];
        let mut constants = contents.constants.iter();
        constants.any(|id| !is_plain(id.index()))
            || !contents.enums.is_empty()
            || contents.any_class
            || !contents.functions.is_empty()
    }

    fn enumeration(&self, id: EnumId, item: &Enumeration) -> Tokens {
        let name = self.names.enumeration(id);
        let docs = documentation(&item.documentation);
        let mut declared = rust!();
        let mut names = rust!();
        let mut numbers = rust!();
        let variants = &self.names.variants[id.index()];
        for ((variant, name), position) in item.variants.iter().zip(variants).zip(0..) {
            let docs = documentation(&variant.documentation);
            let default = (position == 0).then(|| rust!(#[default]));
            let (source, number) = (string(&variant.name), variant.value);
            // Rust orders by it, as the language does.
            let value = (number != position).then(|| rust!(= #number));
            declared.append(rust!(#docs #default #name #value,));
            names.append(rust!(Self::#name => #source,));
            numbers.append(rust!(Self::#name => #number,));
        }
        let all = commas(variants.iter().map(|variant| rust!(Self::#variant)));
        rust! {
            #docs
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
            pub enum #name { #declared }

            impl Enumeration for #name {
                const ALL: &'static [Self] = &[#all];

                fn name(self) -> &'static str {
                    match self { #names }
                }

                fn number(self) -> i64 {
                    match self { #numbers }
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
    pub(super) fn constant_function(&self, id: GlobalId) -> Name {
        let name = self.names.global(id).as_str().to_ascii_lowercase();
        super::name::ident(&format!("constant_{name}"))
    }

    fn constant(&self, id: GlobalId) -> Tokens {
        let global = self.program.global(id);
        let docs = documentation(&global.documentation);
        let name = self.names.global(id);
        let ty = self.ty(global.ty, global.module);
        let mut body = BodyEmitter::new(self, global.module, &global.body, global.ty);
        match (self.constant_kind(id), &global.value) {
            (ConstantKind::Text, Some(Literal::String(text))) => {
                let text = string(text);
                rust!(#docs pub const #name: &str = #text;)
            }
            (ConstantKind::Value, Some(value)) => {
                let value = body.literal(value, global.ty).value();
                rust!(#docs pub const #name: #ty = #value;)
            }
            _ => {
                let function = self.constant_function(id);
                let value = match &global.init {
                    Some(init) => body.result_of(Some(init)),
                    None => {
                        let zero = self.zero(global.ty);
                        rust!(Ok(#zero))
                    }
                };
                let cx = cx_of(&value);
                rust! {
                    #docs
                    pub fn #function(#cx: &mut Context) -> Outcome<#ty> { #value }
                }
            }
        }
    }

    /// The struct of all variables outside classes, and the function that gives them their initial values.
    pub(super) fn globals(&self) -> Tokens {
        let root = ModuleId::at(0);
        let variables: Vec<GlobalId> = (0..self.program.globals.len())
            .map(GlobalId::at)
            .filter(|&id| !self.program.global(id).is_const)
            .collect();
        if variables.is_empty() {
            return rust!();
        }
        let names: Vec<Name> = variables
            .iter()
            .map(|&id| self.names.global_field(id))
            .collect();
        let (mut fields, mut constants, mut initialised) = (rust!(), rust!(), rust!());
        for ((&id, name), number) in variables.iter().zip(&names).zip(0_usize..) {
            let constant = self.names.global(id);
            let ty = self.ty(self.program.global(id).ty, root);
            fields.append(rust!(pub #name: #ty,));
            let ty = self.ty(self.program.global(id).ty, root);
            constants.append(rust! {
                pub const #constant: Field<Globals, #ty> =
                    Field::new(#number, |this| &this.#name, |this| &mut this.#name);
            });
            initialised.append(self.initialisation(id));
        }
        let cx = cx_of(&initialised);
        let each: Tokens = names.iter().map(|name| rust!(each(&self.#name);)).collect();
        let each_mut: Tokens = names
            .iter()
            .map(|name| rust!(each(&mut self.#name);))
            .collect();
        rust! {
            /// The variables outside classes.
            #[derive(Clone, Default)]
            pub struct Globals { #fields }

            impl Class for Globals {
                const INFO: ClassInfo = ClassInfo::of::<Globals>("");

                fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) { #each }

                fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
                    #each_mut
                }
            }

            impl Globals {
                #constants

                /// Gives the variables their initial values, in the order of declaration.
                fn initialise(#cx: &mut Context) -> Outcome<()> {
                    #initialised
                    Ok(())
                }
            }
        }
    }

    /// The statement that gives a variable outside classes its initial value, if that is not its type's zero.
    fn initialisation(&self, id: GlobalId) -> Option<Tokens> {
        let global = self.program.global(id);
        let init = global.init.as_ref().map(|init| {
            BodyEmitter::new(self, ModuleId::at(0), &global.body, global.ty)
                .owned(init)
                .value()
        });
        let value = match (init, global.length) {
            (Some(init), None) => init,
            (None, Some(length)) => rust!(Array::new(#length)?),
            (Some(init), Some(length)) => rust!(Array::new(#length)?.assigned(#init)?),
            (None, None) => return None,
        };
        let (place, constant) = (Position(global.span), self.names.global(id));
        Some(rust! {
            #place
            cx.globals::<Globals>()?.set(Globals::#constant, #value, cx)?;
        })
    }

    pub(super) fn has_globals(&self) -> bool {
        self.program.globals.iter().any(|global| !global.is_const)
    }

    fn function(&self, id: FunctionId) -> Tokens {
        let function = self.program.function(id);
        let mut body = BodyEmitter::new(self, function.module, &function.body, function.result);
        let docs = documentation(&function.documentation);
        let name = self.names.function(id);
        let (parameters, result) = (body.parameters(), body.ty(function.result));
        let code = super::contract::function_code(&mut body, function);
        let cx = cx_of(&code);
        rust! {
            #docs
            pub fn #name(#parameters #cx: &mut Context) -> Outcome<#result> { #code }
        }
    }

    /// The value with which variables of a type start.
    pub(super) fn zero(&self, ty: Type) -> Tokens {
        match ty {
            Type::Boolean => rust!(false),
            Type::Char => rust!('\0'),
            Type::Float | Type::Double => rust!(0.0),
            Type::String => rust!(Text::default()),
            Type::List(_) => rust!(List::new()),
            Type::Set(_) => rust!(Set::new()),
            Type::Bag(_) => rust!(Bag::new()),
            Type::Map(..) => rust!(Map::new()),
            Type::Class(id) if self.is_external(id) => rust!(Extern::null()),
            Type::Class(_) => rust!(Ref::null()),
            Type::Error => rust!(Error::ok()),
            _ if ty.is_integer() => rust!(0),
            _ if is_copy(ty) => rust!(Default::default()),
            _ => rust!(Default::default()),
        }
    }

    /// A name as the source has it, with its modules.
    pub(super) fn source_name(&self, name: &str, module: ModuleId) -> String {
        self.program.qualified(name, module)
    }
}
