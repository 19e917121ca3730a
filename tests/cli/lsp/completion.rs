//! What may stand where one types.

use super::client::Client;
use super::{MAIN, folder, opened};

#[test]
fn completion_knows_members_while_the_statement_is_unfinished() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let unfinished =
        |line: &str| MAIN.replace("    names.append", &format!("    {line}\n    names.append"));
    client.replace(&uri, &unfinished("s->"));
    assert_eq!(client.proposals(&uri, "    s->|\n"), ["area", "label"]);
    client.replace(&uri, &unfinished("c->a"));
    assert_eq!(
        client.proposals(&uri, "    c->a|\n"),
        ["add"],
        "`count` is private"
    );
    client.replace(&uri, &unfinished("names."));
    assert!(
        client
            .proposals(&uri, "    names.|\n")
            .contains(&"append".to_owned())
    );
    client.replace(&uri, &unfinished("string t = names.first ()."));
    assert!(
        client
            .proposals(&uri, "first ().|\n")
            .contains(&"split".to_owned())
    );
    client.shut_down();
}

#[test]
fn completion_knows_what_is_in_scope() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let proposals = client.proposals(&uri, "    |names.append");
    for name in [
        "s",
        "names",
        "twice",
        "shape",
        "println",
        "while",
        "for every",
        "timestamp",
    ] {
        assert!(
            proposals.contains(&name.to_owned()),
            "{name}: {proposals:?}"
        );
    }
    for name in ["inner", "by", "count", "area"] {
        assert!(
            !proposals.contains(&name.to_owned()),
            "{name}: {proposals:?}"
        );
    }
    let proposals = client.proposals(&uri, "{ |count += by");
    for name in ["count", "by", "add"] {
        assert!(
            proposals.contains(&name.to_owned()),
            "{name}: {proposals:?}"
        );
    }
    client.shut_down();
}

#[test]
fn completion_knows_the_properties_of_servers() {
    let (_folder, path) = folder();
    let mut client = Client::start();
    let uri = opened(&mut client, &path);
    let mut with = |creation: &str| {
        client.replace(&uri, &MAIN.replace("new counter (1);", creation));
        client.proposals(&uri, &format!("{creation}|"))
    };
    assert_eq!(with("server "), ["class", "counter"]);
    let any = with("server counter (1) ");
    assert!(
        any.contains(&"replicas".to_owned()) && any.len() == 10,
        "{any:?}"
    );
    let rest = with("server counter (1) tolerance (1) m");
    assert!(rest.contains(&"model".to_owned()) && !rest.contains(&"tolerate".to_owned()));
    assert_eq!(
        with("server counter (1) model "),
        ["byzantine", "correct", "crash"]
    );
    assert!(with("server counter (").contains(&"names".to_owned()));
    client.shut_down();
}
