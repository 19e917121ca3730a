//! Hosts with addresses of their own, whose cables are pulled instead of their processes killed:
//! nothing is closed, nothing answers, and the deposed leader still believes.

use crate::harness::{AWAY_MAX, Cluster, all, append, away, ledger};
use crate::network::Network;
use std::time::Duration;

const HOSTS: usize = 3;

#[test]
fn a_leader_whose_cable_is_pulled_is_replaced_and_comes_back_level() {
    let Some(network) = Network::new(HOSTS) else {
        eprintln!("not tried: this machine gives no network namespaces (root is needed)");
        return;
    };
    let cluster = Cluster::start_in(network.addresses(HOSTS), network.namespaces(HOSTS));
    let server = cluster.client().create(&ledger(3)).unwrap()[0];
    let mut next = 0;
    let mut longest = Duration::ZERO;
    for _ in 0..3 {
        let leader = cluster.leader(server);
        // A client that does not stand on the host which is cut off.
        let mut client = cluster.client_beside(leader);
        for _ in 0..20 {
            append(&mut client, server, next);
            next += 1;
        }
        network.pull(leader);
        let away = away(|| {
            for _ in 0..20 {
                append(&mut client, server, next);
                next += 1;
            }
        });
        longest = longest.max(away);
        network.plug(leader);
        cluster.converged(server, HOSTS);
        assert_eq!(all(&mut client, server), (0..next).collect::<Vec<_>>());
    }
    eprintln!("the service was away for {longest:?} at most");
    assert!(longest < AWAY_MAX, "the service was away for {longest:?}");
}
