//! What connections do, over TCP and in memory.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tokio::runtime::Runtime;

use super::memory::Memory;
use super::tcp::Tcp;
use super::{Closed, Connection, Handler, Identity, Role, SendError, Transport};
use crate::wire::{Frame, frame};

/// Longer than anything takes on a busy machine; reached only by a failure.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
enum Event {
    Connected(Connection),
    Received(Vec<Frame>),
    Closed(Closed),
    Unreachable(Closed),
    Note(String),
}

/// Tells a channel what happens; answers each frame by the same when `echo` is set.
struct Recorder {
    events: Sender<Event>,
    echo: bool,
}

impl Recorder {
    fn new(echo: bool) -> (Arc<Self>, Receiver<Event>) {
        let (events, receiver) = channel();
        (Arc::new(Self { events, echo }), receiver)
    }

    fn tell(&self, event: Event) {
        // The test may have seen enough.
        let _ = self.events.send(event);
    }
}

impl Handler for Recorder {
    fn connected(&self, connection: &Connection) {
        self.tell(Event::Connected(connection.clone()));
    }
    fn received(&self, connection: &Connection, frames: &mut Vec<Frame>) {
        if self.echo {
            for each in &*frames {
                connection
                    .send(&frame(each.kind, &each.payload).unwrap())
                    .unwrap();
            }
        }
        self.tell(Event::Received(std::mem::take(frames)));
    }
    fn closed(&self, _: &Connection, why: &Closed) {
        self.tell(Event::Closed(why.clone()));
    }
    fn unreachable(&self, _: &str, why: &Closed) {
        self.tell(Event::Unreachable(why.clone()));
    }
    fn note(&self, line: &str) {
        self.tell(Event::Note(line.to_owned()));
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn identity(cluster: u128, host: &str) -> Identity {
    Identity {
        cluster,
        role: Role::Kernel,
        host: host.to_owned(),
    }
}

/// The first event that `choose` takes; others are passed over.
fn wait<T>(events: &Receiver<Event>, mut choose: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        let event = events.recv_timeout(PATIENCE).unwrap();
        if let Some(chosen) = choose(event) {
            return chosen;
        }
    }
}

fn connected(event: Event) -> Option<Connection> {
    if let Event::Connected(connection) = event {
        Some(connection)
    } else {
        None
    }
}

fn note(event: Event) -> Option<String> {
    if let Event::Note(line) = event {
        Some(line)
    } else {
        None
    }
}

fn closed(event: Event) -> Option<Closed> {
    if let Event::Closed(why) = event {
        Some(why)
    } else {
        None
    }
}

#[test]
fn frames_between_kernels_come_back_in_order_even_when_the_socket_is_full() {
    frames_come_back_in_order(Role::Kernel);
}

#[test]
fn frames_of_a_client_come_back_in_order_even_when_the_socket_is_full() {
    frames_come_back_in_order(Role::Client);
}

fn frames_come_back_in_order(role: Role) {
    let runtime = runtime();
    let tcp = Tcp::new(runtime.handle().clone());
    let (server, _server_events) = Recorder::new(true);
    let (client, events) = Recorder::new(false);
    let listening = tcp.listen("127.0.0.1:0", identity(7, "b"), server).unwrap();
    let _dialing = tcp.dial(
        listening.address(),
        Some("b"),
        Identity {
            role,
            ..identity(7, "a")
        },
        client,
    );
    let connection = wait(&events, connected);
    assert_eq!(connection.peer().identity, identity(7, "b"));
    let count = 400_u32;
    for number in 0..count {
        let payload = [&number.to_le_bytes()[..], &vec![number as u8; 50_000]].concat();
        connection.send(&frame(20, &payload).unwrap()).unwrap();
    }
    let mut next = 0;
    while next < count {
        let frames = wait(&events, |e| {
            if let Event::Received(f) = e {
                Some(f)
            } else {
                None
            }
        });
        for frame in frames {
            assert_eq!(frame.payload[..4], next.to_le_bytes());
            assert_eq!(frame.payload.len(), 50_004);
            next += 1;
        }
    }
}

#[test]
fn a_connection_says_who_closed_it() {
    let runtime = runtime();
    let tcp = Tcp::new(runtime.handle().clone());
    let (server, server_events) = Recorder::new(false);
    let (client, events) = Recorder::new(false);
    let listening = tcp.listen("127.0.0.1:0", identity(7, "b"), server).unwrap();
    let dialing = tcp.dial(listening.address(), None, identity(7, "a"), client);
    let accepted = wait(&server_events, connected);
    let dialed = wait(&events, connected);
    drop(dialing);
    assert_eq!(wait(&events, closed), Closed::Here);
    assert_eq!(wait(&server_events, closed), Closed::Peer);
    assert_eq!(dialed.send(b""), Err(SendError::Closed));
    assert_eq!(accepted.send(b""), Err(SendError::Closed));
}

#[test]
fn a_dialer_finds_a_listener_that_comes_back() {
    let runtime = runtime();
    let tcp = Tcp::new(runtime.handle().clone());
    let (server, server_events) = Recorder::new(false);
    let (client, events) = Recorder::new(false);
    let listening = tcp
        .listen("127.0.0.1:0", identity(7, "b"), server.clone())
        .unwrap();
    let address = listening.address().to_owned();
    let _dialing = tcp.dial(&address, None, identity(7, "a"), client);
    let first = wait(&server_events, connected);
    drop(listening);
    first.close();
    wait(&events, closed);
    wait(&events, |event| {
        matches!(event, Event::Unreachable(_)).then_some(())
    });
    let _listening = tcp.listen(&address, identity(7, "b"), server).unwrap();
    let second = wait(&server_events, connected);
    assert_ne!(first.id(), second.id());
}

#[test]
fn garbage_is_closed_with_one_line_and_others_go_on() {
    let runtime = runtime();
    let tcp = Tcp::new(runtime.handle().clone());
    let (server, server_events) = Recorder::new(true);
    let listening = tcp.listen("127.0.0.1:0", identity(7, "b"), server).unwrap();
    let (client, events) = Recorder::new(false);
    let _dialing = tcp.dial(listening.address(), None, identity(7, "a"), client);
    let good = wait(&events, connected);
    let long = frame(1, &[0; 5000]).unwrap();
    let wrong_kind = frame(77, b"hello").unwrap();
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0xff; 100],
        &long,
        &wrong_kind,
    ] {
        let mut peer = TcpStream::connect(listening.address()).unwrap();
        // The other end may close before all is written.
        let _ = peer.write_all(garbage);
        let line = wait(&server_events, note);
        assert!(
            line.starts_with("closed the connection from 127.0.0.1:"),
            "{line}"
        );
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = Vec::new();
        // A reset is as good as an end.
        let _ = peer.read_to_end(&mut answer);
    }
    good.send(&frame(20, b"still here").unwrap()).unwrap();
    wait(&events, |event| {
        matches!(event, Event::Received(_)).then_some(())
    });
    assert!(
        server_events
            .try_iter()
            .all(|event| !matches!(event, Event::Note(_)))
    );
}

