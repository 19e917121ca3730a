//! What Rust code holds of its connections.

use super::super::events::Event;
use super::super::network::end;
use super::super::shared::SimulatedWorld;
use super::super::stage::Stage;
use super::{ANY_PORT, BETWEEN_PIECES, ForSocket, Listening, Peer, Time, WINDOW_BYTES, name_of};
use crate::outside::{Accept, Network, Stream};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::time::Duration;

/// How the machine that something is on makes connections.
pub(in crate::sim::program) struct SimulatedNetwork {
    pub world: SimulatedWorld,
}

fn parts(address: &str) -> io::Result<(&str, u16)> {
    let parts = address.rsplit_once(':');
    let parts = parts.and_then(|(host, port)| Some((host, port.parse().ok()?)));
    parts.ok_or_else(|| {
        let why = format!("`{address}` is no address; write HOST:PORT");
        io::Error::new(ErrorKind::InvalidInput, why)
    })
}

impl Network for SimulatedNetwork {
    fn connect(&self, address: &str, within: Duration) -> io::Result<Box<dyn Stream>> {
        let (machine, port) = parts(address)?;
        let here = end(self.world.place);
        let mut inner = self.world.shared.inner();
        let (now, number) = (inner.now, inner.number());
        let deadline = now + within;
        if let Some(bytes) = inner.sockets.recordings.get(address).cloned() {
            let peer = Peer::Recording { bytes, place: 0 };
            let sockets = &mut inner.sockets;
            sockets.new_end(number, self.world.place, peer, address.to_owned());
            let delay = inner.random.between(BETWEEN_PIECES.0, BETWEEN_PIECES.1);
            inner.at(now + delay, Event::Socket(ForSocket::Play { end: number }));
            drop(inner);
            return Ok(self.held(number));
        }
        let Some(to) = inner.sockets.machine(machine, here) else {
            return Err(refused(address));
        };
        let (place, name) = (self.world.place, address.to_owned());
        inner.sockets.new_end(number, place, Peer::Sought, name);
        let from = number;
        inner.later(here, to, ForSocket::Knock { from, to, port });
        drop(inner);
        // If it is dropped, the end is gone.
        let held = self.held(number);
        loop {
            {
                let mut inner = self.world.shared.inner();
                let now = inner.now;
                let socket = inner.sockets.ends.get_mut(&number);
                let socket = socket.ok_or(ErrorKind::NotConnected)?;
                match (&socket.peer, socket.broken) {
                    (_, Some(ErrorKind::ConnectionRefused)) => return Err(refused(address)),
                    (_, Some(why)) => return Err(why.into()),
                    (Peer::Sought, None) if now < deadline => socket.waiting.push(Stage::me()),
                    (Peer::Sought, None) => return Err(ErrorKind::TimedOut.into()),
                    _ => break,
                }
            }
            self.world.shared.wait(Some(deadline));
        }
        Ok(held)
    }

    fn listen(&self, address: &str) -> io::Result<Box<dyn Accept>> {
        let (machine, port) = parts(address)?;
        let here = end(self.world.place);
        let mut inner = self.world.shared.inner();
        let sockets = &mut inner.sockets;
        let is_any = ["0.0.0.0", "[::]", ""].contains(&machine);
        if !is_any && sockets.machine(machine, here) != Some(here) {
            return Err(ErrorKind::AddrNotAvailable.into());
        }
        let is_free = |port: &u16| !sockets.listening.contains_key(&(here, *port));
        let port = match port {
            0 => (ANY_PORT..).find(is_free),
            port => Some(port).filter(is_free),
        };
        let port = port.ok_or(ErrorKind::AddrInUse)?;
        let listening = Listening {
            place: self.world.place,
            backlog: VecDeque::new(),
            waiting: Vec::new(),
        };
        sockets.listening.insert((here, port), listening);
        let address = match is_any {
            true => format!("{}:{port}", name_of(here)),
            false => format!("{machine}:{port}"),
        };
        Ok(Box::new(HeldListener {
            world: self.world.clone(),
            port,
            address,
        }))
    }
}

/// What somebody learns who connects where nobody listens.
fn refused(address: &str) -> io::Error {
    let why = format!(
        "connection refused: in this simulation nobody listens at {address}; `cmsl sim --outside {address}=FILE` gives it a recording"
    );
    io::Error::new(ErrorKind::ConnectionRefused, why)
}

impl SimulatedNetwork {
    fn held(&self, number: u64) -> Box<dyn Stream> {
        Box::new(HeldEnd {
            world: self.world.clone(),
            number,
        })
    }
}

/// One end of a connection; it ends with this.
struct HeldEnd {
    world: SimulatedWorld,
    number: u64,
}

impl Drop for HeldEnd {
    fn drop(&mut self) {
        self.world.shared.inner().close(self.number);
    }
}

