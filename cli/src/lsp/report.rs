//! Diagnostics and code actions.

use super::analysis::Root;
use super::documents::{Documents, uri};
use super::place::{Place, World, source_text};
use super::protocol::Range;
use cmsl_codegen::ir::{ClassId, ClassKind};
use cmsl_parser::{Diagnostic, Severity};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is wrong in each file of the programs, files with nothing wrong included: version and diagnostics.
pub fn diagnostics(
    roots: &[Arc<Root>],
    documents: &Documents,
) -> BTreeMap<PathBuf, (Option<i64>, Vec<Value>)> {
    let mut found: BTreeMap<PathBuf, (Option<i64>, Vec<Value>)> = BTreeMap::new();
    for root in roots {
        for file in root.files.values() {
            let version = documents.get(&file.path).and(file.version);
            found.entry(file.path.clone()).or_default().0 = version;
        }
        for wrong in &root.diagnostics {
            let Some(file) = root.file_of(wrong.span) else {
                continue;
            };
            let said = diagnostic(root, documents, wrong);
            let of_file = &mut found.entry(file.path.clone()).or_default().1;
            if !of_file.contains(&said) {
                of_file.push(said);
            }
        }
    }
    found
}

fn diagnostic(root: &Root, documents: &Documents, wrong: &Diagnostic) -> Value {
    let mut message = wrong.message.clone();
    if !wrong.note.is_empty() {
        message.push_str(&format!("\n{}", wrong.note));
    }
    if let Some(help) = &wrong.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    let related: Vec<Value> = wrong
        .labels
        .iter()
        .filter_map(|label| {
            let path = &root.file_of(label.span)?.path;
            Some(json!({
                "location": { "uri": uri(path, documents), "range": analysed(root, label.span)? },
                "message": label.message,
            }))
        })
        .collect();
    json!({
        "range": analysed(root, wrong.span),
        "severity": match wrong.severity() {
            Severity::Error => 1,
            Severity::Warning => 2,
        },
        "code": wrong.code.as_str(),
        "source": "cmsl",
        "message": message,
        "relatedInformation": related,
    })
}

/// The range of a span in the text that was analysed: what is said belongs to that version.
fn analysed(root: &Root, span: cmsl_parser::Span) -> Option<Range> {
    let text = &root.file_of(span)?.text;
    let lead = text.as_str().len() - source_text(text).len();
    let range = root.range(span)?;
    Some(text.range(range.start + lead..range.end + lead))
}

/// What could be done with the text of a range.
pub fn actions(world: World<'_>, path: &Path, range: Range) -> Value {
    let Some(place) = world.place(path, range.start) else {
        return json!([]);
    };
    let end = place.text.offset(range.end);
    let touching = place
        .root
        .analysis
        .index
        .creations
        .iter()
        .filter(|creation| creation.span.file == place.file)
        .filter_map(|creation| Some((creation.of, place.range(creation.span)?)))
        .filter(|(_, now)| now.start <= end && place.offset <= now.end);
    let mut actions: Vec<Value> = Vec::new();
    for (class, now) in touching {
        let text = place.text.as_str();
        if !text
            .get(now.clone())
            .is_some_and(|text| text.starts_with("new"))
        {
            continue;
        }
        let Some(declaration) = server_word(world, &place, class) else {
            continue;
        };
        let name = &place.root.analysis.program.class(class).name;
        let word = place.text.range(now.start..now.start + "new".len());
        let behind = place.text.range(now.end..now.end);
        let edits = [
            (
                uri(path, world.documents),
                json!({ "range": word, "newText": "server" }),
            ),
            (
                uri(path, world.documents),
                json!({ "range": behind, "newText": " tolerance (1) model crash" }),
            ),
        ];
        let mut changes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (uri, edit) in edits.into_iter().chain(declaration) {
            changes.entry(uri).or_default().push(edit);
        }
        actions.push(json!({
            "title": format!("make this `{name}` a server with tolerance 1"),
            "kind": "refactor.rewrite",
            "edit": { "changes": changes },
        }));
    }
    Value::Array(actions)
}

/// The edit that makes a class one of servers, if it is none yet: where no other one would have to change as well.
fn server_word(
    world: World<'_>,
    place: &Place<'_>,
    id: ClassId,
) -> Option<Option<(String, Value)>> {
    let class = place.root.analysis.program.class(id);
    if class.kind == ClassKind::Server {
        return Some(None);
    }
    if class.is_exception || !class.derived.is_empty() {
        return None;
    }
    let areas = &place.root.analysis.index.classes;
    let declared = areas.iter().find(|area| area.of == id)?;
    let location = world.location(place.root, declared.span)?;
    let start = &location["range"]["start"];
    let edit = json!({ "range": { "start": start, "end": start }, "newText": "server " });
    Some(Some((location["uri"].as_str()?.to_owned(), edit)))
}
