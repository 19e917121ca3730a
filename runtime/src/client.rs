//! What generated code calls to reach servers: sessions, calls, futures, accept, retries.
//!
//! A [`Client`] belongs to one thread at a time (main, or one replica of a server that calls others)
//! and does all its waiting on that thread. Requests are written when they are invoked; replies are
//! read whenever the client waits. A request is sent again, to whichever host leads by then, until it
//! is answered; its sequence number makes every repetition harmless.

use crate::identity::{HostId, HostInfo, ServerId};
use crate::kernel::status::ClusterStatus;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How failed replicas behave, as the `model` property says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Model {
    /// Replicas do not fail.
    #[default]
    Correct,
    /// Replicas stop.
    Crash,
    /// Replicas do anything. Not available yet: creation raises `resource_exhausted`.
    Byzantine,
}

/// A `server` expression with its properties evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerSpec {
    /// The name of the server class.
    pub class: String,
    /// The encoded constructor call; executed as the first command of every server made.
    pub args: Vec<u8>,
    /// How many servers (`server C[n]`); 0 counts as 1.
    pub count: u32,
    /// The declared number of replicas; raised to what `tolerance` needs.
    pub replicas: u32,
    /// Replica failures to survive.
    pub tolerance: u32,
    /// How failed replicas behave.
    pub model: Model,
    /// Preferred hosts, earlier first.
    pub hosts: Vec<HostId>,
    /// Servers of the array on different hosts where possible.
    pub disjoint: bool,
    /// Higher runs first on a host.
    pub priority: i32,
    /// The name in the directory.
    pub name: Option<String>,
    /// Whether the state survives the restart of every host.
    pub durable: bool,
}

/// One request in flight, or answered and not yet forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What a method's execution gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Whether the method raised; `body` is the encoded exception then.
    pub raised: bool,
    /// The encoded result or exception.
    pub body: Arc<[u8]>,
}

/// The issued state of one replica, for `inspect`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaState {
    /// The host of the replica.
    pub host: HostInfo,
    /// The class of the server.
    pub class: String,
    /// The number of the last issued command that the state contains.
    pub issued: u64,
    /// The canonical hash of the state.
    pub state_hash: [u8; 32],
    /// The snapshot, as `Service::snapshot` made it.
    pub snapshot: Vec<u8>,
}

/// Why a request has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The server was deleted, or too few of its replicas were reachable for too long.
    ServerFailed(String),
    /// Too few hosts for the replicas asked for.
    ResourceExhausted(String),
    /// The call would re-enter a server that waits in the same chain of calls.
    Reentrant(ServerId),
    /// The constructor raised; the encoded exception.
    Raised(Vec<u8>),
    /// The request itself is wrong: an unknown class, a name that is taken, too many bytes.
    Invalid(String),
    /// The ticket was forgotten, or belongs to another client.
    UnknownTicket,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServerFailed(why) | Self::ResourceExhausted(why) | Self::Invalid(why) => {
                f.write_str(why)
            }
            Self::Reentrant(server) => write!(f, "{server} already waits in this chain of calls"),
            Self::Raised(_) => f.write_str("the constructor raised"),
            Self::UnknownTicket => f.write_str("no such invocation"),
        }
    }
}

impl std::error::Error for CallError {}

/// How to reach a cluster, and the client that does once it is needed: cheap to clone, `Send`.
///
/// `Environment` carries one; a context calls [`Connector::with`] at its first remote operation, so
/// a program that creates no server never opens a connection.
#[derive(Clone)]
pub struct Connector {
    shared: Arc<Mutex<Shared>>,
    chain: Arc<[ServerId]>,
}

struct Shared {
    addresses: Vec<SocketAddr>,
    client: Option<Client>,
}

impl Connector {
    /// Reaches the cluster through any of `addresses`.
    #[must_use]
    pub fn new(addresses: Vec<SocketAddr>) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Shared {
                addresses,
                client: None,
            })),
            chain: Arc::new([]),
        }
    }

    /// The same client, for a method that runs at the end of this chain of calls.
    #[must_use]
    pub fn for_chain(&self, chain: &[ServerId]) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            chain: chain.into(),
        }
    }

    /// Runs `operation` on the client, which is made and connected at the first use.
    ///
    /// # Errors
    /// What connecting, or `operation` itself, gives.
    pub fn with<T>(
        &self,
        operation: impl FnOnce(&mut Client) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let mut shared = self
            .shared
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if shared.client.is_none() {
            shared.client = Some(Client::connect(&shared.addresses)?);
        }
        let Some(client) = shared.client.as_mut() else {
            return Err(CallError::ServerFailed(
                "no connection to the cluster".to_owned(),
            ));
        };
        client.set_chain(&self.chain);
        operation(client)
    }
}

