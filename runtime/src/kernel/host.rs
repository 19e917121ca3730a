//! The core of a host's kernel: events in, effects out.
//!
//! The same core runs in production, behind a driver with sockets and disks, and in the
//! simulator: it reads no clock, draws no randomness but from its seed, and performs nothing itself.
//! Effects are to be performed in the order given. Nothing here waits.

mod clients;
mod orphans;
mod replicas;

use super::directory::{Directory, Entry, HostLife, Shared};
use super::job::{Finished, Job};
pub use super::machine::Configure;
use super::membership::Membership;
use super::message::{ToClient, ToPeer};
use super::replica::{ClientId, Replica, Seeds, Surroundings};
use crate::clock::Time;
use crate::identity::{HostId, HostInfo, ServerId};
use crate::program::ServerClass;
use crate::protocol::{Bytes, Device, Input, Number, Step, Ticket, Token};
use crate::wire::Writer;
pub use clients::Standing;
use orphans::Presence;

pub use crate::storage::Recovered as Stored;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a host is told at its start.
pub struct HostOptions {
    /// Which host this is.
    pub me: HostId,
    /// Names and addresses of all hosts, in order of their names.
    pub peers: Vec<(String, SocketAddr)>,
    /// The classes it can run.
    pub classes: &'static [ServerClass],
    /// Identifies the program that they are of.
    pub fingerprint: &'static str,
    /// Nothing is kept on disk.
    pub volatile: bool,
    /// Drawn anew at each start: the life of this host, and the source of its randomness.
    pub incarnation: u64,
    /// A server without a name ends when its program has been gone for so long.
    pub orphan_after: Duration,
    /// Where methods that run here reach other servers, the nearest kernel first.
    pub kernels: Vec<SocketAddr>,
    /// Changes the usual settings of its replicas' protocol.
    pub configure: Configure,
}

/// Something that happened.
pub enum Event<'a> {
    /// A message of another host.
    FromPeer {
        /// Which host, as the transport knows it.
        from: HostId,
        /// An encoded [`ToPeer`].
        message: &'a [u8],
    },
    /// The other host closed the connection.
    PeerLost(HostId),
    /// A client attached itself.
    ClientJoined {
        /// Which connection.
        client: ClientId,
        /// The session that it is of, if it said so.
        session: Option<u128>,
    },
    /// A message of a client.
    FromClient {
        /// Which one.
        client: ClientId,
        /// An encoded [`ToKernel`](super::message::ToKernel).
        message: &'a [u8],
    },
    /// A client is gone.
    ClientLeft(ClientId),
    /// The time of [`Host::wake`] has come.
    Tick,
    /// A method ran.
    Executed {
        /// What came of it.
        finished: Finished,
        /// How long it took.
        took: Duration,
    },
    /// A method that runs is about to call other servers.
    Journal {
        /// Whose.
        server: ServerId,
        /// Which execution.
        ticket: Ticket,
        /// What is to be in the journal first.
        step: Step,
    },
    /// Writes are on stable storage.
    Durable {
        /// Whose.
        server: ServerId,
        /// Up to this one.
        token: Token,
    },
    /// A store is open.
    Opened {
        /// Whose.
        server: ServerId,
        /// What was in it.
        stored: Stored,
    },
}

/// Something to do.
pub enum Effect {
    /// Send a group's message to another host.
    ToPeer {
        /// Whom.
        to: HostId,
        /// Whose message.
        server: ServerId,
        /// The message.
        message: Bytes,
    },
    /// Send a heartbeat to all other hosts.
    Heartbeat(Vec<u8>),
    /// Send to a client.
    ToClient {
        /// Whom.
        to: ClientId,
        /// What.
        message: ToClient,
    },
    /// The client's message was no message: close the connection.
    DropClient(ClientId),
    /// The peer's message was no message: close the connection.
    DropPeer(HostId),
    /// Append records as one write; then [`Event::Durable`].
    Persist {
        /// Whose.
        server: ServerId,
        /// What `Durable` will name.
        token: Token,
        /// The records.
        records: Vec<Bytes>,
    },
    /// Replace what was written before by a snapshot; then [`Event::Durable`].
    SaveSnapshot {
        /// Whose.
        server: ServerId,
        /// What `Durable` will name.
        token: Token,
        /// Number of the last command in it.
        number: Number,
        /// The snapshot.
        snapshot: Bytes,
    },
    /// Open the store of a replica; then [`Event::Opened`].
    Open(ServerId),
    /// Remove the store of a replica.
    Remove(ServerId),
    /// Run a method; then [`Event::Executed`].
    Run(Box<Job>),
    /// A broken invariant or damaged state: stop this kernel, saying so.
    Fail(String),
}

