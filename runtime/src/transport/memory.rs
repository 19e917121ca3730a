//! A network inside a test, without tasks: bytes move when the test says so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::handshake::{Identity, admit};
use super::{
    Closed, Connection, ConnectionId, Dialing, Guard, Handler, ListenError, Listening, Origin,
    Outlet, Peer, SendError, Transport,
};
use crate::wire::{FRAME_BYTES_MAX, Frame, FrameDecoder};

/// The network; clones are the same one.
#[derive(Clone, Default)]
pub struct Memory {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    next_id: u64,
    listeners: BTreeMap<String, (Identity, Arc<dyn Handler>)>,
    ends: BTreeMap<ConnectionId, End>,
    events: VecDeque<Event>,
}

/// One end of a connection.
struct End {
    connection: Connection,
    handler: Arc<dyn Handler>,
    other: ConnectionId,
}

enum Event {
    Connected(ConnectionId),
    Bytes(ConnectionId, Vec<u8>),
    Closed(ConnectionId, Closed),
}

impl Memory {
    /// A network without listeners.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the oldest thing happen that is under way; false if nothing is.
    pub fn step(&self) -> bool {
        let mut state = lock(&self.state);
        let Some(event) = state.events.pop_front() else {
            return false;
        };
        let id = match &event {
            Event::Connected(id) | Event::Bytes(id, _) | Event::Closed(id, _) => *id,
        };
        let Some(end) = state.ends.get(&id) else {
            return true;
        };
        let (connection, handler) = (end.connection.clone(), Arc::clone(&end.handler));
        if matches!(event, Event::Closed(..)) {
            state.ends.remove(&id);
        }
        // Handlers send from inside, so the network must not be locked.
        drop(state);
        match event {
            Event::Connected(_) => handler.connected(&connection),
            Event::Bytes(_, bytes) => handler.received(&connection, &mut frames(&bytes)),
            Event::Closed(_, why) => handler.closed(&connection, &why),
        }
        true
    }

    /// Lets things happen until nothing is under way.
    pub fn settle(&self) {
        while self.step() {}
    }

    /// Breaks every connection, as a power cut of the switch would.
    pub fn cut(&self) {
        let mut state = lock(&self.state);
        let ids: Vec<_> = state.ends.keys().copied().collect();
        let broken = |id| Event::Closed(id, Closed::Network("cut".to_owned()));
        state.events.extend(ids.into_iter().map(broken));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn frames(bytes: &[u8]) -> Vec<Frame> {
    let mut decoder = FrameDecoder::new(FRAME_BYTES_MAX);
    decoder.feed(bytes);
    std::iter::from_fn(|| decoder.next().expect("senders hand over whole frames")).collect()
}

impl Transport for Memory {
    fn listen(
        &self,
        address: &str,
        identity: Identity,
        handler: Arc<dyn Handler>,
    ) -> Result<Listening, ListenError> {
        let mut state = lock(&self.state);
        if state.listeners.contains_key(address) {
            let why = "the port is in use by another process".to_owned();
            return Err(ListenError {
                address: address.to_owned(),
                why,
            });
        }
        state
            .listeners
            .insert(address.to_owned(), (identity, handler));
        let (network, key) = (Arc::clone(&self.state), address.to_owned());
        let stop = move || {
            lock(&network).listeners.remove(&key);
        };
        Ok(Listening {
            address: address.to_owned(),
            _guard: Guard(Box::new(stop)),
        })
    }

    /// Dials once; a test that wants another attempt dials again.
    fn dial(
        &self,
        address: &str,
        _host: Option<&str>,
        identity: Identity,
        handler: Arc<dyn Handler>,
    ) -> Dialing {
        let mut state = lock(&self.state);
        let nobody = Closed::Network("connection refused".to_owned());
        let found = state.listeners.get(address).cloned().ok_or(nobody);
        let admitted = found.and_then(|found| admit(&found.0, &identity).map(|()| found));
        let (their_identity, their_handler) = match admitted {
            Ok(found) => found,
            Err(why) => {
                drop(state);
                handler.unreachable(address, &why);
                return Dialing {
                    _guard: Guard(Box::new(|| {})),
                };
            }
        };
        let here = ConnectionId(state.next_id);
        let there = ConnectionId(state.next_id + 1);
        state.next_id += 2;
        let mut join = |id, other, peer, handler| {
            let outlet = Arc::new(MemoryOutlet {
                state: Arc::clone(&self.state),
                id,
            });
            let connection = Connection::new(id, peer, outlet);
            state.ends.insert(
                id,
                End {
                    connection,
                    handler,
                    other,
                },
            );
            state.events.push_back(Event::Connected(id));
        };
        let peer = |identity, origin| Peer {
            identity,
            address: address.to_owned(),
            origin,
        };
        join(here, there, peer(their_identity, Origin::Dialed), handler);
        join(there, here, peer(identity, Origin::Accepted), their_handler);
        let outlet = MemoryOutlet {
            state: Arc::clone(&self.state),
            id: here,
        };
        Dialing {
            _guard: Guard(Box::new(move || outlet.close())),
        }
    }
}

struct MemoryOutlet {
    state: Arc<Mutex<State>>,
    id: ConnectionId,
}

impl Outlet for MemoryOutlet {
    fn send(&self, frames: &[u8]) -> Result<(), SendError> {
        let mut state = lock(&self.state);
        let end = state.ends.get(&self.id).ok_or(SendError::Closed)?;
        let other = end.other;
        state.events.push_back(Event::Bytes(other, frames.to_vec()));
        Ok(())
    }

    fn close(&self) {
        let mut state = lock(&self.state);
        if let Some(other) = state.ends.get(&self.id).map(|end| end.other) {
            state.events.push_back(Event::Closed(self.id, Closed::Here));
            state.events.push_back(Event::Closed(other, Closed::Peer));
        }
    }
}
