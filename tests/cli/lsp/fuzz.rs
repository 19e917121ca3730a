//! Conversations that no editor would have: random edits, requests and nonsense, the same in each run.
//!
//! The server answers each request once, whatever comes between, and in the end it knows of the texts what a server
//! knows that was given them at once.

use super::client::Client;
use super::{MAIN, SHAPES, folder};
use cmsl_tests::Dice;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// How many conversations, and how many messages in each.
const CONVERSATIONS: u64 = 40;
const MESSAGES: usize = 120;

/// The last line and column that the protocol knows.
const LAST: u64 = 4_294_967_295;

const METHODS: [&str; 9] = [
    "textDocument/codeAction",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/formatting",
    "textDocument/hover",
    "textDocument/prepareRename",
    "textDocument/references",
    "textDocument/rename",
    "textDocument/bake",
];

/// What is typed.
const TYPED: [&str; 22] = [
    "",
    "x",
    " ",
    "\n",
    "\r\n",
    ";",
    "{",
    "}",
    "(",
    ")",
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "😀",
    "ä",
    "->",
    "int y = twice (3);\n",
    "class x { }",
    "import \"shapes.cmsl\";",
    "c->add (1)",
];

/// A place in a text of so many lines, or beyond it, or between the halves of a character.
fn place(dice: &mut Dice, text: &str) -> (u64, u64) {
    let beyond = [1 << 31, LAST];
    let lines = text.matches('\n').count() + 3;
    let line = match dice.below(40) {
        0 => dice.pick(&beyond),
        _ => dice.below(lines) as u64,
    };
    let column = match dice.below(20) {
        0 => dice.pick(&beyond),
        _ => dice.below(50) as u64,
    };
    (line, column)
}

fn position((line, character): (u64, u64)) -> Value {
    json!({ "line": line, "character": character })
}

/// Where a place is in a text: one behind the end of a line is its end, one inside of a character is behind that.
fn offset(text: &str, (line, column): (u64, u64)) -> usize {
    let mut start = 0;
    for (number, whole) in (0..).zip(text.split_inclusive('\n')) {
        if number == line {
            let mut units = 0;
            let visible = whole.trim_end_matches(['\r', '\n']);
            for (at, c) in visible.char_indices() {
                if units >= column {
                    return start + at;
                }
                units += c.len_utf16() as u64;
            }
            return start + visible.len();
        }
        start += whole.len();
    }
    text.len()
}

/// A conversation, and what came of it.
struct Talk {
    client: Client,
    dice: Dice,
    /// The open documents.
    texts: BTreeMap<String, String>,
    asked: Vec<i32>,
    /// How much that is no message has not been answered as such.
    nonsense: i32,
    /// How often each request was answered, and what was said last of each file.
    answers: BTreeMap<i64, usize>,
    said: BTreeMap<String, Value>,
}

impl Talk {
    fn change(&mut self, uri: &str) {
        let mut changes = Vec::new();
        for _ in 0..=self.dice.below(3) {
            let Some(text) = self.texts.get_mut(uri) else {
                break;
            };
            let new = self.dice.pick(&TYPED);
            if self.dice.below(12) == 0 {
                *text = self
                    .dice
                    .pick(&[MAIN, SHAPES, "", "\u{feff}void main () {}", new])
                    .to_owned();
                changes.push(json!({ "text": text }));
                continue;
            }
            let (one, two) = (place(&mut self.dice, text), place(&mut self.dice, text));
            let one_line = self.dice.below(4) > 0;
            let two = if one_line {
                (one.0, (one.1 + self.dice.below(4) as u64).min(LAST))
            } else {
                two
            };
            let start = offset(text, one);
            let end = offset(text, two).max(start);
            text.replace_range(start..end, new);
            let range = json!({ "start": position(one), "end": position(two) });
            changes.push(json!({ "range": range, "text": new }));
        }
        let version = self.dice.below(100);
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.client.notify("textDocument/didChange", params);
    }

    fn open(&mut self, uri: &str, text: &str) {
        self.texts.insert(uri.to_owned(), text.to_owned());
        self.client.open_as(uri, text);
    }

    fn ask(&mut self, uri: &str) {
        let method = self.dice.pick(&METHODS);
        let text = self.texts.get(uri).map_or("", String::as_str);
        let (one, two) = (place(&mut self.dice, text), place(&mut self.dice, text));
        let name = self.dice.pick(&["other", "a b", "int", "😀", ""]);
        let mut params = json!({
            "textDocument": { "uri": uri },
            "position": position(one),
            "range": { "start": position(one), "end": position(two) },
            "context": { "includeDeclaration": true, "diagnostics": [] },
            "options": { "tabSize": 4, "insertSpaces": true },
            "newName": name,
        });
        match self.dice.below(12) {
            0 => params = Value::Null,
            1 => params["position"] = json!({ "line": -1, "character": "x" }),
            2 => params["textDocument"] = json!({ "uri": "file:///no/such.cmsl" }),
            _ => {}
        }
        self.asked.push(self.client.ask(method, params));
    }

