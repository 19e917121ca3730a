//! Step 3″: running functions on the leader state, one at a time, and batching what they yield.
//!
//! The service may be slow or hang in a method: the executor never waits for it. What it has asked for is counted, so that a deposed leader takes back exactly that.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::command::{Entry, What};
use super::config::Config;
use super::intake::Intake;
use super::sessions::Known;
use super::{Executive, Mutant, Office};
use crate::clock::Time;
use crate::protocol::{
    Bytes, Execution, Output, Refusal, Request, RequestId, Step, Ticket, Verdict,
};

/// The executions of a leader that are not issued, and what waits to be executed.
#[derive(Debug, Clone, Default)]
pub(super) struct Executor {
    intake: Intake,
    executing: Option<Executing>,
    next_ticket: u64,
    /// Executions of the group in progress that are not yet proposed.
    batch: Vec<Entry>,
    batch_bytes: usize,
    /// When the group in progress began.
    group_began: Time,
    /// When the first of them was added.
    batch_began: Time,
    /// The time that the last of them was given.
    batch_time: Time,
    /// The highest unissued number of each session that has one.
    live: BTreeMap<u128, u64>,
    /// By how many executions the service is ahead of the issued list.
    ahead: usize,
}

/// The one execution that the driver was asked for.
#[derive(Debug, Clone)]
pub(super) struct Executing {
    ticket: Ticket,
    request: Request,
    time: Time,
    /// What it wants in the journal and is not proposed yet.
    pub(super) step: Option<Step>,
    /// Whether steps of it were proposed, by this leader or an earlier one.
    journaled: bool,
    /// Whether it waits until a step is issued.
    waits: bool,
}

/// What to do with a request.
enum Turn {
    Answer(Bytes),
    Refuse(Refusal),
    /// It is executed already, and answered when that is issued.
    Pending,
    /// Earlier requests of its session have to come first.
    Early,
    Run,
}

impl Executor {
    /// How many requests wait.
    pub(super) fn waiting(&self) -> usize {
        self.intake.len()
    }

    /// By how many executions the service is ahead of the issued list.
    pub(super) fn unissued(&self) -> usize {
        self.ahead
    }

    /// Names the next execution.
    pub(super) fn next_ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket)
    }

    /// Executions that are in no command yet.
    pub(super) fn unproposed(&self) -> usize {
        self.batch.len() + usize::from(self.executing.is_some())
    }

    /// When something is due: a batch that an execution in progress holds up, if there is room for it, or the last try of deferred requests.
    pub(super) fn deadline(&self, config: &Config, room: bool) -> Time {
        match (&self.executing, self.batch.is_empty()) {
            // Without room, the next issue goes on.
            (_, false) if !room => Time::NEVER,
            (Some(_), false) => self.batch_began + config.batch_delay,
            (None, _) if self.intake.is_first_round_over() => self.group_began + config.group_delay,
            (Some(_), true) | (None, _) => Time::NEVER,
        }
    }

    /// An execution of an earlier leader is part of the leader state now.
    pub(super) fn note_unissued(&mut self, id: RequestId) {
        self.ahead += 1;
        let live = self.live.entry(id.session).or_default();
        *live = (*live).max(id.sequence);
    }

    /// An execution of the leader state is issued.
    pub(super) fn note_issued(&mut self, id: RequestId) {
        self.ahead = self.ahead.saturating_sub(1);
        if self.live.get(&id.session) == Some(&id.sequence) {
            self.live.remove(&id.session);
        }
    }

    /// Forgets what is executed and not issued; gives the requests of it that are in no command.
    pub(super) fn stop(&mut self) -> Vec<RequestId> {
        let mut ids: Vec<RequestId> = self.batch.drain(..).map(|entry| entry.id).collect();
        ids.extend(self.executing.take().map(|executing| executing.request.id));
        self.batch_bytes = 0;
        self.live.clear();
        self.ahead = 0;
        self.intake.abandon_group();
        ids
    }

    fn add_to_batch(&mut self, entry: Entry, executed_at: Time, now: Time) {
        if self.batch.is_empty() {
            self.batch_began = now;
        }
        let live = self.live.entry(entry.id.session).or_default();
        *live = (*live).max(entry.id.sequence);
        self.batch_bytes += entry.size();
        self.batch_time = executed_at;
        self.batch.push(entry);
    }

    /// The executions that are in no command yet, and the time of the last of them.
    pub(super) fn take_batch(&mut self) -> (Vec<Entry>, Time) {
        self.batch_bytes = 0;
        (std::mem::take(&mut self.batch), self.batch_time)
    }

    /// The execution in progress, if it has this ticket.
    pub(super) fn executing_as(&mut self, ticket: Ticket) -> Option<&mut Executing> {
        let executing = self.executing.as_mut();
        executing.filter(|executing| executing.ticket == ticket)
    }

    /// The step that the execution in progress wants in the journal, and the time of its execution.
    pub(super) fn take_step(&mut self) -> Option<(Entry, Time)> {
        let executing = self.executing.as_mut()?;
        let step = executing.step.take()?;
        let first = !std::mem::replace(&mut executing.journaled, true);
        executing.waits = true;
        let Request {
            id,
            acknowledged,
            call,
        } = &executing.request;
        let call = if first {
            Bytes::clone(call)
        } else {
            Bytes::default()
        };
        let entry = Entry {
            id: *id,
            acknowledged: *acknowledged,
            what: What::Journal { call, step },
        };
        Some((entry, executing.time))
    }

    /// A step of this request is issued; gives the execution that waited for it.
    pub(super) fn step_is_issued(&mut self, id: RequestId) -> Option<Ticket> {
        let executing = self.executing.as_mut()?;
        let waited = executing.request.id == id && std::mem::take(&mut executing.waits);
        waited.then_some(executing.ticket)
    }

    /// Forgets times, and the numbers of executions that are over.
    #[cfg(feature = "sim")]
    pub(super) fn forget_times(&mut self) {
        (self.group_began, self.batch_began, self.batch_time) =
            (Time::ZERO, Time::ZERO, Time::ZERO);
        if self.executing.is_none() {
            self.next_ticket = 0;
        }
    }

    /// The execution in progress.
    pub(super) fn in_progress(&self) -> Option<Ticket> {
        self.executing.as_ref().map(|executing| executing.ticket)
    }

    fn is_batch_full(&self, config: &Config) -> bool {
        self.batch.len() >= config.batch_max || self.batch_bytes >= config.command_bytes_max
    }
}

