//! Steps 3′, 3″ and 5: proposing, counting votes, issuing, and stepping down.
//!
//! Proposals continue the issued list without a gap, each the precedent of the next. They are sent only while fewer than α of them are unissued, and
//! issued strictly in order.

#[cfg(feature = "mutants")]
mod planted;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use super::command::{Ballot, Command, CommandId, Entry};
use super::config::{Announce, Config};
use super::configuration::Devices;
use super::journal::Journal;
use super::message::Message;
use super::reads::Reads;
use super::record::Record;
use super::stable::Held;
use super::{Executive, Mutant, Office};
use crate::clock::Time;
use crate::protocol::{Bytes, Device, Number, Output, Refusal};

/// A device that leads.
#[derive(Debug, Clone)]
pub(super) struct Leader {
    ballot: Ballot,
    /// The unissued commands of the leader state, ascending.
    proposals: VecDeque<Proposal>,
    /// How many bytes these are, about.
    unissued_bytes: usize,
    /// How many of them have been sent.
    begun: usize,
    /// The last command of the leader state.
    tail: CommandId,
    /// The time of the last execution in the leader state.
    tail_time: Time,
    /// The requests that need no command.
    pub(super) reads: Box<Reads>,
    /// Since when the device is not connected to a quorum.
    pub(super) lonely_since: Option<Time>,
    /// The journal of the leader state.
    pub(super) journal: Journal,
}

/// A command that the leader wants issued.
#[derive(Debug, Clone)]
struct Proposal {
    command: Arc<Command>,
    voted: Devices,
    /// When it was last sent.
    sent: Time,
    /// A planted fault counts messages instead of devices.
    #[cfg(feature = "mutants")]
    votes_counted: usize,
}

impl Leader {
    /// The ballot in which it leads.
    pub(super) fn ballot(&self) -> Ballot {
        self.ballot
    }

    /// Whether the proposals follow this command; for assertions, in constant time.
    pub(super) fn continues(&self, last: CommandId) -> bool {
        match (self.proposals.front(), self.proposals.back()) {
            (Some(first), Some(final_)) => {
                first.command.precedent == last
                    && final_.command.id == self.tail
                    && self.tail.number.0 - last.number.0 == self.proposals.len() as u64
            }
            _ => self.tail == last,
        }
    }

    /// Whether another command may be proposed: fewer than α are unissued, and not too many bytes.
    pub(super) fn has_room(&self, config: &Config) -> bool {
        self.proposals.len() < config.proposals_max() && self.unissued_bytes < config.window_bytes
    }

    /// Whether anything is unissued.
    pub(super) fn has_proposals(&self) -> bool {
        !self.proposals.is_empty()
    }

    /// The number of the last command of the leader state.
    pub(super) fn tail_number(&self) -> Number {
        self.tail.number
    }

    /// The time of the last execution.
    pub(super) fn tail_time(&self) -> Time {
        self.tail_time
    }

    /// Whether this command is one of the proposals.
    pub(super) fn proposes(&self, id: CommandId) -> bool {
        let first = self.tail.number.0 + 1 - self.proposals.len() as u64;
        let at = id
            .number
            .0
            .checked_sub(first)
            .and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.proposals.get(at))
            .is_some_and(|proposal| proposal.command.id == id)
    }

    /// Forgets when proposals were sent, and how many messages brought votes.
    #[cfg(feature = "sim")]
    pub(super) fn forget_counts(&mut self) {
        for proposal in &mut self.proposals {
            proposal.sent = Time::ZERO;
            #[cfg(feature = "mutants")]
            {
                proposal.votes_counted = 0;
            }
        }
    }

    /// Executions in the unissued commands.
    fn unissued_entries(&self) -> usize {
        self.proposals
            .iter()
            .map(|proposal| proposal.command.done().count())
            .sum()
    }
}

impl Executive {
    /// The end of step 3: applies H to the leader state and proposes it (3′); waiting functions run at the same time (3″).
    pub(super) fn lead(
        &mut self,
        ballot: Ballot,
        history: Vec<Arc<Command>>,
        out: &mut Vec<Output>,
    ) {
        self.check(
            ballot == self.last_tried,
            "it leads in the ballot that it tried last",
        );
        self.office = Office::Leading(Leader {
            ballot,
            proposals: VecDeque::new(),
            unissued_bytes: 0,
            begun: 0,
            tail: self.log.last(),
            tail_time: self.log.last_time(),
            reads: Box::default(),
            lonely_since: None,
            journal: self.journal.clone(),
        });
        self.early.clear();
        self.election.leader_is(Some(self.config.device));
        // A planted fault lets the first function run before H is applied.
        let early = self.config.planted.is(Mutant::M25);
        if !early {
            self.apply_history(&history, out);
        }
        for command in &history {
            for (entry, ..) in command.done() {
                self.executor.note_unissued(entry.id);
            }
            self.append_proposal(Arc::clone(command));
        }
        self.send_window(out);
        self.announce_leadership(out);
        self.run_waiting(out);
        if early {
            self.apply_history(&history, out);
        }
    }

