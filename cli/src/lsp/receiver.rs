//! What stands before `->`, `.` or `::` while somebody types: its type, or the class, enumeration or module.

use super::place::Place;
use super::tokens::{Token, closes_block, opener};
use cmsl_codegen::index::{Entity, Variable, module_of};
use cmsl_codegen::ir::{
    ClassId, EnumId, FieldId, FunctionId, GlobalId, MethodId, ModuleId, Program, Type,
};
use cmsl_parser::Span;

/// What can be seen from a place.
pub struct Surroundings<'p> {
    /// The program.
    pub program: &'p Program,
    /// The class whose members are visible by their bare names.
    pub class: Option<ClassId>,
    /// The module around, then those around that and those that are opened there.
    pub modules: Vec<ModuleId>,
    /// The visible variables of the body, the innermost first.
    pub variables: Vec<&'p Variable>,
}

impl<'p> Surroundings<'p> {
    /// Those of a place.
    pub fn of(place: &'p Place<'_>) -> Self {
        let analysis = &place.root.analysis;
        let (index, program) = (&analysis.index, &analysis.program);
        let now = |span: Span| {
            let range = place.root.range(span).filter(|_| span.file == place.file)?;
            Some(place.shift.stretched(range))
        };
        let around = |span: Span| {
            now(span).is_some_and(|range| range.start <= place.offset && place.offset <= range.end)
        };
        let body = index.bodies.iter().rev().find(|body| around(body.span));
        let class = match body {
            Some(body) => body.of.class,
            None => index
                .classes
                .iter()
                .rev()
                .find(|class| around(class.span))
                .map(|class| class.of),
        };
        let innermost = index
            .modules
            .iter()
            .rev()
            .find(|module| around(module.span));
        let mut modules = Vec::new();
        let mut next = Some(innermost.map_or(ModuleId::default(), |module| module.of));
        while let Some(id) = next {
            modules.push(id);
            let opened = index.opened.iter();
            modules.extend(
                opened
                    .filter(|(at, file, _)| *at == id && *file == place.file)
                    .map(|(_, _, opened)| opened),
            );
            next = program.module(id).parent;
        }
        let text = place.text.as_str();
        let visible = |variable: &&Variable| {
            let Some(body) = body else { return false };
            let inside = body.span.file == variable.span.file
                && body.span.start <= variable.span.start
                && variable.span.end <= body.span.end;
            inside
                && place.range(variable.span).is_some_and(|range| {
                    range.end <= place.offset && !closes_block(text, range.end..place.offset)
                })
        };
        let mut variables: Vec<&Variable> = index.variables().iter().filter(visible).collect();
        variables.reverse();
        Self {
            program,
            class,
            modules,
            variables,
        }
    }

