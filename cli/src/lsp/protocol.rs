//! The few structures of the Language Server Protocol that are read; what is written is JSON where it is made.
//!
//! Names and fields are those of the protocol, version 3.17.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The text had an error that names no request.
pub const PARSE_ERROR: i32 = -32700;
/// The request is not one, or comes at the wrong time.
pub const INVALID_REQUEST: i32 = -32600;
/// There is no such request.
pub const METHOD_NOT_FOUND: i32 = -32601;
/// The parameters are not those of the request.
pub const INVALID_PARAMS: i32 = -32602;
/// A request before `initialize`.
pub const NOT_INITIALIZED: i32 = -32002;
/// The client took the request back.
pub const CANCELLED: i32 = -32800;
/// The request is right and cannot be fulfilled; the message says why.
pub const REQUEST_FAILED: i32 = -32803;

/// A place: line and UTF-16 unit, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    pub line: u32,
    pub character: u32,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Range {
    pub start: Position,
    pub end: Position,
}

/// Which document.
#[derive(Debug, Clone, Deserialize)]
pub struct Document {
    pub uri: String,
    #[serde(default)]
    pub version: Option<i64>,
}

/// A document with its text.
#[derive(Debug, Clone, Deserialize)]
pub struct Item {
    pub uri: String,
    #[serde(default)]
    pub version: Option<i64>,
    pub text: String,
}

/// `textDocument/didOpen`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidOpen {
    pub text_document: Item,
}

/// One change of a document.
#[derive(Debug, Clone, Deserialize)]
pub struct Change {
    #[serde(default)]
    pub range: Option<Range>,
    pub text: String,
}

/// `textDocument/didChange`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidChange {
    pub text_document: Document,
    pub content_changes: Vec<Change>,
}

/// `textDocument/didClose`, `didSave`, `formatting`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfDocument {
    pub text_document: Document,
}

/// `textDocument/hover`, `definition`, `references`, `completion`, `prepareRename`, `rename`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AtPosition {
    pub text_document: Document,
    pub position: Position,
    /// Of `rename`.
    #[serde(default)]
    pub new_name: Option<String>,
    /// Of `references`.
    #[serde(default)]
    pub context: Option<Value>,
}

/// `textDocument/codeAction`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AtRange {
    pub text_document: Document,
    pub range: Range,
}

/// `$/cancelRequest`
#[derive(Debug, Clone, Deserialize)]
pub struct Cancel {
    pub id: lsp_server::RequestId,
}

/// What the server can do, as `initialize` answers.
pub fn capabilities() -> Value {
    json!({
        "capabilities": {
            "positionEncoding": "utf-16",
            "textDocumentSync": { "openClose": true, "change": 2, "save": true },
            "hoverProvider": true,
            "definitionProvider": true,
            "referencesProvider": true,
            "renameProvider": { "prepareProvider": true },
            "completionProvider": { "triggerCharacters": [".", ">", ":"] },
            "documentFormattingProvider": true,
            "codeActionProvider": { "codeActionKinds": ["refactor.rewrite"] },
        },
        "serverInfo": { "name": "cmsl", "version": env!("CARGO_PKG_VERSION") },
    })
}
