//! How hosts, clients and tools talk: frames over connections.
//!
//! A [`Transport`] listens and dials; what happens on its connections it tells
//! a [`Handler`], in the order in which it happens on each connection. A
//! [`Connection`] sends from any thread, at once where the network takes the
//! bytes, else through a bounded queue; nothing in it waits. Frames may be lost when a
//! connection breaks, but never reordered, changed or delivered twice on one.
//!
//! Both ends introduce themselves by an [`Identity`] before anything else, and
//! an end that is not of the same cluster, or not speaking this at all, is
//! turned away with one line to the log. [`tcp`] is the real transport, with a short way for programs on the kernel's own
//! host beside it, [`memory`] one for tests. This module knows nothing of what the frames say.

mod handshake;
pub(crate) mod local;
pub mod memory;
pub mod tcp;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::wire::Frame;

pub use handshake::{FIRST_FRAME_BYTES_MAX, Identity, KIND_MIN, Role};

/// What a connection may have waiting to be sent; beyond it frames are refused.
pub const QUEUE_BYTES_MAX: usize = 64 << 20;

/// Names one connection of a process, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// One end of an introduced connection.
#[derive(Clone)]
pub struct Connection {
    id: ConnectionId,
    peer: Arc<Peer>,
    outlet: Arc<dyn Outlet>,
}

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// How it introduced itself.
    pub identity: Identity,
    /// Where it is, for messages to people.
    pub address: String,
    /// Which end opened the connection.
    pub origin: Origin,
}

/// Which end opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This process did.
    Dialed,
    /// The peer did.
    Accepted,
}

/// Where a connection's bytes go; what a transport implements.
pub trait Outlet: Send + Sync {
    /// See [`Connection::send`].
    ///
    /// # Errors
    /// If the bytes will not be sent.
    fn send(&self, frames: &[u8]) -> Result<(), SendError>;

    /// See [`Connection::close`].
    fn close(&self);
}

impl Connection {
    /// A connection as a transport hands it out.
    #[must_use]
    pub fn new(id: ConnectionId, peer: Peer, outlet: Arc<dyn Outlet>) -> Self {
        Self {
            id,
            peer: Arc::new(peer),
            outlet,
        }
    }

    /// Its name in this process.
    #[must_use]
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Who is at the other end.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Sends one or several whole frames, made by [`frame`](crate::wire::frame), without waiting.
    ///
    /// # Errors
    /// If the connection is closed, or has too much waiting already; nothing of
    /// the frames is sent then.
    pub fn send(&self, frames: &[u8]) -> Result<(), SendError> {
        self.outlet.send(frames)
    }

    /// Ends the connection; the handler is told. Closing twice is harmless.
    pub fn close(&self) {
        self.outlet.close();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({}, {:?})", self.id.0, self.peer)
    }
}

/// Why frames were not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The connection is closed.
    Closed,
    /// [`QUEUE_BYTES_MAX`] would be passed.
    Full,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the connection is closed",
            Self::Full => "too much is waiting to be sent",
        })
    }
}

impl std::error::Error for SendError {}

/// Why a connection, or the attempt to make one, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// This end closed it.
    Here,
    /// The peer closed it.
    Peer,
    /// The network failed; the text says how.
    Network(String),
    /// The peer broke the rules; the text says how.
    Garbage(String),
    /// The peer turned us away, or we it; the text says why.
    Refused(String),
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here => f.write_str("closed here"),
            Self::Peer => f.write_str("closed by the peer"),
            Self::Network(why) | Self::Garbage(why) | Self::Refused(why) => f.write_str(why),
        }
    }
}

/// What happens on connections. Methods are called inside the transport's
/// tasks, so they must not block; those of one connection never run at the same time.
pub trait Handler: Send + Sync + 'static {
    /// Both ends are introduced.
    fn connected(&self, connection: &Connection);

    /// All frames that were there at once, oldest first; at least one. What is left
    /// in `frames` is dropped.
    fn received(&self, connection: &Connection, frames: &mut Vec<Frame>);

    /// The last that is heard of an introduced connection.
    fn closed(&self, connection: &Connection, why: &Closed);

    /// An attempt to dial failed; the next follows by itself.
    fn unreachable(&self, _address: &str, _why: &Closed) {}

    /// One line for the log of this process.
    fn note(&self, line: &str) {
        eprintln!("{line}");
    }
}

/// Makes connections.
pub trait Transport: Send + Sync {
    /// Accepts connections at an address until the result is dropped.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    fn listen(
        &self,
        address: &str,
        identity: Identity,
        handler: Arc<dyn Handler>,
    ) -> Result<Listening, ListenError>;

    /// Keeps one connection to an address, dialing again whenever it is lost,
    /// until the result is dropped. With `host`, only that host is accepted there.
    fn dial(
        &self,
        address: &str,
        host: Option<&str>,
        identity: Identity,
        handler: Arc<dyn Handler>,
    ) -> Dialing;
}

/// Ends what it guards when dropped.
struct Guard(Box<dyn Fn() + Send + Sync>);

impl Drop for Guard {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A running listener; dropping it stops accepting. Connections live on.
pub struct Listening {
    address: String,
    _guard: Guard,
}

impl Listening {
    /// The address that is really listened on (port 0 replaced).
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// A running dialer; dropping it closes its connection and dials no more.
pub struct Dialing {
    _guard: Guard,
}

/// Why an address cannot be listened on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenError {
    /// The address as it was given.
    pub address: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}: {}", self.address, self.why)
    }
}

impl std::error::Error for ListenError {}
