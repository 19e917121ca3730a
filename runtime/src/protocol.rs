//! Replication protocols: sans-io state machines behind one trait.
//!
//! A protocol sees the world as [`Input`]s and answers with [`Output`]s; a *driver* (the kernel, or the simulator)
//! owns the sockets, the disk, the clock and the replicated service. No clock, randomness, thread, socket or file in here,
//! and no dependency but `std` and the crate's own wire encoding: one seed and one sequence of inputs give one sequence of outputs.
//!
//! # What a driver must do
//! 1. Call [`Protocol::step`] for every event, with a `now` that never runs backwards, and perform the outputs **in the order given**.
//! 2. Perform [`Output::Install`], [`Output::Apply`], [`Output::Execute`], [`Output::Undo`], [`Output::Settle`] and [`Output::TakeSnapshot`] on the
//!    service *strictly in order*. They may lag behind (a method may run long): queue them, and go on handing in events meanwhile.
//! 3. Every `Execute` and every `Apply` pushes exactly one undo record on the service. `Undo` takes the newest back; `Settle` drops the oldest.
//! 4. Answer every `Execute` with [`Input::Executed`] with its ticket, also when an `Undo` for it is already queued.
//! 5. Answer every [`Output::Persist`] and [`Output::SaveSnapshot`] with [`Input::Durable`] when it *and all earlier ones* are on stable storage. Tokens grow;
//!    `Durable` for a token covers the lower ones. A volatile store answers at once. Whatever must wait for stable storage is held back inside the
//!    protocol: every `Send` that comes out may leave immediately.
//! 6. A method that is about to make calls which may change something elsewhere first hands in [`Input::Journal`], with the ticket of its execution, and
//!    waits for [`Output::Journaled`]; the calls leave after that. One such input is outstanding at most. After [`Output::Cancel`] the method must end
//!    soon and call nothing more; what it gives is not used.
//! 7. Call `step` with [`Input::Tick`] once at the start, and then at the time of the latest [`Output::Wake`] (each replaces the one before).
//! 8. Messages and records are opaque bytes. Messages may be lost, doubled, reordered; not altered.

pub mod executive;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::clock::Time;

/// Immutable bytes that are shared instead of copied.
pub type Bytes = Arc<[u8]>;

/// The identity of a replica within its group. A replica that lost its disk must not reuse its identity as a voter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device(pub u16);

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Which request of which client: the key of the exactly-once table.
///
/// The session numbers its requests to one server from 1 without gaps; they are executed in that order. Reads stand outside this
/// sequence: they are numbered from [`RequestId::READS`] on, may be executed several times, and enter no table. New sessions
/// choose identifiers that grow with time (put a timestamp into the upper bits and random bits below): once the table has
/// had to forget a session, one with a lower identifier can no longer be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    /// The client's session.
    pub session: u128,
    /// The number of the request within the session, from 1.
    pub sequence: u64,
}

impl RequestId {
    /// Reads have numbers above this one.
    pub const READS: u64 = 1 << 63;

    /// Whether it is that of a read.
    #[must_use]
    pub const fn is_read(self) -> bool {
        self.sequence > RequestId::READS
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_read() {
            let number = self.sequence - RequestId::READS;
            write!(f, "{:x}/read {number}", self.session)
        } else {
            write!(f, "{:x}/{}", self.session, self.sequence)
        }
    }
}

/// A client's request to run one call on the replicated service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its identity; a retry carries the same one.
    pub id: RequestId,
    /// Every request of the session up to this number is done with at the client (answered or given up), so that its reply may be forgotten.
    pub acknowledged: u64,
    /// What to run, as the service understands it.
    pub call: Bytes,
}

/// How the execution of a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The method completed.
    Completed,
    /// The method raised; the state is as before and the reply says what was raised.
    Raised,
    /// The method's precondition did not hold; it may be tried again within its intake group.
    PreconditionFailed,
}

/// What one execution of a call at the leader yielded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// What it changed, for the other replicas to apply; empty if it did not complete.
    pub delta: Bytes,
    /// What the client gets.
    pub reply: Bytes,
    /// How it ended.
    pub verdict: Verdict,
}

