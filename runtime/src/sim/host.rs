//! A simulated host: one device with its service and its disk. It does what a kernel does: it performs the protocol's outputs in order.

use std::collections::VecDeque;
use std::time::Duration;

use super::bank::{Bank, Call};
use super::disk::Disk;
use super::payout::{Act, Payout, Post};
use super::scenario::Unsynced;
use crate::clock::Time;
use crate::object::{Environment, Service, Verdict};
use crate::protocol::executive::{Executive, Random};
use crate::protocol::{
    Bytes, Execution, Input, Journaled, Number, Output, RequestId, Ticket,
    Verdict as ProtocolVerdict,
};
use crate::wire::Wire;

/// One host.
#[derive(Debug)]
pub struct Host {
    /// The running device; none while the host is down.
    pub device: Option<Executive>,
    /// Counts the restarts, so that events for an earlier life are dropped.
    pub life: u64,
    /// The disk, which survives.
    pub disk: Disk,
    service: Bank,
    operations: VecDeque<Operation>,
    /// The service is in a slow execution until then.
    busy_until: Time,
    /// The method that is in the middle of calling another server.
    payout: Option<Payout>,
    /// This host's clock is ahead by so much.
    pub offset: Duration,
    /// It stands still until then.
    pub paused_until: Time,
    /// Whether something happened for it meanwhile.
    pub pause_noticed: bool,
    /// Its disk does not sync until then.
    pub stalled_until: Time,
    /// Whether something was written meanwhile.
    pub stall_noticed: bool,
    /// It crashes after so many more outputs.
    pub crash_in: Option<u64>,
    /// The effects so far, in all its lives.
    pub effects: u64,
    /// Messages that were sent to it lately, other than heartbeats.
    pub past: VecDeque<(u16, Bytes)>,
    /// The time of the wake-up that counts.
    pub wake: Time,
}

/// Something that the service does, in order.
#[derive(Debug)]
enum Operation {
    Execute {
        ticket: Ticket,
        id: RequestId,
        call: Bytes,
        journaled: Option<Box<Journaled>>,
    },
    Apply(Bytes),
    Undo,
    Settle,
    Issued(Number),
    Install(Bytes),
    TakeSnapshot(Number),
}

/// What the service's work gave.
#[derive(Debug)]
pub enum Done {
    /// Something for the protocol.
    Input(Input<'static>),
    /// A call of another server.
    Call(Post),
    /// The settled state after a number.
    Settled(Number, [u8; 32]),
    /// A delta or snapshot did not fit.
    Damaged(String),
}

impl Host {
    /// A host that is down and has never run.
    #[must_use]
    pub fn new(offset: Duration) -> Host {
        Host {
            device: None,
            life: 0,
            disk: Disk::default(),
            service: Bank::default(),
            operations: VecDeque::new(),
            busy_until: Time::ZERO,
            payout: None,
            offset,
            paused_until: Time::ZERO,
            pause_noticed: true,
            stalled_until: Time::ZERO,
            stall_noticed: true,
            crash_in: None,
            effects: 0,
            past: VecDeque::new(),
            wake: Time::NEVER,
        }
    }

    /// The process is gone; says whether writes were lost.
    pub fn crash(&mut self, unsynced: Unsynced, random: &mut Random) -> bool {
        self.device = None;
        self.life += 1;
        self.service = Bank::default();
        self.operations.clear();
        self.busy_until = Time::ZERO;
        self.payout = None;
        self.paused_until = Time::ZERO;
        self.crash_in = None;
        self.wake = Time::NEVER;
        self.disk.crash(unsynced, random)
    }

    /// Takes what is for the service; gives back what is not.
    pub fn take(&mut self, output: Output) -> Option<Output> {
        let operation = match output {
            Output::Execute {
                ticket,
                id,
                call,
                journaled,
                ..
            } => Operation::Execute {
                ticket,
                id,
                call,
                journaled,
            },
            Output::Apply { delta, .. } => Operation::Apply(delta),
            Output::Undo => Operation::Undo,
            Output::Settle => Operation::Settle,
            Output::Issued { number } => Operation::Issued(number),
            Output::Install { state, .. } => Operation::Install(state),
            Output::TakeSnapshot { number } => Operation::TakeSnapshot(number),
            other => return Some(other),
        };
        self.operations.push_back(operation);
        None
    }

