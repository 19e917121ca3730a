//! Performing what the core asks for. Nothing here waits.

use super::{Core, Driver};
use crate::identity::ServerId;
use crate::kernel::host::{Effect, Event, Stored};
use crate::kernel::message::{BETWEEN_KERNELS, TO_CLIENT, ToClient, ToPeer};
use crate::protocol::{Bytes, Token};
use crate::storage::{Completed, StoreId};
use crate::transport::Connection;
use crate::wire::{Wire, Writer, frame_with};
use std::sync::Arc;

/// Sends to another kernel; what is lost is sent again by the protocols.
pub(super) fn send_peer(connection: &Connection, message: &[u8]) {
    if let Ok(bytes) = frame_with(BETWEEN_KERNELS, |to| to.raw(message)) {
        // A full queue loses the message, as the network may.
        let _ = connection.send(&bytes);
    }
}

fn send_client(connection: &Connection, message: &ToClient) {
    match frame_with(TO_CLIENT, |to| message.write(to)) {
        Ok(bytes) => {
            if connection.send(&bytes).is_err() {
                // It would wait for ever for what was lost: it asks again on a new connection.
                connection.close();
            }
        }
        Err(_) => connection.close(),
    }
}

const LOG_PREFIX: &str = "server-";

/// The folder of a replica's log.
pub(super) fn log_name(server: ServerId) -> String {
    format!("{LOG_PREFIX}{}", server.0)
}

impl Driver {
    pub(super) fn perform(self: &Arc<Self>, core: &mut Core, effects: &mut Vec<Effect>) {
        let mut last: Option<(ServerId, Bytes, Vec<u8>)> = None;
        for effect in effects.drain(..) {
            match effect {
                Effect::ToPeer {
                    to,
                    server,
                    message,
                } => {
                    let Some(connection) = core.peers.get(&to) else {
                        continue;
                    };
                    // What goes to several is written down once.
                    let again = last.as_ref().is_some_and(|(of, known, _)| {
                        *of == server && Arc::ptr_eq(known, &message)
                    });
                    if !again {
                        last = frame_with(BETWEEN_KERNELS, |to: &mut Writer| {
                            let message = &message;
                            ToPeer::Group { server, message }.write(to);
                        })
                        .ok()
                        .map(|frame| (server, message, frame));
                    }
                    if let Some((_, _, frame)) = &last {
                        // A full queue loses the message, as the network may.
                        let _ = connection.send(frame);
                    }
                }
                Effect::Heartbeat(message) => {
                    core.peers
                        .values()
                        .for_each(|connection| send_peer(connection, &message));
                }
                Effect::ToClient { to, message } => {
                    if let Some(connection) = core.clients.get(&to) {
                        send_client(connection, &message);
                    }
                }
                Effect::DropClient(client) => {
                    if let Some(connection) = core.clients.get(&client) {
                        self.drop_connection(connection);
                    }
                }
                Effect::DropPeer(host) => {
                    if let Some(connection) = core.peers.get(&host) {
                        self.drop_connection(connection);
                    }
                }
                Effect::Persist {
                    server,
                    token,
                    records,
                } => {
                    if let (Some(commit), Some(store)) =
                        (self.commit.get(), core.stores.get(&server))
                    {
                        commit.append(*store, token.0, records);
                    }
                }
                Effect::SaveSnapshot {
                    server,
                    token,
                    snapshot,
                    ..
                } => {
                    if let (Some(commit), Some(store)) =
                        (self.commit.get(), core.stores.get(&server))
                    {
                        commit.save_snapshot(*store, token.0, snapshot);
                    }
                }
                Effect::Open(server) => {
                    let in_memory = core.host.keeps_in_memory(server);
                    let driver = Arc::clone(self);
                    self.runtime
                        .spawn_blocking(move || driver.open(server, in_memory));
                }
                Effect::Remove(server) => self.remove(core, server),
                Effect::Run(job) if job.is_inline() => core.ready.push(*job),
                Effect::Run(job) => {
                    let driver = Arc::clone(self);
                    self.runtime
                        .spawn_blocking(move || driver.run_blocking(*job));
                }
                Effect::Fail(why) => self.fail(&why),
            }
        }
    }

    fn drop_connection(&self, connection: &Connection) {
        let address = &connection.peer().address;
        eprintln!(
            "kernel {}: closed a connection from {address}: garbage",
            self.name
        );
        connection.close();
    }

    /// Opens a replica's store and tells the core what was in it.
    pub(super) fn open(self: &Arc<Self>, server: ServerId, in_memory: bool) {
        let stored = match &self.folder {
            Some(folder) if !in_memory => {
                match folder.open_log(&log_name(server), u128::from(server.0)) {
                    Ok((log, recovered)) => {
                        let Some(commit) = self.commit.get() else {
                            return;
                        };
                        let store = commit.add(Box::new(log));
                        self.core().stores.insert(server, store);
                        Stored {
                            snapshot: recovered.snapshot,
                            records: recovered.records,
                        }
                    }
                    Err(error) => self.fail(&error.to_string()),
                }
            }
            Some(_) | None => Stored::default(),
        };
        self.dispatch(move |host, now, effects| {
            host.handle(Event::Opened { server, stored }, now, effects);
        });
    }

    /// Removes what was left of servers that were deleted when this host last ended.
    pub(super) fn clean(&self) {
        let Some(folder) = &self.folder else { return };
        for name in folder.logs().unwrap_or_default() {
            let number = name
                .strip_prefix(LOG_PREFIX)
                .and_then(|number| number.parse().ok());
            if let Some(number) = number
                && self.core().host.is_gone(ServerId(number))
                && let Err(error) = folder.remove_log(&name)
            {
                eprintln!("kernel {}: {error}", self.name);
            }
        }
    }

    fn remove(self: &Arc<Self>, core: &mut Core, server: ServerId) {
        let Some(store) = core.stores.remove(&server) else {
            return;
        };
        if let Some(commit) = self.commit.get() {
            commit.remove(store);
        }
        let driver = Arc::clone(self);
        self.runtime.spawn_blocking(move || {
            if let Some(folder) = &driver.folder
                && let Err(error) = folder.remove_log(&log_name(server))
            {
                eprintln!("kernel {}: {error}", driver.name);
            }
        });
    }

    /// The commit thread finished a round.
    pub(super) fn committed(self: &Arc<Self>, completed: Completed) {
        if let Some((_, error)) = completed.failed.first() {
            self.fail(&error.to_string());
        }
        let durable: Vec<(ServerId, Token)> = {
            let core = self.core();
            let find = |store: StoreId| core.stores.iter().find(|(_, known)| **known == store);
            completed
                .durable
                .iter()
                .filter_map(|(store, token)| {
                    find(*store).map(|(server, _)| (*server, Token(*token)))
                })
                .collect()
        };
        self.dispatch(move |host, now, effects| {
            for (server, token) in durable {
                host.handle(Event::Durable { server, token }, now, effects);
            }
        });
    }
}