/// Identifies one [`Output::Execute`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What a method is about to do elsewhere, and what it has seen so far: one entry of the journal of nested calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// The session in which this server calls others.
    pub session: u128,
    /// The calls: which server, and which number the call has in the session's requests to it.
    pub calls: Vec<(u64, u64)>,
    /// What the execution has drawn since its last step, for the method that is executed again.
    pub draws: Bytes,
}

/// What the journal says to an execution that may call other servers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journaled {
    /// The session in which this server calls others; 0 if it has not done so.
    pub session: u128,
    /// The last number in that session for each server that was called.
    pub last: Arc<BTreeMap<u64, u64>>,
    /// The draws of an earlier execution of the same request, which this one repeats; empty for the first.
    pub draws: Vec<Bytes>,
}

/// Identifies one write; they grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Token(pub u64);

/// The number of a command in the issued sequence; 0 is the null command, before everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Number(pub u64);

impl Number {
    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Number {
        Number(self.0 + 1)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An event that the driver hands to the protocol.
#[derive(Debug)]
pub enum Input<'a> {
    /// A message arrived. Bytes that are not a message of this protocol are ignored and counted.
    Message {
        /// Who sent it (as authenticated by the transport).
        from: Device,
        /// The message.
        message: &'a [u8],
    },
    /// A client's request arrived at this host.
    Request(Request),
    /// An [`Output::Execute`] was performed.
    Executed {
        /// Which one.
        ticket: Ticket,
        /// What it yielded.
        execution: Execution,
    },
    /// The method of an [`Output::Execute`] is about to call other servers; [`Output::Journaled`] says when it may.
    Journal {
        /// Which execution.
        ticket: Ticket,
        /// What is to be in the journal first.
        step: Step,
    },
    /// Everything that was to be persisted up to this token is on stable storage.
    Durable {
        /// The highest such token.
        token: Token,
    },
    /// An [`Output::TakeSnapshot`] was performed.
    SnapshotTaken {
        /// Its number.
        number: Number,
        /// The service's state after that command.
        state: Bytes,
    },
    /// The time of the latest [`Output::Wake`] has come (earlier and additional ticks are harmless).
    Tick,
    /// A hint from the host's failure detector: the devices whose hosts it is connected to. One that drops out is suspected at once
    /// instead of after its silence. The hint may be wrong; the protocol works without it.
    Reachable {
        /// The devices, this one included or not.
        devices: BTreeSet<Device>,
    },
}

/// Why a request was not run. None of these says that an *earlier* attempt of the same request did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// This device does not lead; try the one named, or any other.
    NotLeader {
        /// Who leads, as far as this device knows.
        hint: Option<Device>,
    },
    /// The request's number lies at or below what its session has acknowledged: it is done with and was not run again.
    Trimmed,
    /// The session has been forgotten (or cannot be opened with this identifier): whether earlier requests ran is unknown.
    UnknownSession,
    /// More requests wait than this device takes; try again later.
    Busy,
    /// The call is larger than a command may be.
    TooLarge,
    /// A read that cannot be answered as one: it would change something, or its precondition failed and others may make it hold. As a
    /// request in sequence it can be.
    NeedsCommand,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotLeader { hint: Some(device) } => write!(f, "device {device} leads"),
            Refusal::NotLeader { hint: None } => write!(f, "no leader is known"),
            Refusal::Trimmed => write!(f, "the request was acknowledged before"),
            Refusal::UnknownSession => write!(f, "the session is not known any more"),
            Refusal::Busy => write!(f, "too many requests wait"),
            Refusal::TooLarge => write!(f, "the call is too large"),
            Refusal::NeedsCommand => write!(f, "this is no read"),
        }
    }
}

