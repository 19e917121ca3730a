//! Calls of a method that may be executed again: by another leader, or after a restart.
//!
//! Everything that the method learns is a *draw*, kept in order. Before calls leave, a step is issued with them and with the draws so far; an execution
//! of the same request by another leader takes its draws from those steps, and so comes to the same calls under the same numbers. Invocations leave
//! together: when the method waits for something, or ends.

mod draw;

use super::{CallError, Client, Reply, Ticket};
use crate::clock::Time;
use crate::identity::ServerId;
use crate::protocol::{Journaled, Step};
use crate::wire::{Reader, Wire, checksum};
use draw::Draw;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// The tickets of nested calls; those of the session are below.
const FIRST_TICKET: u64 = 1 << 63;
/// So many calls are held back at most, and so many bytes of them.
const UNSENT_MAX: usize = 256;
const UNSENT_BYTES_MAX: usize = 256 << 10;
/// The draws of one method may have so many bytes: they are part of the replicated state until it ends.
const DRAWS_BYTES_MAX: usize = 32 << 20;
/// One draw is no larger, so that a step fits a message.
const DRAW_BYTES_MAX: usize = 8 << 20;
/// Draws of this size do not wait for the next call.
const STEP_BYTES: usize = 1 << 20;
/// A server that has called so many others begins a new session, so that the last numbers do not become too many.
const SERVERS_MAX: usize = 4096;

/// How long a look after requests that nobody waits for takes.
const LOOK_AFTER: Duration = Duration::from_millis(3);

/// Lets the steps of one execution be issued.
pub trait Gate: Send + Sync {
    /// Returns when the step is issued, with true; false if the execution is of no use any more.
    fn issue(&self, step: Step) -> bool;

    /// Whether the execution is of no use any more.
    fn is_closed(&self) -> bool;
}

impl Nested {
    /// Whether the execution is of no use any more.
    pub(super) fn is_closed(&self) -> bool {
        self.gate.is_closed()
    }
}

/// What one execution has called and learnt.
pub struct Nested {
    session: u128,
    /// The last numbers before this execution, and with the steps that it repeats.
    last: Arc<BTreeMap<u64, u64>>,
    /// The same with the calls of this execution.
    used: BTreeMap<u64, u64>,
    replay: VecDeque<Draw>,
    /// What was drawn since the last step.
    fresh: Vec<Draw>,
    fresh_bytes: usize,
    draws_bytes: usize,
    calls: Vec<Call>,
    /// The numbers of those that have no reply, for each server.
    open: BTreeMap<u64, BTreeSet<u64>>,
    /// The first of them that has not left.
    unsent: usize,
    unsent_bytes: usize,
    gate: Arc<dyn Gate>,
}

struct Call {
    server: u64,
    /// Its number; none for the one request that a new server also sends to itself.
    number: Option<u64>,
    bytes: Vec<u8>,
    sent: Option<Ticket>,
    outcome: Option<Result<Reply, CallError>>,
}

/// A call on its way.
struct Leaving {
    index: usize,
    server: ServerId,
    /// Its number, and the one up to which replies may be forgotten.
    number: Option<(u64, u64)>,
    bytes: Vec<u8>,
}

impl Nested {
    /// The beginning of an execution that was told this. `fresh` is the session if this server has none yet, or needs a new one.
    ///
    /// # Errors
    /// If the journal's bytes are not draws.
    pub fn begin(
        journaled: Option<Journaled>,
        fresh: u128,
        gate: Arc<dyn Gate>,
    ) -> Result<Nested, String> {
        let mut told = journaled.unwrap_or_default();
        if told.draws.is_empty() && (told.session == 0 || told.last.len() > SERVERS_MAX) {
            told.session = fresh;
            told.last = Arc::default();
        }
        let mut replay = VecDeque::new();
        for draws in &told.draws {
            let mut reader = Reader::new(draws);
            while reader.remaining() > 0 {
                let draw = Draw::read(&mut reader);
                replay.push_back(draw.map_err(|error| format!("the journal: {error}"))?);
            }
        }
        Ok(Nested {
            session: told.session,
            used: BTreeMap::new(),
            last: told.last,
            replay,
            fresh: Vec::new(),
            fresh_bytes: 0,
            draws_bytes: told.draws.iter().map(|draws| draws.len()).sum(),
            calls: Vec::new(),
            open: BTreeMap::new(),
            unsent: 0,
            unsent_bytes: 0,
            gate,
        })
    }

