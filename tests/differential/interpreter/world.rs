//! What a program declares: classes with all their members, functions, enumerations, variables.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use cmsl_parser::ast::{
    Access, Class, Declarator, Expr, ExprKind, File, Function, Item, ItemKind, Literal, MemberKind,
    Module, Parameter, Path, Type, TypeKind, UnaryOp, Variables,
};

use super::value::{Ty, Width};

/// The predefined exceptions; the first is the root.
const PREDEFINED: [&str; 14] = [
    "exception",
    "arithmetic_error",
    "assertion_failed",
    "bad_cast",
    "index_out_of_range",
    "invariant_failed",
    "no_such_element",
    "null_reference",
    "postcondition_failed",
    "precondition_failed",
    "reentrant_call",
    "resource_exhausted",
    "server_failed",
    "timeout_expired",
];

/// State of a class.
#[derive(Clone)]
pub struct Attribute<'a> {
    pub name: &'a str,
    pub ty: Ty,
    pub declared: Option<&'a Declarator>,
    /// The class that declares it.
    pub owner: usize,
    /// Class and attribute of the other side of a relation.
    pub inverse: Option<(usize, &'a str)>,
}

/// A method, constructor or function.
#[derive(Clone)]
pub struct Routine<'a> {
    pub name: &'a str,
    pub parameters: Vec<Ty>,
    pub result: Ty,
    /// Where its contract stands.
    pub declared: &'a Function,
    /// Where its body stands.
    pub defined: &'a Function,
    pub class: Option<usize>,
    pub is_public: bool,
    pub module: Rc<str>,
}

/// A class.
#[derive(Default)]
pub struct ClassInfo<'a> {
    pub name: &'a str,
    pub module: Rc<str>,
    pub base: Option<usize>,
    /// Those of the bases first.
    pub attributes: Vec<Attribute<'a>>,
    pub constructors: Vec<Routine<'a>>,
    pub methods: Vec<Routine<'a>>,
    pub invariants: Vec<&'a Expr>,
    syntax: Option<&'a Class>,
}

/// An enumeration.
pub struct EnumInfo<'a> {
    pub values: Vec<(&'a str, i64)>,
}

/// A variable or constant outside functions.
pub struct Global<'a> {
    pub ty: Ty,
    pub declared: &'a Declarator,
    pub module: Rc<str>,
}

#[derive(Clone, Copy)]
enum Named<'a> {
    Class(usize),
    Enum(usize),
    Typedef(&'a Type),
    Global(usize),
}

/// All declarations.
#[derive(Default)]
pub struct World<'a> {
    pub classes: Vec<ClassInfo<'a>>,
    pub enums: Vec<EnumInfo<'a>>,
    pub globals: Vec<Global<'a>>,
    pub functions: BTreeMap<String, Vec<Routine<'a>>>,
    names: BTreeMap<String, Named<'a>>,
    enum_values: BTreeMap<String, (usize, i64)>,
    opened: Vec<String>,
}

fn inside(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}

