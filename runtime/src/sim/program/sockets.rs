//! The connections of Rust code behind `extern`: between the hosts of the simulation, and to recordings in the place of what is outside.
//!
//! A connection has two ends, each with the bytes that have arrived and were not read. What is sent takes its way as messages of kernels do.

mod held;

pub(super) use held::SimulatedNetwork;

use super::events::Event;
use super::network::{End, end};
use super::shared::{Inner, Place};
use super::stage::Actor;
use crate::clock::Time;
use crate::identity::HostId;
use std::collections::{BTreeMap, VecDeque};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

/// So many bytes may be on their way or unread before who sends more has to wait.
const WINDOW_BYTES: usize = 64 << 10;
/// So many connections may wait to be accepted.
const BACKLOG_MAX: usize = 128;
/// The first port that is given to who asks for any.
const ANY_PORT: u16 = 49_152;
/// A recording is heard in pieces of at most so many bytes …
const PIECE_BYTES_MAX: u64 = 4 << 10;
/// … with such pauses between them.
const BETWEEN_PIECES: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(5));

/// What an address outside the simulation says, by the address.
pub type Recordings = BTreeMap<String, Arc<[u8]>>;

/// Something that happens to connections.
pub(super) enum ForSocket {
    /// The end with that number wants to be connected with whoever listens there.
    Knock { from: u64, to: End, port: u16 },
    /// It is connected with that other end, or nobody listens.
    Answer { end: u64, peer: Option<u64> },
    /// Bytes arrive at that end, which the other one sent.
    Bytes { to: u64, from: u64, bytes: Vec<u8> },
    /// Nothing more will arrive there.
    Finish { to: u64 },
    /// The connection is broken.
    Break { to: u64 },
    /// More of a recording may be heard.
    Play { end: u64 },
}

/// Who is at the other end.
enum Peer {
    /// It is not known yet whether anybody is.
    Sought,
    /// That end.
    End(u64),
    /// A recording, which was heard up to there.
    Recording { bytes: Arc<[u8]>, place: usize },
}

/// One end of a connection.
struct Socket {
    place: Place,
    peer: Peer,
    /// The address of the other end.
    name: String,
    unread: VecDeque<u8>,
    /// So much of what this end sent the other one has not read.
    window: usize,
    is_finished: bool,
    broken: Option<ErrorKind>,
    waiting: Vec<Actor>,
    timeout: Option<Duration>,
}

/// Who waits for connections.
struct Listening {
    place: Place,
    backlog: VecDeque<u64>,
    waiting: Vec<Actor>,
}

/// All connections.
#[derive(Default)]
pub(super) struct Sockets {
    hosts: u16,
    recordings: Recordings,
    ends: BTreeMap<u64, Socket>,
    listening: BTreeMap<(End, u16), Listening>,
}

impl Sockets {
    pub(super) fn new(hosts: u16, recordings: Recordings) -> Self {
        Self {
            hosts,
            recordings,
            ..Self::default()
        }
    }

    /// The machine that a name means to those at `here`.
    fn machine(&self, name: &str, here: End) -> Option<End> {
        match name {
            "localhost" | "127.0.0.1" | "[::1]" => Some(here),
            "main" => Some(None),
            name => {
                let number: u16 = name.strip_prefix("host")?.parse().ok()?;
                let known = (1..=self.hosts).contains(&number);
                known.then(|| Some(HostId(number - 1)))
            }
        }
    }

    fn new_end(&mut self, number: u64, place: Place, peer: Peer, name: String) {
        self.ends.insert(
            number,
            Socket {
                place,
                peer,
                name,
                unread: VecDeque::new(),
                window: 0,
                is_finished: false,
                broken: None,
                waiting: Vec::new(),
                timeout: None,
            },
        );
    }
}

/// A machine's name.
fn name_of(machine: End) -> String {
    machine.map_or_else(|| "main".to_owned(), |host| format!("host{}", host.0 + 1))
}

impl Inner {
    /// Something happens to connections.
    pub(super) fn socket(&mut self, what: ForSocket) {
        match what {
            ForSocket::Knock { from, to, port } => self.knock(from, to, port),
            ForSocket::Answer { end, peer } => self.answer(end, peer),
            ForSocket::Bytes { to, from, bytes } => {
                let Some(socket) = self.sockets.ends.get_mut(&to) else {
                    // As a machine does where no such connection is.
                    let machine = self.sockets.ends.get(&from).map(|socket| end(socket.place));
                    if let Some(machine) = machine {
                        self.later(machine, machine, ForSocket::Break { to: from });
                    }
                    return;
                };
                if socket.broken.is_none() {
                    socket.unread.extend(bytes);
                }
                self.tell(to);
            }
            ForSocket::Finish { to } => {
                if let Some(socket) = self.sockets.ends.get_mut(&to) {
                    socket.is_finished = true;
                }
                self.tell(to);
            }
            ForSocket::Break { to } => self.break_end(to),
            ForSocket::Play { end } => self.play(end),
        }
    }

    /// It happens as late as a message that leaves now arrives.
    fn later(&mut self, from: End, to: End, what: ForSocket) {
        let now = self.now;
        let arrival = self.network.arrival(from, to, now, &mut self.random);
        self.at(arrival.at, Event::Socket(what));
    }

