//! What travels between kernels, and between a client and a kernel.
//!
//! Every message is one frame's payload; it opens with a tag. Bytes from a peer can be anything:
//! reading gives an error value, and the connection they came on is closed.

use crate::identity::{HostId, HostInfo, ServerId};
use crate::kernel::status::HostStatus;
#[cfg(doc)]
use crate::protocol::RequestId;
use crate::transport::KIND_MIN;
use crate::wire::{Reader, Wire, WireError, Writer};
use std::net::SocketAddr;

/// The kind of frames from a client.
pub const FROM_CLIENT: u8 = KIND_MIN;
/// The kind of frames to a client.
pub const TO_CLIENT: u8 = KIND_MIN + 1;
/// The kind of frames between kernels.
pub const BETWEEN_KERNELS: u8 = KIND_MIN + 2;

const SESSION_NAME: &str = "session-";

/// How the client of a session introduces itself to kernels.
#[must_use]
pub fn session_name(session: u128) -> String {
    format!("{SESSION_NAME}{session:032x}")
}

/// The session of the client that introduced itself so, if it is one.
#[must_use]
pub fn session_of(name: &str) -> Option<u128> {
    u128::from_str_radix(name.strip_prefix(SESSION_NAME)?, 16).ok()
}

/// Names a request: the client's session and its number in that session, per server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestName {
    /// The server it is meant for.
    pub server: ServerId,
    /// The random identity of the session.
    pub session: u128,
    /// Counts from 1 for each server; reads count apart, from [`RequestId::READS`] on.
    pub seq: u64,
}

/// From a client to a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToKernel {
    /// A call to execute exactly once.
    Request {
        /// Which request.
        name: RequestName,
        /// All requests of the session up to this one are answered.
        acknowledged: u64,
        /// The servers that wait in the chain of calls, method and arguments: a [`Call`](super::call::Call).
        call: Vec<u8>,
    },
    /// Asks whether a request is still being worked on.
    Probe {
        /// Which request.
        name: RequestName,
    },
    /// Asks for the status of the host.
    Status,
    /// Asks for a piece of the issued state of this host's replica.
    ReplicaState {
        /// Of which server.
        server: ServerId,
        /// The state after that command; of no matter for the first piece.
        issued: u64,
        /// Where the piece begins.
        offset: u64,
    },
}

/// From a kernel to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToClient {
    /// Who the kernel is and what it knows of the others; again whenever that changes.
    Hosts {
        /// The host of this kernel.
        me: HostId,
        /// All hosts, in order.
        hosts: Vec<HostInfo>,
        /// The fingerprint of the program that the kernel runs.
        program: String,
    },
    /// The reply to a request: the command is issued.
    Reply {
        /// Which request.
        name: RequestName,
        /// One byte that says whether the method raised, then what the service answered.
        reply: Vec<u8>,
    },
    /// The request was not taken; ask there.
    Redirect {
        /// Which request.
        name: RequestName,
        /// Who leads, as far as is known.
        leader: Option<HostId>,
        /// The hosts of the server's replicas; empty when they are unknown here.
        hosts: Vec<HostId>,
    },
    /// The request will never be executed by this server.
    Refused {
        /// Which request.
        name: RequestName,
        /// Why.
        why: Refusal,
    },
    /// The request waits at, or is executed by, a leader that hears a quorum.
    Working {
        /// Which request.
        name: RequestName,
    },
    /// The kernel does not know the request (any more): send it again.
    Unknown {
        /// Which request.
        name: RequestName,
    },
    /// The status of the host.
    Status(Box<HostStatus>),
    /// A piece of the issued state of this host's replica, the first one if the state that was asked for is not
    /// kept any more; none if there is no replica here.
    ReplicaState {
        /// Of which server.
        server: ServerId,
        /// Class, issued number, hash and a piece of the snapshot.
        state: Option<StateHere>,
    },
}

/// A piece of the issued state of one replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateHere {
    /// The server's class.
    pub class: String,
    /// The number of the last issued command that it contains.
    pub issued: u64,
    /// The canonical hash.
    pub hash: [u8; 32],
    /// How long the snapshot is.
    pub total: u64,
    /// Where the piece begins in it.
    pub offset: u64,
    /// The piece; that at the end of the snapshot is the last.
    pub piece: Vec<u8>,
}

/// Why a request will never be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The server was deleted.
    Deleted,
    /// The server was not durable and its host restarted.
    StateLost,
    /// The call would re-enter a server that waits for it.
    Reentrant,
    /// The session's answer was trimmed, or the session is not known: it may have been executed.
    Forgotten,
    /// The call is larger than a command may be.
    TooLarge,
    /// A read that cannot be answered as one; as a request in the session's sequence it can be.
    NeedsCommand,
}

/// Between kernels; a group's message is borrowed from the bytes that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToPeer<'a> {
    /// I am alive.
    Heartbeat {
        /// Drawn anew at each start of the kernel.
        incarnation: u64,
        /// The sessions connected to it that own servers.
        owners: Vec<u128>,
    },
    /// A message of a replication group.
    Group {
        /// Whose.
        server: ServerId,
        /// As the protocol encodes it.
        message: &'a [u8],
    },
}

impl<'a> ToPeer<'a> {
    /// Appends the message.
    pub fn write(self, to: &mut Writer) {
        match self {
            Self::Heartbeat {
                incarnation,
                owners,
            } => {
                to.u8(0);
                to.u64(incarnation);
                to.sequence(&owners, |to, session| to.u128(*session));
            }
            Self::Group { server, message } => {
                to.u8(1);
                server.write(to);
                to.bytes(message);
            }
        }
    }

