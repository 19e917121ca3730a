//! One execution of a method, away from the host's core.
//!
//! The core hands out a [`Job`] with the service inside, so that nothing else can touch the state
//! while the method runs, and goes on handling messages. Whether the job may run on the thread that
//! took the request, or must go to one of its own, follows from how the method behaved before.

mod gate;

pub use gate::StepGate;

use crate::client::{Connector, Nested};
use crate::identity::{HostId, ServerId};
use crate::kernel::call::Call;
use crate::object::{self, Environment, Execution, Service, Verdict};
use crate::protocol::executive::Config;
use crate::protocol::{self, Bytes, Journaled, Step, Ticket};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A method that always took less is run where its request arrived.
pub const QUICK: Duration = Duration::from_millis(1);
/// After so many quick runs a method has proved quick.
const RUNS_TO_PROVE: u32 = 3;

/// No more methods of a server are remembered.
const METHODS_MAX: usize = 4096;

/// A method about to run.
pub struct Job {
    pub(super) server: ServerId,
    pub(super) priority: i32,
    pub(super) ticket: Ticket,
    pub(super) call: Bytes,
    pub(super) service: Box<dyn Service>,
    pub(super) environment: Environment,
    pub(super) inline: bool,
    pub(super) calls_rust: bool,
    /// What makes it repeatable; none if it calls no servers, or nothing survives it.
    pub(super) journal: Option<Journal>,
}

/// What an execution that may be repeated starts with.
pub(super) struct Journal {
    pub(super) told: Option<Box<Journaled>>,
    pub(super) gate: Arc<StepGate>,
}

/// The change and the answer of a method that called servers may have so many bytes together: such a method must have its command.
const EFFECT_BYTES_MAX: usize = Config::SIZE_FACTOR << 20;

/// A method that ran.
pub struct Finished {
    pub(super) server: ServerId,
    pub(super) ticket: Ticket,
    pub(super) method: u32,
    pub(super) service: Box<dyn Service>,
    pub(super) execution: protocol::Execution,
}

impl Job {
    /// Whether it may run on a thread that handles messages.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        self.inline
    }

    /// Whether it may wait, for other servers or in embedding Rust code.
    #[must_use]
    pub fn may_wait(&self) -> bool {
        self.environment.connector.is_some() || self.calls_rust
    }

    /// Higher runs first.
    #[must_use]
    pub fn priority(&self) -> i32 {
        self.priority
    }

    /// Says how its steps reach the core.
    pub fn post_with(&self, post: impl Fn(ServerId, Ticket, Step) + Send + Sync + 'static) {
        if let Some(journal) = &self.journal {
            let (server, ticket) = (self.server, self.ticket);
            journal
                .gate
                .post_with(Box::new(move |step| post(server, ticket, step)));
        }
    }

    /// Runs the method to its end.
    #[must_use]
    pub fn run(mut self) -> Finished {
        let call = Arc::clone(&self.call);
        let (method, execution) = match Call::decode(&call) {
            Ok(call) => (call.method(), self.execute(&call)),
            Err(_) => (0, self.service.execute(&[], &self.environment)),
        };
        Finished {
            server: self.server,
            ticket: self.ticket,
            method,
            service: self.service,
            execution: convert(execution),
        }
    }

    fn execute(&mut self, call: &Call<'_>) -> Execution {
        let Some(connector) = self.environment.connector.take() else {
            return self.service.execute(call.body, &self.environment);
        };
        let chain: Vec<ServerId> = call.chain.iter().copied().chain([self.server]).collect();
        let connector = connector.for_chain(&chain);
        let Some(journal) = self.journal.take() else {
            self.environment.connector = Some(connector.clone());
            let execution = self.service.execute(call.body, &self.environment);
            connector.finish();
            return execution;
        };
        match self.repeatable(connector, journal) {
            Ok(connector) => {
                self.environment.connector = Some(connector.clone());
                let execution = self.service.execute(call.body, &self.environment);
                connector.finish();
                self.within_a_command(execution)
            }
            Err(why) => self.instead(object::raised(&why)),
        }
    }

    /// What the method uses when it may be repeated: it learns the same again.
    fn repeatable(&mut self, connector: Connector, journal: Journal) -> Result<Connector, String> {
        let Environment {
            now, seed, host, ..
        } = self.environment;
        let session = u128::from(now.unsigned_abs()) << 64 | u128::from(seed);
        let nested = Nested::begin(journal.told.map(|told| *told), session, journal.gate)?;
        let connector = connector.for_execution(nested);
        let text = |error: crate::client::CallError| error.to_string();
        self.environment.now = connector.drawn(|| now).map_err(text)?;
        self.environment.seed = connector.drawn(|| seed).map_err(text)?;
        self.environment.host = connector.drawn(|| host.0).map(HostId).map_err(text)?;
        Ok(connector)
    }

    /// A method that called servers has its command, whatever it did.
    fn within_a_command(&mut self, execution: Execution) -> Execution {
        if execution.delta.len() + execution.reply.len() <= EFFECT_BYTES_MAX {
            return execution;
        }
        self.service.undo();
        self.instead(object::too_large())
    }

    /// An execution that changes nothing and raises.
    fn instead(&mut self, reply: Vec<u8>) -> Execution {
        // An empty delta fits every state, and pushes the record that belongs to the execution.
        let _ = self.service.apply(&[]);
        Execution {
            delta: Vec::new(),
            reply,
            verdict: Verdict::Raised,
        }
    }
}

fn convert(execution: Execution) -> protocol::Execution {
    let Execution {
        delta,
        reply,
        verdict,
    } = execution;
    let raised = verdict != Verdict::Completed;
    let mut tagged = Vec::with_capacity(reply.len() + 1);
    tagged.push(u8::from(raised));
    tagged.extend_from_slice(&reply);
    protocol::Execution {
        delta: delta.into(),
        reply: tagged.into(),
        verdict: match verdict {
            Verdict::Completed => protocol::Verdict::Completed,
            Verdict::Raised => protocol::Verdict::Raised,
            Verdict::PreconditionFailed => protocol::Verdict::PreconditionFailed,
        },
    }
}

/// What is known of how long the methods of one server take.
#[derive(Debug, Default)]
pub struct Quickness {
    quick_runs: BTreeMap<u32, u32>,
}

impl Quickness {
    /// Whether the last runs of the method were all quick.
    #[must_use]
    pub fn proved(&self, method: u32) -> bool {
        self.quick_runs
            .get(&method)
            .is_some_and(|runs| *runs >= RUNS_TO_PROVE)
    }

    /// Takes note of a run; a slow one makes the method prove itself anew.
    pub fn note(&mut self, method: u32, took: Duration) {
        if self.quick_runs.len() >= METHODS_MAX {
            // A caller may make numbers up.
            self.quick_runs.clear();
        }
        let runs = self.quick_runs.entry(method).or_default();
        *runs = if took < QUICK {
            runs.saturating_add(1)
        } else {
            0
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_proves_quick_and_loses_that_with_one_slow_run() {
        let mut quickness = Quickness::default();
        assert!(!quickness.proved(7));
        for _ in 0..RUNS_TO_PROVE {
            quickness.note(7, Duration::from_micros(3));
        }
        assert!(quickness.proved(7));
        quickness.note(7, Duration::from_millis(2));
        assert!(!quickness.proved(7));
    }
}
