//! What happens in a simulated run.

use super::faults::Strike;
use super::sockets::ForSocket;
use super::stage::Actor;
use crate::client::{LinkEvent, LinkId};
use crate::identity::{HostId, ServerId};
use crate::kernel::job::{Finished, Job};
use crate::kernel::replica::ClientId;
use crate::protocol::{Step, Ticket};
use std::time::Duration;

/// Something that will happen.
pub(super) enum Event {
    /// A thread goes on, if it still waits for this.
    Resume { actor: Actor, wait: u64 },
    /// For the kernel of a host, if it still is in this life.
    Kernel {
        host: HostId,
        life: u64,
        what: ForKernel,
    },
    /// Two kernels try to connect.
    Join { pair: (HostId, HostId) },
    /// A client tries to connect.
    Dial { ends: u64, link: LinkId },
    /// For a client, over that connection; none if it is about attempts to connect.
    Client {
        ends: u64,
        link: LinkId,
        connection: Option<ClientId>,
        what: LinkEvent,
        /// Its number in the record.
        sent: u64,
    },
    /// For the connections of Rust code.
    Socket(ForSocket),
    /// The next fault is drawn.
    Trouble,
    /// This fails, if the tolerances allow it.
    Strike(Strike),
    /// Somebody looks whether anything still happens.
    Look,
    /// What that one of the run's faults did is over.
    Mend(usize),
}

impl ForKernel {
    /// Its number in the record, if it is a message.
    pub(super) fn sent(&self) -> u64 {
        match self {
            Self::Message { sent, .. } | Self::ClientSays { sent, .. } => *sent,
            _ => 0,
        }
    }
}

/// Something for a kernel.
pub(super) enum ForKernel {
    /// A message of another kernel, over the connection of that number.
    Message {
        from: HostId,
        connection: u64,
        message: Vec<u8>,
        /// Its number in the record.
        sent: u64,
    },
    /// The other kernel closed that connection.
    PeerLost { from: HostId, connection: u64 },
    /// A client is connected.
    ClientJoined {
        client: ClientId,
        session: Option<u128>,
    },
    /// A message of a client.
    ClientSays {
        client: ClientId,
        message: Vec<u8>,
        /// Its number in the record.
        sent: u64,
    },
    /// A client is gone.
    ClientLeft(ClientId),
    /// It wanted to be woken.
    Tick,
    /// The disk may have written something of that server.
    Disk(ServerId),
    /// A store is to be opened.
    Open(ServerId),
    /// A method is to run.
    Run(Box<Job>),
    /// A method ran.
    Executed {
        finished: Box<Finished>,
        took: Duration,
    },
    /// A method that runs is about to call other servers.
    Journal {
        server: ServerId,
        ticket: Ticket,
        step: Step,
    },
}
