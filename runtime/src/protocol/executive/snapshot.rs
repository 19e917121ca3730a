//! Snapshots: compaction of the issued list, and full transfer to a device that lags behind what was compacted.
//!
//! A snapshot holds issued commands only: the driver takes the service's settled state, and the request table is that of the same number. What a device
//! *saves* has its ballots, its votes and what was issued since appended, so that everything written before can be dropped.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::command::{Ballot, Command, CommandId, Vote};
use super::journal::Journal;
use super::log::Log;
use super::message::Message;
use super::sessions::Sessions;
use super::{Executive, Mutant, Office};
use crate::clock::Time;
use crate::protocol::{Bytes, Device, Number, Output};
use crate::wire::{Reader, Wire, WireError, Writer};

/// No snapshot is larger.
const SNAPSHOT_BYTES_MAX: u64 = 1 << 33;

/// After so many questions without an answer, a transfer is begun anew.
const QUESTIONS_MAX: u32 = 20;

/// The part of a snapshot that is equal at all replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shared {
    /// The last command in it.
    pub(super) last: CommandId,
    /// That command's time.
    pub(super) time: Time,
    /// The exactly-once table.
    pub(super) sessions: Sessions,
    /// The journal of nested calls.
    pub(super) journal: Journal,
    /// The service's state.
    pub(super) state: Bytes,
}

/// What a device saves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) shared: Shared,
    pub(super) last_tried: Ballot,
    pub(super) next_ballot: Ballot,
    pub(super) votes: Vec<Vote>,
    pub(super) issued: Vec<Arc<Command>>,
}

/// The snapshots of one device.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshots {
    /// The one that the driver is taking.
    pending: Option<Pending>,
    /// The latest, for peers.
    latest: Option<Latest>,
    /// The one that is being received.
    incoming: Option<Incoming>,
}

#[derive(Debug, Clone)]
struct Pending {
    last: CommandId,
    time: Time,
    sessions: Sessions,
    journal: Journal,
}

#[derive(Debug, Clone)]
struct Latest {
    number: Number,
    /// What was saved; the shared part comes first.
    saved: Bytes,
    shared_bytes: usize,
}

#[derive(Debug, Clone)]
struct Incoming {
    from: Device,
    number: Number,
    total: u64,
    bytes: Vec<u8>,
    questions: u32,
}

impl Wire for Shared {
    const BYTES_MIN: usize =
        CommandId::BYTES_MIN + 8 + Sessions::BYTES_MIN + Journal::BYTES_MIN + 1;

    fn write(&self, to: &mut Writer) {
        self.last.write(to);
        to.i64(self.time.nanos());
        self.sessions.write(to);
        self.journal.write(to);
        to.bytes(&self.state);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Shared {
            last: CommandId::read(from)?,
            time: Time::from_nanos(from.i64()?),
            sessions: Sessions::read(from)?,
            journal: Journal::read(from)?,
            state: Bytes::from(from.bytes()?),
        })
    }
}

impl Wire for Saved {
    const BYTES_MIN: usize = Shared::BYTES_MIN + 2 * Ballot::BYTES_MIN + 2;

    fn write(&self, to: &mut Writer) {
        self.shared.write(to);
        self.last_tried.write(to);
        self.next_ballot.write(to);
        to.sequence(&self.votes, |to, vote| vote.write(to));
        to.sequence(&self.issued, |to, command| command.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Saved {
            shared: Shared::read(from)?,
            last_tried: Ballot::read(from)?,
            next_ballot: Ballot::read(from)?,
            votes: from.sequence(Vote::BYTES_MIN, Vote::read)?,
            issued: from.sequence(Command::BYTES_MIN, |from| Command::read(from).map(Arc::new))?,
        })
    }
}

impl Snapshots {
    /// Keeps what was recovered from stable storage for peers.
    pub(super) fn recovered(&mut self, number: Number, saved: Bytes, shared_bytes: usize) {
        self.latest = Some(Latest {
            number,
            saved,
            shared_bytes,
        });
    }
}

impl Executive {
    /// Asks the driver for a snapshot when enough was issued since the last one.
    pub(super) fn take_snapshot_if_due(&mut self, out: &mut Vec<Output>) {
        let last_bytes = self
            .snapshots
            .latest
            .as_ref()
            .map_or(0, |latest| latest.shared_bytes);
        let due = self.log.bytes_since_snapshot() >= self.config.snapshot_bytes.max(last_bytes);
        if !due || self.snapshots.pending.is_some() {
            return;
        }
        self.log.snapshot_begins();
        self.snapshots.pending = Some(Pending {
            last: self.log.last(),
            time: self.log.last_time(),
            sessions: self.sessions.clone(),
            journal: self.journal.clone(),
        });
        let number = self.log.last().number;
        out.push(Output::TakeSnapshot { number });
    }

    /// The driver has taken a snapshot.
    pub(super) fn handle_snapshot_taken(
        &mut self,
        number: Number,
        state: &Bytes,
        out: &mut Vec<Output>,
    ) {
        // One that a transferred snapshot overtook is of no use.
        let Some(pending) = self
            .snapshots
            .pending
            .take_if(|pending| pending.last.number == number)
        else {
            return;
        };
        let last = if self.config.planted.is(Mutant::M41) {
            self.log.last()
        } else {
            pending.last
        };
        let shared = Shared {
            last,
            time: pending.time,
            sessions: pending.sessions,
            journal: pending.journal,
            state: Bytes::clone(state),
        };
        self.save(shared, out);
        self.log.compact(number, self.config.log_keep);
    }

