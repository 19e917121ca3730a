//! Values of each type through a client, and the properties of servers: a program of its own, for it is its own hosts.
#![expect(clippy::unwrap_used, reason = "it is a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use values::client::{Cluster, EchoClient, Failure, Model};
use values::data::Item;
use values::paint::Colour;

include!(concat!(env!("OUT_DIR"), "/values.rs"));

fn main() {
    values::client::host_if_asked();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let cluster = values::client::cluster().hosts(3).await.unwrap();
        let echo = EchoClient::create(&cluster, "hello").await.unwrap();
        numbers_and_texts(&echo).await;
        collections(&echo).await;
        objects(&echo).await;
        servers(&cluster, &echo).await;
        failures(&cluster, &echo).await;
        several_calls_run_at_once(&cluster).await;
    });
}

fn same<T: PartialEq + Debug>(answer: Result<T, Failure>, expected: T) {
    assert_eq!(answer, Ok(expected));
}

async fn numbers_and_texts(echo: &EchoClient) {
    same(echo.boolean_of(true).await, true);
    same(echo.char_of('ß').await, 'ß');
    same(echo.octet_of(255).await, 255);
    same(echo.short_of(i16::MIN).await, i16::MIN);
    same(echo.int_of(-7).await, -7);
    same(echo.long_of(i64::MAX).await, i64::MAX);
    same(echo.unsigned_of(u64::MAX).await, u64::MAX);
    same(echo.float_of(0.5).await, 0.5);
    same(echo.double_of(1e300).await, 1e300);
    same(echo.timestamp_of(17).await, 17);
    same(echo.colour_of(Colour::Blue).await, Colour::Blue);
    same(echo.greet("you").await, "hello you".to_owned());
    let two = echo.greet_2("you", String::from("two")).await;
    same(two, "hello you two".to_owned());
    same(echo.r#type(1, 2, 3).await, 6);
    same(echo.create_(4).await, 4);
    same(echo.clone_(5).await, 5);
}

async fn collections(echo: &EchoClient) {
    let lists = vec![vec!["a".to_owned()], Vec::new()];
    same(echo.lists(lists.clone()).await, lists);
    let maps = BTreeMap::from([(Colour::Red, vec![1.5, 2.5]), (Colour::Green, Vec::new())]);
    same(echo.maps(maps.clone()).await, maps);
    let sets = BTreeSet::from(["x".to_owned(), "y".to_owned()]);
    same(echo.sets(sets.clone()).await, sets);
    same(echo.bags(vec![3, 1, 3]).await, vec![1, 3, 3]);
}

fn item(name: &str) -> Item {
    Item {
        name: name.to_owned(),
        tint: Colour::Green,
        sizes: vec![1, 2],
        prices: BTreeMap::from([("euro".to_owned(), 2.5)]),
        marks: BTreeSet::from(['a', 'b']),
        counts: vec![1, 1],
        ..Item::default()
    }
}

async fn objects(echo: &EchoClient) {
    let chain = Item {
        next: Some(Box::new(item("second"))),
        parts: vec![item("part")],
        ..item("first")
    };
    same(echo.first(chain.clone()).await, Some(chain));
    same(echo.first(None).await, None);
    let both = echo.both(item("a"), item("b")).await;
    same(both, vec![item("a"), item("b")]);
    let null = echo.both(item("a"), None).await.unwrap_err();
    assert_eq!(null.class, "null_reference");
    let number = echo.number(3).await.unwrap();
    assert_eq!(number.map(|item| item.number), Some(3));
}

async fn servers(cluster: &Cluster, echo: &EchoClient) {
    let named = EchoClient::create_2(cluster)
        .tolerance(1)
        .model(Model::Crash)
        .replicas(3)
        .hosts(["host2"])
        .priority(1)
        .durable(true)
        .name("named");
    let named = named.await.unwrap();
    let found = EchoClient::find(cluster, "named").await.unwrap().unwrap();
    same(found.greet("you").await, "hi you".to_owned());
    let passed = echo.other(&found).await.unwrap().unwrap();
    same(passed.greet("me").await, "hi me".to_owned());
    named.delete().await.unwrap();
    assert_eq!(found.greet("x").await.unwrap_err().class, "server_failed");
    assert!(EchoClient::find(cluster, "named").await.unwrap().is_none());
    let array = EchoClient::create(cluster, "all").disjoint().array(3);
    let array = array.await.unwrap();
    assert_eq!(array.len(), 3);
    for one in array {
        same(one.greet("x").await, "all x".to_owned());
    }
}

async fn failures(cluster: &Cluster, echo: &EchoClient) {
    let raised = echo.fail().await.unwrap_err();
    assert_eq!(raised.class, "exception");
    assert_eq!(raised.message, "on purpose");
    assert!(
        raised.position.starts_with("tests/values.cmsl:79:"),
        "{raised}"
    );
    assert_eq!(echo.local().await.unwrap_err().class, "bad_cast");
    let nowhere = EchoClient::create_2(cluster).hosts(["nowhere"]).await;
    assert_eq!(nowhere.unwrap_err().class, "no_such_element");
    let many = EchoClient::create_2(cluster)
        .tolerance(5)
        .model(Model::Crash);
    let many = many.await.unwrap_err();
    assert_eq!(many.class, "resource_exhausted");
    assert!(many.message.contains("11"), "{many}");
    let wrong = values::client::cluster().at("nowhere").await.unwrap_err();
    assert_eq!(wrong.class, "server_failed");
}

/// More than there are sessions: all are answered, and dropping a future takes nothing back.
async fn several_calls_run_at_once(cluster: &Cluster) {
    let echo = EchoClient::create_2(cluster).await.unwrap();
    let calls: Vec<_> = (0..100)
        .map(|number| {
            let echo = echo.clone();
            tokio::spawn(async move { echo.int_of(number).await })
        })
        .collect();
    for (call, number) in calls.into_iter().zip(0..) {
        same(call.await.unwrap(), number);
    }
}
