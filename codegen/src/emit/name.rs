//! Which Rust name each item gets: in Rust's style, unique in its scope, never a keyword or a name of the prelude.

use std::collections::{BTreeMap, BTreeSet};

use super::reserved::{FUNCTIONS, TYPES, is_keyword, is_printed_local};
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

/// A name in snake case as Rust has it: one underscore between words, and none of the words that cannot be escaped.
fn snaked(name: &str) -> String {
    let mut out = snake(name);
    while let Some(at) = out.trim_start_matches('_').find("__") {
        let leading = out.len() - out.trim_start_matches('_').len();
        if out[leading + at..].bytes().all(|byte| byte == b'_') {
            break;
        }
        out.remove(leading + at);
    }
    match out.as_str() {
        "self" | "super" | "crate" => out + "_",
        _ => out,
    }
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

/// A name with a number behind it.
fn numbered(name: &str, number: u32) -> String {
    format!("{}_{number}", name.trim_end_matches('_'))
}

/// Names that are taken in one scope.
struct Scope {
    reserved: &'static [&'static str],
    taken: BTreeSet<String>,
    /// The next number to try behind a name that is taken.
    next: BTreeMap<String, u32>,
}

impl Scope {
    fn with(reserved: &'static [&'static str]) -> Scope {
        Scope {
            reserved,
            taken: BTreeSet::new(),
            next: BTreeMap::new(),
        }
    }

    /// The name, or with the next free number behind it.
    fn unique(&mut self, name: &str) -> String {
        if !self.reserved.contains(&name) && self.taken.insert(name.to_owned()) {
            return name.to_owned();
        }
        let number = self.next.entry(name.to_owned()).or_insert(2);
        loop {
            let candidate = numbered(name, *number);
            *number += 1;
            if !self.reserved.contains(&candidate.as_str()) && self.taken.insert(candidate.clone())
            {
                return candidate;
            }
        }
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
                let name = match snaked(&module.name) {
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
                let name = match snaked(&function.name) {
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
                let name = snaked(&global.name).to_ascii_uppercase();
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
        let mut fields = Scope::with(&["base", "cx", "this"]);
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
            let name = snaked(&program.field(id).name);
            let name = fields.unique(&name);
            self.field_constants[id.index()] = ident(&constants.unique(&name.to_ascii_uppercase()));
            self.fields[id.index()] = ident(&name);
        }
        for &id in &class.methods {
            let name = functions.unique(&snaked(&program.method(id).name));
            functions.unique(&exact_name(&name));
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
        ident(&exact_name(name.trim_start_matches("r#")))
    }
}

fn exact_name(name: &str) -> String {
    format!("{}_exact", name.trim_end_matches('_'))
}

fn unique_type(scope: &mut Scope, name: &str) -> Name {
    let name = camel(name);
    if TYPES.contains(&name.as_str()) {
        return ident(&scope.unique(&format!("{name}Class")));
    }
    ident(&scope.unique(&name))
}

/// A name without the `_` that is put before it if nothing uses it.
fn plain(name: &str) -> &str {
    name.trim_start_matches('_')
}

/// The Rust name of each variable of a body: in lower case, one for each name in the source, so that shadowing stays.
pub(super) fn locals(body: &ir::Body) -> Vec<Name> {
    let mut chosen: BTreeMap<&str, String> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    body.locals
        .iter()
        .map(|local| {
            let name = chosen
                .entry(&local.name)
                .or_insert_with(|| unique_local(snaked(&local.name), &mut taken));
            if local.is_used {
                ident(name)
            } else {
                ident(&format!("_{name}"))
            }
        })
        .collect()
}

/// The name, or with the next free number behind it; `taken` holds the names without their leading `_`.
fn unique_local(name: String, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| numbered(&name, number));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    let free =
        names.find(|name| !is_printed_local(plain(name)) && taken.insert(plain(name).to_owned()));
    free.unwrap_or(name)
}