    /// Applies H to the leader state.
    fn apply_history(&self, history: &[Arc<Command>], out: &mut Vec<Output>) {
        for command in history {
            for (_, _, delta) in command.done() {
                self.apply(command.number(), delta, out);
            }
        }
    }

    /// Hands one execution's delta to the service.
    pub(super) fn apply(&self, number: Number, delta: &Bytes, out: &mut Vec<Output>) {
        let delta = Bytes::clone(delta);
        out.push(Output::Apply { number, delta });
    }

    /// Step 3″: makes a command of these executions and proposes it.
    pub(super) fn propose(&mut self, entries: Vec<Entry>, time: Time, out: &mut Vec<Output>) {
        let Office::Leading(leader) = &self.office else {
            return;
        };
        self.check(!entries.is_empty(), "a command does something");
        let number = leader.tail.number.next();
        let command = Command {
            id: CommandId {
                ballot: leader.ballot,
                number,
            },
            precedent: leader.tail,
            time,
            entries,
        };
        self.append_proposal(Arc::new(command));
        self.send_window(out);
    }

    fn append_proposal(&mut self, command: Arc<Command>) {
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        for entry in &command.entries {
            leader.journal.enter(entry);
        }
        leader.tail = command.id;
        leader.unissued_bytes += command.size();
        leader.tail_time = leader.tail_time.max(command.time);
        leader.proposals.push_back(Proposal {
            command,
            voted: Devices::default(),
            sent: Time::ZERO,
            #[cfg(feature = "mutants")]
            votes_counted: 0,
        });
    }

    /// Begins the ballots of the proposals that the window lets through.
    fn send_window(&mut self, out: &mut Vec<Output>) {
        let window = self.config.proposals_max();
        loop {
            let Office::Leading(leader) = &mut self.office else {
                return;
            };
            if leader.begun >= window {
                return;
            }
            let Some(proposal) = leader.proposals.get_mut(leader.begun) else {
                return;
            };
            proposal.sent = self.now;
            leader.begun += 1;
            let (ballot, command) = (leader.ballot, Arc::clone(&proposal.command));
            let number = command.number();
            let message = Message::BeginBallot {
                ballot,
                command: Arc::clone(&command),
                frontier: self.log.frontier(),
            };
            self.broadcast(&message, out);
            // The leader is an acceptor like the others: its vote counts once it is stable.
            self.record_vote(ballot, command);
            self.stable.hold(Held::OwnVote { ballot, number });
        }
    }

    /// Sends ballots again to those who have not voted in them, if they have had the time.
    pub(super) fn begin_again(&mut self, out: &mut Vec<Output>) {
        let (now, patience, frontier) = (self.now, self.config.heartbeat, self.log.frontier());
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        let mut again = Vec::new();
        for proposal in leader.proposals.iter_mut().take(leader.begun) {
            if now.since(proposal.sent) < patience {
                continue;
            }
            proposal.sent = now;
            again.push((proposal.voted, Arc::clone(&proposal.command)));
        }
        let ballot = leader.ballot;
        for (voted, command) in again {
            let message = Message::BeginBallot {
                ballot,
                command,
                frontier,
            };
            for (position, device) in self.configuration().devices().iter().enumerate() {
                if !voted.contains(position) && *device != self.config.device {
                    self.send(*device, &message, out);
                }
            }
        }
    }

    /// The leader's own vote is stable.
    pub(super) fn own_vote_is_durable(
        &mut self,
        ballot: Ballot,
        number: Number,
        out: &mut Vec<Output>,
    ) {
        let Some(position) = self.configuration().position(self.config.device) else {
            return;
        };
        self.count_vote(position, ballot, number, None, out);
    }

    /// Step 5, at p: one vote.
    pub(super) fn handle_voted(
        &mut self,
        from: Device,
        ballot: Ballot,
        id: CommandId,
        out: &mut Vec<Output>,
    ) {
        if let Some(position) = self.configuration().position(from) {
            self.count_vote(position, ballot, id.number, Some(id), out);
        }
    }

