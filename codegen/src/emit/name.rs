//! Which Rust name each item gets: in Rust's style, unique in its scope, never a keyword or a name of the prelude.

use std::collections::{BTreeMap, BTreeSet};

use crate::format::Name;
use crate::ir::{self, ClassId, ClassKind, EnumId, FunctionId, GlobalId, MethodId, ModuleId};

/// The Rust names of a program's items, by their ids.
pub(super) struct Names {
    pub modules: Vec<Name>,
    pub classes: Vec<Name>,
    /// The plain structs of classes, which all stand in one module.
    plain: Vec<Name>,
    pub enums: Vec<Name>,
    pub variants: Vec<Vec<Name>>,
    pub functions: Vec<Name>,
    pub globals: Vec<Name>,
    pub fields: Vec<Name>,
    pub field_constants: Vec<Name>,
    pub methods: Vec<Name>,
    /// `new` and `construct` of each constructor.
    pub constructors: Vec<(Name, Name)>,
}

/// What the prelude and the printed code itself use; a type of the program gets another name.
const TYPES: &[&str] = &[
    "Answer",
    "Arguments",
    "ArithmeticError",
    "Array",
    "AssertionFailed",
    "Attribute",
    "BadCast",
    "Bag",
    "BagEdit",
    "Box",
    "Call",
    "Class",
    "ClassInfo",
    "Code",
    "Context",
    "Date",
    "Default",
    "Edit",
    "Enumeration",
    "Err",
    "Error",
    "Exception",
    "Extern",
    "ExternResult",
    "Field",
    "Flow",
    "Future",
    "Host",
    "IndexOutOfRange",
    "Interval",
    "InvariantFailed",
    "List",
    "ListEdit",
    "Map",
    "MapEdit",
    "Model",
    "NoSuchElement",
    "None",
    "NullReference",
    "Object",
    "Ok",
    "Option",
    "Outcome",
    "PostconditionFailed",
    "PreconditionFailed",
    "Program",
    "Raised",
    "ReentrantCall",
    "Ref",
    "Reply",
    "ResourceExhausted",
    "Result",
    "Self",
    "Served",
    "Server",
    "ServerClass",
    "ServerFailed",
    "ServerObject",
    "ServerOptions",
    "Set",
    "SetEdit",
    "Show",
    "Some",
    "Start",
    "String",
    "Text",
    "Time",
    "TimeoutExpired",
    "Timestamp",
    "Value",
    "Vec",
];

/// Functions of the prelude and of the printed code.
const FUNCTIONS: &[&str] = &[
    "accept",
    "accept_within",
    "alloc",
    "answer",
    "assertion",
    "attempt",
    "call",
    "cast",
    "caught",
    "cmsl_runtime",
    "core",
    "data",
    "delete",
    "drawn",
    "each",
    "edit_related",
    "enumerator",
    "externs",
    "find_server",
    "host",
    "initialise_globals",
    "int",
    "invariant",
    "invoke",
    "main",
    "math",
    "or_timeout",
    "positions",
    "postcondition",
    "precondition",
    "print",
    "println",
    "read_only",
    "relate",
    "result",
    "run_main",
    "several",
    "show",
    "sleep",
    "start_main",
    "start_server",
    "std",
    "throw",
    "within_depth",
];

/// Names of variables that printed code uses itself.
const LOCALS: &[&str] = &["cx", "this", "raised", "index", "object", "value"];

fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "abstract"
            | "as"
            | "async"
            | "await"
            | "become"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "final"
            | "fn"
            | "for"
            | "gen"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "macro"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "override"
            | "priv"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "true"
            | "try"
            | "type"
            | "typeof"
            | "union"
            | "unsafe"
            | "unsized"
            | "use"
            | "virtual"
            | "where"
            | "while"
            | "yield"
    )
}

