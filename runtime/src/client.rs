//! What generated code calls to reach servers: sessions, calls, futures, accept, retries.
//!
//! A [`Client`] belongs to one thread at a time (main, or one replica of a server that calls others)
//! and does all its waiting on that thread. Requests are written when they are invoked; replies are
//! read whenever the client waits. A request is sent again, to whichever host leads by then, until it
//! is answered; its sequence number makes every repetition harmless.

mod calls;
mod connector;
mod link;
mod look;
mod nested;
mod session;

use crate::clock::Time;
use crate::identity::{HostId, HostInfo, ServerId};
use crate::kernel::message::{ToClient, session_name};
use crate::transport::Role;
use crate::world::{Clock, random_bits};
use link::Sockets;
use session::Session;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use connector::{Connector, Reached};
pub use link::{LinkEvent, LinkId, Links};
pub use look::status;
pub use nested::{Gate, Nested};

/// A server counts as unavailable after so long, unless `CMSL_UNAVAILABLE_SECONDS` says otherwise.
pub const UNAVAILABLE_AFTER: Duration = Duration::from_secs(10);

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
    /// The method that calls is of no use any more: its server was stopped, or another host leads.
    Stopped,
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
            Self::Stopped => f.write_str("this server was stopped, or is led by another host"),
        }
    }
}

impl std::error::Error for CallError {}

/// A session with a cluster.
pub struct Client {
    session: Session,
    links: Box<dyn Links>,
    clock: Clock,
    chain: Vec<ServerId>,
    home: HostId,
    /// The fingerprint of the program that the kernels run.
    program: String,
    hosts: Vec<HostInfo>,
    by_host: BTreeMap<HostId, LinkId>,
    by_link: BTreeMap<LinkId, HostId>,
    unavailable_after: Duration,
    /// Requests sent since the network was last looked at.
    unheard: u32,
    /// Servers without a name that end with this session.
    owned: Vec<ServerId>,
    /// The execution that this client works for, if it may be repeated.
    nested: Option<Nested>,
}

impl Client {
    /// Opens a session with the cluster that has kernels at `addresses`; the first that answers is
    /// the host this program runs on.
    ///
    /// # Errors
    /// `ServerFailed` when none of them answers within the configured time.
    pub fn connect(addresses: &[SocketAddr]) -> Result<Self, CallError> {
        Self::attach(addresses, Role::Client)
    }

    fn attach(addresses: &[SocketAddr], role: Role) -> Result<Self, CallError> {
        let clock = Clock::here();
        let now = clock.now();
        let unavailable_after = unavailable_after();
        let time = u128::from(now.nanos().unsigned_abs());
        let id = time << 64 | u128::from(random_bits());
        let links: Box<dyn Links> = match &clock {
            Clock::World(world) => world.links(&session_name(id)),
            Clock::Wall(wall) => Box::new(Sockets::new(role, session_name(id), *wall).map_err(
                |error| CallError::ServerFailed(format!("cannot use the network: {error}")),
            )?),
        };
        let mut client = Self {
            session: Session::new(id, unavailable_after, now),
            links,
            clock,
            chain: Vec::new(),
            home: HostId(0),
            program: String::new(),
            hosts: Vec::new(),
            by_host: BTreeMap::new(),
            by_link: BTreeMap::new(),
            unavailable_after,
            unheard: 0,
            owned: Vec::new(),
            nested: None,
        };
        client.find_home(addresses)?;
        Ok(client)
    }

    /// Attaches itself to the first address where a kernel answers.
    fn find_home(&mut self, addresses: &[SocketAddr]) -> Result<(), CallError> {
        let deadline = self.clock.now() + self.unavailable_after;
        let mut why = "no address was given".to_owned();
        while self.clock.now() < deadline && !addresses.is_empty() {
            for address in addresses {
                match self.try_home(*address) {
                    Ok(()) => return Ok(()),
                    Err(error) => why = format!("{address}: {error}"),
                }
            }
        }
        Err(CallError::ServerFailed(format!("no kernel answers: {why}")))
    }