    /// Until when the service is in a slow execution, if something waits for that.
    #[must_use]
    pub fn busy(&self, now: Time) -> Option<Time> {
        (self.busy_until > now && !self.operations.is_empty()).then_some(self.busy_until)
    }

    fn act(&mut self, act: Act) -> Option<Done> {
        let ticket = self.payout.as_ref()?.ticket;
        Some(match act {
            Act::Journal(step) => Done::Input(Input::Journal { ticket, step }),
            Act::Call(post) => Done::Call(post),
            Act::End(total) => {
                let account = self.payout.take()?.account;
                Done::Input(executed(ticket, self.service.pay(account, total)))
            }
        })
    }

    /// The step of a method is issued.
    pub fn journaled(&mut self, ticket: Ticket, random: &mut Random) -> Option<Done> {
        let payout = self.payout.as_mut()?;
        let act = (payout.ticket == ticket).then(|| payout.journaled(random))?;
        self.act(act)
    }

    /// The other server answered.
    pub fn called(&mut self, id: RequestId, receipt: i64, random: &mut Random) -> Option<Done> {
        let act = self.payout.as_mut()?.answered(id, receipt, random)?;
        self.act(act)
    }

    /// Whether a method waits for the answer to this call.
    pub fn calls(&self, post: &Post) -> bool {
        self.payout
            .as_ref()
            .is_some_and(|payout| payout.post() == *post)
    }

    /// A method is to end: what it gives is not used.
    pub fn cancel(&mut self, ticket: Ticket) -> Option<Done> {
        let payout = self.payout.as_ref()?;
        (payout.ticket == ticket).then(|| self.act(Act::End(0)))?
    }

    /// Performs the next operation of the service, unless a slow one is in progress; none if there is nothing to do now.
    pub fn work(
        &mut self,
        now: Time,
        slow_one_in: u64,
        random: &mut Random,
    ) -> Option<Option<Done>> {
        if now < self.busy_until || self.payout.is_some() {
            return None;
        }
        let operation = self.operations.pop_front()?;
        let damaged = |error: crate::object::Damaged| Some(Done::Damaged(error.to_string()));
        let done = match operation {
            Operation::Execute {
                ticket,
                id,
                call,
                journaled,
            } => {
                if self.busy_until == Time::ZERO && random.one_in(slow_one_in) {
                    self.busy_until =
                        now + random.between(Duration::from_millis(1), Duration::from_millis(120));
                    self.operations.push_front(Operation::Execute {
                        ticket,
                        id,
                        call,
                        journaled,
                    });
                    return None;
                }
                self.busy_until = Time::ZERO;
                if let Ok(Call::Payout(account)) = Call::from_bytes(&call) {
                    let from = (account, self.service.balance(account));
                    let (payout, act) = Payout::begin(ticket, id, from, journaled, random);
                    self.payout = Some(payout);
                    return Some(self.act(act));
                }
                let environment = Environment::isolated(now.nanos(), random.bits());
                Some(Done::Input(executed(
                    ticket,
                    self.service.execute(&call, &environment),
                )))
            }
            Operation::Apply(delta) => self.service.apply(&delta).err().and_then(damaged),
            Operation::Undo => {
                self.service.undo();
                None
            }
            Operation::Settle => {
                self.service.settle();
                None
            }
            Operation::Issued(number) => Some(Done::Settled(number, self.service.hash())),
            Operation::Install(state) => self.service.restore(&state).err().and_then(damaged),
            Operation::TakeSnapshot(number) => Some(Done::Input(Input::SnapshotTaken {
                number,
                state: Bytes::from(self.service.snapshot()),
            })),
        };
        Some(done)
    }
}

fn executed(ticket: Ticket, execution: crate::object::Execution) -> Input<'static> {
    Input::Executed {
        ticket,
        execution: Execution {
            delta: Bytes::from(execution.delta),
            reply: Bytes::from(execution.reply),
            verdict: match execution.verdict {
                Verdict::Completed => ProtocolVerdict::Completed,
                Verdict::Raised => ProtocolVerdict::Raised,
                Verdict::PreconditionFailed => ProtocolVerdict::PreconditionFailed,
            },
        },
    }
}
