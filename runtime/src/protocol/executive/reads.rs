//! Requests that only read: run on the leader state like all others, and answered without a command.
//!
//! They stand outside the sequence of their session and enter no table, so that one may be executed again. Each is taken back as soon as it is executed. Its
//! answer leaves once every command of the state that it saw is issued (H included) *and* a quorum has said, in a round of Confirm begun after
//! the read arrived, that it promised no ballot above the leader's. Whoever leads in a higher ballot had that quorum's promises after the read was
//! made, so what was issued before it is in the leader state. One round serves all reads that wait when it begins; none begins while none waits.
//!
//! What cannot be answered this way is refused: an execution that changed something or was about to call another server, because it was not to be a read,
//! and one whose precondition failed, because others may yet make it hold. As a request in the session's sequence it gets its answer.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use super::command::Ballot;
use super::configuration::Devices;
use super::message::Message;
use super::{Executive, Mutant, Office};
use crate::clock::Time;
use crate::protocol::{
    Bytes, Device, Execution, Number, Output, Refusal, Request, RequestId, Ticket, Verdict,
};

/// The reads of one tenure.
#[derive(Debug, Clone, Default)]
pub(super) struct Reads {
    /// In the order of arrival.
    arrived: VecDeque<Arrived>,
    executing: Option<Executing>,
    /// Executed and not answered, in order; what they wait for never falls from one to the next.
    executed: VecDeque<Executed>,
    /// How many bytes their answers are.
    held_bytes: usize,
    /// How many were executed since requests in sequence last had their turn.
    in_a_row: usize,
    /// The last round that was begun.
    begun: u64,
    /// The last round that a read waits for.
    wanted: u64,
    /// The last round that a quorum confirmed.
    confirmed: u64,
    /// Who has confirmed the round in progress.
    by: Devices,
    /// When it was last asked for.
    asked: Time,
}

#[derive(Debug, Clone)]
struct Arrived {
    id: RequestId,
    call: Bytes,
    /// The first round that begins after it arrived.
    round: u64,
}

#[derive(Debug, Clone)]
struct Executing {
    ticket: Ticket,
    id: RequestId,
    round: u64,
    /// The last command of the state that it sees.
    state: Number,
    /// It was about to call another server, as no read does.
    calls: bool,
}

#[derive(Debug, Clone)]
struct Executed {
    id: RequestId,
    round: u64,
    state: Number,
    reply: Bytes,
}

impl Reads {
    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.arrived.len() + usize::from(self.executing.is_some()) + self.executed.len()
    }

    /// Whether the service is executing one.
    pub(super) fn is_executing(&self) -> bool {
        self.executing.is_some()
    }

    /// Everything that waits.
    pub(super) fn ids(&self) -> impl Iterator<Item = RequestId> + '_ {
        let executed = self.executed.iter().map(|read| read.id);
        let executing = self.executing.iter().map(|read| read.id);
        executed
            .chain(executing)
            .chain(self.arrived.iter().map(|read| read.id))
    }

    /// The next one that may be answered when everything up to this number is issued.
    fn next_answer(&mut self, issued: Number) -> Option<(RequestId, Bytes)> {
        let confirmed = self.confirmed;
        let read = self
            .executed
            .pop_front_if(|read| read.state <= issued && read.round <= confirmed)?;
        self.held_bytes = self.held_bytes.saturating_sub(read.reply.len());
        Some((read.id, read.reply))
    }

    /// Whether a read waits for a round that is not begun, and none is in progress.
    fn wants_round(&self) -> bool {
        self.begun == self.confirmed && self.wanted > self.begun
    }
}

impl Executive {
    /// A read arrived here.
    pub(super) fn handle_read(&mut self, request: Request, out: &mut Vec<Output>) {
        let (id, call) = (request.id, request.call);
        let hint = self.leader_hint();
        let planted = self.config.planted;
        let Office::Leading(leader) = &mut self.office else {
            let why = Refusal::NotLeader { hint };
            out.push(Output::Refused { id, why });
            return;
        };
        let reads = &mut leader.reads;
        if call.len() > self.config.command_bytes_max {
            let why = Refusal::TooLarge;
            out.push(Output::Refused { id, why });
            return;
        }
        if reads.len() >= self.config.waiting_max {
            let why = Refusal::Busy;
            out.push(Output::Refused { id, why });
            return;
        }
        let round = if planted.is(Mutant::M36) {
            0
        } else if planted.is(Mutant::M38) {
            reads.begun.max(1)
        } else {
            reads.begun + 1
        };
        reads.wanted = reads.wanted.max(round);
        reads.arrived.push_back(Arrived { id, call, round });
        self.begin_round(out);
        self.run_waiting(out);
    }

    /// Whether so many reads were executed in a row that others have to come first; says so once.
    pub(super) fn reads_had_their_turn(&mut self) -> bool {
        let Office::Leading(leader) = &mut self.office else {
            return false;
        };
        let had = leader.reads.in_a_row >= self.config.batch_max;
        if had {
            leader.reads.in_a_row = 0;
        }
        had
    }

