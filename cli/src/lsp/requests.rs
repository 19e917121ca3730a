//! The requests: which there are, what each needs, and who answers it.

use super::complete::complete;
use super::documents;
use super::navigate::{self, Answer};
use super::place::World;
use super::protocol::{AtPosition, AtRange, INVALID_PARAMS, OfDocument};
use super::rename;
use super::report;
use crate::front;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const KNOWN: [&str; 8] = [
    "textDocument/codeAction",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/formatting",
    "textDocument/hover",
    "textDocument/prepareRename",
    "textDocument/references",
    "textDocument/rename",
];

/// Whether there is such a request.
pub fn is_known(method: &str) -> bool {
    KNOWN.contains(&method)
}

/// Whether it is answered from an analysis, and not from the text alone.
pub fn needs_analysis(method: &str) -> bool {
    method != "textDocument/formatting"
}

/// Whether only the analysis of the present text will do: a name that is left out breaks the program.
pub fn needs_present(method: &str) -> bool {
    method == "textDocument/rename"
}

/// The document that a request is about.
pub fn document(params: &Value) -> Option<PathBuf> {
    let uri = params.get("textDocument")?.get("uri")?.as_str()?;
    Some(documents::path(uri))
}

/// Answers a request.
pub fn answer(world: World<'_>, method: &str, params: Value) -> Answer {
    match method {
        "textDocument/codeAction" => {
            let AtRange {
                text_document,
                range,
            } = parameters(params)?;
            let path = documents::path(&text_document.uri);
            Ok(report::actions(world, &path, range))
        }
        "textDocument/formatting" => {
            let OfDocument { text_document } = parameters(params)?;
            Ok(format(world, &documents::path(&text_document.uri)))
        }
        _ => at_position(world, method, parameters(params)?),
    }
}

fn at_position(world: World<'_>, method: &str, at: AtPosition) -> Answer {
    let path = documents::path(&at.text_document.uri);
    let Some(place) = world.place(&path, at.position) else {
        return Ok(Value::Null);
    };
    Ok(match method {
        "textDocument/hover" => navigate::hover(world, &place),
        "textDocument/definition" => navigate::definition(world, &place),
        "textDocument/references" => {
            let with_declaration = at
                .context
                .and_then(|context| context.get("includeDeclaration")?.as_bool());
            navigate::references(world, &place, with_declaration.unwrap_or(true))
        }
        "textDocument/prepareRename" => rename::prepare_rename(world, &place),
        "textDocument/rename" => {
            let new_name = at
                .new_name
                .ok_or((INVALID_PARAMS, "`newName` is missing".to_owned()))?;
            return rename::rename(world, &place, &new_name);
        }
        "textDocument/completion" => complete(&place),
        _ => Value::Null,
    })
}

/// The edit that gives a document the one style; nothing if its form is wrong.
fn format(world: World<'_>, path: &Path) -> Value {
    let Some(document) = world.documents.get(path) else {
        return Value::Null;
    };
    let old = document.text.as_str();
    let mut read = |path: &Path| match world.documents.get(path) {
        Some(document) => Ok(document.text.as_str().as_bytes().to_vec()),
        None => front::read(path),
    };
    match front::formatted(path, old.as_bytes().to_vec(), &mut read) {
        Ok(new) if new == old => json!([]),
        Ok(new) => {
            let all = document.text.range(0..old.len());
            json!([{ "range": all, "newText": new }])
        }
        // What is wrong is among the diagnostics.
        Err(_) => Value::Null,
    }
}

fn parameters<T: DeserializeOwned>(params: Value) -> Result<T, (i32, String)> {
    serde_json::from_value(params).map_err(|why| (INVALID_PARAMS, why.to_string()))
}
