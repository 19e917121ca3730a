//! `cmsl lsp` as an editor meets it.

mod client;
mod completion;
mod fuzz;
mod garbage;
mod names;

use client::{Client, edited, position};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const SHAPES: &str = "\
/// What has an area.
class shape {
  public:
    attribute string label;
    /// How large it is.
    double area () const;
}
double shape::area () const { return 0.0; }

class square : public shape {
  public:
    square (double s) { side = s; }
    double area () const { return side * side; }
  private:
    attribute double side;
}
";

const MAIN: &str = "\
import \"shapes.cmsl\";

server class counter {
  public:
    counter (int start) { count = start; }
    int add (int by) { count += by; return count; }
  private:
    attribute int count;
}

/* 😀 */ int twice (int n) { return n + n; }

void main () {
    shape s = new square (2.0);
    list<string> names;
    counter c = new counter (1);
    for (int i = 0; i < 3; i++) {
        int inner = i;
        println (\"😀 {}\", twice (inner));
    }
    names.append (s->label);
    println (\"{} {}\", s->area (), c->add (length (names)));
}
";

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = fs::canonicalize(folder.path()).unwrap();
    fs::write(path.join("shapes.cmsl"), SHAPES).unwrap();
    fs::write(path.join("main.cmsl"), MAIN).unwrap();
    (folder, path)
}

fn opened(client: &mut Client, path: &Path) -> String {
    let uri = client.open(&path.join("main.cmsl"), MAIN);
    assert_eq!(client.diagnostics(&uri), [Value::Null; 0]);
    uri
}

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    let codes = diagnostics.iter().map(|wrong| wrong["code"].as_str());
    codes.map(Option::unwrap).collect()
}

#[test]
fn diagnostics_follow_what_is_typed() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let place = position(MAIN, "return n + |n;");
    let range = json!({ "start": place, "end": { "line": place["line"], "character": 42 } });
    client.edit(&uri, Some(range), "true");
    let wrong = client.diagnostics(&uri);
    assert_eq!(codes(&wrong).len(), 1, "{wrong:?}");
    assert_eq!(wrong[0]["severity"], 1);
    assert_eq!(wrong[0]["range"]["start"]["line"], place["line"]);
    client.replace(&uri, &MAIN.replace("int twice", "int twice ("));
    let wrong = client.diagnostics(&uri);
    assert!(codes(&wrong)[0].starts_with("E01"), "{wrong:?}");
    client.replace(&uri, MAIN);
    assert!(client.diagnostics(&uri).is_empty());
    client.shut_down();
}

#[test]
fn unsaved_buffers_stand_before_files() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let main = opened(&mut client, &path);
    let shapes = client.open(&path.join("shapes.cmsl"), &SHAPES.replace("label", "title"));
    let wrong = client.diagnostics(&main);
    assert_eq!(
        codes(&wrong),
        ["E0204"],
        "`label` is gone in the buffer alone"
    );
    client.replace(&shapes, SHAPES);
    assert!(client.diagnostics(&main).is_empty());
    client.shut_down();
}

#[test]
fn hover_says_type_documentation_and_effects() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let mut said = |needle: &str| {
        let hover = client.at("textDocument/hover", &uri, needle);
        hover["contents"]["value"].as_str().unwrap_or("").to_owned()
    };
    assert_eq!(
        said("s->ar|ea"),
        "```cmsl\ndouble shape::area () const\n```\n\nHow large it is.\n\n*reads state*",
        "an overrider reads it"
    );
    assert_eq!(said("nam|es.append"), "```cmsl\nlist<string> names\n```");
    assert_eq!(
        said("|twice (inner)"),
        "```cmsl\nint twice (int n)\n```\n\n*has no effects*"
    );
    assert_eq!(
        said("c->ad|d"),
        "```cmsl\nint counter::add (int by)\n```\n\n*changes its state*"
    );
    assert_eq!(
        said("new squ|are"),
        "```cmsl\nclass square : public shape\n```"
    );
    assert_eq!(said("for| (int"), "");
    client.shut_down();
}

#[test]
fn hover_says_what_is_predefined() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let mut said = |needle: &str| {
        let hover = client.at("textDocument/hover", &uri, needle);
        hover["contents"]["value"].as_str().unwrap_or("").to_owned()
    };
    assert_eq!(
        said("len|gth (names)"),
        "```cmsl\nint length (T x)\n```\n\nChars of a string, elements of a collection or array, objects of a reference."
    );
    assert!(
        said("print|ln (\"{} {}\"").starts_with("```cmsl\nvoid println (string template, …)\n")
    );
    assert_eq!(
        said("names.app|end"),
        "```cmsl\nvoid list<T>::append (T x)\n```\n\nAdds an element at the end."
    );
    client.shut_down();
}

#[test]
fn places_are_right_with_a_byte_order_mark_and_line_ends_of_two_characters() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let text = format!("\u{feff}{}", MAIN.replace('\n', "\r\n"));
    let uri = client.open(&path.join("main.cmsl"), &text);
    assert_eq!(client.diagnostics(&uri), [Value::Null; 0]);
    let found = client.at("textDocument/definition", &uri, "twice (in|ner)");
    assert_eq!(found["range"]["start"], position(&text, "int |inner"));
    let hover = client.at("textDocument/hover", &uri, "|twice (inner)");
    assert_eq!(hover["range"]["start"], position(&text, "|twice (inner)"));
    let place = position(&text, "return n + |n;");
    let end = json!({ "line": place["line"], "character": 42 });
    client.edit(&uri, Some(json!({ "start": place, "end": end })), "true");
    let wrong = client.diagnostics(&uri);
    assert_eq!(codes(&wrong).len(), 1, "{wrong:?}");
    assert_eq!(wrong[0]["range"]["start"]["line"], place["line"]);
    let params = json!({
        "textDocument": { "uri": uri }, "position": position(&text, "int twi|ce"), "newName": "double_of",
    });
    client.replace(&uri, &text);
    let changes = client.request("textDocument/rename", params).unwrap();
    let renamed = edited(&text, &changes["changes"][&uri]);
    assert_eq!(renamed, text.replace("twice", "double_of"));
    client.shut_down();
}

