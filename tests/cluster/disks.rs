//! A host whose disk is full says so and stops; nothing is lost, and it comes back when there is room.

use crate::campaigns::disks::SmallDisk;
use crate::harness::{APPEND, Cluster, all, append, free_addresses, ledger};
use cmsl_runtime::client::Client;
use cmsl_runtime::identity::ServerId;

const HOSTS: usize = 3;

/// Appends many numbers, all in flight at once.
fn append_many(client: &mut Client, server: ServerId, numbers: std::ops::Range<u64>) {
    let tickets: Vec<_> = numbers
        .map(|number| {
            let call = number.to_le_bytes();
            client.invoke(server, APPEND, &call).unwrap()
        })
        .collect();
    for ticket in tickets {
        assert!(!client.reply(ticket).unwrap().raised);
        client.forget(ticket);
    }
}

#[test]
fn a_full_disk_stops_its_host_with_a_line_and_loses_nothing() {
    let mut cluster = Cluster::prepare(free_addresses(HOSTS), Vec::new());
    let Some(disk) = SmallDisk::at(&cluster.data(0)) else {
        eprintln!("not tried: this machine mounts no file system (root is needed)");
        return;
    };
    (0..HOSTS).for_each(|host| cluster.restart(host));
    let mut client = cluster.client_beside(0);
    let server = client.create(&ledger(3)).unwrap()[0];
    let mut next = 0;
    while cluster.runs(0) {
        append_many(&mut client, server, next..next + 200);
        next += 200;
    }
    assert!(!cluster.ended(0).success());
    let log = cluster.log(0);
    let line = log.lines().last().unwrap();
    assert!(line.contains("the disk is full"), "{log}");
    assert!(line.contains(cluster.data(0).to_str().unwrap()), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    // The others go on.
    append(&mut client, server, next);
    next += 1;
    disk.grow();
    cluster.restart(0);
    cluster.converged(server, HOSTS);
    assert_eq!(all(&mut client, server), (0..next).collect::<Vec<_>>());
}
