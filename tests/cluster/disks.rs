//! A host whose disk is full says so and stops; nothing is lost, and it comes back when there is room.

use crate::harness::{APPEND, Cluster, all, append, free_addresses, ledger};
use cmsl_runtime::client::Client;
use cmsl_runtime::identity::ServerId;
use std::path::{Path, PathBuf};
use std::process::Command;

const HOSTS: usize = 3;

/// A small file system of its own, gone at the end.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where the machine does not allow it.
    fn at(folder: &Path) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let mounted = mount("size=256k", folder);
        mounted.then(|| Self(folder.to_owned()))
    }

    fn grow(&self) {
        assert!(mount("remount,size=64m", &self.0));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Its user is killed later than this; a lazy end waits for it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(options: &str, folder: &Path) -> bool {
    let mut command = Command::new("mount");
    command.args(["-t", "tmpfs", "-o", options, "tmpfs"]);
    let output = command.arg(folder).output();
    output.is_ok_and(|output| output.status.success())
}

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
