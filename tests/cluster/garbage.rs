//! Peers that do not hold to the rules: each is turned away with one line that says why, and nobody else suffers.

use crate::harness::{Cluster, PATIENCE, all, append, ledger, until};
use cmsl_runtime::kernel::message::{BETWEEN_KERNELS, FROM_CLIENT};
use cmsl_runtime::wire::{FrameDecoder, HEADER_BYTES, Reader, VERSION, frame, frame_with};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

const HELLO: u8 = 1;
const PROTOCOL_VERSION: u16 = 1;
const KERNEL: u8 = 1;
const CLIENT: u8 = 2;

/// An introduction.
fn hello(version: u16, cluster: u128, role: u8, host: &str) -> Vec<u8> {
    frame_with(HELLO, |to| {
        to.u16(version);
        to.u128(cluster);
        to.u8(role);
        to.str(host);
    })
    .unwrap()
}

/// The beginning of a frame that claims this version and length.
fn header(version: u8, bytes: u32) -> Vec<u8> {
    let mut header = frame(HELLO, &[]).unwrap();
    header[2] = version;
    header[4..8].copy_from_slice(&bytes.to_le_bytes());
    header
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The cluster's identity, which a kernel tells any client.
fn cluster_of(address: SocketAddr) -> u128 {
    let mut stream = connect(address);
    stream
        .write_all(&hello(PROTOCOL_VERSION, 0, CLIENT, "curious"))
        .unwrap();
    let mut decoder = FrameDecoder::new(4096);
    loop {
        if let Some(first) = decoder.next().unwrap() {
            let mut reader = Reader::new(&first.payload);
            assert_eq!(reader.u16().unwrap(), PROTOCOL_VERSION);
            return reader.u128().unwrap();
        }
        let mut bytes = [0; 512];
        let count = stream.read(&mut bytes).unwrap();
        assert!(count > 0, "the kernel says who it is");
        decoder.feed(&bytes[..count]);
    }
}

/// Waits until the kernel has closed the connection.
fn is_closed(mut stream: TcpStream) {
    let mut answer = Vec::new();
    // A reset is as good as an end; running out of time is not.
    if let Err(error) = stream.read_to_end(&mut answer) {
        let late = [std::io::ErrorKind::WouldBlock, std::io::ErrorKind::TimedOut];
        assert!(!late.contains(&error.kind()), "{error}");
    }
}

/// What a peer sends, and what the kernel that it sends it to says of it.
fn mischief(cluster: u128) -> Vec<(Vec<u8>, &'static str)> {
    let kernel = |host| hello(PROTOCOL_VERSION, cluster, KERNEL, host);
    let client = || hello(PROTOCOL_VERSION, cluster, CLIENT, "client");
    let after =
        |hello: Vec<u8>, kind: u8, payload: &[u8]| [hello, frame(kind, payload).unwrap()].concat();
    let mut altered = client();
    altered[HEADER_BYTES] ^= 1;
    vec![
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "not a CMSL message"),
        (vec![0xff; 3000], "not a CMSL message"),
        (vec![0; 12], "not a CMSL message"),
        (header(VERSION + 1, 8), "version"),
        (header(VERSION, 4097), "beyond its limit"),
        (header(VERSION, u32::MAX), "beyond its limit"),
        (altered, "checksum"),
        (frame(77, b"hello").unwrap(), "kind 77"),
        (frame(HELLO, &[1, 0, 3]).unwrap(), "introduction is wrong"),
        (
            hello(PROTOCOL_VERSION + 1, cluster, KERNEL, "host2"),
            "speaks version 2",
        ),
        (
            hello(PROTOCOL_VERSION, cluster ^ 1, KERNEL, "host2"),
            "host host2 is of cluster",
        ),
        (kernel("stranger"), "not among the peers"),
        (
            after(kernel("host2"), BETWEEN_KERNELS, &[0xff; 100]),
            "garbage",
        ),
        (after(kernel("host2"), FROM_CLIENT, &[0]), "garbage"),
        (
            [kernel("host2"), header(VERSION, 17 << 20)].concat(),
            "beyond its limit",
        ),
        (after(client(), FROM_CLIENT, &[0xff; 100]), "garbage"),
        (after(client(), BETWEEN_KERNELS, &[0]), "garbage"),
    ]
}

#[test]
fn peers_that_break_the_rules_are_turned_away_and_nothing_else_suffers() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    let target = cluster.addresses[0];
    let identity = cluster_of(target);
    // Nothing at all, and half an introduction: they are given some time.
    let silent = [0, 20].map(|bytes| {
        let mut stream = connect(target);
        let half = hello(PROTOCOL_VERSION, identity, KERNEL, "host2");
        stream.write_all(&half[..bytes]).unwrap();
        stream
    });
    let mut next = 0;
    for (bytes, why) in mischief(identity) {
        let lines = |text: String| text.lines().filter(|line| line.contains(why)).count();
        let before = lines(cluster.log(0));
        let mut stream = connect(target);
        // The kernel may close before everything is written.
        let _ = stream.write_all(&bytes);
        is_closed(stream);
        until(&format!("line about \"{why}\""), || {
            (lines(cluster.log(0)) > before).then_some(())
        });
        append(&mut client, server, next);
        next += 1;
    }
    silent.into_iter().for_each(is_closed);
    until("lines about the silent ones", || {
        let log = cluster.log(0);
        let told = log.matches("it did not introduce itself in time").count();
        (told == 2).then_some(())
    });
    append(&mut client, server, next);
    assert_eq!(all(&mut client, server), (0..=next).collect::<Vec<_>>());
    cluster.converged(server, 3);
    for host in 0..3 {
        let log = cluster.log(host);
        assert!(!log.contains("panicked"), "{log}");
    }
}

#[test]
fn garbage_at_every_host_at_once_stops_nothing() {
    let cluster = Cluster::start(3);
    let mut client = cluster.client();
    let server = client.create(&ledger(3)).unwrap()[0];
    append(&mut client, server, 1);
    let identity = cluster_of(cluster.addresses[0]);
    for (bytes, _) in mischief(identity) {
        let streams: Vec<TcpStream> = cluster
            .addresses
            .iter()
            .map(|address| {
                let mut stream = connect(*address);
                let _ = stream.write_all(&bytes);
                stream
            })
            .collect();
        drop(streams);
    }
    append(&mut client, server, 2);
    assert_eq!(all(&mut client, server), [1, 2]);
    cluster.converged(server, 3);
}
