//! Step 6 and catch-up: learning what is issued, from whomever.
//!
//! That a command is issued is true for ever and says nothing about ballots, so it may be learnt from any device, late, twice, and in any state; it
//! is entered strictly in order. Losing the knowledge in a crash is harmless, so its records are written with the next write.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::acceptor::CATCH_UP_BYTES;
use super::command::Command;
use super::message::{Frontier, Message};
use super::record::Record;
use super::{Executive, Mutant, Office};
use crate::clock::Time;
use crate::protocol::{Bytes, Device, Number, Output, Ticket};

/// How far this device has come in asking for what it lacks.
#[derive(Debug, Clone, Default)]
pub(super) struct CatchUp {
    /// When it last asked.
    asked: Option<Time>,
}

impl Executive {
    /// Step 6: everything up to here is issued; the commands are those that this device proposed or voted for.
    pub(super) fn handle_success(
        &mut self,
        from: Device,
        frontier: Frontier,
        out: &mut Vec<Output>,
    ) {
        if frontier.number <= self.log.last().number {
            return;
        }
        if let Office::Leading(leader) = &self.office {
            if leader.proposes(frontier.id) {
                while self.log.last().number < frontier.number {
                    self.issue_first(out);
                }
                self.issue_chosen(out);
                return;
            }
            // A quorum has gone on without this leader.
            self.step_down(out);
        }
        match self.votes_up_to(frontier) {
            Some(commands) => self.learn_all(commands, out),
            None => self.ask_for_issued(from, out),
        }
        self.candidate_progresses(out);
    }

    /// The unissued commands up to this one, if this device voted for each of them.
    fn votes_up_to(&self, frontier: Frontier) -> Option<Vec<Arc<Command>>> {
        let mut id = frontier.id;
        let any = self.config.planted.is(Mutant::M40);
        let mut commands = Vec::new();
        while id.number > self.log.last().number {
            let vote = self
                .prev_vote
                .get(&id.number)
                .filter(|vote| vote.command.id == id || any)?;
            id = vote.command.precedent;
            commands.push(Arc::clone(&vote.command));
        }
        commands.reverse();
        (id == self.log.last()).then_some(commands)
    }

    /// Enters those of these issued commands that come next.
    pub(super) fn learn_all(&mut self, commands: Vec<Arc<Command>>, out: &mut Vec<Output>) {
        for command in commands {
            if command.number() == self.log.next() {
                self.learn(command, out);
            }
        }
        self.vote_for_early(out);
    }

    /// Enters the next issued command.
    fn learn(&mut self, command: Arc<Command>, out: &mut Vec<Output>) {
        if let Office::Leading(leader) = &self.office {
            if leader.proposes(command.id) {
                self.issue_first(out);
                return;
            }
            self.step_down(out);
        }
        self.check(
            command.precedent == self.log.last(),
            "issued commands are a dependent sequence",
        );
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
        for (entry, _, delta) in command.done() {
            if self.config.planted.is(Mutant::M31) {
                out.push(Output::Execute {
                    ticket: Ticket(u64::MAX),
                    id: entry.id,
                    call: Bytes::clone(delta),
                    time: command.time,
                    journaled: None,
                });
            } else {
                self.apply(command.number(), delta, out);
            }
            out.push(Output::Settle);
        }
        self.enter_issued(command, out);
    }

    /// Enters a command whose executions are settled into the list and the table.
    pub(super) fn enter_issued(&mut self, command: Arc<Command>, out: &mut Vec<Output>) {
        let number = command.number();
        self.check(number == self.log.next(), "commands are issued in order");
        for entry in &command.entries {
            self.sessions.enter(number, entry, self.config.sessions);
        }
        self.journal_issued(&command);
        self.log.push(command);
        self.prev_vote.remove(&number);
        self.early.remove(&number);
        out.push(Output::Issued { number });
        self.take_snapshot_if_due(out);
    }

    /// Asks a device for what comes after the issued list, unless it has just asked somebody.
    pub(super) fn ask_for_issued(&mut self, device: Device, out: &mut Vec<Output>) {
        let patience = self.config.heartbeat;
        if self
            .catch_up
            .asked
            .is_some_and(|asked| self.now.since(asked) < patience)
        {
            return;
        }
        self.catch_up.asked = Some(self.now);
        if self.ask_for_snapshot(out) {
            return;
        }
        let first = self.log.next();
        self.send(device, &Message::CatchUp { first }, out);
    }

    /// Catch-up, at the one who is asked.
    pub(super) fn handle_catch_up(&mut self, from: Device, first: Number, out: &mut Vec<Output>) {
        if first <= self.log.last().number {
            self.send_issued(from, first, out);
        }
    }

    /// Sends issued commands from a number on, or a snapshot if they were compacted.
    pub(super) fn send_issued(&mut self, to: Device, first: Number, out: &mut Vec<Output>) {
        if first <= self.log.base() {
            self.send_snapshot(to, 0, out);
            return;
        }
        let commands = self.log.from(first, CATCH_UP_BYTES);
        let frontier = self.log.frontier();
        self.send(to, &Message::Commands { commands, frontier }, out);
    }

    /// Catch-up, at the one who asked; also steps 3 and 5 with commands in full.
    pub(super) fn handle_commands(
        &mut self,
        from: Device,
        commands: Vec<Arc<Command>>,
        frontier: Frontier,
        out: &mut Vec<Output>,
    ) {
        let before = self.log.last().number;
        self.learn_all(commands, out);
        if self.log.last().number > before {
            self.catch_up.asked = None;
            self.issue_chosen(out);
        }
        if frontier.number > self.log.last().number {
            self.ask_for_issued(from, out);
        }
        self.candidate_progresses(out);
    }

    /// A snapshot is on its way or has come: ask again at once if need be.
    pub(super) fn may_ask_again(&mut self) {
        self.catch_up.asked = None;
    }

    /// The moment of the last question, for the pieces of a snapshot.
    pub(super) fn asked_now(&mut self) {
        self.catch_up.asked = Some(self.now);
    }
}