/// What the protocol asks its driver to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send a message to another device.
    Send {
        /// To whom; never to itself.
        to: Device,
        /// The message; shared between the copies of a broadcast.
        message: Bytes,
    },
    /// Append records to stable storage, in order, as one write; then [`Input::Durable`].
    Persist {
        /// What `Durable` will name.
        token: Token,
        /// The records.
        records: Vec<Bytes>,
    },
    /// Replace what is on stable storage by this snapshot: once it is durable, every record persisted **before** it may be dropped (and must
    /// not be dropped earlier). Answered by [`Input::Durable`]. At recovery, records that should have been dropped do no harm.
    SaveSnapshot {
        /// What `Durable` will name.
        token: Token,
        /// Number of the last command in it, for a file name or a listing.
        number: Number,
        /// Everything: service state, request table, ballots, votes and what was issued since.
        snapshot: Bytes,
    },
    /// Run a call on the service's live state; then [`Input::Executed`]. At most one is outstanding.
    Execute {
        /// What `Executed` will name.
        ticket: Ticket,
        /// Whose call it is.
        id: RequestId,
        /// The call.
        call: Bytes,
        /// The time for `now()` in the method: never before that of the preceding command, whoever led then.
        time: Time,
        /// What the journal says; none if this server never called another.
        journaled: Option<Box<Journaled>>,
    },
    /// The step that the execution handed in is issued: the calls in it may leave.
    Journaled {
        /// Which execution.
        ticket: Ticket,
    },
    /// The execution is of no use any more: its method should end, and call nothing.
    Cancel {
        /// Which execution.
        ticket: Ticket,
    },
    /// Apply a delta that some leader's execution yielded.
    Apply {
        /// Number of the command it belongs to.
        number: Number,
        /// The delta; may be empty, and then still pushes an (empty) undo record.
        delta: Bytes,
    },
    /// Take the newest execution or application back.
    Undo,
    /// The oldest execution or application is issued: its undo record is not needed any more.
    Settle,
    /// All executions and applications of the commands up to this one are settled: the sequence of these outputs counts 1, 2, 3, … at every replica.
    Issued {
        /// Its number.
        number: Number,
    },
    /// Replace the service's state. No undo record is on it at this moment.
    Install {
        /// Number of the last command in it.
        number: Number,
        /// The state, as a [`Input::SnapshotTaken`] gave it somewhere.
        state: Bytes,
    },
    /// Take a snapshot of the service's *settled* state at this point of the sequence of outputs; then [`Input::SnapshotTaken`].
    TakeSnapshot {
        /// Number of the last command in it.
        number: Number,
    },
    /// Answer a client: the request is issued. Drop it if nobody at this host waits for it.
    Reply {
        /// Which request.
        id: RequestId,
        /// The answer.
        reply: Bytes,
    },
    /// Tell a client that its request is not answered here.
    Refused {
        /// Which request.
        id: RequestId,
        /// Why.
        why: Refusal,
    },
    /// Call `step` with [`Input::Tick`] at this time; replaces the previous one.
    Wake {
        /// When.
        at: Time,
    },
}

/// What a device is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It votes and applies what others propose.
    Following,
    /// It has begun a ballot and does not have its quorum yet.
    Trying,
    /// It executes and proposes.
    Leading,
}

/// A look at a device from outside, for `status` and tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// This device.
    pub device: Device,
    /// What it does.
    pub role: Role,
    /// Who leads, as far as it knows.
    pub leader: Option<Device>,
    /// The highest ballot that it promised: its round.
    pub round: u64,
    /// Number of the last command that it knows issued.
    pub issued: Number,
    /// How often the leader changed, as far as it saw.
    pub leader_changes: u64,
    /// The devices of the group.
    pub devices: Vec<Device>,
    /// The devices (itself included) that it hears and that hear it.
    pub connected: Vec<Device>,
    /// Whether those are a quorum.
    pub quorum_connected: bool,
    /// Requests that wait for execution.
    pub waiting: usize,
    /// Messages that could not be decoded.
    pub garbage: u64,
}

/// A replication protocol: one device's part of it.
pub trait Protocol: Send {
    /// Handles one event and appends what is to be done to `out`.
    fn step(&mut self, input: Input<'_>, now: Time, out: &mut Vec<Output>);

    /// A look from outside.
    fn status(&self) -> Status;
}