    /// Whoever waits for something of this end looks again.
    fn tell(&mut self, number: u64) {
        let socket = self.sockets.ends.get_mut(&number);
        let waiting = socket.map(|socket| std::mem::take(&mut socket.waiting));
        for actor in waiting.unwrap_or_default() {
            self.wake(actor);
        }
    }

    fn knock(&mut self, from: u64, to: End, port: u16) {
        let Some(socket) = self.sockets.ends.get(&from) else {
            return;
        };
        let machine = end(socket.place);
        let name = format!("{}:{}", name_of(machine), ANY_PORT);
        let number = self.number();
        let listening = self.sockets.listening.get_mut(&(to, port));
        let Some(listening) = listening.filter(|other| other.backlog.len() < BACKLOG_MAX) else {
            let what = ForSocket::Answer {
                end: from,
                peer: None,
            };
            return self.later(to, machine, what);
        };
        listening.backlog.push_back(number);
        let (place, waiting) = (listening.place, std::mem::take(&mut listening.waiting));
        self.sockets.new_end(number, place, Peer::End(from), name);
        for actor in waiting {
            self.wake(actor);
        }
        let what = ForSocket::Answer {
            end: from,
            peer: Some(number),
        };
        self.later(to, machine, what);
    }

    fn answer(&mut self, number: u64, peer: Option<u64>) {
        match (self.sockets.ends.get_mut(&number), peer) {
            (Some(socket), Some(peer)) => socket.peer = Peer::End(peer),
            (Some(socket), None) => socket.broken = Some(ErrorKind::ConnectionRefused),
            // Who knocked has gone.
            (None, Some(peer)) => self.break_end(peer),
            (None, None) => {}
        }
        self.tell(number);
    }

    fn break_end(&mut self, number: u64) {
        if let Some(socket) = self.sockets.ends.get_mut(&number) {
            socket.broken.get_or_insert(ErrorKind::ConnectionReset);
            socket.unread.clear();
        }
        self.tell(number);
    }

    /// The next piece of a recording is heard, if what was heard is read.
    fn play(&mut self, number: u64) {
        let piece = usize::try_from(1 + self.random.below(PIECE_BYTES_MAX)).unwrap_or(1);
        let pause = self.random.between(BETWEEN_PIECES.0, BETWEEN_PIECES.1);
        let now = self.now;
        let Some(socket) = self.sockets.ends.get_mut(&number) else {
            return;
        };
        let is_full = socket.unread.len() >= WINDOW_BYTES;
        if let Peer::Recording { bytes, place } = &mut socket.peer {
            let rest = bytes.get(*place..).unwrap_or(&[]);
            if rest.is_empty() {
                socket.is_finished = true;
            } else {
                if !is_full {
                    let piece = rest.get(..piece).unwrap_or(rest);
                    socket.unread.extend(piece);
                    *place += piece.len();
                }
                self.at(now + pause, Event::Socket(ForSocket::Play { end: number }));
            }
        }
        self.tell(number);
    }

    /// One end is gone: who reads at the other one gets what was sent, and then the end of the stream. Who sent what was not read gets an error.
    fn close(&mut self, number: u64) {
        let Some(socket) = self.sockets.ends.remove(&number) else {
            return;
        };
        if let Peer::End(peer) = socket.peer
            && let Some(other) = self.sockets.ends.get(&peer)
        {
            let (from, to) = (end(socket.place), end(other.place));
            let what = if socket.unread.is_empty() {
                ForSocket::Finish { to: peer }
            } else {
                ForSocket::Break { to: peer }
            };
            self.later(from, to, what);
        }
    }

    /// The process of a host is gone: others learn it from its operating system, over the network.
    pub(super) fn sockets_end(&mut self, host: HostId) {
        let here = Some(host);
        self.sockets
            .listening
            .retain(|(machine, _), _| *machine != here);
        let ends = self.sockets.ends.iter();
        let gone: Vec<u64> = ends
            .filter(|(_, socket)| end(socket.place) == here)
            .map(|(number, _)| *number)
            .collect();
        for number in gone {
            let socket = self.sockets.ends.remove(&number);
            if let Some(Socket {
                peer: Peer::End(peer),
                ..
            }) = socket
                && let Some(other) = self.sockets.ends.get(&peer)
            {
                let to = end(other.place);
                self.later(here, to, ForSocket::Break { to: peer });
            }
        }
    }

    /// A host loses its connections with other machines, with all that is under way on them; says how many.
    pub(super) fn sockets_reset(&mut self, host: HostId) -> u64 {
        let machine = |number: &u64| {
            let socket = self.sockets.ends.get(number);
            socket.map(|socket| end(socket.place))
        };
        let concerned = |socket: &Socket| match &socket.peer {
            Peer::End(peer) => {
                let ends = [Some(end(socket.place)), machine(peer)];
                ends.contains(&Some(Some(host))) && ends[0] != ends[1]
            }
            Peer::Recording { .. } => end(socket.place) == Some(host),
            Peer::Sought => false,
        };
        let ends = self.sockets.ends.iter();
        let broken: Vec<u64> = ends
            .filter(|(_, socket)| concerned(socket))
            .map(|(number, _)| *number)
            .collect();
        for number in &broken {
            self.break_end(*number);
        }
        broken.len() as u64
    }
}
