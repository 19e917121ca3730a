//! Hover, definition, references, rename.

use super::documents::uri;
use super::place::{Moved, Place, World, source_text};
use super::protocol::{REQUEST_FAILED, Range};
use cmsl_codegen::index::{declared, describe};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
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

/// All places that name the same.
pub fn references(world: World<'_>, place: &Place<'_>, with_declaration: bool) -> Value {
    let Some((entity, _)) = place.name() else {
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

/// Whether there is something to rename, and what is replaced.
pub fn prepare_rename(world: World<'_>, place: &Place<'_>) -> Value {
    let Some((entity, span)) = place.name() else {
        return Value::Null;
    };
    if declared(&place.root.analysis.program, entity).is_none() {
        return Value::Null;
    }
    world
        .range(place.root, span)
        .map_or(Value::Null, |range| json!(range))
}

/// The edits that give something another name everywhere.
pub fn rename(world: World<'_>, place: &Place<'_>, new_name: &str) -> Answer {
    let fail = |why: String| Err((REQUEST_FAILED, why));
    if !is_name(new_name) {
        return fail(format!("`{new_name}` is no name"));
    }
    let Some((entity, span)) = place.name() else {
        return fail("there is no name here".to_owned());
    };
    if declared(&place.root.analysis.program, entity).is_none() {
        return fail("what is predefined keeps its name".to_owned());
    }
    let old = place.root.file_of(span).map(|file| file.text.clone());
    let old = old.as_deref().map(source_text);
    let old = old
        .and_then(|text| text.get(span.range()))
        .unwrap_or_default();
    let mut places: BTreeMap<String, BTreeSet<Range>> = BTreeMap::new();
    for (root, spans) in world.uses(place, entity) {
        let mut moved = Moved::new(world, root);
        for span in spans {
            let Some(file) = root.file_of(span) else {
                continue;
            };
            // A definition may call a parameter by another name than the declaration.
            if source_text(&file.text).get(span.range()) != Some(old) {
                continue;
            }
            let Some(range) = moved.range(span) else {
                return fail("the text is being changed".to_owned());
            };
            let name = uri(&file.path, world.documents);
            places.entry(name).or_default().insert(range);
        }
    }
    let changes: Map<String, Value> = places
        .into_iter()
        .map(|(name, ranges)| {
            let edits = ranges
                .into_iter()
                .map(|range| json!({ "range": range, "newText": new_name }));
            (name, edits.collect())
        })
        .collect();
    Ok(json!({ "changes": changes }))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !super::words::KEYWORDS.contains(&text)
        && !super::words::TYPES.contains(&text)
}