/// An identifier; a keyword is escaped.
pub(super) fn ident(name: &str) -> Name {
    match name {
        "self" | "super" | "crate" | "Self" | "_" => Name::new(&format!("{name}_")),
        _ if is_keyword(name) => Name::new(&format!("r#{name}")),
        _ => Name::new(name),
    }
}

/// `flightPlan`, `Flight_Plan` → `flight_plan`.
pub(super) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for char in name.chars() {
        if char.is_ascii_uppercase() {
            if after_lower {
                out.push('_');
            }
            out.push(char.to_ascii_lowercase());
        } else {
            out.push(char);
        }
        after_lower = char.is_ascii_lowercase() || char.is_ascii_digit();
    }
    out
}

/// `flight_plan` → `FlightPlan`.
pub(super) fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut up = true;
    for char in name.chars() {
        if char == '_' {
            // Two digits that an underscore parts would run together.
            if out.ends_with(|last: char| last.is_ascii_digit()) {
                out.push('_');
            }
            up = true;
        } else if up {
            out.push(char.to_ascii_uppercase());
            up = false;
        } else {
            out.push(char);
        }
    }
    let trimmed = out.trim_matches('_');
    if trimmed.is_empty() || trimmed.starts_with(|first: char| first.is_ascii_digit()) {
        format!("X{trimmed}")
    } else {
        trimmed.to_owned()
    }
}

/// Names that are taken in one scope.
struct Scope {
    reserved: &'static [&'static str],
    taken: BTreeSet<String>,
}

impl Scope {
    fn with(reserved: &'static [&'static str]) -> Scope {
        Scope {
            reserved,
            taken: BTreeSet::new(),
        }
    }

    /// The name, or with the next free number behind it.
    fn unique(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        let mut number = 2;
        while self.reserved.contains(&candidate.as_str()) || !self.taken.insert(candidate.clone()) {
            candidate = format!("{name}_{number}");
            number += 1;
        }
        candidate
    }
}

impl Names {
    pub(super) fn of(program: &ir::Program) -> Names {
        let mut types: Vec<Scope> = program.modules.iter().map(|_| Scope::with(TYPES)).collect();
        let mut values: Vec<Scope> = program
            .modules
            .iter()
            .map(|_| Scope::with(FUNCTIONS))
            .collect();
        // Variables of all modules are fields of one struct.
        let mut constants = Scope::with(&["PROGRAM", "CODE", "INFO"]);
        let modules = program
            .modules
            .iter()
            .map(|module| {
                // The root is the crate and needs no name.
                let Some(parent) = module.parent.map(ModuleId::index) else {
                    return Name::new("crate");
                };
                let name = match snake(&module.name) {
                    // Clients stand in a module of this name.
                    name if name == "client" => "client_module".to_owned(),
                    name => name,
                };
                ident(&values[parent].unique(&name))
            })
            .collect();
        let classes: Vec<Name> = program
            .classes
            .iter()
            .map(|class| match class.kind {
                ClassKind::Predefined(_) => ident(&camel(&class.name)),
                // The embedding Rust code fixes the name.
                ClassKind::External => ident(&camel(&class.name)),
                _ => unique_type(&mut types[class.module.index()], &class.name),
            })
            .collect();
        let mut data = Scope::with(&[]);
        let plain = classes
            .iter()
            .map(|name| ident(&data.unique(name.as_str())))
            .collect();
        let enums = program
            .enums
            .iter()
            .map(|item| unique_type(&mut types[item.module.index()], &item.name))
            .collect();
        let variants = program
            .enums
            .iter()
            .map(|item| {
                let mut scope = Scope::with(&[]);
                item.variants
                    .iter()
                    .map(|variant| ident(&scope.unique(&camel(&variant.name))))
                    .collect()
            })
            .collect();
        let functions = program
            .functions
            .iter()
            .map(|function| {
                // `main` of the program stands beside Rust's.
                let name = match snake(&function.name) {
                    name if name == "main" => "program_main".to_owned(),
                    name => name,
                };
                ident(&values[function.module.index()].unique(&name))
            })
            .collect();
        let globals = program
            .globals
            .iter()
            .map(|global| {
                let name = snake(&global.name).to_ascii_uppercase();
                ident(&constants.unique(&name))
            })
            .collect();
        let mut names = Names {
            modules,
            classes,
            plain,
            enums,
            variants,
            functions,
            globals,
            fields: vec![ident("field"); program.fields.len()],
            field_constants: vec![ident("FIELD"); program.fields.len()],
            methods: vec![ident("method"); program.methods.len()],
            constructors: vec![(ident("new"), ident("construct")); program.constructors.len()],
        };
        for class in &program.classes {
            names.members(program, class);
        }
        names
    }