impl Executive {
    /// A client's request arrived here.
    pub(super) fn handle_request(&mut self, request: Request, out: &mut Vec<Output>) {
        let id = request.id;
        if request.call.len() > self.config.command_bytes_max {
            let why = Refusal::TooLarge;
            out.push(Output::Refused { id, why });
            return;
        }
        let turn = self.turn(id, request.acknowledged);
        let follows = matches!(self.office, Office::Following);
        match turn {
            Turn::Answer(reply) => out.push(Output::Reply { id, reply }),
            Turn::Refuse(_) | Turn::Pending | Turn::Early | Turn::Run if follows => {
                let hint = self.leader_hint();
                let why = Refusal::NotLeader { hint };
                out.push(Output::Refused { id, why });
            }
            Turn::Refuse(why) => out.push(Output::Refused { id, why }),
            Turn::Pending => {}
            Turn::Early | Turn::Run => self.take_in(request, out),
        }
    }

    /// Lets a request wait for its turn.
    fn take_in(&mut self, request: Request, out: &mut Vec<Output>) {
        let id = request.id;
        let intake = &mut self.executor.intake;
        if intake.len() >= self.config.waiting_max && !intake.contains(id) {
            for id in intake.drain_stuck() {
                let why = Refusal::Busy;
                out.push(Output::Refused { id, why });
            }
            if intake.len() >= self.config.waiting_max {
                let why = Refusal::Busy;
                out.push(Output::Refused { id, why });
                return;
            }
        }
        for id in intake.push(request) {
            let why = Refusal::Trimmed;
            out.push(Output::Refused { id, why });
        }
        self.run_waiting(out);
    }

    /// What to do with a request, by the issued table and the unissued executions.
    fn turn(&self, id: RequestId, acknowledged: u64) -> Turn {
        if self.config.planted.is(Mutant::M33) {
            return Turn::Run;
        }
        let executed = match self.sessions.lookup(id, acknowledged) {
            Known::Answered(reply) => return Turn::Answer(reply),
            Known::Trimmed => return Turn::Refuse(Refusal::Trimmed),
            Known::UnknownSession => return Turn::Refuse(Refusal::UnknownSession),
            Known::New { executed } => executed,
        };
        let live = self.executor.live.get(&id.session).copied().unwrap_or(0);
        let executor = &self.executor;
        let executing = executor.executing.as_ref();
        let running = executing.is_some_and(|executing| executing.request.id == id);
        let open = match &self.office {
            Office::Leading(leader) => leader.journal.open().is_some_and(|open| open.id == id),
            Office::Following | Office::Trying(_) => false,
        };
        if id.sequence <= live || running || open {
            return Turn::Pending;
        }
        // Numbers that the client gave up are not waited for.
        let before = executed.max(live).max(acknowledged);
        if id.sequence == before + 1 {
            Turn::Run
        } else {
            Turn::Early
        }
    }

    /// Turns to the requests that wait, as far as the window lets commands through.
    pub(super) fn run_waiting(&mut self, out: &mut Vec<Output>) {
        loop {
            let Office::Leading(leader) = &self.office else {
                return;
            };
            if self.executor.executing.is_some() {
                self.propose_step(out);
                return;
            }
            if leader.reads.is_executing() {
                return;
            }
            let room = leader.has_room(&self.config);
            if self.executor.unproposed() == 0 && self.resume_open(out) {
                return;
            }
            let executor = &mut self.executor;
            let group_ended = !executor.intake.is_in_group();
            let first_round_over = executor.intake.is_first_round_over();
            if !executor.batch.is_empty()
                && (group_ended || first_round_over || executor.is_batch_full(&self.config))
            {
                if !room {
                    return;
                }
                self.propose_batch(out);
            } else if first_round_over {
                // For a moment, what comes may make a failed precondition hold.
                let open = self.now < executor.group_began + self.config.group_delay;
                if !open {
                    executor.intake.begin_second_round();
                } else if !executor.intake.absorb() {
                    self.run_read(out);
                    return;
                }
            } else if group_ended {
                let others = room && !executor.intake.is_idle();
                let others_first = others && self.reads_had_their_turn();
                if !others_first && self.run_read(out) {
                    return;
                }
                if !others {
                    return;
                }
                self.executor.group_began = self.now;
                self.executor.intake.begin_group();
            } else {
                self.next_turn(out);
            }
        }
    }

