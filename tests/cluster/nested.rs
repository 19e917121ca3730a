//! Replicated servers whose methods call other servers: whatever ends in the middle, each call is made once.

use crate::harness::{Cluster, all, append, call, ledger, until};
use cmsl_runtime::client::{Client, ServerSpec, Ticket};
use cmsl_runtime::identity::{HostId, ServerId};
use cmsl_runtime::wire::Wire;
use std::time::Duration;

const RELAY: u32 = 7;
const SCATTER: u32 = 8;

fn caller(replicas: u32) -> ServerSpec {
    ServerSpec {
        class: "caller".to_owned(),
        ..ledger(replicas)
    }
}

fn relay_arguments(to: ServerId, rounds: u64, pause_ms: u64) -> Vec<u8> {
    [to.0, rounds, pause_ms]
        .into_iter()
        .flat_map(u64::to_le_bytes)
        .collect()
}

/// Begins a relay and waits until the other server holds so many numbers.
fn begin(client: &mut Client, server: ServerId, arguments: &[u8], until_holds: usize) -> Ticket {
    let target = ServerId(u64::from_le_bytes(*arguments.first_chunk().unwrap()));
    let ticket = client.invoke(server, RELAY, arguments).unwrap();
    until("calls in the middle", || {
        // A client hears where to send its request only while it waits.
        let wait = Some(Duration::from_millis(1));
        assert_eq!(client.wait_any(&[ticket], wait).unwrap(), None);
        (all(client, target).len() >= until_holds).then_some(())
    });
    ticket
}

/// What the method says that it appended, which must be what both servers hold.
fn relayed(client: &mut Client, caller: ServerId, target: ServerId, body: &[u8]) -> Vec<u64> {
    let said = Vec::<u64>::from_bytes(body).unwrap();
    assert_eq!(all(client, target), said, "the other server");
    assert_eq!(all(client, caller), said, "the server itself");
    said
}

#[test]
fn a_replicated_server_calls_others_and_its_replicas_stay_equal() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    let target = client.create(&ledger(3)).unwrap()[0];
    let server = client.create(&caller(3)).unwrap()[0];
    let arguments = relay_arguments(target, 5, 0);
    let reply = call(&mut client, server, RELAY, &arguments).unwrap();
    assert!(!reply.raised);
    assert_eq!(relayed(&mut client, server, target, &reply.body).len(), 10);
    cluster.converged(server, 3);
    cluster.converged(target, 3);
}

/// The leader of the caller ends at different moments of its method; another host goes on with the same draws and the same calls.
#[test]
fn the_leader_that_ends_in_a_method_repeats_no_call_and_loses_none() {
    for rounds_before in [1, 3, 6] {
        let mut cluster = Cluster::start(3);
        let mut client = cluster.client();
        let target = client.create(&ledger(3)).unwrap()[0];
        let server = client.create(&caller(3)).unwrap()[0];
        let arguments = relay_arguments(target, 8, 30);
        let ticket = begin(&mut client, server, &arguments, 2 * rounds_before);
        let leader = cluster.leader(server);
        cluster.kill(leader);
        let reply = client.reply(ticket).unwrap();
        assert!(!reply.raised, "{:?}", reply.body);
        assert_eq!(relayed(&mut client, server, target, &reply.body).len(), 16);
        cluster.restart(leader);
        cluster.converged(server, 3);
    }
}

#[test]
fn the_server_that_is_called_may_lose_its_leader() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client();
    let target = client.create(&ledger(3)).unwrap()[0];
    let server = client.create(&caller(3)).unwrap()[0];
    let arguments = relay_arguments(target, 8, 30);
    let ticket = begin(&mut client, server, &arguments, 4);
    let leader = cluster.leader(target);
    cluster.kill(leader);
    let reply = client.reply(ticket).unwrap();
    assert!(!reply.raised);
    assert_eq!(relayed(&mut client, server, target, &reply.body).len(), 16);
}

