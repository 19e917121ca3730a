//! What the embedding Rust code provides: calls into it, and the plain structs by which data goes in and out.
//!
//! Objects are copied field by field; sharing is not kept, and a cycle ends as an exception at a bounded depth.

use std::collections::BTreeSet;

use super::Emitter;
use super::body::BodyEmitter;
use super::code::{Code, Cx, Level, cx_of};
use super::name::ident;
use super::ty::is_copy;
use crate::format::{Name, Printer, Tokens, commas, rust, string};
use crate::ir::{
    CallTarget, ClassId, ClassKind, ConstructorId, Expr, FieldId, FunctionId, MethodId, ModuleId,
    Type, TypeId,
};

/// The plain structs stand in a module that is none of the program's: paths from there begin at the root.
pub(super) fn elsewhere() -> ModuleId {
    ModuleId::at(u32::MAX as usize)
}

impl BodyEmitter<'_> {
    pub(super) fn external_function(&mut self, id: FunctionId, arguments: &[Expr]) -> Code {
        let function = self.program().function(id);
        let name = overload(&function.name, function.overload);
        let (before, arguments) = self.external_arguments(CallTarget::Function(id), arguments);
        let call = embedded(rust!(crate::externs::#name), arguments);
        let value = self.external_result(function.result, call);
        let value = if self.emitter.repeats_methods() {
            let outcome = value.outcome();
            let cx = cx_of(&outcome);
            rust!(drawn(|#cx| #outcome, cx)?)
        } else {
            value.value()
        };
        finish(before, value)
    }

    pub(super) fn external_new(&mut self, id: ConstructorId, arguments: &[Expr]) -> Code {
        let constructor = self.program().constructor(id);
        let class = self.emitter.class_path(constructor.class, self.here);
        let name = overload("new", constructor.overload);
        let (before, arguments) = self.external_arguments(CallTarget::Constructor(id), arguments);
        let made = class.clone();
        let call = embedded(rust!(#class::#name), arguments);
        let object = rust!(ExternResult::<#made>::outcome(#call)?);
        finish(before, rust!(Extern::new(#object)))
    }

    pub(super) fn external_method(
        &mut self,
        object: &Expr,
        id: MethodId,
        arguments: &[Expr],
    ) -> Code {
        let method = self.program().method(id);
        let name = overload(&method.name, method.overload);
        let object = self.owned(object).value();
        let (before, arguments) = self.external_arguments(CallTarget::Method(id), arguments);
        let before = rust!(let external = #object; #before);
        let value = self.external_result(
            method.result,
            rust!(external.with(|external| external.#name(#arguments))?),
        );
        finish(before, value.value())
    }

    /// `let`s that evaluate and convert arguments, and what is passed.
    fn external_arguments(&mut self, target: CallTarget, arguments: &[Expr]) -> (Tokens, Tokens) {
        let mut before = rust!();
        let takes_outside = self.program().takes_outside.contains(&target);
        let outside = takes_outside.then(|| rust!(&mut Outside::here()));
        let passed: Vec<Tokens> = arguments
            .iter()
            .zip(1..)
            .map(|(argument, number)| {
                let name = &ident(&format!("argument_{number}"));
                let value = self.owned(argument).value();
                let data = self.emitter.to_data(argument.ty, value, rust!(0), 0);
                before.append(rust!(let #name = #data;));
                match argument.ty {
                    Type::String
                    | Type::List(_)
                    | Type::Set(_)
                    | Type::Bag(_)
                    | Type::Map(..)
                    | Type::Class(_) => rust!(&#name),
                    _ => rust!(#name),
                }
            })
            .collect();
        (before, commas(outside.into_iter().chain(passed)))
    }

    fn external_result(&mut self, ty: Type, call: Tokens) -> Code {
        if let Type::Class(id) = ty
            && !self.emitter.is_external(id)
        {
            let data = self.emitter.data_type(ty);
            let object = rust!(match ExternResult::<Option<#data>>::outcome(#call)? {
                Some(data) => data.make(cx)?,
                None => Ref::null(),
            });
            return Code::new(object, Level::Block, Cx::Writes);
        }
        let data = self.emitter.data_type(ty);
        let outcome = rust!(ExternResult::<#data>::outcome(#call));
        if ty.is_number() || matches!(ty, Type::Void | Type::Boolean | Type::Char) {
            return Code::fallible(outcome, Cx::Writes);
        }
        if let Type::Enum(id) = ty {
            let path = self.emitter.enum_path(id, elsewhere());
            return Code::fallible(rust!(enumerator::<#path>(#outcome?)), Cx::Writes);
        }
        let value = self.emitter.of_data(ty, rust!(#outcome?));
        Code::new(value, Level::Block, Cx::Writes)
    }
}

/// A call of the embedding code, as a value.
fn embedded(function: Tokens, arguments: Tokens) -> Tokens {
    if arguments.is_empty() {
        rust!(embedded(#function)?)
    } else {
        rust!(embedded(|| #function(#arguments))?)
    }
}

fn finish(before: Tokens, value: Tokens) -> Code {
    let code = if before.is_empty() {
        value
    } else {
        rust!({ #before #value })
    };
    Code::new(code, Level::Block, Cx::Writes)
}

fn overload(name: &str, number: u32) -> Name {
    Name::new(&super::external_names::overload(name, number))
}

impl Emitter<'_> {
    /// The Rust type that stands for a type in the embedding code's results and in plain structs.
    pub(super) fn data_type(&self, ty: Type) -> Tokens {
        let inner = |id| self.data_type(self.program.types.at(id));
        match ty {
            Type::String => rust!(String),
            Type::Timestamp | Type::Interval | Type::Time => rust!(i64),
            Type::Date => rust!(i32),
            // Code around the program can name its types; code behind it cannot.
            Type::Enum(id) if self.module.is_some() => self.enum_path(id, elsewhere()),
            Type::Enum(_) => rust!(i32),
            Type::List(id) | Type::Bag(id) | Type::Array(id) => {
                let item = inner(id);
                rust!(Vec<#item>)
            }
            Type::Set(id) => {
                let item = inner(id);
                rust!(std::collections::BTreeSet<#item>)
            }
            Type::Map(key, value) => {
                let (key, value) = (inner(key), inner(value));
                rust!(std::collections::BTreeMap<#key, #value>)
            }
            Type::Class(id) if self.is_external(id) => self.class_path(id, elsewhere()),
            Type::Class(id) => {
                let (root, name) = (self.root(), self.names.plain(id));
                rust!(#root data::#name)
            }
            _ => self.ty(ty, elsewhere()),
        }
    }

    /// A value on its way to Rust code, with how deep it lies in others; `level` keeps the printed names apart.
    pub(super) fn to_data(&self, ty: Type, value: Tokens, depth: Tokens, level: u32) -> Tokens {
        let item = &ident(&format!("item_{level}"));
        let inner = |id, item: Tokens| {
            self.to_data(self.program.types.at(id), item, depth.clone(), level + 1)
        };
        let items = &ident(&format!("items_{level}"));
        match ty {
            Type::String => rust!(#value.to_string()),
            Type::Timestamp | Type::Interval | Type::Time | Type::Date => rust!(#value.0),
            Type::Enum(_) if self.module.is_none() => rust!((#value) as i32),
            Type::List(id) => {
                let converted = inner(id, rust!(#item));
                rust!({
                    let mut #items = Vec::new();
                    for #item in #value {
                        #items.push(#converted);
                    }
                    #items
                })
            }
            Type::Bag(id) => {
                let converted = inner(id, rust!(#item));
                rust!({
                    let mut #items = Vec::new();
                    for #item in #value.elements() {
                        #items.push(#converted);
                    }
                    #items
                })
            }
            Type::Set(id) => {
                let converted = inner(id, rust!(#item));
                rust!({
                    let mut #items = std::collections::BTreeSet::new();
                    for #item in #value.elements() {
                        #items.insert(#converted);
                    }
                    #items
                })
            }
            Type::Map(key, item_type) => {
                let key_name = &ident(&format!("key_{level}"));
                let owned = |id, name: &Name| match self.program.types.at(id) {
                    Type::String => rust!(#name),
                    ty if is_copy(ty) => rust!(*#name),
                    _ => rust!(#name.clone()),
                };
                let converted = inner(item_type, owned(item_type, item));
                let key = inner(key, owned(key, key_name));
                rust!({
                    let mut #items = std::collections::BTreeMap::new();
                    for (#key_name, #item) in #value.iter() {
                        #items.insert(#key, #converted);
                    }
                    #items
                })
            }
            Type::Class(id) => {
                let (root, name) = (self.root(), self.names.plain(id));
                rust!(#root data::#name::of(&#value, #depth, cx)?)
            }
            _ => value,
        }
    }

    /// A value that comes from Rust code.
    pub(super) fn of_data(&self, ty: Type, value: Tokens) -> Tokens {
        let inner = |id, item: Tokens| self.of_data(self.program.types.at(id), item);
        match ty {
            Type::String => rust!(Text::from(#value)),
            Type::Timestamp => rust!(Timestamp(#value)),
            Type::Interval => rust!(Interval(#value)),
            Type::Time => rust!(Time(#value)),
            Type::Date => rust!(Date(#value)),
            Type::Enum(id) if self.module.is_none() => {
                let path = self.enum_path(id, elsewhere());
                rust!(enumerator::<#path>(#value)?)
            }
            Type::List(id) => {
                let item = inner(id, rust!(item));
                rust!({
                    let mut items = List::new();
                    for item in #value {
                        items.append(#item);
                    }
                    items
                })
            }
            Type::Set(id) | Type::Bag(id) => {
                let item = inner(id, rust!(item));
                let new = match ty {
                    Type::Set(_) => rust!(Set::new()),
                    _ => rust!(Bag::new()),
                };
                rust!({
                    let mut items = #new;
                    for item in #value {
                        items.insert(#item);
                    }
                    items
                })
            }
            Type::Map(key, item) => {
                let (key, item) = (inner(key, rust!(key)), inner(item, rust!(item)));
                rust!({
                    let mut items = Map::new();
                    for (key, item) in #value {
                        items.set(#key, #item);
                    }
                    items
                })
            }
            Type::Class(id) if self.is_external(id) => rust!(Extern::new(#value)),
            Type::Class(_) => rust!(#value.make(cx)?),
            _ => value,
        }
    }

    /// Whether methods of some server may be executed again after they called servers: then they must learn the same from Rust code.
    fn repeats_methods(&self) -> bool {
        let mut classes = self.program.classes.iter();
        classes.any(|class| class.kind == ClassKind::Server && class.calls_servers)
    }

    /// The classes that declarations of embedding code lead to.
    pub(super) fn external_data(&self) -> BTreeSet<ClassId> {
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
        wanted
    }

    /// The file of plain structs for embedding code.
    pub(super) fn data_file(&self) -> String {
        let mut printer = Printer::new(
            "Plain copies of objects, for the Rust code behind `extern` declarations.",
        );
        let wanted = self.external_data();
        if !wanted.is_empty() {
            printer.items(&rust!(
                use cmsl_runtime::prelude::*;
            ));
        }
        for id in wanted {
            printer.items(&self.plain_struct(id));
        }
        printer.finish().0
    }

    pub(super) fn want(&self, ty: Type, wanted: &mut BTreeSet<ClassId>) {
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

    pub(super) fn is_plain(&self, ty: Type) -> bool {
        match ty {
            Type::Class(id) => {
                matches!(
                    self.program.class(id).kind,
                    ClassKind::Ordinary | ClassKind::Server
                )
            }
            Type::List(id) => self.is_plain(self.program.types.at(id)),
            Type::Set(key) | Type::Bag(key) => self.is_plain_key(key),
            Type::Map(key, value) => {
                self.is_plain_key(key) && self.is_plain(self.program.types.at(value))
            }
            Type::Array(_) | Type::Future(_) | Type::Host | Type::Error => false,
            _ => true,
        }
    }

    /// Whether Rust can order values of the type: objects and hosts count by identity.
    fn is_plain_key(&self, key: TypeId) -> bool {
        let key = self.program.types.at(key);
        self.is_plain(key)
            && !matches!(
                key,
                Type::Class(_)
                    | Type::List(_)
                    | Type::Set(_)
                    | Type::Bag(_)
                    | Type::Map(..)
                    | Type::Float
                    | Type::Double
            )
    }

    pub(super) fn plain_struct(&self, id: ClassId) -> Tokens {
        let name = self.names.plain(id);
        let class = self.class_path(id, elsewhere());
        let fields = self.all_fields(id);
        let mut declared = rust!();
        for &field in &fields {
            let name = &self.names.fields[field.index()];
            let ty = self.program.field(field).ty;
            let data = self.data_type(ty);
            declared.append(match ty {
                Type::Class(_) => rust!(pub #name: Option<Box<#data>>,),
                _ => rust!(pub #name: #data,),
            });
        }
        let read = commas(fields.iter().map(|&field| self.field_read(id, field)));
        let written: Tokens = fields
            .iter()
            .map(|&field| self.field_written(field))
            .collect();
        let source = &self.program.class(id).name;
        let docs = format!("A copy of an object of class `{source}`.");
        let docs = crate::format::documentation([docs.as_str()]);
        let source = string(source);
        let (read_class, made_class) = (class.clone(), class.clone());
        rust! {
            #docs
            #[derive(Debug, Clone, Default, PartialEq)]
            pub struct #name { #declared }

            impl #name {
                pub(crate) fn of(object: &Ref<#read_class>, depth: u32, cx: &Context) -> Outcome<#name> {
                    within_depth(depth, #source)?;
                    Ok(#name { #read })
                }

                pub(crate) fn make(self, cx: &mut Context) -> Outcome<Ref<#made_class>> {
                    let this = cx.create(#class::default());
                    #written
                    Ok(this)
                }
            }
        }
    }

    /// The initialiser of a plain struct's field.
    fn field_read(&self, class: ClassId, field: FieldId) -> Tokens {
        let name = &self.names.fields[field.index()];
        let field = self.program.field(field);
        let bases = self
            .program
            .ancestry(class)
            .position(|ancestor| ancestor == field.class)
            .unwrap_or(0);
        let bases: Tokens = (0..bases).map(|_| rust!(base.)).collect();
        let clone = (!is_copy(field.ty)).then(|| rust!(.clone()));
        let value = rust!(object.read(cx)?.#bases #name #clone);
        if !matches!(field.ty, Type::Class(_)) {
            let converted = self.to_data(field.ty, value, rust!(depth + 1), 0);
            return rust!(#name: #converted);
        }
        let copied = self.to_data(field.ty, rust!(related), rust!(depth + 1), 0);
        rust!(#name: {
            let related = #value;
            if related.is_null() {
                None
            } else {
                Some(Box::new(#copied))
            }
        })
    }

    /// Statements that put a plain struct's field into the object made of it.
    fn field_written(&self, field: FieldId) -> Tokens {
        let name = &self.names.fields[field.index()];
        let constant = &self.names.field_constants[field.index()];
        let field = self.program.field(field);
        let owner = self.class_path(field.class, elsewhere());
        let value = match field.ty {
            Type::Class(_) => rust!(match self.#name {
                Some(data) => data.make(cx)?,
                None => Ref::null(),
            }),
            ty => self.of_data(ty, rust!(self.#name)),
        };
        rust! {
            let value = #value;
            this.set(#owner::#constant, value, cx)?;
        }
    }
}