    /// Gives the next request of the group its turn.
    fn next_turn(&mut self, out: &mut Vec<Output>) {
        let Some(request) = self.executor.intake.next() else {
            return;
        };
        let (id, acknowledged) = (request.id, request.acknowledged);
        match self.turn(id, acknowledged) {
            Turn::Early => self.executor.intake.skip(),
            Turn::Pending => {
                self.executor.intake.take();
            }
            Turn::Answer(reply) => {
                self.executor.intake.take();
                out.push(Output::Reply { id, reply });
            }
            Turn::Refuse(why) => {
                self.executor.intake.take();
                out.push(Output::Refused { id, why });
            }
            Turn::Run => {
                if let Some(request) = self.executor.intake.take() {
                    self.execute(request, out);
                }
            }
        }
    }

    pub(super) fn execute(&mut self, request: Request, out: &mut Vec<Output>) {
        let Office::Leading(leader) = &self.office else {
            return;
        };
        self.check(self.executor.executing.is_none(), "one execution at a time");
        let journaled = self.told(request.id);
        let again = leader
            .journal
            .open()
            .is_some_and(|open| open.id == request.id);
        let time = self
            .now
            .max(leader.tail_time())
            .max(self.executor.batch_time);
        let ticket = self.executor.next_ticket();
        out.push(Output::Execute {
            ticket,
            id: request.id,
            call: Bytes::clone(&request.call),
            time,
            journaled,
        });
        self.executor.ahead += 1;
        self.executor.executing = Some(Executing {
            ticket,
            request,
            time,
            step: None,
            journaled: again,
            waits: false,
        });
    }

    /// The driver performed an execution.
    pub(super) fn handle_executed(
        &mut self,
        ticket: Ticket,
        execution: Execution,
        out: &mut Vec<Output>,
    ) {
        // One that was undone meanwhile is of no interest.
        let Some(done) = self
            .executor
            .executing
            .take_if(|executing| executing.ticket == ticket)
        else {
            return;
        };
        let (id, session) = (done.request.id, done.request.id.session);
        let size = execution.delta.len() + execution.reply.len();
        // What called other servers is not tried again, and always has its command.
        let again = !done.journaled && !self.executor.intake.is_final();
        if execution.verdict == Verdict::PreconditionFailed && again {
            self.undo_newest(out);
            self.executor.intake.defer(done.request);
        } else if size > self.config.answer_bytes_max() && !done.journaled {
            self.undo_newest(out);
            let why = Refusal::TooLarge;
            out.push(Output::Refused { id, why });
        } else {
            let delta = if self.config.planted.is(Mutant::M31) {
                done.request.call
            } else {
                execution.delta
            };
            if self.config.planted.is(Mutant::M30) {
                let reply = Bytes::clone(&execution.reply);
                out.push(Output::Reply { id, reply });
            }
            let entry = Entry {
                id,
                acknowledged: done.request.acknowledged,
                what: What::Done {
                    reply: execution.reply,
                    delta,
                },
            };
            self.executor.add_to_batch(entry, done.time, self.now);
            self.executor.intake.wake(session);
        }
        self.run_waiting(out);
    }

    /// Takes the execution back that was just performed.
    fn undo_newest(&mut self, out: &mut Vec<Output>) {
        self.check(
            self.executor.ahead > 0,
            "there is an execution to take back",
        );
        out.push(Output::Undo);
        self.executor.ahead = self.executor.ahead.saturating_sub(1);
    }

    /// Proposes what was executed so far as one command.
    fn propose_batch(&mut self, out: &mut Vec<Output>) {
        let (entries, time) = self.executor.take_batch();
        self.propose(entries, time, out);
    }

    /// Does not let finished executions wait for a slow one, nor deferred ones for others that do not come.
    pub(super) fn tick_execution(&mut self, out: &mut Vec<Output>) {
        let Office::Leading(leader) = &self.office else {
            return;
        };
        let room = leader.has_room(&self.config);
        let reads = leader.reads.is_executing();
        if reads || self.executor.deadline(&self.config, room) > self.now {
            return;
        }
        if self.executor.executing.is_some() {
            self.propose_batch(out);
        } else {
            self.run_waiting(out);
        }
    }

    /// Sends the clients away whose requests wait.
    pub(super) fn refuse_waiting(&mut self, out: &mut Vec<Output>) {
        let hint = self.leader_hint();
        let why = Refusal::NotLeader { hint };
        let ids = self.executor.intake.drain();
        out.extend(ids.into_iter().map(|id| Output::Refused { id, why }));
    }
}