    /// The message that these bytes, and no fewer of them, encode.
    ///
    /// # Errors
    /// If the bytes are not one.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut from = Reader::new(bytes);
        let message = match from.u8()? {
            0 => Self::Heartbeat {
                incarnation: from.u64()?,
                owners: from.sequence(16, Reader::u128)?,
            },
            1 => Self::Group {
                server: from.value()?,
                message: from.bytes()?,
            },
            _ => return Err(WireError::BadTag("peer message")),
        };
        from.finish()?;
        Ok(message)
    }
}

impl Wire for ServerId {
    const BYTES_MIN: usize = 8;
    fn write(&self, to: &mut Writer) {
        to.u64(self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        from.u64().map(Self)
    }
}

impl Wire for HostId {
    const BYTES_MIN: usize = 2;
    fn write(&self, to: &mut Writer) {
        to.u16(self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        from.u16().map(Self)
    }
}

impl Wire for HostInfo {
    const BYTES_MIN: usize = 5;
    fn write(&self, to: &mut Writer) {
        self.id.write(to);
        to.str(&self.name);
        to.str(&self.address.to_string());
        to.bool(self.alive);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            id: HostId::read(from)?,
            name: from.str()?.to_owned(),
            address: read_address(from)?,
            alive: from.bool()?,
        })
    }
}

fn read_address(from: &mut Reader<'_>) -> Result<SocketAddr, WireError> {
    from.str()?
        .parse()
        .map_err(|_| WireError::BadValue("address"))
}

impl Wire for RequestName {
    const BYTES_MIN: usize = 32;
    fn write(&self, to: &mut Writer) {
        self.server.write(to);
        to.u128(self.session);
        to.u64(self.seq);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            server: ServerId::read(from)?,
            session: from.u128()?,
            seq: from.u64()?,
        })
    }
}

impl Wire for StateHere {
    const BYTES_MIN: usize = 58;
    fn write(&self, to: &mut Writer) {
        to.str(&self.class);
        to.u64(self.issued);
        to.raw(&self.hash);
        to.u64(self.total);
        to.u64(self.offset);
        to.bytes(&self.piece);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            class: from.str()?.to_owned(),
            issued: from.u64()?,
            hash: from.array()?,
            total: from.u64()?,
            offset: from.u64()?,
            piece: from.bytes()?.to_vec(),
        })
    }
}

impl Wire for Refusal {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        to.u8(match self {
            Self::Deleted => 0,
            Self::StateLost => 1,
            Self::Reentrant => 2,
            Self::Forgotten => 3,
            Self::TooLarge => 4,
            Self::NeedsCommand => 5,
        });
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        match from.u8()? {
            0 => Ok(Self::Deleted),
            1 => Ok(Self::StateLost),
            2 => Ok(Self::Reentrant),
            3 => Ok(Self::Forgotten),
            4 => Ok(Self::TooLarge),
            5 => Ok(Self::NeedsCommand),
            _ => Err(WireError::BadTag("refusal")),
        }
    }
}

impl Wire for ToKernel {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Request {
                name,
                acknowledged,
                call,
            } => {
                to.u8(0);
                name.write(to);
                to.u64(*acknowledged);
                to.bytes(call);
            }
            Self::Probe { name } => {
                to.u8(1);
                name.write(to);
            }
            Self::Status => to.u8(2),
            Self::ReplicaState {
                server,
                issued,
                offset,
            } => {
                to.u8(3);
                server.write(to);
                to.u64(*issued);
                to.u64(*offset);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        match from.u8()? {
            0 => Ok(Self::Request {
                name: from.value()?,
                acknowledged: from.u64()?,
                call: from.bytes()?.to_vec(),
            }),
            1 => Ok(Self::Probe {
                name: from.value()?,
            }),
            2 => Ok(Self::Status),
            3 => Ok(Self::ReplicaState {
                server: from.value()?,
                issued: from.u64()?,
                offset: from.u64()?,
            }),
            _ => Err(WireError::BadTag("client message")),
        }
    }
}

impl Wire for ToClient {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Hosts { me, hosts, program } => {
                to.u8(0);
                me.write(to);
                hosts.write(to);
                to.str(program);
            }
            Self::Reply { name, reply } => {
                to.u8(1);
                name.write(to);
                to.bytes(reply);
            }
            Self::Redirect {
                name,
                leader,
                hosts,
            } => {
                to.u8(2);
                name.write(to);
                leader.write(to);
                hosts.write(to);
            }
            Self::Refused { name, why } => {
                to.u8(3);
                name.write(to);
                why.write(to);
            }
            Self::Working { name } => {
                to.u8(4);
                name.write(to);
            }
            Self::Unknown { name } => {
                to.u8(5);
                name.write(to);
            }
            Self::Status(status) => {
                to.u8(6);
                status.write(to);
            }
            Self::ReplicaState { server, state } => {
                to.u8(7);
                server.write(to);
                state.write(to);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        match from.u8()? {
            0 => Ok(Self::Hosts {
                me: from.value()?,
                hosts: from.value()?,
                program: from.value()?,
            }),
            1 => Ok(Self::Reply {
                name: from.value()?,
                reply: from.bytes()?.to_vec(),
            }),
            2 => Ok(Self::Redirect {
                name: from.value()?,
                leader: from.value()?,
                hosts: from.value()?,
            }),
            3 => Ok(Self::Refused {
                name: from.value()?,
                why: from.value()?,
            }),
            4 => Ok(Self::Working {
                name: from.value()?,
            }),
            5 => Ok(Self::Unknown {
                name: from.value()?,
            }),
            6 => Ok(Self::Status(Box::new(from.value()?))),
            7 => Ok(Self::ReplicaState {
                server: from.value()?,
                state: from.value()?,
            }),
            _ => Err(WireError::BadTag("kernel message")),
        }
    }
}
