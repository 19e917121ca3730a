//! The whole program: its tables, and what can be asked of them.

use std::collections::BTreeSet;

use cmsl_parser::Span;

use super::effects::Effects;
use super::expr::{CallTarget, Expr};
use super::items::{
    Body, Class, ClassKind, Constructor, Enumeration, Field, Function, Global, Method, Module,
    Typedef,
};
use super::types::{
    ClassId, ConstructorId, EnumId, FieldId, FunctionId, GlobalId, MethodId, ModuleId, Type, Types,
};

/// A whole program.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The types that stand inside other types.
    pub types: Types,
    /// Modules; the first is the root.
    pub modules: Vec<Module>,
    /// All classes. The predefined ones (`exception` and the errors) come first, then those of the source in
    /// its order; a base may stand after a class derived from it.
    pub classes: Vec<Class>,
    /// State variables of all classes.
    pub fields: Vec<Field>,
    /// Methods of all classes.
    pub methods: Vec<Method>,
    /// Constructors of all classes; each class has at least one.
    pub constructors: Vec<Constructor>,
    /// Functions outside classes, those of embedding Rust code included.
    pub functions: Vec<Function>,
    /// Enumerations.
    pub enums: Vec<Enumeration>,
    /// Constants and variables outside classes and functions, in the order in which they are initialised.
    pub globals: Vec<Global>,
    /// Type names; uses are resolved, so emission needs them for documentation only.
    pub typedefs: Vec<Typedef>,
    /// `main`, unless the program is a library: it returns `void` or `int` and takes nothing or one
    /// `list<string>`.
    pub main: Option<FunctionId>,
    /// What of the embedding Rust code is handed the way to what is outside, before its other arguments.
    pub takes_outside: BTreeSet<CallTarget>,
    /// What became of the `for every` loops that call servers, in the order of the source.
    pub loops: Vec<ServerLoop>,
}

/// A `for every` loop whose body calls a server.
#[derive(Clone, Debug)]
pub struct ServerLoop {
    /// The whole loop.
    pub span: Span,
    /// The methods that it calls, as the source has them; the first one first.
    pub calls: Vec<String>,
    /// What keeps it from sending all calls before it waits for the first reply; none if that is what it does.
    pub obstacle: Option<Obstacle>,
}

/// What makes an iteration of a loop depend on another one.
#[derive(Clone, Debug)]
pub struct Obstacle {
    /// The reason, as the end of a sentence.
    pub message: String,
    /// Where it is.
    pub span: Span,
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident($id:ident) -> $item:ident in $table:ident;)*) => {
        impl Program {
            $(
                $(#[$doc])*
                ///
                /// # Panics
                /// If the id is not of this program.
                #[must_use]
                pub fn $name(&self, id: $id) -> &$item {
                    self.$table.get(id.index()).expect("ids index the tables of the program they were made for")
                }
            )*
        }
    };
}

tables! {
    /// The class of an id.
    class(ClassId) -> Class in classes;
    /// The state variable of an id.
    field(FieldId) -> Field in fields;
    /// The method of an id.
    method(MethodId) -> Method in methods;
    /// The constructor of an id.
    constructor(ConstructorId) -> Constructor in constructors;
    /// The function of an id.
    function(FunctionId) -> Function in functions;
    /// The enumeration of an id.
    enumeration(EnumId) -> Enumeration in enums;
    /// The constant or variable of an id.
    global(GlobalId) -> Global in globals;
    /// The module of an id.
    module(ModuleId) -> Module in modules;
}

impl Program {
    /// The class and its bases, the class first.
    pub fn ancestry(&self, class: ClassId) -> impl Iterator<Item = ClassId> {
        std::iter::successors(Some(class), |&id| self.class(id).base)
    }

    /// Whether a class is another or derives from it.
    #[must_use]
    pub fn derives_from(&self, class: ClassId, base: ClassId) -> bool {
        self.ancestry(class).any(|id| id == base)
    }

    /// The class and all that derive from it, directly or not, each after its base.
    #[must_use]
    pub fn family(&self, class: ClassId) -> Vec<ClassId> {
        let mut family = vec![class];
        let mut next = 0;
        while let Some(&id) = family.get(next) {
            family.extend(&self.class(id).derived);
            next += 1;
        }
        family
    }

    /// The method that runs when a method is called on an object of a class: the nearest overrider.
    #[must_use]
    pub fn implementation(&self, method: MethodId, class: ClassId) -> MethodId {
        let declared = self.method(method);
        if !declared.is_overridden {
            return method;
        }
        self.ancestry(class)
            .flat_map(|id| self.class(id).methods.iter().copied())
            .find(|&id| self.overrides(id, method))
            .unwrap_or(method)
    }

    /// Whether a method is another or overrides it, directly or not.
    #[must_use]
    pub fn overrides(&self, method: MethodId, other: MethodId) -> bool {
        std::iter::successors(Some(method), |&id| self.method(id).overrides).any(|id| id == other)
    }

    /// Whether it declares anything that embedding Rust code provides.
    #[must_use]
    pub fn has_externals(&self) -> bool {
        let functions = self.functions.iter().any(|function| function.is_external);
        let mut classes = self.classes.iter();
        functions || classes.any(|class| class.kind == ClassKind::External)
    }

    /// The parameters of what a call can name.
    #[must_use]
    pub fn body_of(&self, target: CallTarget) -> &Body {
        match target {
            CallTarget::Function(id) => &self.function(id).body,
            CallTarget::Method(id) => &self.method(id).body,
            CallTarget::Constructor(id) => &self.constructor(id).body,
        }
    }