    fn count_vote(
        &mut self,
        position: usize,
        ballot: Ballot,
        number: Number,
        id: Option<CommandId>,
        out: &mut Vec<Output>,
    ) {
        let next = self.log.next();
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        let Some(at) = number.0.checked_sub(next.0) else {
            return;
        };
        let Some(proposal) = leader
            .proposals
            .get_mut(usize::try_from(at).unwrap_or(usize::MAX))
        else {
            return;
        };
        if leader.ballot != ballot || id.is_some_and(|id| id != proposal.command.id) {
            return;
        }
        proposal.voted.insert(position);
        #[cfg(feature = "mutants")]
        proposal.count_message();
        self.issue_chosen(out);
    }

    /// Whether a quorum voted for the proposal at this place.
    fn is_chosen(&self, at: usize) -> bool {
        let Office::Leading(leader) = &self.office else {
            return false;
        };
        let Some(proposal) = leader.proposals.get(at) else {
            return false;
        };
        #[cfg(feature = "mutants")]
        if self.seems_chosen(leader, proposal) {
            return true;
        }
        self.is_quorum(proposal.voted)
    }

    /// Step 5: issues, in order, what has a quorum; then goes on with what waited for the window.
    pub(super) fn issue_chosen(&mut self, out: &mut Vec<Output>) {
        while self.is_chosen(0) {
            self.issue_first(out);
        }
        #[cfg(feature = "mutants")]
        self.issue_out_of_order(out);
        self.send_window(out);
        self.run_waiting(out);
    }

    /// Step 5: the first proposal is issued: its precedent is.
    pub(super) fn issue_first(&mut self, out: &mut Vec<Output>) {
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        let Some(proposal) = leader.proposals.pop_front() else {
            return;
        };
        leader.begun = leader.begun.saturating_sub(1);
        let command = proposal.command;
        leader.unissued_bytes = leader.unissued_bytes.saturating_sub(command.size());
        self.check(
            command.precedent == self.log.last(),
            "the precedent is issued",
        );
        for entry in &command.entries {
            let Some((reply, _)) = entry.done() else {
                self.step_is_issued(entry.id, out);
                continue;
            };
            out.push(Output::Settle);
            self.executor.note_issued(entry.id);
            if !self.config.planted.is(Mutant::M30) {
                out.push(Output::Reply {
                    id: entry.id,
                    reply: Bytes::clone(reply),
                });
            }
        }
        let voted = self
            .prev_vote
            .get(&command.number())
            .is_some_and(|vote| vote.command.id == command.id);
        let record = if voted {
            Record::Issued(command.id)
        } else {
            Record::Learnt(Arc::clone(&command))
        };
        self.stable.write_lazily(&record);
        if self.config.announce == Announce::InFull {
            let frontier = super::Frontier {
                number: command.number(),
                id: command.id,
            };
            let commands = vec![Arc::clone(&command)];
            self.broadcast(&Message::Commands { commands, frontier }, out);
        }
        self.enter_issued(command, out);
        self.answer_reads(out);
    }

    /// Stops leading: the service goes back to the last issued command, and clients are sent away.
    pub(super) fn step_down(&mut self, out: &mut Vec<Output>) {
        let Office::Leading(leader) = &self.office else {
            return;
        };
        let unissued = leader.unissued_entries() + self.executor.unproposed();
        self.check(
            self.executor.unissued() == unissued,
            "the service is ahead by the unissued executions",
        );
        if !self.config.planted.is(Mutant::M29) {
            out.extend(std::iter::repeat_n(Output::Undo, unissued));
        }
        let mut refused: Vec<_> = leader
            .proposals
            .iter()
            .flat_map(|proposal| proposal.command.done().map(|(entry, ..)| entry.id))
            .chain(leader.reads.ids())
            .collect();
        if let Some(ticket) = self.executor.in_progress() {
            out.push(Output::Cancel { ticket });
        }
        self.office = Office::Following;
        self.election.leader_is(None);
        refused.extend(self.executor.stop());
        let hint = self.leader_hint();
        out.extend(refused.into_iter().map(|id| Output::Refused {
            id,
            why: Refusal::NotLeader { hint },
        }));
        self.refuse_waiting(out);
        self.start_election_timer();
        self.check(self.executor.unissued() == 0, "nothing unissued is left");
    }
}