    /// The value that an earlier execution drew here; none if none did.
    ///
    /// # Errors
    /// If the execution before drew something else here.
    pub fn repeated<T: Wire>(&mut self) -> Result<Option<T>, CallError> {
        match self.replay.pop_front() {
            Some(Draw::Value(bytes)) => T::from_bytes(&bytes).map(Some).map_err(|_| diverged()),
            Some(_) => Err(diverged()),
            None => Ok(None),
        }
    }

    /// Keeps a value that could be another one in another execution.
    ///
    /// # Errors
    /// If it is too large.
    pub fn keep<T: Wire>(&mut self, value: &T) -> Result<(), CallError> {
        let bytes = value.to_bytes();
        if bytes.len() > DRAW_BYTES_MAX {
            let why = format!(
                "a method that calls servers may learn {} MiB at once, not more",
                DRAW_BYTES_MAX >> 20
            );
            return Err(CallError::ResourceExhausted(why));
        }
        self.drew(Draw::Value(bytes));
        Ok(())
    }

    fn drew(&mut self, draw: Draw) {
        let size = draw.size();
        self.draws_bytes += size;
        self.fresh_bytes += size;
        self.fresh.push(draw);
    }

    /// Takes a call; it leaves later.
    fn call(
        &mut self,
        server: u64,
        construction: bool,
        bytes: Vec<u8>,
    ) -> Result<Ticket, CallError> {
        let number = if construction {
            None
        } else {
            Some(self.number(server, &bytes)?)
        };
        if self.replay.is_empty() {
            self.unsent_bytes += bytes.len();
        }
        self.calls.push(Call {
            server,
            number,
            bytes,
            sent: None,
            outcome: None,
        });
        Ok(Ticket(FIRST_TICKET + self.calls.len() as u64 - 1))
    }

    fn number(&mut self, server: u64, bytes: &[u8]) -> Result<u64, CallError> {
        let digest = checksum(&[bytes]);
        let number = match self.replay.pop_front() {
            Some(Draw::Called {
                server: known,
                number,
                digest: same,
            }) if known == server && same == digest => number,
            Some(_) => return Err(diverged()),
            None => {
                let last = self.used.get(&server).or_else(|| self.last.get(&server));
                let number = last.copied().unwrap_or(0) + 1;
                self.drew(Draw::Called {
                    server,
                    number,
                    digest,
                });
                number
            }
        };
        self.used.insert(server, number);
        self.open.entry(server).or_default().insert(number);
        Ok(number)
    }

    /// The calls that no step holds yet, and everything drawn since the last one; none if there is no such call, and not much was drawn.
    fn step(&mut self) -> Result<Option<Step>, CallError> {
        if self.draws_bytes > DRAWS_BYTES_MAX {
            let why = format!(
                "a method that calls servers may learn {} MiB from them, not more",
                DRAWS_BYTES_MAX >> 20
            );
            return Err(CallError::ResourceExhausted(why));
        }
        let called = self.fresh.iter().filter_map(|draw| match draw {
            Draw::Called { server, number, .. } => Some((*server, *number)),
            Draw::Value(_) | Draw::Replied { .. } | Draw::Ready(_) => None,
        });
        let calls: Vec<(u64, u64)> = called.collect();
        if calls.is_empty() && self.fresh_bytes < STEP_BYTES {
            return Ok(None);
        }
        self.fresh_bytes = 0;
        let mut draws = crate::wire::Writer::new();
        self.fresh.drain(..).for_each(|draw| draw.write(&mut draws));
        Ok(Some(Step {
            session: self.session,
            calls,
            draws: draws.into_bytes().into(),
        }))
    }

    /// Up to which of its numbers a server may forget its answers: those in the journal, and those of earlier methods.
    fn settled(&self, server: u64) -> u64 {
        let open = self.open.get(&server).and_then(BTreeSet::first);
        let last = self.used.get(&server).or_else(|| self.last.get(&server));
        open.map_or_else(|| last.copied().unwrap_or(0), |number| number - 1)
    }

    /// Whether there are calls that have not left.
    pub(super) fn has_left_calls(&self) -> bool {
        let repeats = !self.replay.is_empty();
        !repeats
            && self
                .calls
                .get(self.unsent..)
                .unwrap_or_default()
                .iter()
                .any(|call| call.outcome.is_none())
    }