    /// A type as the user writes it.
    #[must_use]
    pub fn show(&self, ty: Type) -> String {
        let inner = |id| self.show(self.types.at(id));
        match ty {
            Type::Void => "void".to_owned(),
            Type::Boolean => "boolean".to_owned(),
            Type::Char => "char".to_owned(),
            Type::Octet => "octet".to_owned(),
            Type::Short => "short".to_owned(),
            Type::Int => "int".to_owned(),
            Type::Long => "long".to_owned(),
            Type::UnsignedShort => "unsigned short".to_owned(),
            Type::UnsignedInt => "unsigned int".to_owned(),
            Type::UnsignedLong => "unsigned long".to_owned(),
            Type::Float => "float".to_owned(),
            Type::Double => "double".to_owned(),
            Type::String => "string".to_owned(),
            Type::Date => "date".to_owned(),
            Type::Time => "time".to_owned(),
            Type::Timestamp => "timestamp".to_owned(),
            Type::Interval => "interval".to_owned(),
            Type::Host => "host".to_owned(),
            Type::Error => "error".to_owned(),
            Type::Enum(id) => self.enumeration(id).name.clone(),
            Type::Class(id) => self.class(id).name.clone(),
            Type::Set(id) => format!("set<{}>", inner(id)),
            Type::Bag(id) => format!("bag<{}>", inner(id)),
            Type::List(id) => format!("list<{}>", inner(id)),
            Type::Map(key, value) => format!("map<{}, {}>", inner(key), inner(value)),
            Type::Array(id) => format!("{}[]", inner(id)),
            Type::Future(id) if self.types.at(id) == Type::Null => "future".to_owned(),
            Type::Future(id) => format!("future<{}>", inner(id)),
            Type::Null => "null".to_owned(),
            Type::Poison => "?".to_owned(),
        }
    }

    /// A name of a module as the source has it: `airspace::track`.
    #[must_use]
    pub fn qualified(&self, name: &str, module: ModuleId) -> String {
        let mut parts = vec![name];
        let mut next = Some(module);
        while let Some(id) = next.filter(|id| id.index() != 0) {
            parts.push(&self.module(id).name);
            next = self.module(id).parent;
        }
        parts.reverse();
        parts.join("::")
    }

    /// What a call can name, as the source has it: `airspace::track::add (point)`.
    #[must_use]
    pub fn signature(&self, target: CallTarget) -> String {
        let of_class = |id: ClassId| {
            let class = self.class(id);
            self.qualified(&class.name, class.module)
        };
        let name = match target {
            CallTarget::Function(id) => {
                let function = self.function(id);
                self.qualified(&function.name, function.module)
            }
            CallTarget::Method(id) => {
                let method = self.method(id);
                format!("{}::{}", of_class(method.class), method.name)
            }
            CallTarget::Constructor(id) => {
                let class = self.constructor(id).class;
                format!("{}::{}", of_class(class), self.class(class).name)
            }
        };
        let body = self.body_of(target);
        let types: Vec<String> = body
            .parameter_ids()
            .filter_map(|id| body.locals.get(id.index()))
            .map(|local| self.show(local.ty))
            .collect();
        format!("{name} ({})", types.join(", "))
    }

    /// What a call of the target may do.
    #[must_use]
    pub fn effects_of(&self, target: CallTarget) -> Effects {
        match target {
            CallTarget::Function(id) => self.function(id).effects,
            CallTarget::Method(id) => self.method(id).effects,
            CallTarget::Constructor(id) => self.constructor(id).effects,
        }
    }
}

impl Program {
    /// The code of what a call can name, to be replaced.
    pub(crate) fn body_of_mut(&mut self, target: CallTarget) -> Option<&mut Body> {
        match target {
            CallTarget::Function(id) => self.functions.get_mut(id.index()).map(|f| &mut f.body),
            CallTarget::Method(id) => self.methods.get_mut(id.index()).map(|m| &mut m.body),
            CallTarget::Constructor(id) => {
                self.constructors.get_mut(id.index()).map(|c| &mut c.body)
            }
        }
    }

    /// What runs beside the code of what a call can name: its contract, the invariants of its class, the initial values
    /// of attributes and the arguments of the base's constructor.
    pub(crate) fn conditions_of(&self, target: CallTarget) -> impl Iterator<Item = &Expr> {
        let (pre, post, class, base): (_, _, _, &[Expr]) = match target {
            CallTarget::Function(id) => {
                let function = self.function(id);
                (&function.pre, &function.post, None, &[])
            }
            CallTarget::Method(id) => {
                let method = self.method(id);
                (&method.pre, &method.post, Some(method.class), &[])
            }
            CallTarget::Constructor(id) => {
                let item = self.constructor(id);
                let base = item.base_call.as_ref();
                let base = base.map_or(&[][..], |(_, arguments)| arguments);
                (&item.pre, &item.post, Some(item.class), base)
            }
        };
        let classes = class.into_iter().flat_map(|class| self.ancestry(class));
        let of_class = classes.flat_map(|class| {
            let class = self.class(class);
            let fields = class
                .fields
                .iter()
                .filter_map(|&id| self.field(id).init.as_ref());
            class.invariants.iter().map(|item| &item.expr).chain(fields)
        });
        let contract = pre.iter().chain(post).map(|item| &item.expr);
        contract.chain(base).chain(of_class)
    }
}