    /// Begins to execute the next read, if one may be: never while a batch is open, so that the state is one after a command. Says whether it does.
    pub(super) fn run_read(&mut self, out: &mut Vec<Output>) -> bool {
        let planted = self.config.planted;
        let Office::Leading(leader) = &mut self.office else {
            return false;
        };
        let state = if planted.is(Mutant::M37) {
            Number(0)
        } else {
            leader.tail_number()
        };
        let time = self.now.max(leader.tail_time());
        let reads = &mut leader.reads;
        if reads.held_bytes >= self.config.window_bytes {
            return false;
        }
        let Some(Arrived { id, call, round }) = reads.arrived.pop_front() else {
            return false;
        };
        let ticket = self.executor.next_ticket();
        reads.in_a_row += 1;
        let executing = Executing {
            ticket,
            id,
            round,
            state,
            calls: false,
        };
        let before = reads.executing.replace(executing);
        self.check(before.is_none(), "one read is executed at a time");
        self.check(
            self.executor.unproposed() == 0,
            "a read sees the state after a command",
        );
        out.push(Output::Execute {
            ticket,
            id,
            call,
            time,
            journaled: None,
        });
        // It leaves nothing behind, whatever it does.
        out.push(Output::Undo);
        true
    }

    /// A method is about to call other servers. If it is that of a read, it will be told that there is no journal for it.
    pub(super) fn note_step_of_read(&mut self, ticket: Ticket) {
        if let Office::Leading(leader) = &mut self.office
            && let Some(read) = &mut leader.reads.executing
        {
            read.calls |= read.ticket == ticket;
        }
    }

    /// The driver performed an execution; says whether it was that of a read of this tenure.
    pub(super) fn handle_read_executed(
        &mut self,
        ticket: Ticket,
        execution: &Execution,
        out: &mut Vec<Output>,
    ) -> bool {
        let Office::Leading(leader) = &mut self.office else {
            return false;
        };
        let reads = &mut leader.reads;
        let Some(done) = reads.executing.take_if(|read| read.ticket == ticket) else {
            return false;
        };
        let id = done.id;
        let changed = done.calls || !execution.delta.is_empty();
        if changed || execution.verdict == Verdict::PreconditionFailed {
            let why = Refusal::NeedsCommand;
            out.push(Output::Refused { id, why });
        } else if execution.reply.len() > self.config.answer_bytes_max() {
            let why = Refusal::TooLarge;
            out.push(Output::Refused { id, why });
        } else {
            reads.held_bytes += execution.reply.len();
            reads.executed.push_back(Executed {
                id,
                round: done.round,
                state: done.state,
                reply: Bytes::clone(&execution.reply),
            });
        }
        self.answer_reads(out);
        self.run_waiting(out);
        true
    }

    /// Answers the reads whose state is issued and whose round is confirmed.
    pub(super) fn answer_reads(&mut self, out: &mut Vec<Output>) {
        let issued = self.log.last().number;
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        while let Some((id, reply)) = leader.reads.next_answer(issued) {
            out.push(Output::Reply { id, reply });
        }
    }

    /// Begins the round that reads wait for, unless one is in progress.
    fn begin_round(&mut self, out: &mut Vec<Output>) {
        let (me, now) = (self.only_me(), self.now);
        let alone = self.is_quorum(me);
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        let ballot = leader.ballot();
        let reads = &mut leader.reads;
        if !reads.wants_round() {
            return;
        }
        reads.begun += 1;
        reads.by = me;
        reads.asked = now;
        let round = reads.begun;
        if alone {
            reads.confirmed = round;
            return;
        }
        self.broadcast(&Message::Confirm { ballot, round }, out);
    }

    /// Asks those again who have not confirmed the round in progress, if they have had the time.
    pub(super) fn confirm_again(&mut self, out: &mut Vec<Output>) {
        let (now, patience) = (self.now, self.config.heartbeat);
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        let ballot = leader.ballot();
        let reads = &mut leader.reads;
        if reads.begun == reads.confirmed || now.since(reads.asked) < patience {
            return;
        }
        reads.asked = now;
        let (by, round) = (reads.by, reads.begun);
        let message = Message::Confirm { ballot, round };
        for (position, device) in self.configuration().devices().iter().enumerate() {
            if !by.contains(position) {
                self.send(*device, &message, out);
            }
        }
    }

    /// A leader asks whether this device has promised a higher ballot.
    pub(super) fn handle_confirm(
        &mut self,
        from: Device,
        ballot: Ballot,
        round: u64,
        out: &mut Vec<Output>,
    ) {
        if ballot.device != from || !self.config.voter {
            return;
        }
        if ballot < self.next_ballot {
            self.refuse_ballot(from);
            return;
        }
        self.election.leader_heard(ballot, self.now);
        self.restart_election_timer();
        self.send(from, &Message::Confirmed { ballot, round }, out);
    }

    /// A device had promised no higher ballot after the round began.
    pub(super) fn handle_confirmed(
        &mut self,
        from: Device,
        ballot: Ballot,
        round: u64,
        out: &mut Vec<Output>,
    ) {
        let Some(position) = self.configuration().position(from) else {
            return;
        };
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        if ballot != leader.ballot() || round != leader.reads.begun {
            return;
        }
        leader.reads.by.insert(position);
        let by = leader.reads.by;
        if !self.is_quorum(by) {
            return;
        }
        if let Office::Leading(leader) = &mut self.office {
            leader.reads.confirmed = round;
        }
        self.begin_round(out);
        self.answer_reads(out);
        self.run_waiting(out);
    }
}