impl HeldEnd {
    /// Waits until the action gives something, or for so long as was set.
    fn wait_for<T>(
        &self,
        mut action: impl FnMut(&mut super::Inner, u64) -> io::Result<Option<T>>,
    ) -> io::Result<T> {
        let mut deadline: Option<Option<Time>> = None;
        loop {
            let until = {
                let mut inner = self.world.shared.inner();
                if let Some(done) = action(&mut inner, self.number)? {
                    return Ok(done);
                }
                let now = inner.now;
                let socket = inner.sockets.ends.get_mut(&self.number);
                let socket = socket.ok_or(ErrorKind::NotConnected)?;
                let until = *deadline.get_or_insert(socket.timeout.map(|most| now + most));
                if until.is_some_and(|until| until <= now) {
                    return Err(ErrorKind::TimedOut.into());
                }
                socket.waiting.push(Stage::me());
                until
            };
            self.world.shared.wait(until);
        }
    }
}

impl Stream for HeldEnd {
    fn receive(&self, bytes: &mut [u8]) -> io::Result<usize> {
        self.wait_for(|inner, number| {
            let socket = inner.sockets.ends.get_mut(&number);
            let socket = socket.ok_or(ErrorKind::NotConnected)?;
            if let Some(why) = socket.broken {
                return Err(why.into());
            }
            let read = socket.unread.read(bytes)?;
            if read == 0 && !socket.is_finished && !bytes.is_empty() {
                return Ok(None);
            }
            if let Peer::End(peer) = socket.peer {
                if let Some(other) = inner.sockets.ends.get_mut(&peer) {
                    other.window = other.window.saturating_sub(read);
                }
                inner.tell(peer);
            }
            Ok(Some(read))
        })
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.wait_for(|inner, number| {
            let socket = inner.sockets.ends.get_mut(&number);
            let socket = socket.ok_or(ErrorKind::NotConnected)?;
            if let Some(why) = socket.broken {
                return Err(why.into());
            }
            let Peer::End(peer) = socket.peer else {
                // What is outside does not answer.
                return Ok(Some(bytes.len()));
            };
            let room = WINDOW_BYTES.saturating_sub(socket.window);
            if room == 0 && !bytes.is_empty() {
                return Ok(None);
            }
            let sent = bytes.get(..room).unwrap_or(bytes);
            socket.window += sent.len();
            let from = end(socket.place);
            let other = inner.sockets.ends.get(&peer);
            let to = other.map_or(from, |other| end(other.place));
            // Where a stream is cut into pieces is no business of who reads it.
            let cut = inner.random.below(sent.len() as u64 + 1);
            let (one, two) = sent.split_at(usize::try_from(cut).unwrap_or(0));
            for piece in [one, two].into_iter().filter(|piece| !piece.is_empty()) {
                let what = ForSocket::Bytes {
                    to: peer,
                    from: number,
                    bytes: piece.to_vec(),
                };
                inner.later(from, to, what);
            }
            Ok(Some(sent.len()))
        })
    }

    fn set_timeout(&self, most: Option<Duration>) -> io::Result<()> {
        if most.is_some_and(|most| most.is_zero()) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let mut inner = self.world.shared.inner();
        let socket = inner.sockets.ends.get_mut(&self.number);
        socket.ok_or(ErrorKind::NotConnected)?.timeout = most;
        Ok(())
    }

    fn peer(&self) -> io::Result<String> {
        let inner = self.world.shared.inner();
        let socket = inner.sockets.ends.get(&self.number);
        Ok(socket.ok_or(ErrorKind::NotConnected)?.name.clone())
    }
}

/// Who waits for connections.
struct HeldListener {
    world: SimulatedWorld,
    port: u16,
    address: String,
}

impl Drop for HeldListener {
    fn drop(&mut self) {
        let key = (end(self.world.place), self.port);
        let mut inner = self.world.shared.inner();
        let listening = inner.sockets.listening.remove(&key);
        for number in listening.into_iter().flat_map(|gone| gone.backlog) {
            inner.close(number);
        }
    }
}

impl Accept for HeldListener {
    fn accept(&self) -> io::Result<Box<dyn Stream>> {
        loop {
            {
                let mut inner = self.world.shared.inner();
                let key = (end(self.world.place), self.port);
                let listening = inner.sockets.listening.get_mut(&key);
                let listening = listening.ok_or(ErrorKind::NotConnected)?;
                if let Some(number) = listening.backlog.pop_front() {
                    return Ok(Box::new(HeldEnd {
                        world: self.world.clone(),
                        number,
                    }));
                }
                listening.waiting.push(Stage::me());
            }
            self.world.shared.wait(None);
        }
    }

    fn address(&self) -> io::Result<String> {
        Ok(self.address.clone())
    }
}
