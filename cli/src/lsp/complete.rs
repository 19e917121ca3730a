//! Completion: what could be written at a place.

use super::place::{Place, word};
use super::receiver::Surroundings;
use super::tokens::{Token, opener, statement};
use super::words;
use cmsl_codegen::index::{Entity, describe, function_names, method_names, module_of, type_names};
use cmsl_codegen::ir::{ClassKind, Type};
use serde_json::{Value, json};
use std::collections::BTreeMap;

// The kinds of the protocol.
const METHOD: u8 = 2;
const FUNCTION: u8 = 3;
const FIELD: u8 = 5;
const VARIABLE: u8 = 6;
const CLASS: u8 = 7;
const MODULE: u8 = 9;
const PROPERTY: u8 = 10;
const ENUM: u8 = 13;
const KEYWORD: u8 = 14;
const SNIPPET: u8 = 15;
const ENUM_MEMBER: u8 = 20;
const CONSTANT: u8 = 21;

/// The proposals, each name once.
#[derive(Default)]
struct Proposals {
    items: BTreeMap<String, Value>,
}

impl Proposals {
    fn add(&mut self, name: &str, kind: u8) {
        let item = json!({ "label": name, "kind": kind });
        self.items.entry(name.to_owned()).or_insert(item);
    }

    fn add_all<'n>(&mut self, names: impl IntoIterator<Item = &'n str>, kind: u8) {
        for name in names {
            self.add(name, kind);
        }
    }

    fn add_entity(&mut self, place: &Place<'_>, name: &str, entity: Entity) {
        let analysis = &place.root.analysis;
        let said = describe(&analysis.program, &analysis.index, entity);
        let mut item = json!({ "label": name, "kind": kind(&said.declaration, entity), "detail": said.declaration });
        if !said.documentation.is_empty()
            && let Some(fields) = item.as_object_mut()
        {
            let text = json!({ "kind": "markdown", "value": said.documentation.join("\n") });
            fields.insert("documentation".to_owned(), text);
        }
        self.items.entry(name.to_owned()).or_insert(item);
    }
}

fn kind(declaration: &str, entity: Entity) -> u8 {
    match entity {
        Entity::Module(_) => MODULE,
        Entity::Class(_) | Entity::Typedef(_) => CLASS,
        Entity::Enum(_) => ENUM,
        Entity::Variant(..) => ENUM_MEMBER,
        Entity::Function(_) | Entity::Predefined(_) => FUNCTION,
        Entity::Global(_) if declaration.starts_with("const ") => CONSTANT,
        Entity::Global(_) | Entity::Local(_) => VARIABLE,
        Entity::Field(_) => FIELD,
        Entity::Method(_) => METHOD,
    }
}

/// What could be written at a place.
pub fn complete(place: &Place<'_>) -> Value {
    let text = place.text.as_str();
    let begun = word(text, place.offset);
    let tokens = statement(text, begun.start);
    let around = Surroundings::of(place);
    let mut proposals = Proposals::default();
    match tokens.last().map(|token| token.text) {
        Some("->" | ".") => members(place, &around, &tokens, &mut proposals),
        Some("::") => owned(place, &around, &tokens, &mut proposals),
        Some("new") => classes(place, &around, false, &mut proposals),
        Some("server") => {
            classes(place, &around, true, &mut proposals);
            proposals.add("class", KEYWORD);
        }
        _ => match property(&tokens) {
            Some(Property::Any(given)) => properties(&given, &mut proposals),
            Some(Property::Model) => proposals.add_all(words::MODELS, ENUM_MEMBER),
            Some(Property::Protocol) => proposals.add_all(words::PROTOCOLS, ENUM_MEMBER),
            None => names(place, &around, &mut proposals),
        },
    }
    let items: Vec<Value> = proposals.items.into_values().collect();
    json!({ "isIncomplete": false, "items": items })
}

