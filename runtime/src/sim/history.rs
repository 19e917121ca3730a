//! What happened, as the checkers see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bank::Call;
use super::disk::Disk;
use super::payout::Post;
use crate::clock::Time;
use crate::protocol::executive::{Command, Message};
use crate::protocol::{Bytes, Device, Number, RequestId};

/// One thing that happened.
#[derive(Debug)]
pub enum Observation<'a> {
    /// A device sent a message (other than a heartbeat).
    Sent {
        /// Who.
        from: Device,
        /// What.
        message: &'a Message,
        /// Its disk at that moment.
        disk: &'a Disk,
        /// The last command that it knew issued.
        issued: Number,
    },
    /// A device issued a command.
    Issued {
        /// Who.
        device: Device,
        /// The command.
        command: &'a Arc<Command>,
    },
    /// A device went to the state after this number by a snapshot.
    Installed {
        /// Who.
        device: Device,
        /// The number.
        number: Number,
    },
    /// A device came back after a crash and begins with what was stable.
    Restarted {
        /// Who.
        device: Device,
    },
    /// A device's service has settled everything up to this number.
    Settled {
        /// Who.
        device: Device,
        /// The number.
        number: Number,
        /// The hash of its settled state.
        hash: [u8; 32],
    },
    /// A client was answered.
    Answered {
        /// Which request.
        id: RequestId,
        /// The answer.
        reply: &'a Bytes,
    },
    /// The run is over: everything is healed and quiet.
    Ended {
        /// Where each device stands.
        issued: &'a [(Device, Number)],
    },
}

/// One request of a client.
#[derive(Debug, Clone)]
pub struct Operation {
    /// What it asked for.
    pub call: Call,
    /// When.
    pub invoked: Time,
    /// What and when it was answered.
    pub answered: Option<(Time, Bytes)>,
    /// The last number that any device had issued when it was answered.
    pub issued: Number,
    /// The client stopped waiting.
    pub given_up: bool,
}

/// The clients' requests, and the one sequence of issued commands.
#[derive(Debug, Default)]
pub struct History {
    /// By identity.
    pub operations: BTreeMap<RequestId, Operation>,
    /// The command that was first issued under each number, from 1.
    pub issued: BTreeMap<Number, Arc<Command>>,
    /// The calls that the other server made, each with its receipt.
    pub posts: BTreeMap<RequestId, (Post, i64)>,
    /// How many devices there are.
    pub devices: usize,
    /// The protocol's window.
    pub window: u64,
}
