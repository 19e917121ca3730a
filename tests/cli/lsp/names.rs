//! Definitions, references and other names, wherever a name is used.

use super::client::{Client, edited, position};
use super::{MAIN, SHAPES, folder, opened};
use serde_json::{Value, json};

#[test]
fn modules_have_definitions_references_and_other_names() {
    const TEXT: &str = "\
module radar { class track { } module far { int seen () { return 1; } } }
module radar { using far; track latest () { return null; } int more () { return seen (); } }
using radar;
void main () {
    radar::track t = latest ();
    println (\"{}\", radar::far::seen ());
}
";
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = client.open(&path.join("modules.cmsl"), TEXT);
    assert_eq!(client.diagnostics(&uri), [Value::Null; 0]);
    let hover = client.at("textDocument/hover", &uri, "radar::fa|r::seen");
    assert_eq!(
        hover["contents"]["value"],
        "```cmsl\nmodule radar::far\n```"
    );
    let found = client.at("textDocument/definition", &uri, "using ra|dar");
    assert_eq!(found["range"]["start"], position(TEXT, "|radar { class"));
    let params =
        json!({ "textDocument": { "uri": uri }, "position": position(TEXT, "ra|dar::track") });
    let found = client.request("textDocument/references", params).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 5, "{found}");
    let mut rename = |needle: &str, new_name: &str| {
        let place = position(TEXT, needle);
        let params = json!({
            "textDocument": { "uri": uri }, "position": place, "newName": new_name,
        });
        client.request("textDocument/rename", params)
    };
    let changes = rename("ra|dar::track", "sonar").unwrap();
    let edits = &changes["changes"][&uri];
    assert_eq!(
        edited(TEXT, edits),
        TEXT.replace("radar", "sonar"),
        "every use and both declarations"
    );
    assert!(
        rename("fa|r;", "track").is_err(),
        "the name of a class there"
    );
    client.shut_down();
}

#[test]
fn definitions_are_found_in_other_files_and_bodies_at_declarations() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let shapes = format!("file://{}", path.join("shapes.cmsl").display());
    let found = client.at("textDocument/definition", &uri, "s->ar|ea");
    assert_eq!(found["uri"], shapes);
    assert_eq!(
        found["range"]["start"],
        position(SHAPES, "double |area () const;")
    );
    let found = client.at("textDocument/definition", &uri, "twice (in|ner)");
    assert_eq!(found["range"]["start"], position(MAIN, "int |inner"));
    client.open(&path.join("shapes.cmsl"), SHAPES);
    let found = client.at("textDocument/definition", &shapes, "double ar|ea () const;");
    assert_eq!(found["range"]["start"], position(SHAPES, "shape::|area"));
    client.shut_down();
}

#[test]
fn references_are_those_of_the_name_that_is_meant() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let mut count = |needle: &str, with_declaration: bool| {
        let params = json!({
            "textDocument": { "uri": uri },
            "position": position(MAIN, needle),
            "context": { "includeDeclaration": with_declaration },
        });
        let found = client.request("textDocument/references", params).unwrap();
        found.as_array().unwrap().len()
    };
    assert_eq!(count("n + |n;", true), 3);
    assert_eq!(count("n + |n;", false), 2);
    assert_eq!(
        count("s->ar|ea", true),
        4,
        "declared, defined, overridden, called"
    );
    assert_eq!(count("co|unt += by", true), 4);
    assert_eq!(count("print|ln", true), 0);
    client.shut_down();
}

#[test]
fn rename_changes_every_use_in_every_file_and_nothing_else() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let shapes = client.open(&path.join("shapes.cmsl"), SHAPES);
    let params = json!({
        "textDocument": { "uri": uri }, "position": position(MAIN, "s->ar|ea"), "newName": "size",
    });
    let changes = client.request("textDocument/rename", params).unwrap();
    let main = edited(MAIN, &changes["changes"][&uri]);
    assert_eq!(main, MAIN.replace("area", "size"));
    let renamed = edited(SHAPES, &changes["changes"][&shapes]);
    assert_eq!(renamed, SHAPES.replace("area ()", "size ()"));
    client.replace(&uri, &main);
    client.replace(&shapes, &renamed);
    let params = json!({
        "textDocument": { "uri": shapes },
        "position": position(&renamed, "class squ|are"),
        "newName": "box",
    });
    let changes = client.request("textDocument/rename", params).unwrap();
    assert_eq!(
        edited(&renamed, &changes["changes"][&shapes]),
        renamed.replace("square", "box"),
        "the constructor goes by the name of its class"
    );
    for (needle, name) in [
        ("s->si|ze", "while"),
        ("print|ln", "say"),
        ("s->si|ze", "a b"),
    ] {
        let params = json!({
            "textDocument": { "uri": uri }, "position": position(&main, needle), "newName": name,
        });
        let refused = client.request("textDocument/rename", params).unwrap_err();
        assert_eq!(refused["code"], -32803);
    }
    client.shut_down();
}

#[test]
fn a_name_that_would_mean_something_else_is_refused() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let mut refused = |needle: &str, name: &str| {
        let params = json!({
            "textDocument": { "uri": uri }, "position": position(MAIN, needle), "newName": name,
        });
        let refused = client.request("textDocument/rename", params).unwrap_err();
        refused["message"].as_str().unwrap().to_owned()
    };
    assert!(
        refused("int twi|ce", "main").contains("main"),
        "there is a `main`"
    );
    assert!(
        refused("list<string> na|mes", "s").contains("`s`"),
        "there is an `s`"
    );
    assert!(
        refused("class coun|ter", "shape").contains("shape"),
        "it is imported"
    );
    // The parameter would hide the attribute that the body means.
    assert!(refused("int b|y", "count").contains("count"));
    let params = json!({
        "textDocument": { "uri": uri }, "position": position(MAIN, "int inn|er"), "newName": "outer",
    });
    let changes = client.request("textDocument/rename", params).unwrap();
    assert_eq!(
        edited(MAIN, &changes["changes"][&uri]),
        MAIN.replace("inner", "outer")
    );
    client.shut_down();
}
