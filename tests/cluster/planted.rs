//! A planted fault shows that these tests can fail: replies that leave before their command is issued.
//!
//! The schedule is always the same. The followers stop reading, the leader is asked once more, then all
//! end, and the followers come back without the leader: what the leader proposed, nobody has heard.

use crate::harness::{APPEND, Cluster, all, append, ledger};

const KNOWN: u64 = 20;

/// What the ledger holds at the end, and whether the last number was acknowledged before the hosts ended.
fn only_the_leader_hears_the_last(planted: Option<&'static str>) -> (Vec<u64>, bool) {
    let mut cluster = Cluster::start_with(3, planted);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    for number in 0..KNOWN {
        append(&mut client, server, number);
    }
    let leader = cluster.leader(server);
    let followers: Vec<usize> = (0..3).filter(|host| *host != leader).collect();
    for follower in &followers {
        cluster.stop(*follower);
    }
    let ticket = client.invoke(server, APPEND, &KNOWN.to_le_bytes()).unwrap();
    // Only the planted fault answers now; without it there is no quorum, and nothing to wait for.
    let early = planted.is_some() && !client.reply(ticket).unwrap().raised;
    for host in 0..3 {
        cluster.kill(host);
    }
    for follower in &followers {
        cluster.restart(*follower);
    }
    if !early {
        assert!(!client.reply(ticket).unwrap().raised);
    }
    (all(&mut client, server), early)
}

#[test]
fn a_reply_before_issue_loses_what_it_acknowledged() {
    let (held, acknowledged) = only_the_leader_hears_the_last(Some("M30"));
    assert!(acknowledged, "the planted fault answers at once");
    assert_eq!(
        held,
        (0..KNOWN).collect::<Vec<_>>(),
        "the last number is lost"
    );
}

#[test]
fn without_the_fault_the_same_schedule_loses_nothing() {
    let (held, acknowledged) = only_the_leader_hears_the_last(None);
    assert!(!acknowledged);
    assert_eq!(held, (0..=KNOWN).collect::<Vec<_>>());
}
