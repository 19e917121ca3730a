//! Servers that are made, found, called and deleted while nothing fails.

use crate::harness::{APPEND, Cluster, all, append, call, ledger, until};
use cmsl_runtime::client::CallError;
use cmsl_runtime::identity::HostId;
use std::process::Command;
use std::time::Duration;

const APPEND_SLOWLY: u32 = 4;

fn exhausted(needed: u32) -> CallError {
    CallError::ResourceExhausted(format!(
        "server ledger: {needed} hosts are needed, 3 available"
    ))
}

#[test]
fn servers_live_from_creation_to_deletion() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    // Three replicas follow from one failure to survive; more hosts than there are do not.
    let mut spec = ledger(1);
    spec.tolerance = 1;
    spec.hosts = vec![HostId(2)];
    spec.name = Some("first".to_owned());
    let server = client.create(&spec).unwrap()[0];
    let view = cluster.view(server).unwrap();
    assert_eq!(view.about.hosts, [HostId(2), HostId(0), HostId(1)]);
    assert_eq!(client.create(&ledger(5)), Err(exhausted(5)));
    let again = client.create(&spec).unwrap_err();
    assert!(again.to_string().contains("runs already"), "{again}");
    // Requests of one session keep their order however many are in flight.
    let tickets: Vec<_> = (0..100_u64)
        .map(|number| {
            client
                .invoke(server, APPEND, &number.to_le_bytes())
                .unwrap()
        })
        .collect();
    for ticket in &tickets {
        assert!(!client.reply(*ticket).unwrap().raised);
    }
    assert_eq!(all(&mut client, server), (0..100).collect::<Vec<_>>());
    cluster.converged(server, 3);
    client.delete(&[server]).unwrap();
    let gone = call(&mut client, server, APPEND, &[0; 8]).unwrap_err();
    assert!(gone.to_string().contains("was deleted"), "{gone}");
    assert_eq!(client.find(&["ledger"], "first").unwrap(), None);
}

#[test]
fn a_slow_method_stops_nothing_else_and_its_server_does_not_count_as_failed() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    let slow = client.create(&ledger(3)).unwrap()[0];
    let quick = client.create(&ledger(3)).unwrap()[0];
    cluster.converged(slow, 3);
    let changes = cluster.view(slow).unwrap().leader_changes;
    let ticket = client
        .invoke(slow, APPEND_SLOWLY, &900_u64.to_le_bytes())
        .unwrap();
    for number in 0..20 {
        append(&mut client, quick, number);
    }
    assert_eq!(
        client.wait_any(&[ticket], Some(Duration::ZERO)).unwrap(),
        None
    );
    assert!(!client.reply(ticket).unwrap().raised);
    assert_eq!(cluster.view(slow).unwrap().leader_changes, changes);
    assert_eq!(all(&mut client, slow), [900]);
}

#[test]
fn servers_without_a_name_end_with_their_session() {
    let cluster = Cluster::start(1);
    let mut client = cluster.client();
    let unnamed = client.create(&ledger(1)).unwrap()[0];
    let mut spec = ledger(1);
    spec.name = Some("stays".to_owned());
    let named = client.create(&spec).unwrap()[0];
    client.end();
    assert!(cluster.view(unnamed).is_none());
    assert!(cluster.view(named).is_some());
}

#[test]
fn servers_whose_program_was_killed_end_and_others_stay() {
    let cluster = Cluster::start_with(3, "CMSL_ORPHAN_SECONDS", "1");
    let mut stays = cluster.client();
    let kept = stays.create(&ledger(3)).unwrap()[0];
    // A program that does not say goodbye.
    let mut killed = cluster.client();
    let orphan = killed.create(&ledger(3)).unwrap()[0];
    let mut spec = ledger(1);
    spec.name = Some("named".to_owned());
    let named = killed.create(&spec).unwrap()[0];
    drop(killed);
    until("an end of the orphan", || {
        cluster.view(orphan).is_none().then_some(())
    });
    // The other program did not speak meanwhile, and is there.
    append(&mut stays, kept, 1);
    append(&mut stays, named, 1);
}

/// What main prints for a command of the test's program, with or without a cluster.
fn printed(arguments: &[&str], cluster: Option<&Cluster>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-program"));
    command.args(arguments).env_remove("CMSL_CLUSTER");
    if let Some(cluster) = cluster {
        let list: Vec<String> = cluster.addresses.iter().map(ToString::to_string).collect();
        command.env("CMSL_CLUSTER", list.join(","));
    }
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[test]
fn programs_meet_by_the_names_of_servers() {
    let cluster = Cluster::start(3);
    assert_eq!(
        printed(&["create", "3", "shared", "durable"], Some(&cluster)),
        "created 1\n"
    );
    printed(&["append", "shared", "0", "3"], Some(&cluster));
    assert_eq!(printed(&["all", "shared"], Some(&cluster)), "[0, 1, 2]\n");
}

#[test]
fn replies_are_accepted_in_the_order_of_their_arrival() {
    let cluster = Cluster::start(2);
    assert_eq!(
        printed(&["accept"], Some(&cluster)),
        "None\nSome(1)\nSome(0)\n"
    );
}

#[test]
fn a_program_without_a_cluster_gets_one_of_its_own() {
    assert_eq!(
        printed(&["create", "1", "alone", "volatile"], None),
        "created 1\n"
    );
    let output = printed(&["unknown"], None);
    assert!(output.contains("no server class nothing"), "{output}");
}

#[test]
fn a_server_may_call_others_but_not_those_that_wait_for_it() {
    let cluster = Cluster::start(3);
    let output = printed(&["nested"], Some(&cluster));
    let lines: Vec<&str> = output.lines().collect();
    assert!(lines[0].starts_with("Ok([1,"), "{output}");
    assert!(lines[1].starts_with("Err(Raised("), "{output}");
    assert!(lines[2].starts_with("Ok([1,"), "{output}");
}