    /// A call has its reply.
    fn replied(&mut self, ticket: Ticket, outcome: &Result<Reply, CallError>) {
        let Some((_, call)) = self.call_of(ticket) else {
            return;
        };
        call.outcome = Some(outcome.clone());
        let (server, number) = (call.server, call.number);
        if let (Some(open), Some(number)) = (self.open.get_mut(&server), number) {
            open.remove(&number);
        }
    }

    /// The calls that are to leave now.
    fn leaving(&mut self) -> Vec<Leaving> {
        let first = std::mem::replace(&mut self.unsent, self.calls.len());
        self.unsent_bytes = 0;
        let mut leaving = Vec::new();
        for index in first..self.calls.len() {
            let Some(call) = self.calls.get_mut(index) else {
                continue;
            };
            if call.outcome.is_some() {
                continue;
            }
            let bytes = std::mem::take(&mut call.bytes);
            let (server, number) = (call.server, call.number);
            let number = number.map(|number| (number, self.settled(server)));
            leaving.push(Leaving {
                index,
                server: ServerId(server),
                number,
                bytes,
            });
        }
        leaving
    }

    fn call_of(&mut self, ticket: Ticket) -> Option<(u32, &mut Call)> {
        let index = ticket.0.checked_sub(FIRST_TICKET)?;
        let call = self.calls.get_mut(usize::try_from(index).ok()?)?;
        Some((u32::try_from(index).ok()?, call))
    }
}

/// Whether a ticket is one of a nested call.
pub(super) fn is_nested(ticket: Ticket) -> bool {
    ticket.0 >= FIRST_TICKET
}

/// The error of a method that takes another way than the execution before it did.
fn diverged() -> CallError {
    CallError::ServerFailed(
        "the method was executed again and took another way than before: it depends on something that is not recorded"
            .to_owned(),
    )
}

fn unknown<T>(found: Option<T>) -> Result<T, CallError> {
    found.ok_or(CallError::UnknownTicket)
}

impl Client {
    /// Takes a nested call.
    pub(super) fn nested_call(
        &mut self,
        server: u64,
        construction: bool,
        bytes: Vec<u8>,
    ) -> Result<Ticket, CallError> {
        let nested = unknown(self.nested.as_mut())?;
        let ticket = nested.call(server, construction, bytes)?;
        let waiting = nested.calls.len() - nested.unsent;
        if nested.replay.is_empty()
            && (waiting > UNSENT_MAX || nested.unsent_bytes > UNSENT_BYTES_MAX)
        {
            self.let_leave()?;
        }
        Ok(ticket)
    }

    /// Lets the nested calls leave that have not: first a step with them is issued.
    ///
    /// # Errors
    /// `Stopped` if the execution is of no use any more.
    pub(super) fn let_leave(&mut self) -> Result<(), CallError> {
        let Some(nested) = self.nested.as_mut() else {
            return Ok(());
        };
        if nested.gate.is_closed() {
            return Err(CallError::Stopped);
        }
        if let Some(step) = nested.step()?
            && !nested.gate.issue(step)
        {
            return Err(CallError::Stopped);
        }
        self.session.adopt(nested.session);
        let (mut out, now) = (Vec::new(), self.clock.now());
        for call in nested.leaving() {
            let Leaving { index, server, .. } = call;
            let sent = self
                .session
                .invoke_as(server, call.number, call.bytes, now, &mut out);
            if let Some(call) = nested.calls.get_mut(index) {
                call.sent = Some(sent);
            }
        }
        self.send(&out);
        Ok(())
    }

    /// The reply to a nested call.
    pub(super) fn nested_reply(&mut self, ticket: Ticket) -> Result<Reply, CallError> {
        let nested = unknown(self.nested.as_mut())?;
        let (index, call) = unknown(nested.call_of(ticket))?;
        if let Some(outcome) = &call.outcome {
            return outcome.clone();
        }
        let outcome = match nested.replay.pop_front() {
            Some(Draw::Replied { call, outcome }) if call == index => outcome,
            Some(_) => return Err(diverged()),
            None => {
                self.let_leave()?;
                let nested = unknown(self.nested.as_mut())?;
                let sent = unknown(nested.call_of(ticket))?.1.sent;
                let sent = unknown(sent)?;
                let outcome = self.session_reply(sent);
                self.session.forget(sent);
                if outcome == Err(CallError::Stopped) {
                    return outcome;
                }
                let nested = unknown(self.nested.as_mut())?;
                nested.drew(Draw::Replied {
                    call: index,
                    outcome: outcome.clone(),
                });
                outcome
            }
        };
        let nested = unknown(self.nested.as_mut())?;
        nested.replied(ticket, &outcome);
        if nested.fresh_bytes >= STEP_BYTES {
            self.let_leave()?;
        }
        outcome
    }

