//! A state that is larger than any message: it reaches a host that was away, and whoever looks at it.

use crate::harness::{Cluster, append, call, ledger};
use cmsl_runtime::wire::checksum;

const FILL: u32 = 6;
/// Numbers in one command: nearly as many bytes as a command may have.
const NUMBERS: u64 = 500_000;
/// Enough commands that the logs are compacted, and a state of 24 MB.
const COMMANDS: usize = 6;

#[test]
fn a_state_larger_than_any_message_is_transferred_and_shown() {
    let mut cluster = Cluster::start(3);
    let mut client = cluster.client_beside(0);
    let server = client.create(&ledger(3)).unwrap()[0];
    append(&mut client, server, 1);
    cluster.converged(server, 3);
    cluster.kill(0);
    for _ in 0..COMMANDS {
        call(&mut client, server, FILL, &NUMBERS.to_le_bytes()).unwrap();
    }
    cluster.converged(server, 2);
    // After their restart the others have what follows their snapshots, and nothing before.
    for host in [1, 2] {
        cluster.kill(host);
        cluster.restart(host);
        cluster.converged(server, 2);
    }
    cluster.restart(0);
    cluster.converged(server, 3);
    append(&mut client, server, 2);
    cluster.converged(server, 3);
    let states = cluster.client().replica_states(server).unwrap();
    assert_eq!(states.len(), 3);
    for state in states {
        let sum = checksum(&[&state.snapshot]).to_le_bytes();
        assert_eq!(state.state_hash[..4], sum, "the pieces are of one state");
        let numbers = 2 + COMMANDS as u64 * NUMBERS;
        assert!(state.snapshot.len() as u64 >= 8 * numbers);
    }
}
