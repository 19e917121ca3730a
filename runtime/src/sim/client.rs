//! A simulated client: a session that numbers its requests, looks for the leader, and repeats what is not answered.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bank::{ACCOUNTS, Call};
use crate::clock::Time;
use crate::protocol::executive::Random;
use crate::protocol::{Bytes, Device, Refusal, Request, RequestId};
use crate::wire::Wire;

/// One client.
#[derive(Debug)]
pub struct Client {
    session: u128,
    devices: u16,
    depth: usize,
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
    /// The device that it takes for the leader.
    leader: Device,
    /// When it makes its next request.
    next_at: Time,
    /// How many more it makes; unlimited while faults go on.
    left: Option<u32>,
}

#[derive(Debug)]
struct Waiting {
    call: Bytes,
    repeat_at: Time,
}

/// What a client does at its turn.
#[derive(Debug)]
pub enum Action {
    /// It makes a request for the first time.
    Invoke(RequestId, Call),
    /// It sends a request to a device.
    Send(Device, Request),
    /// It stops waiting.
    GiveUp(RequestId),
}

impl Client {
    /// The client with this index.
    #[must_use]
    pub fn new(index: u64, devices: usize, depth: usize, random: &mut Random) -> Client {
        Client {
            session: (u128::from(index) + 1) << 64 | u128::from(random.bits()),
            devices: devices as u16,
            depth,
            next: 1,
            waiting: BTreeMap::new(),
            leader: Device(random.below(devices as u64) as u16),
            next_at: Time::ZERO,
            left: None,
        }
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> u128 {
        self.session
    }

    /// From now on it makes only so many more requests.
    pub fn limit(&mut self, left: u32) {
        self.left = Some(left);
    }

    /// Whether it has all its answers and wants no more.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.left == Some(0)
    }

    /// The next time at which it wants its turn.
    #[must_use]
    pub fn deadline(&self) -> Time {
        let repeat = self.waiting.values().map(|waiting| waiting.repeat_at).min();
        let next = if self.waiting.len() < self.depth && self.left != Some(0) {
            self.next_at
        } else {
            Time::NEVER
        };
        repeat.unwrap_or(Time::NEVER).min(next)
    }

    /// Its turn: repeats and makes requests.
    pub fn turn(&mut self, now: Time, random: &mut Random, actions: &mut Vec<Action>) {
        let overdue: Vec<u64> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.repeat_at <= now)
            .map(|(n, _)| *n)
            .collect();
        if !overdue.is_empty() {
            self.leader = Device(random.below(u64::from(self.devices)) as u16);
        }
        for sequence in overdue {
            if self.left.is_none() && random.one_in(150) {
                self.waiting.remove(&sequence);
                actions.push(Action::GiveUp(self.id(sequence)));
                continue;
            }
            self.send(sequence, now, random, actions);
        }
        while self.waiting.len() < self.depth && self.next_at <= now && self.left != Some(0) {
            self.left = self.left.map(|left| left - 1);
            let call = draw(random);
            let sequence = self.next;
            self.next += 1;
            let waiting = Waiting {
                call: Bytes::from(call.to_bytes()),
                repeat_at: now,
            };
            self.waiting.insert(sequence, waiting);
            actions.push(Action::Invoke(self.id(sequence), call));
            self.send(sequence, now, random, actions);
            self.next_at = now + think(random);
        }
    }

    fn id(&self, sequence: u64) -> RequestId {
        RequestId {
            session: self.session,
            sequence,
        }
    }

    fn send(&mut self, sequence: u64, now: Time, random: &mut Random, actions: &mut Vec<Action>) {
        let lowest = self.waiting.keys().next().copied().unwrap_or(self.next);
        let id = self.id(sequence);
        let Some(waiting) = self.waiting.get_mut(&sequence) else {
            return;
        };
        waiting.repeat_at =
            now + random.between(Duration::from_millis(60), Duration::from_millis(200));
        let request = Request {
            id,
            acknowledged: lowest - 1,
            call: Bytes::clone(&waiting.call),
        };
        actions.push(Action::Send(self.leader, request));
    }

    /// An answer came; says whether it was waited for.
    pub fn answered(&mut self, sequence: u64) -> bool {
        self.waiting.remove(&sequence).is_some()
    }

    /// A device did not answer. Says whether that must not be: the request is waited for, and the server claims that it is done with.
    pub fn refused(&mut self, sequence: u64, why: Refusal, now: Time, random: &mut Random) -> bool {
        let Some(waiting) = self.waiting.get_mut(&sequence) else {
            return false;
        };
        match why {
            Refusal::NotLeader { hint } => {
                if let Some(leader) = hint {
                    self.leader = leader;
                }
                let soon = random.between(Duration::from_millis(2), Duration::from_millis(25));
                waiting.repeat_at = waiting.repeat_at.min(now + soon);
                false
            }
            Refusal::Busy => false,
            Refusal::Trimmed | Refusal::UnknownSession | Refusal::TooLarge => true,
        }
    }
}

fn think(random: &mut Random) -> Duration {
    if random.below(5) < 3 {
        random.between(Duration::ZERO, Duration::from_millis(4))
    } else {
        random.between(Duration::from_millis(20), Duration::from_millis(220))
    }
}

fn draw(random: &mut Random) -> Call {
    let mut account = || random.below(ACCOUNTS as u64) as u8;
    let (one, other) = (account(), account());
    match random.below(11) {
        0 => Call::Balance(one),
        1..=3 => Call::Deposit(one, random.below(100) as i64),
        4..=6 => Call::Transfer(
            one,
            (other + u8::from(one == other)) % ACCOUNTS as u8,
            random.below(200) as i64,
        ),
        7 | 8 => Call::Lottery(one),
        9 => Call::Payout(one),
        _ => Call::Fail(one),
    }
}