    fn try_home(&mut self, address: SocketAddr) -> Result<(), String> {
        let link = self.links.dial(address);
        let deadline = self.clock.now() + Duration::from_secs(1);
        let mut why = "no answer".to_owned();
        let mut failures = 0;
        while self.clock.now() < deadline && failures < 3 {
            self.links.wait(Some(deadline));
            for (_, event) in self.links.take() {
                match event {
                    LinkEvent::Message(ToClient::Hosts { me, hosts, program }) => {
                        self.program = program;
                        self.home = me;
                        self.by_host.insert(me, link);
                        self.by_link.insert(link, me);
                        self.set_hosts(hosts);
                        let mut out = Vec::new();
                        self.session.connected(me, self.clock.now(), &mut out);
                        return Ok(());
                    }
                    LinkEvent::Unreachable(error) => {
                        failures += 1;
                        why = error;
                    }
                    LinkEvent::Up | LinkEvent::Message(_) | LinkEvent::Down => {}
                }
            }
        }
        self.links.hang_up(link);
        Err(why)
    }

    fn set_hosts(&mut self, hosts: Vec<HostInfo>) {
        let ids = hosts.iter().map(|host| host.id).collect();
        self.session.set_hosts(self.home, ids);
        self.hosts = hosts;
    }

    /// The servers that wait in the chain of calls this client works for.
    pub fn set_chain(&mut self, chain: &[ServerId]) {
        self.chain.clear();
        self.chain.extend_from_slice(chain);
    }

    /// All hosts of the cluster, in order of their names.
    ///
    /// # Errors
    /// If a method that is executed again learnt something else here before.
    pub fn hosts(&mut self) -> Result<Vec<HostInfo>, CallError> {
        self.drawn(|client| client.hosts.clone())
    }

    /// The fingerprint of the program that the kernels run.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// The host this program runs on: the one whose kernel it is attached to.
    ///
    /// # Errors
    /// As [`Client::hosts`].
    pub fn my_host(&mut self) -> Result<HostId, CallError> {
        self.drawn(|client| client.home.0).map(HostId)
    }

    /// Handles what arrived and does what is due.
    fn drive(&mut self) {
        self.unheard = 0;
        let mut out = Vec::new();
        let now = self.clock.now();
        for (link, event) in self.links.take() {
            let Some(host) = self.by_link.get(&link).copied() else {
                continue;
            };
            match event {
                LinkEvent::Up => self.session.connected(host, now, &mut out),
                LinkEvent::Message(ToClient::Hosts { hosts, .. }) => {
                    let home_is_heard = self.hosts.iter().any(|h| h.id == self.home && h.alive);
                    if host == self.home || !home_is_heard {
                        self.set_hosts(hosts);
                    }
                }
                LinkEvent::Message(message) => self.session.handle(host, message, now, &mut out),
                LinkEvent::Down | LinkEvent::Unreachable(_) => {
                    self.session.disconnected(host, now);
                    if let Some(known) = self.hosts.iter_mut().find(|known| known.id == host) {
                        known.alive = false;
                    }
                }
            }
        }
        self.session.tick(now, &mut out);
        for host in self.session.wanted() {
            self.dial(host);
        }
        self.send(&out);
    }

    fn dial(&mut self, host: HostId) {
        if self.by_host.contains_key(&host) {
            return;
        }
        let address = self
            .hosts
            .iter()
            .find(|known| known.id == host)
            .map(|known| known.address);
        if let Some(address) = address {
            let link = self.links.dial(address);
            self.by_host.insert(host, link);
            self.by_link.insert(link, host);
        }
    }

    fn send(&mut self, out: &[session::Outgoing]) {
        for (host, message) in out {
            if let Some(link) = self.by_host.get(host) {
                self.links.send(*link, message);
            }
        }
    }

    /// Handles what is there, without waiting.
    fn poll(&mut self) {
        self.links.wait(Some(self.clock.now()));
        self.drive();
    }

    /// Drives until `done` gives something, at most until `deadline`.
    fn drive_until<T>(
        &mut self,
        deadline: Option<Time>,
        mut done: impl FnMut(&mut Self) -> Result<Option<T>, CallError>,
    ) -> Result<Option<T>, CallError> {
        if let Some(result) = done(self)? {
            return Ok(Some(result));
        }
        self.session.resume(self.clock.now());
        loop {
            if self.is_stopped() {
                return Err(CallError::Stopped);
            }
            self.drive();
            if let Some(result) = done(self)? {
                return Ok(Some(result));
            }
            if deadline.is_some_and(|deadline| deadline <= self.clock.now()) {
                self.poll();
                return done(self);
            }
            let wake = [deadline, self.session.due()].into_iter().flatten().min();
            self.links.wait(wake);
        }
    }
}

fn unavailable_after() -> Duration {
    let seconds = std::env::var("CMSL_UNAVAILABLE_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or(UNAVAILABLE_AFTER)
}
