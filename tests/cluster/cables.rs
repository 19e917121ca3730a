//! Hosts with addresses of their own, whose cables are pulled instead of their processes killed:
//! nothing is closed, nothing answers, and the deposed leader still believes.

use crate::harness::{AWAY_MAX, Cluster, all, append, away, ledger};
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

const HOSTS: usize = 3;

/// Namespaces on one bridge, gone at the end.
struct Network {
    name: String,
    net: String,
}

impl Network {
    /// None where the machine does not allow it.
    fn new() -> Option<Self> {
        let id = std::process::id();
        let network = Self {
            name: format!("cm{id}"),
            net: format!("10.{}.{}", 128 + id / 250 % 100, id % 250),
        };
        let up = ["up", &network.name, &network.net, &HOSTS.to_string()];
        // Dropped in either case: what was made of it goes away.
        run(&up).then_some(network)
    }

    fn namespaces(&self) -> Vec<String> {
        (1..=HOSTS)
            .map(|host| format!("{}{host}", self.name))
            .collect()
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        (1..=HOSTS)
            .map(|host| format!("{}.{host}:7000", self.net).parse().unwrap())
            .collect()
    }

    fn pull(&self, host: usize) {
        assert!(run(&["pull", &self.name, &(host + 1).to_string()]));
    }

    fn plug(&self, host: usize) {
        assert!(run(&["plug", &self.name, &(host + 1).to_string()]));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        run(&["down", &self.name, &HOSTS.to_string()]);
    }
}

fn run(words: &[&str]) -> bool {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/cluster/network.sh");
    let output = Command::new(script).args(words).output().unwrap();
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }
    output.status.success()
}

#[test]
fn a_leader_whose_cable_is_pulled_is_replaced_and_comes_back_level() {
    let Some(network) = Network::new() else {
        eprintln!("not tried: this machine gives no network namespaces (root is needed)");
        return;
    };
    let cluster = Cluster::start_in(network.addresses(), network.namespaces());
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
