//! What concerns the service: performed in order, one method at a time.

use super::{Inner, Replica, Surroundings};
use crate::clock::Time;
use crate::identity::ServerId;
use crate::kernel::call::Call;
use crate::kernel::host::Effect;
use crate::kernel::job::{Finished, Job};
use crate::object::{Environment, Service};
use crate::protocol::{Bytes, Number, Ticket};
use std::collections::VecDeque;

/// What is still to be done on the service.
pub(super) enum Work {
    Execute {
        ticket: Ticket,
        call: Bytes,
        time: Time,
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
                Work::Execute { ticket, call, time } => {
                    let job = self.job(ticket, call, time, service, around);
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
        let single = self.entry.hosts.len() == 1;
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
                connector: (self.may_block && single).then(|| self.connector.clone()),
            },
            inline: !self.may_block && self.quickness.proved(method),
        }
    }
}
