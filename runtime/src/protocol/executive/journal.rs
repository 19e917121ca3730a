//! The journal of nested calls: what must survive the leader of a method that calls other servers.
//!
//! Undo cannot recall what another server did, and a second execution of a method could take another path. So a method hands in a *step*
//! before its calls leave: which calls, under which numbers, and everything that it has drawn so far (times, random numbers, answers). The step is
//! issued like a command; only then do the calls leave. A leader that finds a request with steps and no end executes it again *before* anything else:
//! on the same state and with the same draws it repeats the same calls under the same numbers, and the servers answer from their tables.
//!
//! One method runs at a time, so one request is open at most, and between its first step and its end nothing else enters.
//! The steps leave with the method's own command; what stays is the session and the last number for each server.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::{Command, Entry, What};
use super::{Executive, Mutant, Office};
use crate::protocol::{Bytes, Journaled, Output, Request, RequestId, Step, Ticket};
use crate::wire::{Reader, Wire, WireError, Writer};

/// The journal after some command. Part of the replicated state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Journal {
    session: u128,
    last: Arc<BTreeMap<u64, u64>>,
    open: Option<Open>,
}

/// A request whose method called other servers and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Open {
    request: Request,
    draws: Vec<Bytes>,
}

impl Journal {
    /// Whether an entry may come next: while a request is open, nothing but its own.
    pub(super) fn takes(&self, entry: &Entry) -> bool {
        let open = self.open.as_ref();
        open.is_none_or(|open| open.request.id == entry.id)
    }

    /// Whether these may be entered one after another.
    pub(super) fn takes_all(&self, entries: &[Entry]) -> bool {
        let mut journal = self.clone();
        entries.iter().all(|entry| {
            let takes = journal.takes(entry);
            journal.enter(entry);
            takes
        })
    }

    /// Enters what an execution did.
    pub(super) fn enter(&mut self, entry: &Entry) {
        let What::Journal { call, step } = &entry.what else {
            self.open.take_if(|open| open.request.id == entry.id);
            return;
        };
        if step.session != self.session {
            self.session = step.session;
            self.last = Arc::default();
        }
        if !step.calls.is_empty() {
            let last = Arc::make_mut(&mut self.last);
            for (server, sequence) in &step.calls {
                let known = last.entry(*server).or_default();
                *known = (*known).max(*sequence);
            }
        }
        let open = self.open.get_or_insert_with(|| Open {
            request: Request {
                id: entry.id,
                acknowledged: entry.acknowledged,
                call: Bytes::clone(call),
            },
            draws: Vec::new(),
        });
        open.draws.push(Bytes::clone(&step.draws));
    }

    /// The request that must be executed before anything else.
    pub(super) fn open(&self) -> Option<&Request> {
        self.open.as_ref().map(|open| &open.request)
    }

    /// What an execution of this request is told; none if there is nothing to tell.
    pub(super) fn tell(&self, id: RequestId) -> Option<Box<Journaled>> {
        if self.session == 0 {
            return None;
        }
        let open = self.open.as_ref().filter(|open| open.request.id == id);
        Some(Box::new(Journaled {
            session: self.session,
            last: Arc::clone(&self.last),
            draws: open.map(|open| open.draws.clone()).unwrap_or_default(),
        }))
    }
}

impl Executive {
    /// A method is about to call other servers.
    pub(super) fn handle_journal(&mut self, ticket: Ticket, step: Step, out: &mut Vec<Output>) {
        // One that was undone meanwhile is of no interest, and is told so.
        let Some(executing) = self.executor.executing_as(ticket) else {
            out.push(Output::Cancel { ticket });
            return;
        };
        executing.step = Some(step);
        if self.config.planted.is(Mutant::M64) {
            out.push(Output::Journaled { ticket });
        }
        self.propose_step(out);
    }

    /// Proposes the step that the execution in progress waits for, behind what was executed before it, once there is room.
    pub(super) fn propose_step(&mut self, out: &mut Vec<Output>) {
        let Office::Leading(leader) = &self.office else {
            return;
        };
        if !leader.has_room(&self.config) {
            return;
        }
        let Some((entry, time)) = self.executor.take_step() else {
            return;
        };
        let (mut entries, before) = self.executor.take_batch();
        entries.push(entry);
        self.propose(entries, time.max(before), out);
    }

    /// A step is issued: if the execution in progress waits for it, its calls may leave.
    pub(super) fn step_is_issued(&mut self, id: RequestId, out: &mut Vec<Output>) {
        if let Some(ticket) = self.executor.step_is_issued(id)
            && !self.config.planted.is(Mutant::M64)
        {
            out.push(Output::Journaled { ticket });
        }
    }

    /// Executes the request that an earlier leader left open; true while nothing else may be executed.
    pub(super) fn resume_open(&mut self, out: &mut Vec<Output>) -> bool {
        let Office::Leading(leader) = &self.office else {
            return false;
        };
        let Some(request) = leader.journal.open() else {
            return false;
        };
        if self.config.planted.is(Mutant::M67) {
            return false;
        }
        // Its steps must be issued: only then do its calls leave again.
        if !leader.has_proposals() {
            let request = request.clone();
            self.execute(request, out);
        }
        true
    }

    /// Goes to the journal of a snapshot.
    pub(super) fn restore_journal(&mut self, journal: Journal) {
        self.journal = if self.config.planted.is(Mutant::M66) {
            Journal::default()
        } else {
            journal
        };
    }

    /// What the journal says to an execution of this request.
    pub(super) fn told(&self, id: RequestId) -> Option<Box<Journaled>> {
        let Office::Leading(leader) = &self.office else {
            return None;
        };
        let mut told = leader.journal.tell(id);
        if let Some(told) = &mut told
            && self.config.planted.is(Mutant::M65)
        {
            told.draws.clear();
        }
        told
    }

    /// What the issued command does to the journal.
    pub(super) fn journal_issued(&mut self, command: &Command) {
        for entry in &command.entries {
            self.check(self.journal.takes(entry), "an open request ends first");
            self.journal.enter(entry);
        }
    }
}

impl Wire for Journal {
    const BYTES_MIN: usize = 18;

    fn write(&self, to: &mut Writer) {
        to.u128(self.session);
        to.sequence(&*self.last, |to, (server, sequence)| {
            to.varint(*server);
            to.varint(*sequence);
        });
        to.option(self.open.as_ref(), |to, open| {
            to.u128(open.request.id.session);
            to.varint(open.request.id.sequence);
            to.varint(open.request.acknowledged);
            to.bytes(&open.request.call);
            to.sequence(&open.draws, |to, draws| to.bytes(draws));
        });
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Journal {
            session: from.u128()?,
            last: Arc::new(
                from.sequence(2, |from| Ok((from.varint()?, from.varint()?)))?
                    .into_iter()
                    .collect(),
            ),
            open: from.option(|from| {
                Ok(Open {
                    request: Request {
                        id: RequestId {
                            session: from.u128()?,
                            sequence: from.varint()?,
                        },
                        acknowledged: from.varint()?,
                        call: Bytes::from(from.bytes()?),
                    },
                    draws: from.sequence(1, |from| Ok(Bytes::from(from.bytes()?)))?,
                })
            })?,
        })
    }
}
