//! What concerns the service: performed in order, one method at a time.

use super::{Inner, Replica, Surroundings};
use crate::clock::Time;
use crate::identity::ServerId;
use crate::kernel::call::Call;
use crate::kernel::host::Effect;
use crate::kernel::job::{Finished, Job, Journal, StepGate};
use crate::object::{Environment, Service};
use crate::protocol::{Bytes, Journaled, Number, Ticket};
use std::collections::VecDeque;
use std::sync::Arc;

/// What is still to be done on the service.
pub(super) enum Work {
    Execute {
        ticket: Ticket,
        call: Bytes,
        time: Time,
        journaled: Option<Box<Journaled>>,
    },
    Apply(Bytes),
    Undo,
    Settle,
    Issued(Number),
    Install {
        number: Number,
        state: Bytes,
    },
    TakeSnapshot(Number),
}

impl Replica {
    /// Performs queued work for as long as the service is here.
    pub(super) fn perform(
        &mut self,
        around: &mut Surroundings<'_>,
        inner: &mut VecDeque<Inner>,
    ) -> Result<(), String> {
        while !self.work.is_empty() {
            let Some(mut service) = self.service.take() else {
                return Ok(());
            };
            let Some(work) = self.work.pop_front() else {
                break;
            };
            let damaged = |what: crate::object::Damaged| format!("{}: {what}", self.entry.id);
            match work {
                Work::Execute {
                    ticket,
                    call,
                    time,
                    journaled,
                } => {
                    let mut job = self.job(ticket, call, time, service, around);
                    job.journal = self.journal(ticket, journaled);
                    if self.entry.id == ServerId::DIRECTORY {
                        let Finished {
                            ticket,
                            service,
                            execution,
                            ..
                        } = job.run();
                        self.service = Some(service);
                        inner.push_back(Inner::Executed(ticket, execution));
                    } else {
                        around.effects.push(Effect::Run(Box::new(job)));
                    }
                    continue;
                }
                Work::Apply(delta) => service.apply(&delta).map_err(damaged)?,
                Work::Undo => service.undo(),
                Work::Settle => service.settle(),
                Work::Issued(number) => self.issued = number.0,
                Work::Install { number, state } => {
                    service.restore(&state).map_err(damaged)?;
                    self.issued = number.0;
                }
                Work::TakeSnapshot(number) => {
                    inner.push_back(Inner::SnapshotTaken(number, service.snapshot().into()));
                }
            }
            self.service = Some(service);
        }
        Ok(())
    }

    fn job(
        &self,
        ticket: Ticket,
        call: Bytes,
        time: Time,
        service: Box<dyn Service>,
        around: &mut Surroundings<'_>,
    ) -> Job {
        let method = Call::decode(&call).map_or(0, |call| call.method());
        Job {
            server: self.entry.id,
            priority: self.entry.priority,
            ticket,
            call,
            service,
            environment: Environment {
                now: time.nanos(),
                seed: around.seeds.draw(),
                host: around.me,
                server: self.entry.id,
                connector: self.may_block.then(|| self.connector.clone()),
            },
            inline: !self.may_block && self.quickness.proved(method),
            journal: None,
            calls_rust: self.calls_rust,
        }
    }

    /// What makes an execution repeatable, if anything could repeat it.
    fn journal(&mut self, ticket: Ticket, told: Option<Box<Journaled>>) -> Option<Journal> {
        let forgets = self.volatile && self.entry.hosts.len() == 1;
        if !self.may_block || forgets {
            return None;
        }
        let gate = Arc::<StepGate>::default();
        self.gate = Some((ticket, Arc::clone(&gate)));
        Some(Journal { told, gate })
    }
}