impl<'a> World<'a> {
    /// Gathers what the files declare.
    pub fn of(files: &'a [File]) -> World<'a> {
        let mut world = World::default();
        for (position, name) in PREDEFINED.into_iter().enumerate() {
            let mut class = ClassInfo {
                name,
                base: (position > 0).then_some(0),
                ..ClassInfo::default()
            };
            class.attributes.push(Attribute {
                name: "message",
                ty: Ty::Text,
                declared: None,
                owner: 0,
                inverse: None,
            });
            world.names.insert(name.to_owned(), Named::Class(position));
            world.classes.push(class);
        }
        for file in files {
            world.declare(&file.items, "");
        }
        for class in PREDEFINED.len()..world.classes.len() {
            world.base_of(class);
        }
        for class in PREDEFINED.len()..world.classes.len() {
            world.members(class);
        }
        for file in files {
            world.define(&file.items, "");
        }
        world
    }

    fn declare(&mut self, items: &'a [Arc<Item>], module: &str) {
        for item in items {
            match &item.kind {
                ItemKind::Module(Module { name, items }) => {
                    self.declare(items, &inside(module, name.as_str()));
                }
                ItemKind::Using(using) => self.opened.push(using.module.to_string()),
                ItemKind::Class(class) if class.members.is_some() => {
                    let name = inside(module, class.name.as_str());
                    self.names.insert(name, Named::Class(self.classes.len()));
                    self.classes.push(ClassInfo {
                        name: class.name.as_str(),
                        module: module.into(),
                        syntax: Some(class),
                        ..ClassInfo::default()
                    });
                }
                ItemKind::Enum(item) => {
                    let id = self.enums.len();
                    let mut values = Vec::new();
                    let mut number = 0;
                    for value in &item.values {
                        number = value.value.as_ref().map_or(number, constant);
                        values.push((value.name.as_str(), number));
                        let outside = inside(module, value.name.as_str());
                        self.enum_values.insert(outside, (id, number));
                        let full = format!("{}::{}", item.name, value.name);
                        self.enum_values.insert(inside(module, &full), (id, number));
                        number += 1;
                    }
                    let name = inside(module, item.name.as_str());
                    self.names.insert(name, Named::Enum(id));
                    self.enums.push(EnumInfo { values });
                }
                ItemKind::Typedef(item) => {
                    let name = inside(module, item.name.as_str());
                    self.names.insert(name, Named::Typedef(&item.ty));
                }
                _ => {}
            }
        }
    }

    fn base_of(&mut self, class: usize) {
        let info = &self.classes[class];
        let path = info.syntax.and_then(|syntax| syntax.base.as_ref());
        let module = info.module.clone();
        self.classes[class].base = path.and_then(|path| self.class(path, &module));
    }

    /// Fills in a class, after its base.
    fn members(&mut self, class: usize) {
        let Some(syntax) = self.classes[class].syntax.take() else {
            return;
        };
        let module = self.classes[class].module.clone();
        let mut attributes = Vec::new();
        if let Some(base) = self.classes[class].base {
            self.members(base);
            attributes = self.classes[base].attributes.clone();
        }
        for member in syntax.members.iter().flatten() {
            match &member.kind {
                MemberKind::Field(field) => {
                    let inverse = field.inverse.as_ref().and_then(|path| {
                        let owner = path.qualifiers.last()?;
                        Some((
                            self.class_named(owner.as_str(), &module)?,
                            path.name.as_str(),
                        ))
                    });
                    for declared in field.declarators() {
                        attributes.push(Attribute {
                            name: declared.name.as_str(),
                            ty: self.sized(field.ty(), declared.size.is_some(), &module),
                            declared: Some(declared),
                            owner: class,
                            inverse,
                        });
                    }
                }
                MemberKind::Constructor(function) | MemberKind::Method(function) => {
                    let mut routine = self.routine(function, &module);
                    routine.class = Some(class);
                    routine.is_public = member.access == Access::Public;
                    if matches!(member.kind, MemberKind::Constructor(_)) {
                        self.classes[class].constructors.push(routine);
                    } else {
                        self.classes[class].methods.push(routine);
                    }
                }
                MemberKind::Invariant(condition) => {
                    self.classes[class].invariants.push(condition);
                }
                MemberKind::Error => {}
            }
        }
        self.classes[class].attributes = attributes;
    }

    fn routine(&self, function: &'a Function, module: &Rc<str>) -> Routine<'a> {
        let ty =
            |parameter: &Parameter| self.sized(&parameter.ty, parameter.size.is_some(), module);
        let result = function.result.as_ref();
        Routine {
            name: function.name.name.as_str(),
            parameters: function.parameters.iter().map(ty).collect(),
            result: result.map_or(Ty::Void, |ty| self.ty(ty, module)),
            declared: function,
            defined: function,
            class: None,
            is_public: true,
            module: module.clone(),
        }
    }

    /// Functions, variables, and bodies that stand outside their classes.
    fn define(&mut self, items: &'a [Arc<Item>], module: &str) {
        for item in items {
            match &item.kind {
                ItemKind::Module(Module { name, items }) => {
                    self.define(items, &inside(module, name.as_str()));
                }
                ItemKind::Function(function) => self.function(function, module),
                ItemKind::Variables(variables) => self.variables(variables, module),
                _ => {}
            }
        }
    }

    fn variables(&mut self, variables: &'a Variables, module: &str) {
        for declared in &variables.declarators {
            let name = inside(module, declared.name.as_str());
            let ty = self.sized(&variables.ty, declared.size.is_some(), module);
            self.names.insert(name, Named::Global(self.globals.len()));
            self.globals.push(Global {
                ty,
                declared,
                module: module.into(),
            });
        }
    }

    fn function(&mut self, function: &'a Function, module: &str) {
        let qualifiers = &function.name.qualifiers;
        let owner: Vec<&str> = qualifiers.iter().map(|name| name.as_str()).collect();
        let class = self.class_named(&owner.join("::"), module);
        let home = class.map_or(module.into(), |class| self.classes[class].module.clone());
        let mut routine = self.routine(function, &home);
        let known = match class {
            None => self
                .functions
                .entry(inside(module, routine.name))
                .or_default(),
            Some(class) => {
                let info = &mut self.classes[class];
                if info.name == routine.name {
                    &mut info.constructors
                } else {
                    &mut info.methods
                }
            }
        };
        let twin = known
            .iter_mut()
            .find(|known| known.parameters == routine.parameters);
        match twin {
            Some(known) if function.body.is_some() => known.defined = function,
            Some(_) => {}
            None => {
                routine.class = class;
                known.push(routine);
            }
        }
    }

    fn sized(&self, ty: &Type, is_array: bool, module: &str) -> Ty {
        let ty = self.ty(ty, module);
        if is_array { Ty::Array(Rc::new(ty)) } else { ty }
    }

    /// What a written type means.
    pub fn ty(&self, ty: &Type, module: &str) -> Ty {
        let of = |ty: &Type| Rc::new(self.ty(ty, module));
        match &ty.kind {
            TypeKind::Void => Ty::Void,
            TypeKind::Boolean => Ty::Boolean,
            TypeKind::Char => Ty::Char,
            TypeKind::Octet => Ty::Integer(Width::Octet),
            TypeKind::Short => Ty::Integer(Width::Short),
            TypeKind::Int => Ty::Integer(Width::Int),
            TypeKind::Long => Ty::Integer(Width::Long),
            TypeKind::UnsignedShort => Ty::Integer(Width::UnsignedShort),
            TypeKind::UnsignedInt => Ty::Integer(Width::UnsignedInt),
            TypeKind::UnsignedLong => Ty::Integer(Width::UnsignedLong),
            TypeKind::Float => Ty::Float,
            TypeKind::Double => Ty::Double,
            TypeKind::String => Ty::Text,
            TypeKind::Set(element) => Ty::Set(of(element)),
            TypeKind::Bag(element) => Ty::Bag(of(element)),
            TypeKind::List(element) => Ty::List(of(element)),
            TypeKind::Map(key, value) => Ty::Map(of(key), of(value)),
            TypeKind::Future(_) => Ty::Future,
            TypeKind::Named(path) => match self.named(path, module) {
                Some(Named::Class(id)) => Ty::Class(id),
                Some(Named::Enum(id)) => Ty::Enum(id),
                Some(Named::Typedef(ty)) => self.ty(ty, module),
                Some(Named::Global(_)) => Ty::Other,
                None if path.name.as_str() == "error" => Ty::Error,
                None => Ty::Other,
            },
            TypeKind::Error => Ty::Other,
        }
    }

    /// The places where a name may be declared that is used in a module, inner ones first.
    fn places(&self, name: &str, module: &str) -> Vec<String> {
        let mut places = vec![inside(module, name)];
        let mut around = module;
        while !around.is_empty() {
            around = around.rsplit_once("::").map_or("", |(before, _)| before);
            places.push(inside(around, name));
        }
        places.extend(self.opened.iter().map(|module| inside(module, name)));
        places
    }

    fn named(&self, path: &Path, module: &str) -> Option<Named<'a>> {
        let places = self.places(&path.to_string(), module);
        places
            .iter()
            .find_map(|place| self.names.get(place).copied())
    }

    fn class(&self, path: &Path, module: &str) -> Option<usize> {
        match self.named(path, module)? {
            Named::Class(id) => Some(id),
            _ => None,
        }
    }

    pub fn class_named(&self, name: &str, module: &str) -> Option<usize> {
        let places = self.places(name, module);
        places
            .iter()
            .find_map(|place| match self.names.get(place)? {
                Named::Class(id) => Some(*id),
                _ => None,
            })
    }

    pub fn enum_value(&self, path: &Path, module: &str) -> Option<(usize, i64)> {
        let places = self.places(&path.to_string(), module);
        places
            .iter()
            .find_map(|place| self.enum_values.get(place).copied())
    }

    pub fn global(&self, path: &Path, module: &str) -> Option<usize> {
        match self.named(path, module)? {
            Named::Global(id) => Some(id),
            _ => None,
        }
    }

    /// The type that a path names, if it names one.
    pub fn ty_named(&self, path: &Path, module: &str) -> Option<Ty> {
        Some(match self.named(path, module)? {
            Named::Class(id) => Ty::Class(id),
            Named::Enum(id) => Ty::Enum(id),
            Named::Typedef(ty) => self.ty(ty, module),
            Named::Global(_) => return None,
        })
    }

    pub fn functions(&self, path: &Path, module: &str) -> Option<&Vec<Routine<'a>>> {
        let places = self.places(&path.to_string(), module);
        places.iter().find_map(|place| self.functions.get(place))
    }