#[test]
fn another_cluster_is_turned_away_with_the_reason_at_both_ends() {
    let runtime = runtime();
    let tcp = Tcp::new(runtime.handle().clone());
    let (server, server_events) = Recorder::new(false);
    let (client, events) = Recorder::new(false);
    let listening = tcp.listen("127.0.0.1:0", identity(7, "b"), server).unwrap();
    let _dialing = tcp.dial(listening.address(), None, identity(8, "a"), client);
    assert!(wait(&server_events, note).contains("host a is of cluster 8"));
    let why = wait(&events, |event| {
        if let Event::Unreachable(Closed::Refused(why)) = event {
            Some(why)
        } else {
            None
        }
    });
    assert!(
        why.contains("turned away") && why.contains("cluster 7"),
        "{why}"
    );
}

#[test]
fn a_host_that_is_not_the_expected_one_is_left() {
    let runtime = runtime();
    let tcp = Tcp::new(runtime.handle().clone());
    let (server, _server_events) = Recorder::new(false);
    let (client, events) = Recorder::new(false);
    let listening = tcp.listen("127.0.0.1:0", identity(7, "b"), server).unwrap();
    let _dialing = tcp.dial(listening.address(), Some("c"), identity(7, "a"), client);
    assert!(wait(&events, note).contains("there is host b, not c"));
}

#[test]
fn a_port_in_use_is_said_to_be() {
    let runtime = runtime();
    let tcp = Tcp::new(runtime.handle().clone());
    let (server, _) = Recorder::new(false);
    let listening = tcp
        .listen("127.0.0.1:0", identity(7, "b"), server.clone())
        .unwrap();
    let Err(error) = tcp.listen(listening.address(), identity(7, "b"), server.clone()) else {
        panic!("the port must be taken");
    };
    assert!(
        error
            .to_string()
            .ends_with("the port is in use by another process"),
        "{error}"
    );
    let Err(error) = tcp.listen("nonsense", identity(7, "b"), server) else {
        panic!("that is no address");
    };
    assert!(error.to_string().contains("not an address"), "{error}");
}