    fn step(&mut self, uris: &[String; 2]) {
        let uri = self.dice.pick(uris);
        match self.dice.below(24) {
            0..9 => self.change(&uri),
            9..14 => self.ask(&uri),
            14 => {
                let text = self.dice.pick(&[MAIN, SHAPES]);
                self.open(&uri, text);
            }
            15 => {
                self.texts.remove(&uri);
                let params = json!({ "textDocument": { "uri": uri } });
                self.client.notify("textDocument/didClose", params);
            }
            16 => {
                let id = self.dice.below(self.asked.len() + 2);
                self.client.notify("$/cancelRequest", json!({ "id": id }));
            }
            17 => {
                let text = self
                    .dice
                    .pick(&["{]", "[]", "{\"id\": 1}", "\u{0}", "null"]);
                let frame = format!("Content-Length: {}\r\n\r\n{text}", text.len());
                self.client.raw(frame.as_bytes());
                self.nonsense += 1;
            }
            18 => {
                let params =
                    self.dice
                        .pick(&[Value::Null, json!([]), json!({ "textDocument": 1 })]);
                let method = self
                    .dice
                    .pick(&["didOpen", "didChange", "didClose", "didBake"]);
                self.client
                    .notify(&format!("textDocument/{method}"), params);
            }
            19 => self.client.notify("textDocument/didSave", json!({})),
            _ => self.wait(&uri),
        }
    }

    /// Waits until the server knows of the present texts: a new name is found from these alone.
    fn wait(&mut self, uri: &str) {
        let params = json!({
            "textDocument": { "uri": uri },
            "position": position((0, 0)),
            "newName": "x",
        });
        let id = self.client.ask("textDocument/rename", params);
        self.asked.push(id);
        self.hear(id);
    }

    /// Listens until a request is answered.
    fn hear(&mut self, last: i32) {
        while !self.answers.contains_key(&last.into()) {
            let message = self.client.next();
            if message["method"] == "textDocument/publishDiagnostics" {
                let params = &message["params"];
                let uri = params["uri"].as_str().unwrap().to_owned();
                self.said.insert(uri, params["diagnostics"].clone());
            } else if let Some(id) = message["id"].as_i64() {
                *self.answers.entry(id).or_default() += 1;
            } else {
                assert_eq!(message["error"]["code"], -32700, "{message}");
                self.nonsense -= 1;
            }
        }
    }

    /// Ends the conversation: what the server said last of each file, once it has seen everything.
    fn end(mut self, uri: &str) -> BTreeMap<String, Value> {
        self.wait(uri);
        let bye = self.client.ask("shutdown", Value::Null);
        self.asked.push(bye);
        self.hear(bye);
        let expected: BTreeMap<i64, usize> = self.asked.iter().map(|&id| (id.into(), 1)).collect();
        assert_eq!(self.answers, expected, "each request has one answer");
        assert_eq!(self.nonsense, 0, "each nonsense has one answer");
        self.client.notify("exit", Value::Null);
        assert_eq!(self.client.status(), Some(0));
        self.said.retain(|_, said| *said != json!([]));
        self.said
    }
}

fn talk(seed: u64) -> Talk {
    Talk {
        client: Client::start(),
        dice: Dice::new(seed),
        texts: BTreeMap::new(),
        asked: Vec::new(),
        nonsense: 0,
        answers: BTreeMap::new(),
        said: BTreeMap::new(),
    }
}

fn converse(seed: u64, path: &Path) {
    let uris =
        ["main.cmsl", "shapes.cmsl"].map(|name| format!("file://{}", path.join(name).display()));
    let mut random = talk(seed);
    random.open(&uris[0], MAIN);
    for _ in 0..MESSAGES {
        random.step(&uris);
    }
    let texts = random.texts.clone();
    let said = random.end(&uris[0]);
    let mut fresh = talk(seed);
    for (uri, text) in &texts {
        fresh.open(uri, text);
    }
    assert_eq!(said, fresh.end(&uris[0]), "seed {seed}: {texts:#?}");
}

#[test]
fn whatever_an_editor_sends_each_request_is_answered_once_and_the_end_is_that_of_a_fresh_server() {
    let workers = 2;
    std::thread::scope(|scope| {
        for worker in 0..workers {
            scope.spawn(move || {
                let (_folder, path) = folder();
                for seed in (worker..CONVERSATIONS).step_by(2) {
                    converse(seed + 1, &path);
                }
            });
        }
    });
}
