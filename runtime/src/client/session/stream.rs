//! The requests of one session to one server: those in sequence, and reads.
//!
//! Invariant: while reads are unanswered, nothing in sequence has been sent. Reads are answered in the order in which they
//! were made: they are sent in order, and the leader answers in order. When they are sent again they get new numbers, so that a late
//! answer to what was sent before is no answer any more.
//!
//! A server that has too much to do refuses requests. Then fewer are sent at a time, and one more for each round that is answered: to send all
//! again would give it more to do than to answer them.

use super::{Kind, Outgoing};
use crate::client::Ticket;
use crate::clock::Time;
use crate::identity::{HostId, ServerId};
use crate::kernel::message::{RequestName, ToKernel};
use crate::protocol::RequestId;
use std::collections::BTreeMap;
use std::time::Duration;

/// The pause before a request is sent again that nobody took, doubled each time up to the maximum.
const RETRY_MIN: Duration = Duration::from_millis(2);
const RETRY_MAX: Duration = Duration::from_millis(50);
/// Redirections that are followed at once before a pause is made.
const FOLLOWED_AT_ONCE: u32 = 3;

/// Which stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StreamKey {
    pub server: ServerId,
    /// The one request that the server also sends to itself.
    pub construction: bool,
}

impl StreamKey {
    /// The name of a request of this stream.
    pub(super) fn name(self, session: u128, seq: u64) -> RequestName {
        let session = if self.construction {
            u128::from(self.server.0)
        } else {
            session
        };
        RequestName {
            server: self.server,
            session,
            seq,
        }
    }
}

struct Pending {
    ticket: Ticket,
    call: Vec<u8>,
}

/// Requests in flight to one server, and where they go.
pub(super) struct Stream {
    next: u64,
    /// Replies up to this number are not needed any more, if somebody else says so.
    settled: Option<u64>,
    pending: BTreeMap<u64, Pending>,
    next_read: u64,
    reads: BTreeMap<u64, Pending>,
    /// What is pending was held back for the sake of reads, and has not been sent.
    holds: bool,
    /// The last that was sent in sequence, and the last read.
    sent: u64,
    sent_read: u64,
    /// How many were sent and are not done with.
    flying: usize,
    /// No more than that.
    window: usize,
    /// How many were answered since the window last changed.
    answered: usize,
    /// The host that requests are sent to.
    pub target: HostId,
    /// The hosts of the server's replicas, once known.
    pub hosts: Vec<HostId>,
    /// Nothing is sent before this time.
    pub retry_at: Option<Time>,
    pause: Duration,
    redirected: u32,
    /// When a leader with a quorum last spoke of this server, or the stream last was idle.
    pub alive: Time,
    /// When the target last was sent something anew or said something.
    pub spoken: Time,
    /// Whether the target was asked since.
    pub probed: bool,
}

