//! The state of a server: what a kernel holds, executes, undoes and ships, without knowing its class.
//!
//! A [`Service`] is one object graph that runs methods. The driver (kernel or simulator) performs
//! `execute`, `apply`, `undo` and `settle` strictly in the order in which the protocol gives them.
//! Invariant: the state after all *settled* records is the same on every replica, so `snapshot` and
//! `hash` look at that state only, never at the live one that may run ahead of it.
//!
//! Nothing here reads a clock, draws a random number or touches a socket: all of that comes in
//! through [`Environment`].

mod access;
mod call;
mod class;
mod collect;
mod context;
mod describe;
mod exception;
mod external;
mod graph;
mod heap;
mod host;
mod main;
mod reference;
mod relation;
mod remote;
mod server;
mod stack;
mod tracer;

pub use call::{Answer, Arguments, Call, Many, Parameters, answer};
pub(crate) use call::{raised, too_large};
pub use class::{Attribute, Class, ClassInfo, Field, Object};
pub use context::{Code, Context, host, print, println, sleep};
pub use exception::{
    ArithmeticError, AssertionFailed, BadCast, Exception, IndexOutOfRange, InvariantFailed,
    NoSuchElement, NullReference, Outcome, PREDEFINED, PostconditionFailed, PreconditionFailed,
    Predefined, Raised, ReentrantCall, ResourceExhausted, ServerFailed, TimeoutExpired, caught,
    throw,
};
pub(crate) use external::is_inside_embedded;
pub use external::{Extern, ExternResult, drawn, embedded, enumerator, within_depth};
pub use graph::{Decoder, Encoder};
pub use host::Host;
pub use main::{
    Flow, assertion, attempt, invariant, postcondition, precondition, run_main, several,
};
pub use reference::{Identity, Item, Ref};
pub use relation::{Related, Replace};
pub(crate) use remote::running_server;
pub use remote::{
    Future, Futures, ServerOptions, accept, accept_within, call, delete, find_server, invoke,
    or_timeout, result, start_server,
};
pub use server::{Served, ServerObject};
pub use tracer::Tracer;

use crate::client::Connector;
use crate::identity::{HostId, ServerId};
use crate::program::ServerClass;
use std::fmt;

/// What one execution of a call gave: the command that replicas vote on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// The change of the state, for [`Service::apply`] on the other replicas; empty if nothing changed.
    pub delta: Vec<u8>,
    /// The encoded reply or exception, for the caller; it says itself which of the two it is.
    pub reply: Vec<u8>,
    /// How it ended.
    pub verdict: Verdict,
}

/// How an execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The method returned; its changes are in the delta.
    Completed,
    /// An exception left the method: the state is as before.
    Raised,
    /// The precondition of the called method failed: the state is as before, and the call may be
    /// tried again after others of its intake group.
    PreconditionFailed,
}

/// What a method sees of the world while it runs.
///
/// Everything that could differ from one execution to the next is in here, so that the same call
/// on the same state in the same environment gives the same execution.
#[derive(Clone)]
pub struct Environment {
    /// What `now()` says: nanoseconds since 1970 in UTC.
    pub now: i64,
    /// The seed of `random()`.
    pub seed: u64,
    /// The host that executes: `my_host()`.
    pub host: HostId,
    /// The server that this service is.
    pub server: ServerId,
    /// Reaches other servers, with the chain of calls that wait already set; `None` where a method
    /// may not do that (replicated servers).
    pub connector: Option<Connector>,
}

impl Environment {
    /// A world that stands still, without other servers: for tests, restores and inspection.
    #[must_use]
    pub fn isolated(now: i64, seed: u64) -> Environment {
        Environment {
            now,
            seed,
            host: HostId(0),
            server: ServerId(0),
            connector: None,
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("now", &self.now)
            .field("seed", &self.seed)
            .field("host", &self.host)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Bytes that were to be a delta or a snapshot and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// What does not fit.
    pub what: String,
}

impl Damaged {
    /// Damage described by `what`.
    pub fn new(what: impl Into<String>) -> Damaged {
        Damaged { what: what.into() }
    }
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "damaged state: {}", self.what)
    }
}

impl std::error::Error for Damaged {}

/// One server's state and its methods.
///
/// `execute` and `apply` push exactly one undo record each. Records form a queue: `settle` drops
/// the oldest, `undo` takes the newest back.
pub trait Service: Send {
    /// Runs one call on the live state: a method's number (u32, little-endian), then its encoded
    /// arguments. Constructors are methods too: the first call of a blank server is one. A method that raises has changed nothing when this
    /// returns; its undo record is empty.
    fn execute(&mut self, call: &[u8], environment: &Environment) -> Execution;

    /// Applies the delta of an execution made elsewhere.
    ///
    /// # Errors
    /// [`Damaged`] if the bytes are no delta of this state; the state is then as before and no
    /// undo record was pushed.
    fn apply(&mut self, delta: &[u8]) -> Result<(), Damaged>;

    /// Takes back the newest unsettled record. Without one it does nothing.
    fn undo(&mut self);

    /// The oldest unsettled record is final.
    fn settle(&mut self);

    /// The settled state, complete.
    fn snapshot(&self) -> Vec<u8>;

    /// Becomes the state of `snapshot`; all undo records are dropped.
    ///
    /// # Errors
    /// [`Damaged`] if the bytes are no snapshot of this class; the state is then as before.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), Damaged>;

    /// Identifies the settled state: equal on all replicas that settled the same records.
    fn hash(&self) -> [u8; 32];

    /// The settled state for a person who looks at it; empty if there is no text for it.
    fn describe(&self) -> String {
        String::new()
    }
}

/// Restores `snapshot` into an object of this process and calls the parameterless method
/// `method`, which returns a string.
///
/// # Errors
/// Says what is wrong, for people: a damaged snapshot, an unknown method, an exception.
pub fn inspect(class: &ServerClass, snapshot: &[u8], method: &str) -> Result<String, String> {
    let Some((_, number)) = class.queries.iter().find(|(name, _)| *name == method) else {
        return Err(format!(
            "class {} has no method string {method} ()",
            class.name
        ));
    };
    let mut service = (class.blank)();
    service
        .restore(snapshot)
        .map_err(|damage| damage.to_string())?;
    let execution = service.execute(&number.to_le_bytes(), &Environment::isolated(0, 0));
    static NONE: Code = Code {
        classes: &[],
        positions: &[],
    };
    let mut cx = Context::of_replica(&NONE);
    match call::decode_reply::<crate::value::Text>(&execution.reply, &mut cx) {
        Ok(text) => Ok(text.to_string()),
        Err(raised) => Err(format!("{method} raised {raised}")),
    }
}