    pub fn is_predefined(&self, class: usize) -> bool {
        class < PREDEFINED.len()
    }

    /// Whether a class is another or derives from it.
    pub fn derives(&self, class: usize, from: usize) -> bool {
        let mut next = Some(class);
        while let Some(id) = next {
            if id == from {
                return true;
            }
            next = self.classes[id].base;
        }
        false
    }

    /// The methods of a name that objects of a class have: an overriding one hides what it overrides.
    pub fn methods(&self, class: usize, name: &str) -> Vec<&Routine<'a>> {
        let mut found: Vec<&Routine> = Vec::new();
        let mut next = Some(class);
        while let Some(id) = next {
            for method in &self.classes[id].methods {
                let hidden = found.iter().any(|one| one.parameters == method.parameters);
                if method.name == name && !hidden {
                    found.push(method);
                }
            }
            next = self.classes[id].base;
        }
        found
    }

    /// The place of an attribute among the state of a class: the last of a name hides the others.
    pub fn attribute(&self, class: usize, name: &str) -> Option<usize> {
        let attributes = &self.classes[class].attributes;
        attributes
            .iter()
            .rposition(|attribute| attribute.name == name)
    }
}

/// A number of an enumeration's value.
fn constant(expr: &Expr) -> i64 {
    match &expr.kind {
        ExprKind::Literal(Literal::Integer(n)) => i64::try_from(*n).unwrap_or(0),
        ExprKind::Unary(UnaryOp::Minus, inner) => -constant(inner),
        _ => 0,
    }
}
