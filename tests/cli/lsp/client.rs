//! An editor by script: starts the real command and speaks the protocol with it.

use cmsl_tests::Cmsl;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Far longer than any answer takes: a test that waits so long has failed.
const WITHIN: Duration = Duration::from_secs(60);

/// A conversation.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    next_id: i32,
    versions: BTreeMap<String, i32>,
    texts: BTreeMap<String, String>,
}

impl Client {
    /// Starts the server, without a word.
    pub fn silent() -> Self {
        let mut child = Cmsl::new(["lsp", "--stdio"])
            .into_command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            messages,
            next_id: 0,
            versions: BTreeMap::new(),
            texts: BTreeMap::new(),
        }
    }

    /// Starts the server and agrees on the conversation.
    pub fn start() -> Self {
        let mut client = Self::silent();
        let result = client
            .request("initialize", json!({ "capabilities": {} }))
            .unwrap();
        assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
        client.notify("initialized", json!({}));
        client
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    /// Closes the server's input.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// The exit status, once it ended.
    pub fn status(mut self) -> Option<i32> {
        self.input = None;
        self.child.wait().unwrap().code()
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and gives its id.
    pub fn ask(&mut self, method: &str, params: Value) -> i32 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The answer to a request: its result, or its error.
    pub fn answer(&mut self, id: i32) -> Result<Value, Value> {
        loop {
            let message = self.next();
            if message["id"] == json!(id) && message.get("method").is_none() {
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].clone()),
                };
            }
        }
    }

    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// The next message, whatever it is.
    pub fn next(&mut self) -> Value {
        self.messages.recv_timeout(WITHIN).expect("an answer")
    }

    pub fn open(&mut self, path: &Path, text: &str) -> String {
        let uri = format!("file://{}", path.display());
        self.open_as(&uri, text);
        uri
    }

    /// Opens a document by the editor's name for it.
    pub fn open_as(&mut self, uri: &str, text: &str) {
        self.versions.insert(uri.to_owned(), 1);
        self.texts.insert(uri.to_owned(), text.to_owned());
        let item = json!({ "uri": uri, "languageId": "cmsl", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Replaces a part of a document, as typing does.
    pub fn edit(&mut self, uri: &str, range: Option<Value>, text: &str) {
        let version = self.versions.get_mut(uri).unwrap();
        *version += 1;
        let mut change = json!({ "text": text });
        if let Some(range) = range {
            change["range"] = range;
        }
        let params = json!({
            "textDocument": { "uri": uri, "version": version },
            "contentChanges": [change],
        });
        self.notify("textDocument/didChange", params);
    }

    /// Replaces the whole of a document.
    pub fn replace(&mut self, uri: &str, text: &str) {
        self.texts.insert(uri.to_owned(), text.to_owned());
        self.edit(uri, None, text);
    }

    /// The codes of the diagnostics that the server says next of a document's present version.
    pub fn diagnostics(&mut self, uri: &str) -> Vec<Value> {
        let version = self.versions.get(uri).copied();
        loop {
            let message = self.next();
            let params = &message["params"];
            if message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri
                && version.is_none_or(|version| params["version"] == version)
            {
                return params["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// A request about the place of a needle in the document that was opened or replaced last under this name.
    pub fn at(&mut self, method: &str, uri: &str, needle: &str) -> Value {
        let position = position(&self.texts[uri], needle);
        let params = json!({ "textDocument": { "uri": uri }, "position": position });
        self.request(method, params).unwrap()
    }

    /// The labels that are proposed at a place.
    pub fn proposals(&mut self, uri: &str, needle: &str) -> Vec<String> {
        let result = self.at("textDocument/completion", uri, needle);
        let items = result["items"].as_array().unwrap().iter();
        items
            .map(|item| item["label"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Ends the conversation as an editor does.
    pub fn shut_down(mut self) {
        assert_eq!(self.request("shutdown", Value::Null), Ok(Value::Null));
        self.notify("exit", Value::Null);
        assert_eq!(self.status(), Some(0));
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        output
            .read_line(&mut line)
            .ok()
            .filter(|&count| count > 0)?;
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// The place of `|` in a needle that is found without it.
pub fn position(text: &str, needle: &str) -> Value {
    let mark = needle.find('|').expect("the needle has a mark");
    let found = text
        .find(&needle.replace('|', ""))
        .expect("the needle is there");
    place(text, found + mark)
}

/// An offset as the protocol counts.
pub fn place(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": line, "character": text[start..offset].encode_utf16().count() })
}

/// A text with the edits of a document.
pub fn edited(text: &str, edits: &Value) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut units = position["character"].as_u64().unwrap();
        let mut at = start;
        for c in text[start..].chars() {
            if units == 0 {
                break;
            }
            units -= c.len_utf16() as u64;
            at += c.len_utf8();
        }
        at
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            let text = edit["newText"].as_str().unwrap();
            (offset(&range["start"]), offset(&range["end"]), text)
        })
        .collect();
    edits.sort();
    let mut made = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        made.replace_range(start..end, new);
    }
    made
}
