//! What connections bring to the core.

use super::Driver;
use crate::identity::HostId;
use crate::kernel::host::Event;
use crate::kernel::message::{BETWEEN_KERNELS, FROM_CLIENT, session_of};
use crate::kernel::replica::ClientId;
use crate::transport::{Closed, Connection, Handler, Role};
use crate::wire::Frame;
use std::sync::Arc;

/// The handler of all connections of a kernel.
pub(super) struct Connections(pub Arc<Driver>);

/// Who is at the other end of a connection.
#[derive(Clone, Copy)]
enum Other {
    Peer(HostId),
    Client(ClientId),
    Stranger,
}

impl Connections {
    fn other(&self, connection: &Connection) -> Other {
        let identity = &connection.peer().identity;
        match identity.role {
            Role::Kernel if identity.host == self.0.name => Other::Stranger,
            Role::Kernel => {
                let position = self.0.names.iter().position(|name| *name == identity.host);
                position
                    .and_then(|position| u16::try_from(position).ok())
                    .map_or(Other::Stranger, |id| Other::Peer(HostId(id)))
            }
            Role::Client | Role::Status => Other::Client(ClientId(connection.id().0)),
        }
    }
}

impl Handler for Connections {
    fn connected(&self, connection: &Connection) {
        match self.other(connection) {
            Other::Peer(host) => {
                let mut core = self.0.core();
                let heartbeat = core.host.heartbeat();
                super::effects::send_peer(connection, &heartbeat);
                if let Some(old) = core.peers.insert(host, connection.clone()) {
                    old.close();
                }
            }
            Other::Client(client) => {
                let session = session_of(&connection.peer().identity.host);
                self.0.core().clients.insert(client, connection.clone());
                self.0.dispatch(move |core, now, effects| {
                    core.handle(Event::ClientJoined { client, session }, now, effects);
                });
            }
            Other::Stranger => {
                let name = &connection.peer().identity.host;
                self.note(&format!(
                    "closed a connection of {name}, which is not among the peers"
                ));
                connection.close();
            }
        }
    }

    fn received(&self, connection: &Connection, frames: &mut Vec<Frame>) {
        let other = self.other(connection);
        let expected = match other {
            Other::Peer(_) => BETWEEN_KERNELS,
            Other::Client(_) => FROM_CLIENT,
            Other::Stranger => return,
        };
        if frames.iter().any(|frame| frame.kind != expected) {
            self.note(&format!(
                "closed a connection from {}: garbage",
                connection.peer().address
            ));
            connection.close();
            return;
        }
        let frames = std::mem::take(frames);
        self.0.dispatch(move |core, now, effects| {
            for frame in &frames {
                let message = &frame.payload;
                let event = match other {
                    Other::Peer(from) => Event::FromPeer { from, message },
                    Other::Client(client) => Event::FromClient { client, message },
                    Other::Stranger => return,
                };
                core.handle(event, now, effects);
            }
        });
    }

    fn closed(&self, connection: &Connection, _why: &Closed) {
        match self.other(connection) {
            Other::Peer(host) => {
                let is_current = {
                    let mut core = self.0.core();
                    let is_current = core
                        .peers
                        .get(&host)
                        .is_some_and(|known| known.id() == connection.id());
                    if is_current {
                        core.peers.remove(&host);
                    }
                    is_current
                };
                if is_current {
                    self.0.dispatch(move |core, now, effects| {
                        core.handle(Event::PeerLost(host), now, effects);
                    });
                }
            }
            Other::Client(client) => {
                self.0.core().clients.remove(&client);
                self.0.dispatch(move |core, now, effects| {
                    core.handle(Event::ClientLeft(client), now, effects);
                });
            }
            Other::Stranger => {}
        }
    }

    fn note(&self, line: &str) {
        eprintln!("kernel {}: {line}", self.0.name);
    }
}