#[test]
fn in_memory_things_happen_step_by_step() {
    let network = Memory::new();
    let (server, server_events) = Recorder::new(true);
    let (client, events) = Recorder::new(false);
    let _listening = network.listen("b", identity(7, "b"), server).unwrap();
    let _dialing = network.dial("b", None, identity(7, "a"), client);
    assert!(events.try_recv().is_err());
    network.settle();
    let connection = wait(&events, connected);
    connection.send(&frame(20, b"x").unwrap()).unwrap();
    network.settle();
    wait(&events, |event| {
        matches!(event, Event::Received(_)).then_some(())
    });
    network.cut();
    network.settle();
    assert!(matches!(wait(&server_events, closed), Closed::Network(_)));
    assert_eq!(connection.send(b""), Err(SendError::Closed));
}

#[cfg(target_os = "linux")]
mod on_this_host {
    use super::*;
    use crate::transport::local::{self, LOCAL_CONNECTIONS_MAX};
    use crate::transport::{Listening, Origin};
    use crate::wire::FrameDecoder;
    use std::os::unix::net::UnixStream;

    fn client() -> Identity {
        Identity {
            role: Role::Client,
            ..identity(0, "client")
        }
    }

    fn short_way(listening: &Listening) -> Result<(UnixStream, FrameDecoder), Closed> {
        let stream = local::connect(listening.address()).unwrap();
        let (decoder, peer) = local::introduce(&stream, Origin::Dialed, &client(), "b")?;
        assert_eq!(peer.identity, identity(7, "b"));
        Ok((stream, decoder))
    }

    #[test]
    fn frames_of_a_program_come_back_in_order_even_when_the_socket_is_full() {
        let runtime = runtime();
        let tcp = Tcp::new(runtime.handle().clone());
        let (server, _events) = Recorder::new(true);
        let listening = tcp.listen("127.0.0.1:0", identity(7, "b"), server).unwrap();
        let (mut stream, mut decoder) = short_way(&listening).unwrap();
        let count = 400_u32;
        let mut writer = stream.try_clone().unwrap();
        let sender = std::thread::spawn(move || {
            for number in 0..count {
                let payload = [&number.to_le_bytes()[..], &vec![number as u8; 50_000]].concat();
                writer.write_all(&frame(20, &payload).unwrap()).unwrap();
            }
        });
        sender.join().unwrap();
        let mut buffer = vec![0; 100_000];
        for number in 0..count {
            let frame = loop {
                if let Some(frame) = decoder.next().unwrap() {
                    break frame;
                }
                let read = stream.read(&mut buffer).unwrap();
                decoder.feed(&buffer[..read]);
            };
            assert_eq!(frame.payload[..4], number.to_le_bytes());
            assert_eq!(frame.payload.len(), 50_004);
        }
    }

    #[test]
    fn places_are_limited_and_given_back() {
        let runtime = runtime();
        let tcp = Tcp::new(runtime.handle().clone());
        let (server, events) = Recorder::new(false);
        let listening = tcp.listen("127.0.0.1:0", identity(7, "b"), server).unwrap();
        let mut taken: Vec<_> = (0..LOCAL_CONNECTIONS_MAX)
            .map(|_| short_way(&listening).unwrap())
            .collect();
        assert!(short_way(&listening).is_err(), "there is a place too many");
        taken.pop();
        wait(&events, closed);
        // The place is free a moment after the end was told.
        let again = std::iter::repeat_with(|| short_way(&listening)).take(10_000);
        assert!(again.into_iter().any(|attempt| attempt.is_ok()));
    }

    #[test]
    fn garbage_is_closed_with_one_line_and_the_name_is_gone_with_the_listener() {
        let runtime = runtime();
        let tcp = Tcp::new(runtime.handle().clone());
        let (server, events) = Recorder::new(false);
        let listening = tcp.listen("127.0.0.1:0", identity(7, "b"), server).unwrap();
        let mut stream = local::connect(listening.address()).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let line = wait(&events, note);
        assert!(
            line.starts_with("closed a connection from this host:"),
            "{line}"
        );
        let mut answer = Vec::new();
        // A reset is as good as an end.
        let _ = stream.read_to_end(&mut answer);
        let address = listening.address().to_owned();
        drop(listening);
        let attempts = std::iter::repeat_with(|| local::connect(&address)).take(1_000_000);
        assert!(attempts.into_iter().any(|attempt| attempt.is_err()));
    }
}