/// Nobody waits for the reply any more; what was begun is still brought to its end.
#[test]
fn a_method_that_was_begun_ends_although_its_client_is_gone() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client();
    let target = client.create(&ledger(3)).unwrap()[0];
    let mut spec = caller(3);
    spec.name = Some("stays".to_owned());
    let server = client.create(&spec).unwrap()[0];
    let mut gone = cluster.client();
    let arguments = relay_arguments(target, 6, 30);
    begin(&mut gone, server, &arguments, 4);
    drop(gone);
    let leader = cluster.leader(server);
    cluster.kill(leader);
    let said = until("the end of the method", || {
        let said = all(&mut client, server);
        (said.len() == 12).then_some(said)
    });
    assert_eq!(all(&mut client, target), said);
}

#[test]
fn all_hosts_that_end_together_go_on_where_the_method_was() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client();
    let target = client.create(&ledger(3)).unwrap()[0];
    let server = client.create(&caller(3)).unwrap()[0];
    append(&mut client, target, 0);
    let arguments = relay_arguments(target, 6, 30);
    let ticket = begin(&mut client, server, &arguments, 5);
    (0..3).for_each(|host| cluster.kill(host));
    (0..3).for_each(|host| cluster.restart(host));
    let reply = client.reply(ticket).unwrap();
    assert!(!reply.raised);
    let said = Vec::<u64>::from_bytes(&reply.body).unwrap();
    assert_eq!(all(&mut client, target).get(1..), Some(&said[..]));
    assert_eq!(all(&mut client, server), said);
}

/// One replica that is durable: a restart is another execution as well.
#[test]
fn a_single_replica_goes_on_after_its_restart() {
    let mut cluster = Cluster::start(1);
    let mut client = cluster.client();
    let target = client.create(&ledger(1)).unwrap()[0];
    let server = client.create(&caller(1)).unwrap()[0];
    let arguments = relay_arguments(target, 6, 30);
    let ticket = begin(&mut client, server, &arguments, 4);
    cluster.kill(0);
    cluster.restart(0);
    let reply = client.reply(ticket).unwrap();
    assert!(!reply.raised);
    assert_eq!(relayed(&mut client, server, target, &reply.body).len(), 12);
}

#[test]
fn what_a_method_invoked_and_did_not_wait_for_is_done() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    let on = |host| ServerSpec {
        hosts: vec![HostId(host)],
        ..ledger(1)
    };
    let targets: Vec<ServerId> = (0..3)
        .map(|host| client.create(&on(host)).unwrap()[0])
        .collect();
    let arguments: Vec<u8> = targets.iter().flat_map(|to| to.0.to_le_bytes()).collect();
    for replicas in [1, 3] {
        let server = client.create(&caller(replicas)).unwrap()[0];
        for _ in 0..3 {
            assert!(
                !call(&mut client, server, SCATTER, &arguments)
                    .unwrap()
                    .raised
            );
        }
    }
    for target in targets {
        until("all of them", || {
            (all(&mut client, target).len() == 6).then_some(())
        });
    }
}

#[test]
fn a_deleted_server_lets_its_method_go() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    let target = client.create(&ledger(3)).unwrap()[0];
    let server = client.create(&caller(3)).unwrap()[0];
    let arguments = relay_arguments(target, 1_000, 20);
    let ticket = begin(&mut client, server, &arguments, 4);
    let mut other = cluster.client();
    other.delete(&[server]).unwrap();
    let error = client.reply(ticket).unwrap_err();
    assert!(error.to_string().contains("was deleted"), "{error}");
    // The thread of the method has ended: nothing is added any more.
    let calls = until("an end of the calls", || {
        let before = all(&mut other, target).len();
        std::thread::sleep(Duration::from_millis(400));
        (all(&mut other, target).len() == before).then_some(before)
    });
    assert!(calls < 2_000);
}
