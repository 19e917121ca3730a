//! Hover, definition, references.

use super::documents::uri;
use super::place::{Moved, Place, World};
use super::protocol::Range;
use cmsl_codegen::index::{Entity, declared, describe};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What a request without an answer is answered with, and why one fails.
pub type Answer = Result<Value, (i32, String)>;

/// What there is to say about a name: declaration, doc comment, effects.
pub fn hover(world: World<'_>, place: &Place<'_>) -> Value {
    let Some((entity, span)) = place.name() else {
        return Value::Null;
    };
    let analysis = &place.root.analysis;
    let said = describe(&analysis.program, &analysis.index, entity);
    let mut text = format!("```cmsl\n{}\n```", said.declaration);
    if !said.documentation.is_empty() {
        text.push_str("\n\n");
        text.push_str(&said.documentation.join("\n"));
    }
    if let Some(effects) = said.effects {
        text.push_str(&format!("\n\n*{effects}*"));
    }
    json!({
        "contents": { "kind": "markdown", "value": text },
        "range": world.range(place.root, span),
    })
}

/// Where a name is declared; at the declaration itself, where it is defined.
pub fn definition(world: World<'_>, place: &Place<'_>) -> Value {
    let Some((entity, span)) = place.name() else {
        return Value::Null;
    };
    let analysis = &place.root.analysis;
    let Some(declared) = declared(&analysis.program, entity) else {
        return Value::Null;
    };
    let target = if declared == span {
        analysis.index.body_of(entity, declared).unwrap_or(declared)
    } else {
        declared
    };
    world.location(place.root, target).unwrap_or_default()
}

/// All places that name the same; none for what is predefined, which is named all over.
pub fn references(world: World<'_>, place: &Place<'_>, with_declaration: bool) -> Value {
    let named = place.name().map(|(entity, _)| entity);
    let Some(entity) = named.filter(|entity| !matches!(entity, Entity::Predefined(_))) else {
        return json!([]);
    };
    let declaration = declared(&place.root.analysis.program, entity).and_then(|span| {
        Some((
            &place.root.file_of(span)?.path,
            world.range(place.root, span)?,
        ))
    });
    let mut found: BTreeSet<(&PathBuf, Range)> = BTreeSet::new();
    for (root, spans) in world.uses(place, entity) {
        let mut moved = Moved::new(world, root);
        let places = spans
            .into_iter()
            .filter_map(|span| Some((&root.file_of(span)?.path, moved.range(span)?)));
        found.extend(places.filter(|place| with_declaration || Some(*place) != declaration));
    }
    let shown = found
        .into_iter()
        .map(|(path, range)| json!({ "uri": uri(path, world.documents), "range": range }));
    shown.collect()
}