impl Stream {
    pub(super) fn new(home: HostId, now: Time) -> Self {
        Self {
            next: 1,
            settled: None,
            pending: BTreeMap::new(),
            next_read: RequestId::READS + 1,
            reads: BTreeMap::new(),
            holds: false,
            sent: 0,
            sent_read: 0,
            flying: 0,
            window: usize::MAX,
            answered: 0,
            target: home,
            hosts: Vec::new(),
            retry_at: None,
            pause: RETRY_MIN,
            redirected: 0,
            alive: now,
            spoken: now,
            probed: false,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.reads.is_empty()
    }

    pub(super) fn has(&self, seq: u64) -> bool {
        self.pending.contains_key(&seq) || self.reads.contains_key(&seq)
    }

    /// The next request has this number, and replies up to the other one are not needed any more.
    pub(super) fn number_from(&mut self, next: u64, settled: u64) {
        self.next = next;
        self.settled = Some(settled);
    }

    /// Adds a request and gives its number.
    pub(super) fn push(&mut self, ticket: Ticket, kind: Kind, call: Vec<u8>, now: Time) -> u64 {
        if self.is_idle() {
            self.alive = now;
            self.spoken = now;
            self.probed = false;
        }
        let request = Pending { ticket, call };
        if kind == Kind::Read && self.pending.is_empty() {
            self.push_read(request)
        } else {
            self.holds = !self.reads.is_empty();
            self.push_in_sequence(request)
        }
    }

    fn push_in_sequence(&mut self, request: Pending) -> u64 {
        let seq = self.next;
        self.next += 1;
        // Who numbers its requests itself may begin anew.
        self.sent = self.sent.min(seq.saturating_sub(1));
        self.pending.insert(seq, request);
        seq
    }

    fn push_read(&mut self, request: Pending) -> u64 {
        let seq = self.next_read;
        self.next_read += 1;
        self.reads.insert(seq, request);
        seq
    }

    /// Whether an answer to this request is in order; otherwise an earlier read will be sent again, and it with it.
    pub(super) fn may_be_answered(&self, seq: u64) -> bool {
        let first = self.reads.keys().next();
        !self.reads.contains_key(&seq) || first == Some(&seq)
    }

    /// Takes a request out that is done with.
    pub(super) fn take(&mut self, seq: u64) -> Option<Ticket> {
        let request = self.pending.remove(&seq);
        let sent = if request.is_some() {
            self.sent
        } else {
            self.sent_read
        };
        let request = request.or_else(|| self.reads.remove(&seq))?;
        self.flying -= usize::from(seq <= sent);
        self.answered += 1;
        if self.answered >= self.window {
            self.answered = 0;
            self.window += 1;
        }
        Some(request.ticket)
    }

    /// This read, and those after it, go in sequence: before what is held back for them.
    pub(super) fn needs_command(&mut self, seq: u64) {
        if !self.reads.contains_key(&seq) {
            return;
        }
        let reads = self.reads.split_off(&seq);
        let held = std::mem::take(&mut self.pending);
        self.next -= held.len() as u64;
        for request in reads.into_values().chain(held.into_values()) {
            self.push_in_sequence(request);
        }
        self.holds = true;
    }

    /// Whether what was held back may go now; says so once.
    pub(super) fn release(&mut self) -> bool {
        let release = self.holds && self.reads.is_empty();
        if release {
            self.holds = false;
        }
        release
    }

    /// Gives all requests up.
    pub(super) fn fail_all(&mut self) -> Vec<Ticket> {
        self.retry_at = None;
        self.holds = false;
        let reads = std::mem::take(&mut self.reads);
        let pending = std::mem::take(&mut self.pending);
        self.flying = 0;
        let requests = reads.into_values().chain(pending.into_values());
        requests.map(|request| request.ticket).collect()
    }

    /// A leader spoke.
    pub(super) fn heard(&mut self, now: Time) {
        self.alive = now;
        self.spoken = now;
        self.probed = false;
        self.redirected = 0;
        self.pause = RETRY_MIN;
    }

    /// Time that is not counted as silence.
    pub(super) fn grant(&mut self, pause: Duration, now: Time) {
        self.alive = (self.alive + pause).min(now);
        self.spoken = now;
        self.probed = false;
    }

    /// The target is not the right one: take `leader`, else the next of the hosts that may be.
    pub(super) fn look_elsewhere(&mut self, all: &[HostId], leader: Option<HostId>, now: Time) {
        self.spoken = now;
        self.probed = false;
        if let Some(leader) = leader
            && leader != self.target
            && self.redirected < FOLLOWED_AT_ONCE
        {
            self.redirected += 1;
            self.target = leader;
            self.retry_at = None;
            return;
        }
        let hosts = if self.hosts.is_empty() {
            all
        } else {
            &self.hosts
        };
        let first_look = !hosts.contains(&self.target);
        let position = hosts.iter().position(|host| *host == self.target);
        let next = position.map_or(0, |position| position + 1);
        if let Some(host) = hosts.get(next).or(hosts.first()) {
            self.target = leader.unwrap_or(*host);
        }
        if first_look && self.redirected < FOLLOWED_AT_ONCE {
            self.redirected += 1;
            self.retry_at = None;
            return;
        }
        self.retry_soon(now);
    }

    /// The target has no room for a request: it gets half of them after a pause.
    pub(super) fn refused(&mut self, now: Time) {
        self.window = (self.flying / 2).max(1);
        self.answered = 0;
        self.retry_soon(now);
    }

    /// Sends again after a pause.
    pub(super) fn retry_soon(&mut self, now: Time) {
        self.redirected = 0;
        self.retry_at = Some(now + self.pause);
        self.pause = (self.pause * 2).min(RETRY_MAX);
    }

    /// The first request that was not sent, unless it is held back.
    fn next_unsent(&self) -> Option<(u64, &Pending)> {
        let (requests, sent) = if self.reads.is_empty() {
            (&self.pending, self.sent)
        } else {
            (&self.reads, self.sent_read)
        };
        let (seq, request) = requests.range(sent + 1..).next()?;
        (self.flying < self.window).then_some((*seq, request))
    }

    /// Sends, oldest first, what was not sent, as far as the window lets it through.
    pub(super) fn send_more(&mut self, session: u128, key: StreamKey, out: &mut Vec<Outgoing>) {
        let oldest = self.pending.keys().next().copied().unwrap_or(self.next);
        while let Some((seq, request)) = self.next_unsent() {
            let message = ToKernel::Request {
                name: key.name(session, seq),
                acknowledged: self.settled.unwrap_or(u64::MAX).min(oldest - 1),
                call: request.call.clone(),
            };
            out.push((self.target, message));
            self.flying += 1;
            if self.reads.is_empty() {
                self.sent = seq;
            } else {
                self.sent_read = seq;
            }
        }
    }

    /// The message that asks after the oldest request.
    pub(super) fn probe(&self, session: u128, key: StreamKey) -> Option<ToKernel> {
        let seq = *self.reads.keys().chain(self.pending.keys()).next()?;
        Some(ToKernel::Probe {
            name: key.name(session, seq),
        })
    }

    /// Sends all requests to the target, oldest first, except those that are held back or beyond the window.
    pub(super) fn send_all(
        &mut self,
        session: u128,
        key: StreamKey,
        now: Time,
        out: &mut Vec<Outgoing>,
    ) {
        self.retry_at = None;
        self.spoken = now;
        self.probed = false;
        for read in std::mem::take(&mut self.reads).into_values() {
            self.push_read(read);
        }
        (self.sent, self.sent_read, self.flying) = (0, 0, 0);
        self.send_more(session, key, out);
    }

    /// When something must be done if nothing happens.
    pub(super) fn due(&self) -> Time {
        let next = if self.probed {
            super::PROBE + super::PATIENCE
        } else {
            super::PROBE
        };
        self.retry_at
            .unwrap_or(self.spoken + next + Duration::from_millis(1))
    }
}