    /// The names of one class's members; what is printed for each class is reserved.
    fn members(&mut self, program: &ir::Program, class: &ir::Class) {
        let mut fields = Scope::with(&["base"]);
        let mut constants = Scope::with(&["INFO"]);
        let mut functions = Scope::with(&[
            "initial",
            "check_invariants",
            "run",
            "base",
            "base_mut",
            "attributes",
            "attributes_mut",
            "default",
            "clone",
        ]);
        for (position, &id) in class.constructors.iter().enumerate() {
            let suffix = match position {
                0 => String::new(),
                _ => format!("_{}", position + 1),
            };
            self.constructors[id.index()] = (
                ident(&functions.unique(&format!("new{suffix}"))),
                ident(&functions.unique(&format!("construct{suffix}"))),
            );
        }
        for &id in &class.fields {
            let name = snake(&program.field(id).name);
            let name = fields.unique(&name);
            self.field_constants[id.index()] = ident(&constants.unique(&name.to_ascii_uppercase()));
            self.fields[id.index()] = ident(&name);
        }
        for &id in &class.methods {
            let name = functions.unique(&snake(&program.method(id).name));
            functions.unique(&format!("{name}_exact"));
            self.methods[id.index()] = ident(&name);
        }
    }

    pub(super) fn class(&self, id: ClassId) -> &Name {
        &self.classes[id.index()]
    }

    /// The plain struct of a class.
    pub(super) fn plain(&self, id: ClassId) -> &Name {
        &self.plain[id.index()]
    }

    pub(super) fn enumeration(&self, id: EnumId) -> &Name {
        &self.enums[id.index()]
    }

    pub(super) fn function(&self, id: FunctionId) -> &Name {
        &self.functions[id.index()]
    }

    pub(super) fn global(&self, id: GlobalId) -> &Name {
        &self.globals[id.index()]
    }

    /// The field of the variable in the struct of all variables.
    pub(super) fn global_field(&self, id: GlobalId) -> Name {
        ident(&self.globals[id.index()].as_str().to_ascii_lowercase())
    }

    pub(super) fn method(&self, id: MethodId) -> &Name {
        &self.methods[id.index()]
    }

    /// The function that runs exactly this method, without looking at the dynamic class.
    pub(super) fn exact(&self, id: MethodId) -> Name {
        let name = self.methods[id.index()].as_str();
        ident(&format!("{}_exact", name.trim_start_matches("r#")))
    }
}

fn unique_type(scope: &mut Scope, name: &str) -> Name {
    let name = camel(name);
    if TYPES.contains(&name.as_str()) {
        return ident(&scope.unique(&format!("{name}Class")));
    }
    ident(&scope.unique(&name))
}

/// The Rust name of each variable of a body: in lower case, one for each name in the source, so that shadowing stays.
pub(super) fn locals(body: &ir::Body) -> Vec<Name> {
    let mut chosen: BTreeMap<&str, String> = BTreeMap::new();
    let mut taken = Scope::with(LOCALS);
    body.locals
        .iter()
        .map(|local| {
            let name = chosen
                .entry(&local.name)
                .or_insert_with(|| taken.unique(&snake(&local.name)));
            if local.is_used {
                ident(name)
            } else {
                ident(&format!("_{name}"))
            }
        })
        .collect()
}