    /// The type of the expression that tokens end with.
    pub fn type_of(&self, tokens: &[Token<'_>]) -> Option<Type> {
        let (last, before) = tokens.split_last()?;
        match last.text {
            ")" => {
                let open = opener(tokens)?;
                let callee = tokens.get(..open)?;
                let name = callee.last()?;
                if !is_word(name.text) {
                    return self.type_of(tokens.get(open + 1..tokens.len() - 1)?);
                }
                self.named(callee, true)
            }
            "]" => {
                let open = opener(tokens)?;
                let whole = self.type_of(tokens.get(..open)?)?;
                Some(match whole {
                    Type::Class(_) => whole,
                    Type::String => Type::Char,
                    other => self.program.types.element(other)?,
                })
            }
            "this" => self.class.map(Type::Class),
            word if is_word(word) => self.named(tokens, false),
            _ => {
                let _ = before;
                None
            }
        }
    }

    /// The type of what the last token names, or of its result if it is called.
    fn named(&self, tokens: &[Token<'_>], called: bool) -> Option<Type> {
        let (name, before) = tokens.split_last()?;
        let link = before.last().map(|token| token.text);
        match link {
            Some("->" | ".") => {
                let object = self.type_of(before.get(..before.len() - 1)?)?;
                self.member(object, name.text, called)
            }
            Some("::") => {
                let owner = self.owner(before.get(..before.len() - 1)?)?;
                match owner {
                    Entity::Module(module) => self.item(&[module], name.text, called),
                    Entity::Enum(id) => Some(Type::Enum(id)),
                    Entity::Class(class) => self.member(Type::Class(class), name.text, called),
                    _ => None,
                }
            }
            Some("new" | "server") => {
                let class = self.entity(&self.modules, name.text)?;
                matches!(class, Entity::Class(_)).then(|| self.type_named(class))?
            }
            _ => {
                let local = self.variables.iter().find(|local| local.name == name.text);
                if let Some(local) = local.filter(|_| !called) {
                    return Some(local.ty);
                }
                let of_class = self
                    .class
                    .and_then(|class| self.member(Type::Class(class), name.text, called));
                of_class.or_else(|| self.item(&self.modules, name.text, called))
            }
        }
    }

    /// The type of a member of a value.
    fn member(&self, object: Type, name: &str, called: bool) -> Option<Type> {
        let program = self.program;
        match object {
            Type::Class(class) => program.ancestry(class).find_map(|id| {
                let class = program.class(id);
                if called {
                    let mut methods = class.methods.iter().map(|&id| program.method(id));
                    return methods
                        .find(|method| method.name == name)
                        .map(|method| method.result);
                }
                let mut fields = class.fields.iter().map(|&id| program.field(id));
                fields
                    .find(|field| field.name == name)
                    .map(|field| field.ty)
            }),
            Type::Future(result) if name == "result" => Some(program.types.at(result)),
            Type::Map(_, value) if name == "get" => Some(program.types.at(value)),
            Type::Error if name == "message" => Some(Type::String),
            _ if matches!(name, "first" | "last") => program.types.element(object),
            _ => None,
        }
    }

    /// The type of an item of modules.
    fn item(&self, modules: &[ModuleId], name: &str, called: bool) -> Option<Type> {
        match self.entity(modules, name)? {
            Entity::Function(id) if called => Some(self.program.function(id).result),
            Entity::Global(id) if !called => Some(self.program.global(id).ty),
            other => self.type_named(other),
        }
    }

    fn type_named(&self, entity: Entity) -> Option<Type> {
        Some(match entity {
            Entity::Class(id) => Type::Class(id),
            Entity::Enum(id) | Entity::Variant(id, _) => Type::Enum(id),
            Entity::Typedef(place) => self.program.typedefs.get(place)?.ty,
            _ => return None,
        })
    }

    /// What stands before `::`.
    pub fn owner(&self, tokens: &[Token<'_>]) -> Option<Entity> {
        let (name, before) = tokens.split_last()?;
        match before.split_last() {
            Some((link, rest)) if link.text == "::" => match self.owner(rest)? {
                Entity::Module(module) => self.entity(&[module], name.text),
                _ => None,
            },
            _ => self.entity(&self.modules, name.text),
        }
    }

    /// The item of a name in the first module that has one.
    fn entity(&self, modules: &[ModuleId], name: &str) -> Option<Entity> {
        let items: Vec<(&str, Entity)> = self.items();
        modules.iter().find_map(|&module| {
            items
                .iter()
                .find(|(known, entity)| {
                    *known == name && module_of(self.program, *entity) == Some(module)
                })
                .map(|&(_, entity)| entity)
        })
    }

    /// All items of all modules, predefined classes included.
    pub fn items(&self) -> Vec<(&'p str, Entity)> {
        let program = self.program;
        let modules = program.modules.iter().enumerate().skip(1);
        let modules =
            modules.map(|(at, item)| (item.name.as_str(), Entity::Module(ModuleId::at(at))));
        let classes = program.classes.iter().enumerate();
        let classes =
            classes.map(|(at, item)| (item.name.as_str(), Entity::Class(ClassId::at(at))));
        let typedefs = program.typedefs.iter().enumerate();
        let typedefs = typedefs.map(|(at, item)| (item.name.as_str(), Entity::Typedef(at)));
        let functions = program.functions.iter().enumerate();
        let functions =
            functions.map(|(at, item)| (item.name.as_str(), Entity::Function(FunctionId::at(at))));
        let globals = program.globals.iter().enumerate();
        let globals =
            globals.map(|(at, item)| (item.name.as_str(), Entity::Global(GlobalId::at(at))));
        let enums = program.enums.iter().enumerate().flat_map(|(at, item)| {
            let id = EnumId::at(at);
            let values = item.variants.iter().zip(0..);
            let values =
                values.map(move |(value, place)| (value.name.as_str(), Entity::Variant(id, place)));
            std::iter::once((item.name.as_str(), Entity::Enum(id))).chain(values)
        });
        modules
            .chain(classes)
            .chain(typedefs)
            .chain(functions)
            .chain(globals)
            .chain(enums)
            .collect()
    }

    /// The members of a class and its bases that can be used from here.
    pub fn members(&self, class: ClassId) -> Vec<(&'p str, Entity)> {
        let program = self.program;
        let inside = |owner: ClassId| self.class == Some(owner);
        let mut found: Vec<(&str, Entity)> = Vec::new();
        for id in program.ancestry(class) {
            let declared = program.class(id);
            let fields = declared.fields.iter().map(|&id: &FieldId| {
                let field = program.field(id);
                (field.name.as_str(), Entity::Field(id), field.is_public)
            });
            let methods = declared.methods.iter().map(|&id: &MethodId| {
                let method = program.method(id);
                (method.name.as_str(), Entity::Method(id), method.is_public)
            });
            for (name, entity, public) in fields.chain(methods) {
                if (public || inside(id)) && !found.iter().any(|(known, _)| *known == name) {
                    found.push((name, entity));
                }
            }
        }
        found
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}
