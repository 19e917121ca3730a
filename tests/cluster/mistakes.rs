//! What can be wrong around a kernel: each a clear line, no panic, nothing lost.

use crate::harness::{Cluster, append, free_addresses, kernel, ledger, until};
use std::fs;
use std::net::TcpListener;
use std::process::Output;
use tempfile::TempDir;

fn fails(mut command: std::process::Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = String::from_utf8(stderr).unwrap();
    assert!(
        !status.success(),
        "it started: {}",
        String::from_utf8_lossy(&stdout)
    );
    assert_eq!(text.lines().count(), 1, "one line: {text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = TempDir::new().unwrap();
    let line = fails(kernel(
        "a",
        &address,
        &format!("a={address}"),
        folder.path(),
    ));
    assert!(line.contains(&address) && line.contains("in use"), "{line}");
}

#[test]
fn a_data_folder_that_cannot_be_used_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    let address = free_addresses(1)[0].to_string();
    let line = fails(kernel("a", &address, &format!("a={address}"), &file));
    assert!(line.contains(file.to_str().unwrap()), "{line}");
}

#[test]
fn a_data_folder_of_another_host_is_refused() {
    let folder = TempDir::new().unwrap();
    let address = free_addresses(1)[0].to_string();
    let mut first = kernel("a", &address, &format!("a={address}"), folder.path())
        .spawn()
        .unwrap();
    until("a lock", || {
        folder.path().join("cluster").exists().then_some(())
    });
    let other = free_addresses(1)[0].to_string();
    let line = fails(kernel("b", &other, &format!("b={other}"), folder.path()));
    assert!(line.contains(folder.path().to_str().unwrap()), "{line}");
    // The kernel ends by itself when its parent's pipe closes.
    drop(first.stdin.take());
    assert!(first.wait().unwrap().success());
    let line = fails(kernel("b", &other, &format!("b={other}"), folder.path()));
    assert!(line.contains("host"), "{line}");
}

#[test]
fn bad_peers_are_wrong_usage() {
    let folder = TempDir::new().unwrap();
    let line = fails(kernel("a", "127.0.0.1:0", "a", folder.path()));
    assert!(
        line.contains("--peers") && line.contains("NAME=ADDRESS"),
        "{line}"
    );
}

#[test]
fn a_damaged_log_is_named_and_left_as_it_is() {
    let mut cluster = Cluster::start(1);
    let mut client = cluster.client();
    let server = client.create(&ledger(1)).unwrap()[0];
    for number in 0..20 {
        append(&mut client, server, number);
    }
    cluster.kill(0);
    let folder = cluster.data(0).join(format!("server-{}", server.0));
    let log = folder.join("log-0000000000000001");
    let mut bytes = fs::read(&log).unwrap();
    // In a record that good ones follow.
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&log, &bytes).unwrap();
    assert!(!cluster.restart_and_wait(0).success());
    let said = cluster.log(0);
    assert!(said.contains("is damaged at byte"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(fs::read(&log).unwrap(), bytes);
}
