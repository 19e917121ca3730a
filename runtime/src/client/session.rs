//! A client's session: which requests are in flight, where they go, when they go again.
//!
//! A machine without sockets or clock: messages and times in, messages out. The requests of one
//! stream (one server) are numbered from 1 without gaps and always sent in order; whatever makes the
//! session look elsewhere sends all of them again, which their numbers make harmless. Reads are not
//! in that sequence: one goes outside of it only while nothing in it is unanswered, and nothing in it goes
//! while reads are, so that the order of the program holds. A server
//! counts as unavailable only after no leader with a quorum has spoken of it for a configured time.

mod stream;
#[cfg(test)]
mod tests;

use crate::client::{CallError, Reply, Ticket};
use crate::clock::Time;
use crate::identity::{HostId, ServerId};
use crate::kernel::message::{Refusal, RequestName, ToClient, ToKernel};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use stream::{Stream, StreamKey};

/// Silence after which a leader is asked whether it still works on a request.
const PROBE: Duration = Duration::from_millis(200);
/// Silence after a probe after which another host is tried.
const PATIENCE: Duration = Duration::from_millis(400);
/// A pause in driving that was the program's own doing, not the cluster's.
const OWN_PAUSE: Duration = Duration::from_millis(500);

/// What a call is to its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The one that a new server also sends to itself.
    Construction,
    /// It may change something.
    Change,
    /// It changes nothing.
    Read,
}

/// A message to send.
pub(super) type Outgoing = (HostId, ToKernel);

/// When among all replies it came, and what it is.
type Outcome<'a> = (u64, &'a Result<Reply, CallError>);

/// The machine.
pub(super) struct Session {
    id: u128,
    unavailable_after: Duration,
    streams: BTreeMap<StreamKey, Stream>,
    tickets: BTreeMap<Ticket, TicketState>,
    next_ticket: u64,
    arrivals: u64,
    hosts: Vec<HostId>,
    home: HostId,
    connected: BTreeSet<HostId>,
    /// Deleted by this session: calls fail here, whether or not their hosts know it already.
    deleted: BTreeSet<ServerId>,
    driven: Time,
}

struct TicketState {
    /// When among all replies it came, and what it is.
    outcome: Option<(u64, Result<Reply, CallError>)>,
    forgotten: bool,
}

impl Session {
    pub(super) fn new(id: u128, unavailable_after: Duration, now: Time) -> Self {
        Self {
            id,
            unavailable_after,
            streams: BTreeMap::new(),
            tickets: BTreeMap::new(),
            next_ticket: 1,
            arrivals: 0,
            hosts: Vec::new(),
            home: HostId(0),
            connected: BTreeSet::new(),
            deleted: BTreeSet::new(),
            driven: now,
        }
    }

    /// Its identity.
    pub(super) fn id(&self) -> u128 {
        self.id
    }

    /// The hosts there are, and the one that is nearest.
    pub(super) fn set_hosts(&mut self, home: HostId, hosts: Vec<HostId>) {
        self.home = home;
        self.hosts = hosts;
    }

    /// Goes on as the session with this identity, which numbers its requests itself.
    pub(super) fn adopt(&mut self, id: u128) {
        if self.id != id {
            self.id = id;
            self.streams.clear();
        }
    }

    /// Queues a call.
    pub(super) fn invoke(
        &mut self,
        server: ServerId,
        kind: Kind,
        call: Vec<u8>,
        now: Time,
        out: &mut Vec<Outgoing>,
    ) -> Ticket {
        let key = StreamKey {
            server,
            construction: kind == Kind::Construction,
        };
        self.queue((key, kind), None, call, now, out)
    }

    /// Queues a call of an adopted session: with its number, and the one up to which replies may be forgotten. The one request that a new server
    /// also sends to itself has none.
    pub(super) fn invoke_as(
        &mut self,
        server: ServerId,
        number: Option<(u64, u64)>,
        call: Vec<u8>,
        now: Time,
        out: &mut Vec<Outgoing>,
    ) -> Ticket {
        let construction = number.is_none();
        let key = StreamKey {
            server,
            construction,
        };
        self.queue((key, Kind::Change), number, call, now, out)
    }

