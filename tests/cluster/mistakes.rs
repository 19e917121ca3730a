//! What can be wrong around a kernel: each a clear line, no panic, nothing lost.

use crate::harness::{Cluster, all, append, free_addresses, kernel, ledger, until};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
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
fn a_peer_that_sends_garbage_is_turned_away_and_nothing_else_suffers() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    append(&mut client, server, 1);
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 3000], &[0; 12]] {
        for address in &cluster.addresses {
            let mut stream = TcpStream::connect(address).unwrap();
            stream
                .set_read_timeout(Some(crate::harness::PATIENCE))
                .unwrap();
            // The kernel may close before everything is written.
            let _ = stream.write_all(garbage);
            let mut answer = Vec::new();
            // A reset is as good as an end.
            let _ = stream.read_to_end(&mut answer);
        }
    }
    append(&mut client, server, 2);
    assert_eq!(all(&mut client, server), [1, 2]);
    for host in 0..3 {
        let log = cluster.log(host);
        assert!(
            log.contains("closed the connection from 127.0.0.1:"),
            "{log}"
        );
        assert!(!log.contains("panicked"), "{log}");
    }
}
