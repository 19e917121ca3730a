//! Rename: another name for the same thing, wherever it is named, and refused where the program would mean something
//! else afterwards.

use super::analysis::Root;
use super::documents::uri;
use super::navigate::Answer;
use super::place::{Moved, Place, World, source_text};
use super::protocol::{REQUEST_FAILED, Range};
use cmsl_codegen::Incremental;
use cmsl_codegen::index::declared;
use cmsl_parser::Diagnostic;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where a name is replaced, by the files.
type Places = BTreeMap<PathBuf, BTreeSet<Range>>;

/// Whether there is something to rename, and what is replaced.
pub fn prepare_rename(world: World<'_>, place: &Place<'_>) -> Value {
    let Some((entity, span)) = place.name() else {
        return Value::Null;
    };
    if declared(&place.root.analysis.program, entity).is_none() {
        return Value::Null;
    }
    let range = world.range(place.root, span);
    range.map_or(Value::Null, |range| json!(range))
}

/// The edits that give something another name everywhere.
pub fn rename(world: World<'_>, place: &Place<'_>, new_name: &str) -> Answer {
    let fail = |why: String| (REQUEST_FAILED, why);
    if !is_name(new_name) {
        return Err(fail(format!("`{new_name}` is no name")));
    }
    let Some((entity, span)) = place.name() else {
        return Err(fail("there is no name here".to_owned()));
    };
    if declared(&place.root.analysis.program, entity).is_none() {
        return Err(fail("what is predefined keeps its name".to_owned()));
    }
    let old = place.root.text(span);
    let mut places = Places::new();
    for (root, spans) in world.uses(place, entity) {
        let mut moved = Moved::new(world, root);
        for span in spans {
            let Some(file) = root.file_of(span) else {
                continue;
            };
            // A definition may call a parameter by another name than the declaration.
            if root.text(span) != old {
                continue;
            }
            let Some(range) = moved.range(span) else {
                return Err(fail("the text is being changed".to_owned()));
            };
            places.entry(file.path.clone()).or_default().insert(range);
        }
    }
    for (root, _) in world.uses(place, entity) {
        clash(world, root, &places, new_name).map_or(Ok(()), |why| Err(fail(why)))?;
    }
    let changes: Map<String, Value> = places
        .into_iter()
        .map(|(path, ranges)| {
            let edits = ranges
                .into_iter()
                .map(|range| json!({ "range": range, "newText": new_name }));
            (uri(&path, world.documents), edits.collect())
        })
        .collect();
    Ok(json!({ "changes": changes }))
}

/// Why a program would not mean the same with another name; found by looking what it would mean.
fn clash(world: World<'_>, root: &Root, places: &Places, new_name: &str) -> Option<String> {
    let mut read = |path: &Path| match root.files.values().find(|file| file.path == path) {
        Some(file) => {
            let document = world.documents.get(path).map(|document| &document.text);
            let text = document.unwrap_or(&file.text);
            let (before, _) = renamed(source_text(text), text, places.get(path), new_name);
            Ok(before.into_bytes())
        }
        None => std::fs::read(path),
    };
    let bytes = read(&root.path).ok()?;
    let version = Incremental::default().analyse(&root.path, bytes, &mut read);
    let analysis = &version.analysis;
    let errors = |all: &[Diagnostic]| all.iter().filter(|wrong| wrong.is_error()).count();
    if !root.diagnostics.iter().any(Diagnostic::is_error) {
        let mut found = version.form.iter().chain(&analysis.diagnostics);
        if let Some(wrong) = found.find(|wrong| wrong.is_error()) {
            return Some(format!(
                "`{new_name}` cannot stand everywhere: {}",
                wrong.message
            ));
        }
    } else if errors(&version.form) > errors(&root.diagnostics) {
        return Some(format!("`{new_name}` cannot stand everywhere"));
    }
    // Everything that was renamed is the same thing still, and nothing else is.
    let mut meant = None;
    let mut count = 0;
    let mut texts = BTreeMap::new();
    for file in root.files.values() {
        let known = version.files.iter().find(|known| known.path == file.path)?;
        let document = world.documents.get(&file.path);
        let text = document.map_or(&file.text, |document| &document.text);
        let (made, offsets) = renamed(source_text(text), text, places.get(&file.path), new_name);
        texts.insert(known.id, (made, &known.map));
        for offset in offsets {
            let mut at = known.map.to_source(offset);
            let entity = at
                .find_map(|place| analysis.index.at(known.id, place))
                .map(|found| found.entity);
            let all = *meant.get_or_insert(entity);
            let same = |one| Some(analysis.index.uses_of(&analysis.program, one));
            let is_same = entity == all || entity.and_then(same) == all.and_then(same);
            if entity.is_none() || !is_same {
                return Some(format!("`{new_name}` means something else in a place"));
            }
            count += 1;
        }
    }
    let uses = analysis.index.uses_of(&analysis.program, meant??);
    let is_named = |span: &cmsl_parser::Span| {
        let (text, map) = texts.get(&span.file)?;
        Some(text.get(map.range(*span)?)? == new_name)
    };
    let named = uses.iter().filter(|span| is_named(span) == Some(true));
    (named.count() > count).then(|| format!("`{new_name}` is the name of something else already"))
}

/// A text with other names at some ranges, and where they are then.
fn renamed(
    text: &str,
    document: &super::text::Text,
    ranges: Option<&BTreeSet<Range>>,
    new_name: &str,
) -> (String, Vec<usize>) {
    let lead = document.as_str().len() - text.len();
    let mut made = String::with_capacity(text.len());
    let mut offsets = Vec::new();
    let mut done = 0;
    for range in ranges.into_iter().flatten() {
        let start = document.offset(range.start).saturating_sub(lead);
        let end = document.offset(range.end).saturating_sub(lead);
        made.push_str(text.get(done..start).unwrap_or_default());
        offsets.push(made.len());
        made.push_str(new_name);
        done = end;
    }
    made.push_str(text.get(done..).unwrap_or_default());
    (made, offsets)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !super::words::KEYWORDS.contains(&text)
        && !super::words::TYPES.contains(&text)
}
