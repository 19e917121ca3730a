//! Steps 2 and 4: promising and voting.
//!
//! A device never votes below its promise, and it votes only in order: for a command whose precedent it knows issued or has itself voted
//! for in the same ballot. So a quorum for a number is, in that ballot, a quorum for every unissued number below it.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::command::{Ballot, Command, CommandId, Vote};
use super::message::{Frontier, Message};
use super::record::Record;
use super::{Executive, Mutant, Office};
use crate::protocol::{Device, Number, Output};

/// Issued commands in a BallotInfo or Commands message: about this many bytes, the rest is asked for.
pub(super) const CATCH_UP_BYTES: usize = 1 << 20;

/// Proposals that came before their precedents are kept up to this distance from the issued list.
const EARLY_MAX: u64 = 256;

impl Executive {
    /// Step 2, at q.
    pub(super) fn handle_next_ballot(
        &mut self,
        from: Device,
        ballot: Ballot,
        first: Number,
        out: &mut Vec<Output>,
    ) {
        if ballot.device != from || !self.config.voter {
            return;
        }
        if self.is_below_promise(ballot) {
            self.refuse_ballot(from);
            return;
        }
        if ballot > self.next_ballot {
            self.depose(out);
            self.next_ballot = ballot;
            self.stable.write(&Record::Promised(ballot));
        }
        self.election.candidate_heard(from, self.now);
        self.restart_election_timer();
        let info = Message::BallotInfo {
            ballot,
            issued: self.log.from(first, CATCH_UP_BYTES),
            votes: self
                .prev_vote
                .range(first..)
                .map(|(_, vote)| vote.clone())
                .collect(),
            frontier: self.log.frontier(),
        };
        if self.config.planted.is(Mutant::M01) {
            self.send(from, &info, out);
        } else {
            self.send_when_stable(from, &info);
        }
        self.check(
            self.next_ballot == ballot,
            "the promise is the ballot that was asked for",
        );
    }

    /// Whether a ballot is one that this device promised to stay out of.
    fn is_below_promise(&self, ballot: Ballot) -> bool {
        ballot < self.next_ballot && !self.config.planted.is_as_good(ballot, self.next_ballot)
    }

    /// Tells the sender of a ballot that this device has promised a higher one.
    pub(super) fn refuse_ballot(&mut self, to: Device) {
        let message = Message::MyNextBallot {
            ballot: self.next_ballot,
            alive: self.owner_is_alive(),
        };
        self.send_when_stable(to, &message);
    }

    /// Step 4, at q.
    pub(super) fn handle_begin_ballot(
        &mut self,
        from: Device,
        ballot: Ballot,
        command: Arc<Command>,
        frontier: Frontier,
        out: &mut Vec<Output>,
    ) {
        if ballot.device != from || command.id.ballot > ballot {
            self.garbage += 1;
            return;
        }
        self.handle_success(from, frontier, out);
        let number = command.number();
        if number <= self.log.last().number {
            self.answer_issued(from, command.id, out);
            return;
        }
        if !self.config.voter {
            return;
        }
        if self.is_below_promise(ballot) && !self.config.planted.is(Mutant::M18) {
            self.refuse_ballot(from);
            return;
        }
        self.election.leader_heard(ballot, self.now);
        self.restart_election_timer();
        if !self.knows_precedent(ballot, &command) {
            // The message is ignored until the precedent arrives; it is kept so that it need not be sent again.
            if number.0 - self.log.last().number.0 <= EARLY_MAX {
                self.early.insert(number, (ballot, command));
            }
            return;
        }
        if ballot > self.next_ballot {
            self.depose(out);
        }
        self.vote(ballot, command, out);
        self.vote_for_early(out);
    }

    /// Whether the precedent of a proposal is issued here or has this device's vote in the same ballot.
    fn knows_precedent(&self, ballot: Ballot, command: &Command) -> bool {
        if self.config.planted.is(Mutant::M63) {
            return true;
        }
        if command.number() == self.log.next() {
            return command.precedent == self.log.last();
        }
        self.prev_vote
            .get(&command.precedent.number)
            .is_some_and(|vote| vote.ballot == ballot && vote.command.id == command.precedent)
    }

    /// Casts a vote for another device's proposal, or says again that it was cast.
    fn vote(&mut self, ballot: Ballot, command: Arc<Command>, out: &mut Vec<Output>) {
        let (number, id) = (command.number(), command.id);
        let below_promise = ballot < self.next_ballot;
        self.check(!below_promise, "no vote below the promise");
        let cast = self.prev_vote.get(&number);
        let repeated = cast.is_some_and(|vote| vote.ballot == ballot);
        if repeated {
            self.check(
                cast.is_some_and(|vote| vote.command.id == id),
                "a ballot proposes one command for a number",
            );
        } else {
            self.record_vote(ballot, command);
        }
        let voted = Message::Voted { ballot, id };
        let hasty = repeated && self.config.planted.is(Mutant::M03);
        if hasty || self.config.planted.is(Mutant::M02) {
            self.send(ballot.device, &voted, out);
        } else {
            self.send_when_stable(ballot.device, &voted);
        }
    }

    /// Writes a vote, and the promise that it raises, as one record.
    pub(super) fn record_vote(&mut self, ballot: Ballot, command: Arc<Command>) {
        let number = command.number();
        self.check(
            number > self.log.last().number,
            "no vote for an issued number",
        );
        if !self.config.planted.is(Mutant::M18) {
            self.next_ballot = self.next_ballot.max(ballot);
        }
        let vote = Vote { ballot, command };
        self.stable.write(&Record::Voted(vote.clone()));
        self.prev_vote.insert(number, vote);
    }

    /// Votes for the proposals that waited for their precedents.
    pub(super) fn vote_for_early(&mut self, out: &mut Vec<Output>) {
        while let Some((number, (ballot, command))) = self.early.pop_first() {
            if number <= self.log.last().number || ballot < self.next_ballot {
                continue;
            }
            if !self.knows_precedent(ballot, &command) {
                self.early.insert(number, (ballot, command));
                return;
            }
            if ballot > self.next_ballot {
                self.depose(out);
            }
            self.vote(ballot, command, out);
        }
    }

    /// Step 4, for a number that is known issued: the answer is the issued command.
    fn answer_issued(&mut self, to: Device, proposed: CommandId, out: &mut Vec<Output>) {
        let frontier = self.log.frontier();
        let message = match self.log.command(proposed.number) {
            Some(command) if command.id != proposed => Message::Commands {
                commands: vec![Arc::clone(command)],
                frontier,
            },
            // It is the same command, or so old that the leader has to catch up with all of it.
            Some(_) | None => Message::Success { frontier },
        };
        self.send(to, &message, out);
    }

    /// Stops leading or trying, because of a higher ballot.
    pub(super) fn depose(&mut self, out: &mut Vec<Output>) {
        match self.office {
            Office::Following => {}
            Office::Trying(_) => self.abandon(out),
            Office::Leading(_) => self.step_down(out),
        }
    }
}