/// A session with a cluster.
pub struct Client {
    chain: Vec<ServerId>,
}

impl Client {
    /// Opens a session with the cluster that has kernels at `addresses`.
    ///
    /// # Errors
    /// `ServerFailed` when none of them answers within the configured time.
    pub fn connect(addresses: &[SocketAddr]) -> Result<Self, CallError> {
        let _ = addresses;
        Err(CallError::ServerFailed("not connected".to_owned()))
    }

    /// The servers that wait in the chain of calls this client works for.
    pub fn set_chain(&mut self, chain: &[ServerId]) {
        self.chain.clear();
        self.chain.extend_from_slice(chain);
    }

    /// Creates the servers of one `server` expression; returns when all of them accept commands.
    ///
    /// # Errors
    /// `ResourceExhausted`, `Raised` by the constructor, `Invalid`, `ServerFailed`.
    pub fn create(&mut self, spec: &ServerSpec) -> Result<Vec<ServerId>, CallError> {
        let _ = spec;
        Err(CallError::ServerFailed("not connected".to_owned()))
    }

    /// Sends one call and returns at once; its reply is claimed with the ticket.
    ///
    /// # Errors
    /// `Invalid` if `args` exceed what a frame holds, `Reentrant`.
    pub fn invoke(
        &mut self,
        server: ServerId,
        method: u32,
        args: &[u8],
    ) -> Result<Ticket, CallError> {
        let _ = (server, method, args);
        Err(CallError::ServerFailed("not connected".to_owned()))
    }

    /// Waits until one of `tickets` is answered or has failed; `None` when `timeout` ran out first.
    /// Among several answered ones, the index of the one whose reply arrived first. Takes nothing:
    /// the reply is still claimed with [`Client::reply`].
    ///
    /// # Errors
    /// `UnknownTicket`.
    pub fn wait_any(
        &mut self,
        tickets: &[Ticket],
        timeout: Option<Duration>,
    ) -> Result<Option<usize>, CallError> {
        let _ = (tickets, timeout);
        Err(CallError::UnknownTicket)
    }

    /// The reply to a request: waits for it if it is not there yet. The same each time it is asked
    /// for, until [`Client::forget`].
    ///
    /// # Errors
    /// `ServerFailed`, `Reentrant`, `UnknownTicket`.
    pub fn reply(&mut self, ticket: Ticket) -> Result<Reply, CallError> {
        let _ = ticket;
        Err(CallError::UnknownTicket)
    }

    /// Drops what is kept of a request. An unanswered one is still executed.
    pub fn forget(&mut self, ticket: Ticket) {
        let _ = ticket;
    }

    /// The running server of that class and name.
    ///
    /// # Errors
    /// `ServerFailed` when the directory is not available.
    pub fn find(&mut self, class: &str, name: &str) -> Result<Option<ServerId>, CallError> {
        let _ = (class, name);
        Err(CallError::ServerFailed("not connected".to_owned()))
    }

    /// Stops servers; calls to them fail from then on. One that is gone already is not an error.
    ///
    /// # Errors
    /// `ServerFailed` when the directory is not available.
    pub fn delete(&mut self, servers: &[ServerId]) -> Result<(), CallError> {
        let _ = servers;
        Err(CallError::ServerFailed("not connected".to_owned()))
    }

    /// All hosts of the cluster, in order of their names.
    #[must_use]
    pub fn hosts(&self) -> Vec<HostInfo> {
        Vec::new()
    }

    /// The host this program runs on: the one whose kernel it is attached to.
    #[must_use]
    pub fn my_host(&self) -> HostId {
        HostId(0)
    }

    /// The issued state of every reachable replica of a server, in order of hosts.
    ///
    /// # Errors
    /// `ServerFailed` when no replica is reachable.
    pub fn replica_states(&mut self, server: ServerId) -> Result<Vec<ReplicaState>, CallError> {
        let _ = server;
        Err(CallError::ServerFailed("not connected".to_owned()))
    }
}

/// What the hosts of a cluster say about themselves, asked through any of `addresses`.
///
/// # Errors
/// `ServerFailed` when none of them answers.
pub fn status(addresses: &[SocketAddr]) -> Result<ClusterStatus, CallError> {
    let _ = addresses;
    Err(CallError::ServerFailed("not connected".to_owned()))
}