    /// Makes a snapshot, with everything else that is stable, the beginning of stable storage.
    fn save(&mut self, shared: Shared, out: &mut Vec<Output>) {
        let number = shared.last.number;
        self.check(
            number <= self.log.last().number,
            "a snapshot holds issued commands only",
        );
        let shared_bytes = shared.to_bytes().len();
        let saved = Saved {
            shared,
            last_tried: self.last_tried,
            next_ballot: self.next_ballot,
            votes: self.prev_vote.values().cloned().collect(),
            issued: self.log.from(number.next(), usize::MAX),
        };
        let snapshot = Bytes::from(saved.to_bytes());
        // Nothing of this step may count as covered by the snapshot's token.
        self.stable.end_step(out);
        self.stable.covered_by_snapshot();
        let token = self.stable.token();
        out.push(Output::SaveSnapshot {
            token,
            number,
            snapshot: Bytes::clone(&snapshot),
        });
        self.snapshots.recovered(number, snapshot, shared_bytes);
    }

    /// Sends a piece of the latest snapshot.
    pub(super) fn send_snapshot(&self, to: Device, offset: u64, out: &mut Vec<Output>) {
        let Some(latest) = &self.snapshots.latest else {
            return;
        };
        let begin = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(latest.shared_bytes);
        let end = begin
            .saturating_add(self.config.piece_bytes.max(1))
            .min(latest.shared_bytes);
        let message = Message::Snapshot {
            number: latest.number,
            offset: begin as u64,
            total: latest.shared_bytes as u64,
            piece: latest
                .saved
                .get(begin..end)
                .map(Bytes::from)
                .unwrap_or_default(),
        };
        self.send(to, &message, out);
    }

    /// Somebody wants the next piece.
    pub(super) fn handle_more_snapshot(
        &mut self,
        from: Device,
        number: Number,
        offset: u64,
        out: &mut Vec<Output>,
    ) {
        let same = self
            .snapshots
            .latest
            .as_ref()
            .is_some_and(|latest| latest.number == number);
        self.send_snapshot(from, if same { offset } else { 0 }, out);
    }

    /// Asks for the next piece of the snapshot in transfer; false if there is none.
    pub(super) fn ask_for_snapshot(&mut self, out: &mut Vec<Output>) -> bool {
        let Some(incoming) = &mut self.snapshots.incoming else {
            return false;
        };
        incoming.questions += 1;
        if incoming.questions > QUESTIONS_MAX {
            self.snapshots.incoming = None;
            return false;
        }
        let (to, number, offset) = (incoming.from, incoming.number, incoming.bytes.len() as u64);
        self.send(to, &Message::MoreSnapshot { number, offset }, out);
        true
    }

    /// A piece of a snapshot arrived.
    pub(super) fn handle_snapshot(
        &mut self,
        from: Device,
        number: Number,
        offset: u64,
        total: u64,
        piece: &Bytes,
        out: &mut Vec<Output>,
    ) {
        if !self.is_ahead(number) || total > SNAPSHOT_BYTES_MAX {
            self.snapshots.incoming = None;
            return;
        }
        let current = &mut self.snapshots.incoming;
        let continues = current.as_ref().is_some_and(|incoming| {
            incoming.from == from
                && incoming.number == number
                && incoming.total == total
                && incoming.bytes.len() as u64 == offset
        });
        let replaces = current.as_ref().is_none_or(|incoming| {
            incoming.number < number || (incoming.from == from && incoming.number != number)
        });
        if offset == 0 && replaces {
            *current = Some(Incoming {
                from,
                number,
                total,
                bytes: Vec::new(),
                questions: 0,
            });
        } else if !continues {
            return;
        }
        let Some(incoming) = current else {
            return;
        };
        incoming.bytes.extend_from_slice(piece);
        incoming.questions = 0;
        if (incoming.bytes.len() as u64) < total && !piece.is_empty() {
            self.asked_now();
            self.ask_for_snapshot(out);
        } else {
            self.receive_snapshot(out);
        }
        self.candidate_progresses(out);
    }

    /// The last piece has come.
    fn receive_snapshot(&mut self, out: &mut Vec<Output>) {
        let Some(incoming) = self.snapshots.incoming.take() else {
            return;
        };
        let Ok(shared) = Shared::from_bytes(&incoming.bytes) else {
            self.garbage += 1;
            return;
        };
        if self.is_ahead(shared.last.number) {
            self.install(shared, out);
        }
    }

    /// Whether a snapshot up to this number is worth to be installed.
    fn is_ahead(&self, number: Number) -> bool {
        number > self.log.last().number || self.config.planted.is(Mutant::M45)
    }

    /// Goes to the table of requests of a snapshot.
    pub(super) fn restore_sessions(&mut self, sessions: Sessions) {
        self.sessions = if self.config.planted.is(Mutant::M34) {
            Sessions::default()
        } else {
            sessions
        };
    }

    /// Goes to the state of a snapshot that is ahead.
    fn install(&mut self, shared: Shared, out: &mut Vec<Output>) {
        if matches!(self.office, Office::Leading(_)) {
            self.step_down(out);
        }
        let last = shared.last;
        self.check(
            last.number > self.log.last().number,
            "a snapshot never takes a device back",
        );
        self.log = Log::starting_after(last, shared.time);
        self.restore_sessions(shared.sessions.clone());
        self.restore_journal(shared.journal.clone());
        self.prev_vote.retain(|number, _| *number > last.number);
        self.snapshots.pending = None;
        out.push(Output::Install {
            number: last.number,
            state: Bytes::clone(&shared.state),
        });
        self.save(shared, out);
        self.may_ask_again();
        self.vote_for_early(out);
    }
}