    /// The first of these nested calls that has its reply.
    pub(super) fn nested_wait(
        &mut self,
        tickets: &[Ticket],
        timeout: Option<Duration>,
    ) -> Result<Option<usize>, CallError> {
        let nested = unknown(self.nested.as_mut())?;
        match nested.replay.pop_front() {
            Some(Draw::Ready(ready)) => {
                return Ok(ready.and_then(|index| usize::try_from(index).ok()));
            }
            Some(_) => return Err(diverged()),
            None => {}
        }
        self.let_leave()?;
        let nested = unknown(self.nested.as_mut())?;
        let mut sent = Vec::with_capacity(tickets.len());
        let mut known = None;
        for (place, ticket) in tickets.iter().enumerate() {
            let (_, call) = unknown(nested.call_of(*ticket))?;
            if call.outcome.is_some() {
                known = known.or(Some(place));
            }
            sent.push(call.sent.unwrap_or(*ticket));
        }
        let ready = match known {
            Some(place) => Some(place),
            None => self.session_wait(&sent, timeout)?,
        };
        let nested = unknown(self.nested.as_mut())?;
        nested.drew(Draw::Ready(
            ready.and_then(|place| u32::try_from(place).ok()),
        ));
        Ok(ready)
    }

    /// Drops what a nested call's reply is kept in.
    pub(super) fn nested_forget(&mut self, ticket: Ticket) {
        let nested = self.nested.as_mut();
        if let Some(Ok(reply)) = nested
            .and_then(|nested| nested.call_of(ticket))
            .and_then(|(_, call)| call.outcome.as_mut())
        {
            reply.body = Arc::default();
        }
    }

    /// A value that could be another one in another execution.
    pub(super) fn drawn<T: Wire>(&mut self, live: impl FnOnce(&Self) -> T) -> Result<T, CallError> {
        let Some(mut nested) = self.nested.take() else {
            return Ok(live(self));
        };
        let value = match nested.repeated() {
            Ok(None) => {
                let value = live(self);
                nested.keep(&value).map(|()| value)
            }
            Ok(Some(value)) => Ok(value),
            Err(error) => Err(error),
        };
        self.nested = Some(nested);
        value
    }

    /// The execution ends: what it invoked and did not wait for is nobody's business any more.
    pub(super) fn let_go(&mut self) -> Result<(), CallError> {
        let left = self.let_leave();
        let calls = self.nested.iter().flat_map(|nested| &nested.calls);
        let unanswered = calls.filter(|call| call.outcome.is_none());
        for ticket in unanswered.filter_map(|call| call.sent).collect::<Vec<_>>() {
            self.session.forget(ticket);
        }
        left
    }

    /// Whether there are requests without an answer.
    pub(super) fn has_unanswered(&self) -> bool {
        self.session.due().is_some()
    }

    /// Sends requests again that nobody waits for, for a moment; false if there are none.
    pub(super) fn look_after(&mut self) -> bool {
        if !self.has_unanswered() {
            return false;
        }
        let pause = self.clock.now() + LOOK_AFTER;
        self.links.wait(Some(pause));
        self.drive();
        self.has_unanswered()
    }

    /// Works for an execution that may be repeated.
    pub(super) fn within<T>(
        &mut self,
        nested: &mut Option<Nested>,
        operation: impl FnOnce(&mut Client) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        self.nested = nested.take();
        let result = operation(self);
        *nested = self.nested.take();
        result
    }

    /// Whether the execution that this client works for is of no use any more.
    pub(super) fn is_stopped(&self) -> bool {
        self.nested
            .as_ref()
            .is_some_and(|nested| nested.gate.is_closed())
    }

    /// The time of now, as the method sees it.
    pub(super) fn drawn_now(&mut self) -> Result<Time, CallError> {
        let nanos = self.drawn(|client| client.clock.now().nanos())?;
        Ok(Time::from_nanos(nanos))
    }
}

#[cfg(test)]
mod tests;
