//! What there is to say about something that has a name: what a reader would look up.

use super::{Entity, Index, predefined};
use crate::ir::{Body, CallTarget, ClassKind, Effects, ModuleId, Program, Type};

/// What there is to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// How it is declared.
    pub declaration: String,
    /// The lines of its doc comment.
    pub documentation: Vec<String>,
    /// What running it may do, of what runs.
    pub effects: Option<String>,
}

/// Describes what a name stands for.
#[must_use]
pub fn describe(program: &Program, index: &Index, entity: Entity) -> Description {
    let plain = |declaration: String, documentation: &[String]| Description {
        declaration,
        documentation: documentation.to_vec(),
        effects: None,
    };
    match entity {
        Entity::Module(id) => {
            let module = program.module(id);
            let parent = module.parent.unwrap_or_default();
            plain(
                format!("module {}", program.qualified(&module.name, parent)),
                &[],
            )
        }
        Entity::Class(id) => {
            let class = program.class(id);
            let word = match class.kind {
                ClassKind::Server => "server class",
                ClassKind::External => "extern class",
                ClassKind::Ordinary | ClassKind::Predefined(_) => "class",
            };
            let mut text = format!("{word} {}", program.qualified(&class.name, class.module));
            if let Some(base) = class.base {
                text.push_str(&format!(" : public {}", program.class(base).name));
            }
            plain(text, &class.documentation)
        }
        Entity::Enum(id) => {
            let item = program.enumeration(id);
            let values: Vec<&str> = item.variants.iter().map(|v| v.name.as_str()).collect();
            let name = program.qualified(&item.name, item.module);
            plain(
                format!("enum {name} {{ {} }}", values.join(", ")),
                &item.documentation,
            )
        }
        Entity::Variant(id, place) => {
            let item = program.enumeration(id);
            let Some(variant) = item.variants.get(place as usize) else {
                return Description::default();
            };
            let name = program.qualified(&item.name, item.module);
            plain(
                format!("{name}::{} = {}", variant.name, variant.value),
                &variant.documentation,
            )
        }
        Entity::Typedef(place) => {
            program
                .typedefs
                .get(place)
                .map_or_else(Description::default, |item| {
                    let name = program.qualified(&item.name, item.module);
                    let ty = program.show(item.ty);
                    plain(format!("typedef {ty} {name}"), &item.documentation)
                })
        }
        Entity::Global(id) => {
            let global = program.global(id);
            let constant = if global.is_const { "const " } else { "" };
            let name = program.qualified(&global.name, global.module);
            let declaration = format!("{constant}{}", variable(program, global.ty, &name));
            plain(declaration, &global.documentation)
        }
        Entity::Field(id) => {
            let field = program.field(id);
            let name = format!("{}::{}", program.class(field.class).name, field.name);
            plain(variable(program, field.ty, &name), &field.documentation)
        }
        Entity::Function(_) | Entity::Method(_) => callable(program, entity),
        Entity::Predefined(place) => match predefined::described(place) {
            Some((declaration, documentation)) => {
                plain(declaration.to_owned(), &[documentation.to_owned()])
            }
            None => Description::default(),
        },
        Entity::Local(span) => plain(
            index.variable(span).map_or_else(String::new, |local| {
                variable(program, local.ty, &local.name)
            }),
            &[],
        ),
    }
}

/// `int n`, `track tracks[]`
fn variable(program: &Program, ty: Type, name: &str) -> String {
    match ty {
        Type::Array(id) => format!("{} {name}[]", program.show(program.types.at(id))),
        _ => format!("{} {name}", program.show(ty)),
    }
}

fn callable(program: &Program, entity: Entity) -> Description {
    let (name, result, body, is_const, documentation, target) = match entity {
        Entity::Function(id) => {
            let function = program.function(id);
            (
                program.qualified(&function.name, function.module),
                function.result,
                &function.body,
                false,
                &function.documentation,
                CallTarget::Function(id),
            )
        }
        Entity::Method(id) => {
            let method = program.method(id);
            let class = program.class(method.class);
            let owner = program.qualified(&class.name, class.module);
            (
                format!("{owner}::{}", method.name),
                method.result,
                &method.body,
                method.is_const,
                &method.documentation,
                CallTarget::Method(id),
            )
        }
        _ => return Description::default(),
    };
    let constant = if is_const { " const" } else { "" };
    Description {
        declaration: format!(
            "{} {name} ({}){constant}",
            program.show(result),
            parameters(program, body)
        ),
        documentation: documentation.clone(),
        effects: Some(effects_in_words(program.effects_of(target))),
    }
}

fn parameters(program: &Program, body: &Body) -> String {
    let locals = body.locals.iter().take(body.parameters);
    let shown: Vec<String> = locals
        .map(|local| variable(program, local.ty, &local.name))
        .collect();
    shown.join(", ")
}

/// Effects as a line that a person reads.
#[must_use]
pub fn effects_in_words(effects: Effects) -> String {
    let words = [
        (
            effects.reads_state && !effects.writes_state(),
            "reads state",
        ),
        (effects.writes_this, "changes its state"),
        (effects.writes_others, "changes the state of others"),
        (effects.calls_servers, "calls servers"),
        (effects.waits, "waits for replies"),
        (effects.manages_servers, "creates, finds or deletes servers"),
        (effects.time, "uses the time"),
        (effects.randomness, "uses random numbers"),
        (effects.surroundings, "asks where it runs"),
        (effects.embedded, "runs Rust code"),
        (effects.reply_order, "depends on the order of replies"),
        (effects.output, "prints"),
    ];
    let said: Vec<&str> = words
        .iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, words)| *words)
        .collect();
    if said.is_empty() {
        return "has no effects".to_owned();
    }
    said.join(", ")
}

/// The names of modules around something, for those who complete a path.
#[must_use]
pub fn module_of(program: &Program, entity: Entity) -> Option<ModuleId> {
    Some(match entity {
        Entity::Module(id) => program.module(id).parent?,
        Entity::Class(id) => program.class(id).module,
        Entity::Enum(id) | Entity::Variant(id, _) => program.enumeration(id).module,
        Entity::Typedef(place) => program.typedefs.get(place)?.module,
        Entity::Function(id) => program.function(id).module,
        Entity::Global(id) => program.global(id).module,
        Entity::Field(_) | Entity::Method(_) | Entity::Local(_) | Entity::Predefined(_) => {
            return None;
        }
    })
}