fn members(
    place: &Place<'_>,
    around: &Surroundings<'_>,
    tokens: &[Token<'_>],
    proposals: &mut Proposals,
) {
    let Some((_, object)) = tokens.split_last() else {
        return;
    };
    let Some(ty) = around.type_of(object) else {
        return;
    };
    match ty {
        Type::Class(class) => {
            for (name, entity) in around.members(class) {
                proposals.add_entity(place, name, entity);
            }
        }
        Type::Future(_) => proposals.add("result", FIELD),
        Type::Error => proposals.add_all(["code", "message"], FIELD),
        other => proposals.add_all(method_names(other), METHOD),
    }
}

/// What stands behind `::`.
fn owned(
    place: &Place<'_>,
    around: &Surroundings<'_>,
    tokens: &[Token<'_>],
    proposals: &mut Proposals,
) {
    let owner = tokens
        .split_last()
        .and_then(|(_, owner)| around.owner(owner));
    match owner {
        Some(Entity::Module(module)) => {
            for (name, entity) in around.items() {
                let inside = module_of(around.program, entity) == Some(module);
                if inside && !matches!(entity, Entity::Variant(..)) {
                    proposals.add_entity(place, name, entity);
                }
            }
        }
        Some(Entity::Enum(id)) => {
            let values = around.program.enumeration(id).variants.iter().zip(0..);
            for (value, at) in values {
                proposals.add_entity(place, &value.name, Entity::Variant(id, at));
            }
        }
        Some(Entity::Class(class)) => {
            for (name, entity) in around.members(class) {
                proposals.add_entity(place, name, entity);
            }
        }
        _ => {}
    }
}

fn classes(
    place: &Place<'_>,
    around: &Surroundings<'_>,
    servers_only: bool,
    proposals: &mut Proposals,
) {
    for (name, entity) in around.items() {
        let fits = match entity {
            Entity::Class(id) => {
                !servers_only || around.program.class(id).kind == ClassKind::Server
            }
            Entity::Module(_) => true,
            _ => false,
        };
        if fits && is_visible(around, entity) {
            proposals.add_entity(place, name, entity);
        }
    }
}

fn is_visible(around: &Surroundings<'_>, entity: Entity) -> bool {
    module_of(around.program, entity).is_some_and(|module| around.modules.contains(&module))
}

/// Which part of a server's properties is being written.
enum Property {
    /// Any but those that are given.
    Any(Vec<String>),
    /// Behind `model`.
    Model,
    /// Behind `protocol`.
    Protocol,
}

/// Whether the statement's last `server C` can take a property now.
fn property(tokens: &[Token<'_>]) -> Option<Property> {
    let start = tokens.iter().rposition(|token| token.text == "server")?;
    let mut rest = tokens.get(start + 1..)?;
    // The class, with the modules before it.
    let class = rest
        .iter()
        .position(|token| !is_word(token.text) && token.text != "::")
        .unwrap_or(rest.len());
    let first_word = rest.get(..class)?;
    let path = first_word
        .iter()
        .enumerate()
        .take_while(|(at, token)| (at % 2 == 0) == is_word(token.text))
        .count();
    if path == 0 || first_word.first()?.text == "class" {
        return None;
    }
    rest = rest.get(path..)?;
    match rest.last().map(|token| token.text) {
        Some("model") => return Some(Property::Model),
        Some("protocol") => return Some(Property::Protocol),
        _ => {}
    }
    // Everything behind the class is words and closed brackets, or this is no place for a property.
    let mut given = Vec::new();
    while let Some((last, before)) = rest.split_last() {
        rest = match last.text {
            ")" | "]" => rest.get(..opener(rest)?)?,
            word if is_word(word) => {
                given.push(word.to_owned());
                before
            }
            _ => return None,
        };
    }
    Some(Property::Any(given))
}

fn properties(given: &[String], proposals: &mut Proposals) {
    let tolerance = ["tolerance", "tolerate"];
    for (name, snippet) in words::PROPERTIES {
        let taken = given.iter().any(|given| {
            given == name || (tolerance.contains(&name) && tolerance.contains(&given.as_str()))
        });
        if taken {
            continue;
        }
        let item = json!({ "label": name, "kind": PROPERTY, "insertText": snippet, "insertTextFormat": 2 });
        proposals.items.insert(name.to_owned(), item);
    }
}

fn names(place: &Place<'_>, around: &Surroundings<'_>, proposals: &mut Proposals) {
    for variable in &around.variables {
        proposals.add_entity(place, &variable.name, Entity::Local(variable.span));
    }
    if let Some(class) = around.class {
        for (name, entity) in around.members(class) {
            proposals.add_entity(place, name, entity);
        }
    }
    for (name, entity) in around.items() {
        if is_visible(around, entity) {
            proposals.add_entity(place, name, entity);
        }
    }
    proposals.add_all(function_names(), FUNCTION);
    proposals.add_all(type_names().map(|(name, _)| name), CLASS);
    proposals.add_all(words::TYPES, KEYWORD);
    proposals.add_all(words::GENERIC_TYPES, KEYWORD);
    proposals.add_all(words::KEYWORDS, KEYWORD);
    let every = json!({
        "label": "for every", "kind": SNIPPET, "insertTextFormat": 2,
        "insertText": "for every ${1:i}, 0 <= ${1:i} < ${2:n}, {\n\t$0\n}",
    });
    proposals.items.insert("for every".to_owned(), every);
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}