#[test]
fn a_document_that_was_never_saved_is_a_program_of_its_own() {
    let mut client = Client::start();
    let uri = "untitled:Untitled-1";
    let text = "int one () { return 1; }\nvoid main () { println (\"{}\", one ()); }\n";
    client.open_as(uri, text);
    assert_eq!(client.diagnostics(uri), [Value::Null; 0]);
    let found = client.at("textDocument/definition", uri, "on|e ())");
    assert_eq!(found["uri"], uri);
    assert_eq!(found["range"]["start"], position(text, "int |one"));
    client.shut_down();
}

#[test]
fn an_object_can_be_made_a_server() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let mut actions = |needle: &str| {
        let place = position(MAIN, needle);
        let params = json!({
            "textDocument": { "uri": uri },
            "range": { "start": place, "end": place },
            "context": { "diagnostics": [] },
        });
        client.request("textDocument/codeAction", params).unwrap()
    };
    let offered = actions("new squ|are");
    let changes = &offered[0]["edit"]["changes"];
    let server = "server square (2.0) tolerance (1) model crash;";
    assert_eq!(
        edited(MAIN, &changes[&uri]),
        MAIN.replace("new square (2.0);", server)
    );
    let shapes = changes[uri.replace("main.cmsl", "shapes.cmsl")].clone();
    assert_eq!(
        edited(SHAPES, &shapes),
        SHAPES.replace("class square", "server class square")
    );
    let offered = actions("new coun|ter");
    assert_eq!(
        offered[0]["title"],
        "make this `counter` a server with tolerance 1"
    );
    let changed = edited(MAIN, &offered[0]["edit"]["changes"][&uri]);
    let server = "server counter (1) tolerance (1) model crash;";
    assert_eq!(changed, MAIN.replace("new counter (1);", server));
    client.replace(&uri, &changed);
    let id = client.ask(
        "textDocument/hover",
        json!({
            "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 },
        }),
    );
    assert_eq!(client.answer(id), Ok(Value::Null));
    client.shut_down();
}

#[test]
fn requests_before_a_change_are_answered_before_it() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let place = position(MAIN, "|twice (inner)");
    let params = json!({ "textDocument": { "uri": uri }, "position": place });
    let start = json!({ "line": 0, "character": 0 });
    let first = client.ask("textDocument/definition", params.clone());
    client.edit(&uri, Some(json!({ "start": start, "end": start })), "\n\n");
    let mut moved = params;
    moved["position"]["line"] = json!(place["line"].as_u64().unwrap() + 2);
    let second = client.ask("textDocument/definition", moved);
    let line = position(MAIN, "int |twice")["line"].as_u64().unwrap();
    assert_eq!(
        client.answer(first).unwrap()["range"]["start"]["line"],
        line
    );
    assert_eq!(
        client.answer(second).unwrap()["range"]["start"]["line"],
        line + 2
    );
    client.shut_down();
}

#[test]
fn formatting_gives_the_one_style_and_leaves_broken_texts_alone() {
    let mut client = Client::start();
    let folder = tempfile::tempdir().unwrap();
    let text = "void main ( ) {println(\"ä😀\") ;\n\n\n}  // end\n";
    let uri = client.open(&folder.path().join("a.cmsl"), text);
    let params = json!({ "textDocument": { "uri": uri }, "options": {} });
    let edits = client.request("textDocument/formatting", params.clone());
    let formatted = edited(text, &edits.unwrap());
    assert_ne!(formatted, text);
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(squeezed(&formatted), squeezed(text));
    client.replace(&uri, &formatted);
    let again = client.request("textDocument/formatting", params.clone());
    assert_eq!(again, Ok(json!([])));
    client.replace(&uri, "void main ( {");
    assert_eq!(
        client.request("textDocument/formatting", params),
        Ok(Value::Null)
    );
    client.shut_down();
}

#[test]
fn the_grammar_of_editors_knows_the_words_of_the_language() {
    let folder = cmsl_tests::repository().join("editors/vscode");
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let manifest = read("package.json");
    let grammar = &manifest["contributes"]["grammars"][0];
    let text = read(grammar["path"].as_str().unwrap());
    assert_eq!(text["scopeName"], grammar["scopeName"]);
    let rules = text["repository"].to_string();
    let mut client = Client::start();
    let text = "void main () {  }";
    let uri = client.open(&folder.join("a.cmsl"), text);
    let proposals = client.at("textDocument/completion", &uri, "{ | }");
    // 14 is the protocol's kind of keywords.
    let items = proposals["items"].as_array().unwrap().iter();
    let words: Vec<&str> = items
        .filter(|item| item["kind"] == 14)
        .filter_map(|item| item["label"].as_str())
        .collect();
    assert!(words.len() > 40, "{words:?}");
    for word in words {
        assert!(rules.contains(word), "{word}");
    }
    client.shut_down();
}