/// The core.
pub struct Host {
    options: HostOptions,
    membership: Membership,
    shared: Arc<Mutex<Shared>>,
    generation: u64,
    replicas: BTreeMap<ServerId, Replica>,
    opening: BTreeSet<ServerId>,
    /// The connected clients, with their sessions.
    clients: BTreeMap<ClientId, Option<u128>>,
    presence: Presence,
    seeds: Seeds,
}

impl Host {
    /// A host with what its directory left on disk.
    #[must_use]
    pub fn new(options: HostOptions, now: Time) -> Self {
        let hosts = options.peers.len();
        let membership = Membership::new(options.me, hosts, options.incarnation, now);
        let seeds = Seeds(options.incarnation);
        let mut host = Self {
            options,
            membership,
            shared: Arc::default(),
            generation: 0,
            replicas: BTreeMap::new(),
            opening: BTreeSet::new(),
            clients: BTreeMap::new(),
            presence: Presence::default(),
            seeds,
        };
        host.show_hosts();
        host.opening.insert(ServerId::DIRECTORY);
        host
    }

    /// Handles one event and appends what is to be done.
    pub fn handle(&mut self, event: Event<'_>, now: Time, effects: &mut Vec<Effect>) {
        if let Err(why) = self.try_handle(event, now, effects) {
            effects.push(Effect::Fail(why));
        }
        self.reconcile(effects);
    }