    fn queue(
        &mut self,
        (key, kind): (StreamKey, Kind),
        number: Option<(u64, u64)>,
        call: Vec<u8>,
        now: Time,
        out: &mut Vec<Outgoing>,
    ) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        let state = TicketState {
            outcome: None,
            forgotten: false,
        };
        self.tickets.insert(ticket, state);
        if self.deleted.contains(&key.server) {
            self.answer(ticket, Err(was_deleted(key.server)));
            return ticket;
        }
        let home = self.home;
        let stream = self
            .streams
            .entry(key)
            .or_insert_with(|| Stream::new(home, now));
        if let Some((number, settled)) = number {
            stream.number_from(number, settled);
        }
        stream.push(ticket, kind, call, now);
        if self.connected.contains(&stream.target) && stream.retry_at.is_none() {
            stream.send_more(self.id, key, out);
        }
        ticket
    }

    /// These servers are no more.
    pub(super) fn deleted(&mut self, servers: &[ServerId]) {
        for server in servers {
            self.deleted.insert(*server);
            for construction in [false, true] {
                let stream = self.streams.remove(&StreamKey {
                    server: *server,
                    construction,
                });
                for ticket in stream
                    .map(|mut stream| stream.fail_all())
                    .unwrap_or_default()
                {
                    self.answer(ticket, Err(was_deleted(*server)));
                }
            }
        }
    }

    /// The hosts that streams with waiting requests want to talk to and that are not connected.
    pub(super) fn wanted(&self) -> BTreeSet<HostId> {
        let busy = self.streams.values().filter(|stream| !stream.is_idle());
        busy.map(|stream| stream.target)
            .filter(|target| !self.connected.contains(target))
            .collect()
    }

    /// A connection is there: send what waits for it.
    pub(super) fn connected(&mut self, host: HostId, now: Time, out: &mut Vec<Outgoing>) {
        self.connected.insert(host);
        for (key, stream) in &mut self.streams {
            if stream.target == host {
                stream.send_all(self.id, *key, now, out);
            }
        }
    }

    /// A connection is gone, or could not be made: look elsewhere.
    pub(super) fn disconnected(&mut self, host: HostId, now: Time) {
        self.connected.remove(&host);
        for stream in self.streams.values_mut() {
            if stream.target == host && !stream.is_idle() {
                stream.look_elsewhere(&self.hosts, None, now);
            }
        }
    }

    /// A kernel says something.
    pub(super) fn handle(
        &mut self,
        from: HostId,
        message: ToClient,
        now: Time,
        out: &mut Vec<Outgoing>,
    ) {
        match message {
            ToClient::Reply { name, mut reply } => {
                let raised = reply.first() == Some(&1);
                if reply.is_empty() {
                    return;
                }
                reply.drain(..1);
                self.settle(
                    name,
                    Ok(Reply {
                        raised,
                        body: reply.into(),
                    }),
                    now,
                    out,
                );
            }
            ToClient::Refused {
                name,
                why: Refusal::NeedsCommand,
            } => {
                if let Some((key, stream)) = find(&mut self.streams, self.id, name) {
                    stream.heard(now);
                    stream.needs_command(name.seq);
                    self.send_held(key, now, out);
                }
            }
            ToClient::Refused { name, why } => self.settle(name, Err(refused(name, why)), now, out),
            ToClient::Redirect {
                name,
                leader,
                hosts,
            } => {
                let (id, all, connected) = (self.id, &self.hosts, &self.connected);
                let Some((key, stream)) = find(&mut self.streams, id, name) else {
                    return;
                };
                // One redirection moves the whole stream; what the old target says later is stale.
                if !stream.has(name.seq) || stream.target != from || stream.retry_at.is_some() {
                    return;
                }
                if !hosts.is_empty() {
                    stream.hosts = hosts;
                }
                let before = stream.target;
                stream.look_elsewhere(all, leader, now);
                if stream.retry_at.is_none()
                    && stream.target != before
                    && connected.contains(&stream.target)
                {
                    stream.send_all(id, key, now, out);
                }
            }
            ToClient::Working { name } => {
                if let Some((_, stream)) = find(&mut self.streams, self.id, name) {
                    stream.heard(now);
                }
            }
            ToClient::Unknown { name } => {
                if let Some((_, stream)) = find(&mut self.streams, self.id, name)
                    && stream.has(name.seq)
                    && stream.target == from
                    && stream.retry_at.is_none()
                {
                    stream.refused(now);
                }
            }
            ToClient::Hosts { .. } | ToClient::Status(_) | ToClient::ReplicaState { .. } => {}
        }
    }

    fn settle(
        &mut self,
        name: RequestName,
        outcome: Result<Reply, CallError>,
        now: Time,
        out: &mut Vec<Outgoing>,
    ) {
        let Some((key, stream)) = find(&mut self.streams, self.id, name) else {
            return;
        };
        stream.heard(now);
        if outcome.is_ok() && !stream.may_be_answered(name.seq) {
            return;
        }
        let Some(ticket) = stream.take(name.seq) else {
            return;
        };
        self.answer(ticket, outcome);
        self.send_held(key, now, out);
    }

    /// Sends what was held back until now.
    fn send_held(&mut self, key: StreamKey, now: Time, out: &mut Vec<Outgoing>) {
        let Some(stream) = self.streams.get_mut(&key) else {
            return;
        };
        let released = stream.release();
        if stream.retry_at.is_some() || !self.connected.contains(&stream.target) {
            return;
        }
        if released {
            stream.send_all(self.id, key, now, out);
        } else {
            stream.send_more(self.id, key, out);
        }
    }

    fn answer(&mut self, ticket: Ticket, outcome: Result<Reply, CallError>) {
        self.arrivals += 1;
        let Some(state) = self.tickets.get_mut(&ticket) else {
            return;
        };
        state.outcome = Some((self.arrivals, outcome));
        if state.forgotten {
            self.tickets.remove(&ticket);
        }
    }

    /// Sends again, asks, looks elsewhere or gives up, whatever is due.
    pub(super) fn tick(&mut self, now: Time, out: &mut Vec<Outgoing>) {
        let pause = now.since(self.driven);
        self.driven = now;
        let mut failed = Vec::new();
        for (key, stream) in &mut self.streams {
            if stream.is_idle() {
                continue;
            }
            if pause > OWN_PAUSE {
                stream.grant(pause, now);
            }
            if now.since(stream.alive) > self.unavailable_after {
                failed.extend(
                    stream
                        .fail_all()
                        .into_iter()
                        .map(|ticket| (ticket, key.server)),
                );
            } else if stream.retry_at.is_some_and(|at| at <= now) {
                stream.retry_at = None;
                if self.connected.contains(&stream.target) {
                    stream.send_all(self.id, *key, now, out);
                }
            } else if stream.retry_at.is_none() {
                if now.since(stream.spoken) > PATIENCE + PROBE {
                    stream.look_elsewhere(&self.hosts, None, now);
                } else if now.since(stream.spoken) > PROBE
                    && !std::mem::replace(&mut stream.probed, true)
                    && self.connected.contains(&stream.target)
                    && let Some(message) = stream.probe(self.id, *key)
                {
                    out.push((stream.target, message));
                }
            }
        }
        let seconds = self.unavailable_after.as_secs_f64();
        for (ticket, server) in failed {
            let why = format!("{server} has been unavailable for more than {seconds} s");
            self.answer(ticket, Err(CallError::ServerFailed(why)));
        }
    }

    /// The program was away until now: the cluster is not to blame for that time.
    pub(super) fn resume(&mut self, now: Time) {
        let pause = now.since(self.driven);
        self.driven = now;
        if pause > OWN_PAUSE {
            for stream in self.streams.values_mut() {
                stream.grant(pause, now);
            }
        }
    }

    /// When [`Session::tick`] is due; none while nothing is in flight.
    pub(super) fn due(&self) -> Option<Time> {
        self.streams
            .values()
            .filter(|stream| !stream.is_idle())
            .map(Stream::due)
            .min()
    }

    /// The outcome of a request, if it is there.
    pub(super) fn outcome(&self, ticket: Ticket) -> Result<Option<Outcome<'_>>, CallError> {
        let state = self.tickets.get(&ticket).ok_or(CallError::UnknownTicket)?;
        Ok(state
            .outcome
            .as_ref()
            .map(|(arrival, outcome)| (*arrival, outcome)))
    }

    /// Drops what is kept of a request.
    pub(super) fn forget(&mut self, ticket: Ticket) {
        if let Some(state) = self.tickets.get_mut(&ticket) {
            if state.outcome.is_some() {
                self.tickets.remove(&ticket);
            } else {
                state.forgotten = true;
            }
        }
    }
}

fn find(
    streams: &mut BTreeMap<StreamKey, Stream>,
    session: u128,
    name: RequestName,
) -> Option<(StreamKey, &mut Stream)> {
    let construction = if name.session == session {
        false
    } else if name.session == u128::from(name.server.0) {
        true
    } else {
        return None;
    };
    let key = StreamKey {
        server: name.server,
        construction,
    };
    streams.get_mut(&key).map(|stream| (key, stream))
}

fn refused(name: RequestName, why: Refusal) -> CallError {
    let server = name.server;
    match why {
        Refusal::Deleted => was_deleted(server),
        Refusal::StateLost => CallError::ServerFailed(format!(
            "{server} lost its state, which was not durable, when its host restarted"
        )),
        Refusal::Reentrant => CallError::Reentrant(server),
        Refusal::Forgotten => CallError::ServerFailed(format!(
            "{server} has forgotten this session; whether the call was executed is unknown"
        )),
        Refusal::TooLarge | Refusal::NeedsCommand => CallError::Invalid(format!(
            "a call to {server} has larger arguments, a larger reply or larger effects than a message holds"
        )),
    }
}

fn was_deleted(server: ServerId) -> CallError {
    CallError::ServerFailed(format!("{server} was deleted"))
}
