//! What is no protocol, and what comes at the wrong time.

use super::client::Client;
use serde_json::{Value, json};

#[test]
fn what_is_no_message_is_answered_and_passed_over() {
    let mut client = Client::start();
    for text in [
        "{]",
        "[]",
        "17",
        "{\"id\": 1}",
        "\u{0}",
        "{\"jsonrpc\": \"2.0\", \"method\": 3}",
    ] {
        client.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
        let answer = client.next();
        assert_eq!(answer["error"]["code"], -32700, "{text}: {answer}");
        assert_eq!(answer["id"], Value::Null);
    }
    client.raw(b"Content-Length: 3\r\n\r\n\xff\xfe\xfd");
    assert_eq!(client.next()["error"]["code"], -32700);
    let deep = "[".repeat(100_000);
    client.raw(format!("Content-Length: {}\r\n\r\n{deep}", deep.len()).as_bytes());
    assert_eq!(client.next()["error"]["code"], -32700);
    client.shut_down();
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let mut client = Client::silent();
    let early = client.request("textDocument/hover", json!({}));
    assert_eq!(early.unwrap_err()["code"], -32002);
    client.notify("textDocument/didOpen", json!({ "textDocument": 1 }));
    client.request("initialize", json!({})).unwrap();
    let again = client.request("initialize", json!({}));
    assert_eq!(again.unwrap_err()["code"], -32600);
    let unknown = client.request("textDocument/bake", json!({}));
    assert_eq!(unknown.unwrap_err()["code"], -32601);
    let malformed = client.request("textDocument/hover", json!({ "textDocument": [] }));
    assert_eq!(malformed.unwrap_err()["code"], -32602);
    client.notify("textDocument/didOpen", json!({ "textDocument": 1 }));
    client.notify("textDocument/didChange", json!({ "contentChanges": {} }));
    client.notify("bake", json!(null));
    let nowhere = json!({
        "textDocument": { "uri": "file:///no/such.cmsl" },
        "position": { "line": 1, "character": 1 },
    });
    assert_eq!(
        client.request("textDocument/hover", nowhere),
        Ok(Value::Null)
    );
    client.shut_down();
}

#[test]
fn places_outside_a_document_are_its_ends() {
    let mut client = Client::start();
    let folder = tempfile::tempdir().unwrap();
    let uri = client.open(&folder.path().join("a.cmsl"), "void main () {}");
    let far = json!({ "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 });
    let params = json!({ "textDocument": { "uri": uri }, "position": far });
    for method in ["hover", "definition", "completion", "prepareRename"] {
        client
            .request(&format!("textDocument/{method}"), params.clone())
            .unwrap();
    }
    let start = json!({ "line": 0, "character": 0 });
    client.edit(
        &uri,
        Some(json!({ "start": far, "end": start })),
        "\nint x = true;",
    );
    let wrong = client.diagnostics(&uri);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    client.shut_down();
}

#[test]
fn broken_headers_end_the_conversation() {
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"Content-Length: -1\r\n\r\n",
        &[0xff; 8192],
    ] {
        let mut client = Client::start();
        client.raw(bytes);
        assert_eq!(client.status(), Some(125));
    }
}

#[test]
fn a_message_that_is_too_large_is_answered_and_passed_over() {
    let mut client = Client::start();
    let length = (128 << 20) + 1;
    client.raw(format!("Content-Length: {length}\r\n\r\n").as_bytes());
    client.raw(&vec![b' '; length]);
    let answer = client.next();
    assert_eq!(answer["error"]["code"], -32700);
    let why = answer["error"]["message"].as_str().unwrap();
    assert!(why.contains("too large"), "{why}");
    client.shut_down();
}

#[test]
fn an_end_without_goodbye_is_a_failure() {
    let mut client = Client::start();
    client.hang_up();
    assert_eq!(client.status(), Some(1));
}