    fn try_handle(
        &mut self,
        event: Event<'_>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        match event {
            Event::FromPeer { from, message } => self.peer_says(from, message, now, effects),
            Event::PeerLost(host) => {
                if self.membership.lost(host) {
                    self.hosts_changed(now, effects)?;
                }
                Ok(())
            }
            Event::ClientJoined { client, session } => {
                self.clients.insert(client, session);
                effects.push(Effect::ToClient {
                    to: client,
                    message: self.hosts_message(),
                });
                Ok(())
            }
            Event::FromClient { client, message } => {
                self.client_says(client, message, now, effects)
            }
            Event::ClientLeft(client) => {
                self.clients.remove(&client);
                self.replicas
                    .values_mut()
                    .for_each(|replica| replica.forget(client));
                Ok(())
            }
            Event::Tick => self.tick(now, effects),
            Event::Executed { finished, took } => {
                let server = finished.server;
                self.with_replica(server, now, effects, |replica, around| {
                    replica.finished(finished, took, around)
                })
            }
            Event::Journal {
                server,
                ticket,
                step,
            } => self.with_replica(server, now, effects, |replica, around| {
                replica.step(Input::Journal { ticket, step }, around)
            }),
            Event::Durable { server, token } => {
                self.with_replica(server, now, effects, |replica, around| {
                    replica.step(Input::Durable { token }, around)
                })
            }
            Event::Opened { server, stored } => self.opened(server, stored, now, effects),
        }
    }

    /// What this host says to another to be heard.
    #[must_use]
    pub fn heartbeat(&self) -> Vec<u8> {
        let mut bytes = Writer::new();
        let incarnation = self.options.incarnation;
        let owners = self.owners_here();
        ToPeer::Heartbeat {
            incarnation,
            owners,
        }
        .write(&mut bytes);
        bytes.into_bytes()
    }

    /// When the next [`Event::Tick`] is due.
    #[must_use]
    pub fn wake(&self) -> Time {
        let replicas = self.replicas.values().map(Replica::wake).min();
        replicas.unwrap_or(Time::NEVER).min(self.membership.due())
    }

    fn peer_says(
        &mut self,
        from: HostId,
        message: &[u8],
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let Ok(message) = ToPeer::from_bytes(message) else {
            effects.push(Effect::DropPeer(from));
            return Ok(());
        };
        let mut changed = self.membership.heard(from, now);
        match message {
            ToPeer::Heartbeat {
                incarnation,
                owners,
            } => {
                owners
                    .into_iter()
                    .for_each(|session| self.presence.seen(session, now));
                changed |= self.membership.lives(from, incarnation);
            }
            ToPeer::Group { server, message } => {
                let input = Input::Message {
                    from: Device(from.0),
                    message,
                };
                self.with_replica(server, now, effects, |replica, around| {
                    replica.step(input, around)
                })?;
            }
        }
        if changed {
            self.hosts_changed(now, effects)
        } else {
            Ok(())
        }
    }

    fn tick(&mut self, now: Time, effects: &mut Vec<Effect>) -> Result<(), String> {
        let (beat, changed) = self.membership.tick(now);
        if beat {
            effects.push(Effect::Heartbeat(self.heartbeat()));
            self.end_orphans(now, effects)?;
        }
        if changed {
            self.hosts_changed(now, effects)?;
        }
        let due: Vec<ServerId> = self
            .replicas
            .iter()
            .filter(|(_, replica)| replica.wake() <= now)
            .map(|(server, _)| *server)
            .collect();
        for server in due {
            self.with_replica(server, now, effects, |replica, around| replica.tick(around))?;
        }
        Ok(())
    }

    /// Somebody is heard or not heard anew: tell groups, directory and clients.
    fn hosts_changed(&mut self, now: Time, effects: &mut Vec<Effect>) -> Result<(), String> {
        self.show_hosts();
        let servers: Vec<ServerId> = self.replicas.keys().copied().collect();
        for server in servers {
            self.tell_reachable(server, now, effects)?;
        }
        let message = self.hosts_message();
        for client in self.clients.keys() {
            effects.push(Effect::ToClient {
                to: *client,
                message: message.clone(),
            });
        }
        Ok(())
    }

    fn tell_reachable(
        &mut self,
        server: ServerId,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let Some(replica) = self.replicas.get(&server) else {
            return Ok(());
        };
        let membership = &self.membership;
        let devices = replica
            .devices()
            .filter(|device| membership.is_alive(HostId(device.0)))
            .collect();
        self.with_replica(server, now, effects, |replica, around| {
            replica.step(Input::Reachable { devices }, around)
        })
    }

    /// Shows the directory which hosts are heard.
    fn show_hosts(&mut self) {
        let hosts = self
            .host_ids()
            .map(|id| HostLife {
                id,
                alive: self.membership.is_alive(id),
                incarnation: self.membership.incarnation(id),
            })
            .collect();
        self.shared().hosts = hosts;
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn host_ids(&self) -> impl Iterator<Item = HostId> + use<> {
        let hosts = u16::try_from(self.options.peers.len()).unwrap_or(u16::MAX);
        (0..hosts).map(HostId)
    }

    fn hosts(&self) -> Vec<HostInfo> {
        self.host_ids()
            .zip(&self.options.peers)
            .map(|(id, (name, address))| HostInfo {
                id,
                name: name.clone(),
                address: *address,
                alive: self.membership.is_alive(id),
            })
            .collect()
    }

    fn hosts_message(&self) -> ToClient {
        ToClient::Hosts {
            me: self.options.me,
            hosts: self.hosts(),
            program: self.options.fingerprint.to_owned(),
        }
    }

    /// Runs `operation` on a replica; without the replica it does nothing.
    fn with_replica(
        &mut self,
        server: ServerId,
        now: Time,
        effects: &mut Vec<Effect>,
        operation: impl FnOnce(&mut Replica, &mut Surroundings<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        let Some(replica) = self.replicas.get_mut(&server) else {
            return Ok(());
        };
        let mut around = Surroundings {
            me: self.options.me,
            now,
            seeds: &mut self.seeds,
            effects,
        };
        operation(replica, &mut around)
    }

    /// What the directory would say of itself.
    fn directory_entry(&self) -> Entry {
        let hosts: Vec<HostId> = self.host_ids().collect();
        Entry {
            id: ServerId::DIRECTORY,
            class: "directory".to_owned(),
            args: Vec::new(),
            name: None,
            owner: None,
            tolerance: u32::try_from(hosts.len().saturating_sub(1) / 2).unwrap_or(u32::MAX),
            priority: i32::MAX,
            durable: !self.options.volatile,
            hosts,
            incarnations: Vec::new(),
        }
    }

    fn directory(&self) -> Directory {
        Directory::new(self.options.classes, Arc::clone(&self.shared))
    }
}
