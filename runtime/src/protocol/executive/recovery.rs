//! Coming back from stable storage.
//!
//! A snapshot and the records written since give the stable state; records that the snapshot covers change nothing. A marker of
//! issued commands whose votes did not survive is skipped: it says nothing that the others do not know.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use super::command::{Command, CommandId, Vote};
use super::config::Config;
use super::log::Log;
use super::record::Record;
use super::snapshot::{Saved, Shared};
use super::{Ballot, Executive, Mutant};
use crate::clock::Time;
use crate::protocol::{Bytes, Output};
use crate::wire::{Wire, WireError};

/// What stable storage gave back.
#[derive(Debug, Clone, Default)]
pub struct Recovered {
    /// The latest durable snapshot, as an [`Output::SaveSnapshot`] held it.
    pub snapshot: Option<Bytes>,
    /// The records persisted since, in order; more of them, from before, do no harm.
    pub records: Vec<Bytes>,
}

/// Stable storage holds something that this device cannot have written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// What does not fit.
    what: String,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "damaged replica log: {}", self.what)
    }
}

impl std::error::Error for Damaged {}

impl Damaged {
    fn new(what: &str, error: WireError) -> Damaged {
        Damaged {
            what: format!("{what}: {error}"),
        }
    }
}

impl Executive {
    /// A device that comes back with what it had made stable. `out` receives what brings the service, which is in its initial state, to the last issued command.
    ///
    /// # Errors
    /// If the bytes are not what such a device writes. The replica must not vote then.
    pub fn recover(
        config: Config,
        seed: u64,
        now: Time,
        recovered: &Recovered,
        out: &mut Vec<Output>,
    ) -> Result<Executive, Damaged> {
        let mut device = Executive::new(config, seed, now);
        if let Some(bytes) = &recovered.snapshot {
            let saved =
                Saved::from_bytes(bytes).map_err(|error| Damaged::new("snapshot", error))?;
            device.recover_snapshot(saved, bytes, out)?;
        }
        for bytes in &recovered.records {
            let record =
                Record::from_bytes(bytes).map_err(|error| Damaged::new("record", error))?;
            device.recover_record(record, out)?;
        }
        device.forget_old_votes();
        if !recovered.records.is_empty() || recovered.snapshot.is_some() {
            // Others may be leading: listen first.
            device.start_election_timer();
        }
        device.invariants();
        Ok(device)
    }

    fn recover_snapshot(
        &mut self,
        saved: Saved,
        bytes: &Bytes,
        out: &mut Vec<Output>,
    ) -> Result<(), Damaged> {
        let Saved {
            shared,
            last_tried,
            next_ballot,
            votes,
            issued,
        } = saved;
        if last_tried > next_ballot {
            let what = format!("ballot {last_tried} was tried and not promised");
            return Err(Damaged { what });
        }
        let shared_bytes = shared.to_bytes().len();
        let Shared {
            last,
            time,
            sessions,
            journal,
            state,
        } = shared;
        self.log = Log::starting_after(last, time);
        self.restore_sessions(sessions);
        self.restore_journal(journal);
        let number = last.number;
        out.push(Output::Install { number, state });
        self.snapshots
            .recovered(number, Bytes::clone(bytes), shared_bytes);
        self.recover_tried(last_tried);
        self.recover_promise(next_ballot);
        for command in issued {
            self.recover_issued(command, out)?;
        }
        for vote in votes {
            self.recover_vote(vote);
        }
        Ok(())
    }

    fn recover_record(&mut self, record: Record, out: &mut Vec<Output>) -> Result<(), Damaged> {
        match record {
            Record::Tried(ballot) => {
                self.recover_tried(ballot);
                self.recover_promise(ballot);
            }
            Record::Promised(ballot) => self.recover_promise(ballot),
            Record::Voted(vote) => {
                self.recover_promise(vote.ballot);
                self.recover_vote(vote);
            }
            Record::Issued(id) => self.recover_marker(id, out)?,
            Record::Learnt(command) => self.recover_issued(command, out)?,
        }
        Ok(())
    }

    fn recover_tried(&mut self, ballot: Ballot) {
        if !self.config.planted.forgets(ballot, self.config.device) {
            self.last_tried = self.last_tried.max(ballot);
        }
    }

    fn recover_promise(&mut self, ballot: Ballot) {
        if !self.config.planted.forgets(ballot, self.config.device) {
            self.next_ballot = self.next_ballot.max(ballot);
        }
    }

    fn recover_vote(&mut self, vote: Vote) {
        let (number, planted) = (vote.command.number(), self.config.planted);
        let cast = self.prev_vote.get(&number);
        if cast.is_none_or(|cast| cast.ballot < vote.ballot && !planted.is(Mutant::M11)) {
            self.prev_vote.insert(number, vote);
        }
    }

    /// The commands up to this one are issued: those that the device voted for.
    fn recover_marker(&mut self, id: CommandId, out: &mut Vec<Output>) -> Result<(), Damaged> {
        let mut wanted = id;
        let mut commands: Vec<Arc<Command>> = Vec::new();
        while wanted.number > self.log.last().number {
            let Some(vote) = self.prev_vote.get(&wanted.number) else {
                return Ok(());
            };
            if vote.command.id != wanted {
                return Ok(());
            }
            wanted = vote.command.precedent;
            commands.push(Arc::clone(&vote.command));
        }
        for command in commands.into_iter().rev() {
            self.recover_issued(command, out)?;
        }
        Ok(())
    }

    fn recover_issued(
        &mut self,
        command: Arc<Command>,
        out: &mut Vec<Output>,
    ) -> Result<(), Damaged> {
        if command.number() != self.log.next() || command.precedent != self.log.last() {
            return Ok(());
        }
        if !self.journal.takes_all(&command.entries) {
            let what = format!("command {} leaves a request open", command.id);
            return Err(Damaged { what });
        }
        let number = command.number();
        for (entry, _, delta) in command.done() {
            self.apply(number, delta, out);
            out.push(Output::Settle);
            self.sessions.enter(number, entry, self.config.sessions);
        }
        self.journal_issued(&command);
        self.log.push(command);
        self.prev_vote.remove(&number);
        out.push(Output::Issued { number });
        Ok(())
    }

    /// Votes for numbers that turned out issued are of no use.
    fn forget_old_votes(&mut self) {
        let last = self.log.last().number;
        self.prev_vote.retain(|number, _| *number > last);
    }
}
