//! What clients ask of this host: requests for its replicas, directions to others, its status.

use super::{Effect, Host};
use crate::clock::Time;
use crate::identity::ServerId;
use crate::kernel::call::Call;
use crate::kernel::message::{Refusal, RequestName, ToClient, ToKernel};
use crate::kernel::replica::{ClientId, Replica};
use crate::kernel::status::{HostStatus, ReplicaStatus, ServerStatus};
use crate::protocol::{Request, RequestId};
use crate::wire::Wire;

impl Host {
    pub(super) fn client_says(
        &mut self,
        client: ClientId,
        message: &[u8],
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let Ok(message) = ToKernel::from_bytes(message) else {
            effects.push(Effect::DropClient(client));
            return Ok(());
        };
        match message {
            ToKernel::Request {
                name,
                acknowledged,
                call,
            } => {
                let id = RequestId {
                    session: name.session,
                    sequence: name.seq,
                };
                if let Some(message) = self.not_here(name, &call) {
                    effects.push(Effect::ToClient {
                        to: client,
                        message,
                    });
                    return Ok(());
                }
                let request = Request {
                    id,
                    acknowledged,
                    call: call.into(),
                };
                self.with_replica(name.server, now, effects, |replica, around| {
                    replica.request(client, request, around)
                })
            }
            ToKernel::Probe { name } => {
                if let Some(message) = self.elsewhere(name) {
                    effects.push(Effect::ToClient {
                        to: client,
                        message,
                    });
                    return Ok(());
                }
                let id = RequestId {
                    session: name.session,
                    sequence: name.seq,
                };
                self.with_replica(name.server, now, effects, |replica, around| {
                    replica.probe(client, id, around);
                    Ok(())
                })
            }
            ToKernel::Status => {
                let message = ToClient::Status(Box::new(self.status()));
                effects.push(Effect::ToClient {
                    to: client,
                    message,
                });
                Ok(())
            }
            ToKernel::ReplicaState {
                server,
                issued,
                offset,
            } => {
                let message = ToClient::ReplicaState {
                    server,
                    state: self
                        .replicas
                        .get_mut(&server)
                        .and_then(|replica| replica.state_piece(issued, offset)),
                };
                effects.push(Effect::ToClient {
                    to: client,
                    message,
                });
                Ok(())
            }
        }
    }

    /// The answer to a request that no replica of this host can take.
    fn not_here(&self, name: RequestName, call: &[u8]) -> Option<ToClient> {
        let reenters = match Call::decode(call) {
            Ok(call) => call.chain.contains(&name.server),
            Err(_) => {
                return Some(ToClient::Refused {
                    name,
                    why: Refusal::TooLarge,
                });
            }
        };
        if reenters {
            return Some(ToClient::Refused {
                name,
                why: Refusal::Reentrant,
            });
        }
        self.elsewhere(name)
    }

    fn elsewhere(&self, name: RequestName) -> Option<ToClient> {
        let server = name.server;
        if self.replicas.contains_key(&server) {
            return None;
        }
        let shared = self.shared();
        let Some(entry) = shared.settled.entry(server) else {
            return Some(if shared.settled.is_gone(server) {
                ToClient::Refused {
                    name,
                    why: Refusal::Deleted,
                }
            } else {
                ToClient::Redirect {
                    name,
                    leader: None,
                    hosts: Vec::new(),
                }
            });
        };
        let only_here = entry.hosts == [self.options.me];
        Some(if only_here && !self.has_replica(entry) {
            ToClient::Refused {
                name,
                why: Refusal::StateLost,
            }
        } else {
            ToClient::Redirect {
                name,
                leader: None,
                hosts: entry.hosts.clone(),
            }
        })
    }

    /// What this host says about itself.
    #[must_use]
    pub fn status(&mut self) -> HostStatus {
        let directory = self.directory_entry();
        let shared = self.shared().settled.clone();
        let servers = [&directory]
            .into_iter()
            .chain(shared.entries().map(AsRef::as_ref))
            .map(|entry| ServerStatus {
                server: entry.id,
                class: entry.class.clone(),
                name: entry.name.clone(),
                tolerance: entry.tolerance,
                durable: entry.durable && !self.options.volatile,
                hosts: entry.hosts.clone(),
            })
            .collect();
        HostStatus {
            me: self.options.me,
            hosts: self.hosts(),
            servers,
            replicas: self
                .replicas
                .values_mut()
                .map(crate::kernel::replica::Replica::status)
                .collect(),
        }
    }

    /// The issued state of the replica here for a person who looks at it; none without a replica, or while a method runs there.
    #[must_use]
    pub fn describe(&self, server: ServerId) -> Option<String> {
        self.replicas.get(&server)?.describe()
    }

    /// What the replicas here are at this moment; cheaper than [`Host::status`].
    #[must_use]
    pub fn standings(&self) -> Vec<Standing> {
        let standing = |replica: &Replica| Standing {
            class: replica.entry.class.clone(),
            replica: replica.standing(),
        };
        self.replicas.values().map(standing).collect()
    }
}

/// A replica, without the hash of its state.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The class of its server.
    pub class: String,
    /// What it says of itself.
    pub replica: ReplicaStatus,
}
