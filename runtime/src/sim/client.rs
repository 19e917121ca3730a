//! A simulated client: a session that numbers its requests, looks for the leader, and repeats what is not answered.
//! It lives on one of the hosts, and shares its links.
//!
//! As a real one it makes a read outside its sequence only while no request in the sequence is unanswered, and nothing in the
//! sequence while reads are.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::bank::{ACCOUNTS, Call};
use super::faults::Swarm;
use super::scenario::{Asked, Script};
use crate::clock::Time;
use crate::protocol::executive::Random;
use crate::protocol::{Bytes, Device, Refusal, Request, RequestId};
use crate::wire::Wire;

/// One client.
#[derive(Debug)]
pub struct Client {
    session: u128,
    home: usize,
    devices: u16,
    depth: usize,
    next: u64,
    next_read: u64,
    /// So many of a hundred requests are reads.
    reads_percent: u64,
    /// The most that it waits between two requests.
    pace: Duration,
    /// What it asks for before it asks by chance, in this order.
    script: VecDeque<(Call, Asked)>,
    /// What must wait for the answers of reads.
    held: VecDeque<Call>,
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
    call: Call,
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
    pub fn new(index: u64, devices: usize, swarm: &Swarm, random: &mut Random) -> Client {
        let only_reads = index.is_multiple_of(3);
        Client {
            session: (u128::from(index) + 1) << 64 | u128::from(random.bits()),
            home: random.below(devices as u64) as usize,
            devices: devices as u16,
            depth: swarm.depth,
            next: 1,
            next_read: RequestId::READS + 1,
            reads_percent: if only_reads { 100 } else { 20 },
            pace: Duration::from_millis(if only_reads { 80 } else { swarm.pace }),
            script: VecDeque::new(),
            held: VecDeque::new(),
            waiting: BTreeMap::new(),
            leader: Device(random.below(devices as u64) as u16),
            next_at: Time::ZERO,
            left: None,
        }
    }

    /// A client that follows a script, and makes no request by chance until it is told to.
    #[must_use]
    pub fn scripted(index: u64, devices: usize, script: &Script, random: &mut Random) -> Client {
        Client {
            home: script.home,
            depth: script.depth,
            pace: script.pace,
            script: script.calls.iter().copied().collect(),
            leader: Device(0),
            next_at: Time::ZERO + script.begins,
            left: Some(0),
            // Not the first, which would only read.
            ..Client::new(index + 1, devices, &Swarm::calm(), random)
        }
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> u128 {
        self.session
    }

    /// The host that it lives on.
    #[must_use]
    pub fn home(&self) -> usize {
        self.home
    }

    /// From now on it makes only so many more requests.
    pub fn limit(&mut self, left: u32) {
        self.left = Some(left);
    }

    /// Whether it has all its answers and wants no more.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
            && self.held.is_empty()
            && self.script.is_empty()
            && self.left == Some(0)
    }

    /// The next time at which it wants its turn.
    #[must_use]
    pub fn deadline(&self) -> Time {
        let repeat = self.waiting.values().map(|waiting| waiting.repeat_at).min();
        let next = if self.has_room() {
            self.next_at
        } else {
            Time::NEVER
        };
        repeat.unwrap_or(Time::NEVER).min(next)
    }

    /// Whether it may make a request.
    fn has_room(&self) -> bool {
        let more = if self.held.is_empty() {
            !self.script.is_empty() || self.left != Some(0)
        } else {
            !self.reads_wait()
        };
        more && self.waiting.len() < self.depth
    }

    /// Whether a read is unanswered.
    fn reads_wait(&self) -> bool {
        let last = self.waiting.keys().next_back();
        last.is_some_and(|sequence| self.id(*sequence).is_read())
    }

    /// Whether something in the sequence is unanswered.
    fn changes_wait(&self) -> bool {
        let first = self.waiting.keys().next();
        first.is_some_and(|sequence| !self.id(*sequence).is_read())
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
        while self.has_room() && self.next_at <= now {
            let scripted = !self.script.is_empty();
            self.make(now, random, actions);
            let think = if scripted {
                self.pace
            } else {
                self.think(random)
            };
            self.next_at = now + think;
        }
    }

    /// Makes a request, or holds it back.
    fn make(&mut self, now: Time, random: &mut Random, actions: &mut Vec<Action>) {
        let chance = random.below(100);
        let sequence = if let Some(call) = self.held.pop_front() {
            self.in_sequence(call)
        } else {
            let (call, asked) = self.next_call(chance, random);
            let reads = asked == Asked::AsRead;
            if reads && !self.changes_wait() {
                self.next_read += 1;
                self.wait_for(self.next_read - 1, call)
            } else if self.reads_wait() {
                self.held.push_back(call);
                return;
            } else {
                self.in_sequence(call)
            }
        };
        let waiting = self.waiting.get(&sequence);
        actions.extend(waiting.map(|waiting| Action::Invoke(self.id(sequence), waiting.call)));
        self.send(sequence, now, random, actions);
    }

    /// What it asks for next; `chance` is below 100.
    fn next_call(&mut self, chance: u64, random: &mut Random) -> (Call, Asked) {
        if let Some(next) = self.script.pop_front() {
            return next;
        }
        self.left = self.left.map(|left| left - 1);
        if chance < self.reads_percent {
            (draw_read(random), Asked::AsRead)
        } else {
            (draw(random), Asked::InSequence)
        }
    }

    fn think(&self, random: &mut Random) -> Duration {
        if random.below(5) < 3 {
            random.between(Duration::ZERO, Duration::from_millis(4))
        } else {
            random.between(Duration::from_millis(20), self.pace)
        }
    }

    fn in_sequence(&mut self, call: Call) -> u64 {
        self.next += 1;
        self.wait_for(self.next - 1, call)
    }

    fn wait_for(&mut self, sequence: u64, call: Call) -> u64 {
        let repeat_at = Time::ZERO;
        self.waiting.insert(sequence, Waiting { call, repeat_at });
        sequence
    }

    fn id(&self, sequence: u64) -> RequestId {
        RequestId {
            session: self.session,
            sequence,
        }
    }

    fn send(&mut self, sequence: u64, now: Time, random: &mut Random, actions: &mut Vec<Action>) {
        let lowest = self.waiting.keys().next().copied().unwrap_or(self.next);
        let lowest = lowest.min(self.next);
        let id = self.id(sequence);
        let Some(waiting) = self.waiting.get_mut(&sequence) else {
            return;
        };
        waiting.repeat_at =
            now + random.between(Duration::from_millis(60), Duration::from_millis(200));
        let request = Request {
            id,
            acknowledged: lowest - 1,
            call: Bytes::from(waiting.call.to_bytes()),
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
            Refusal::NeedsCommand => {
                let call = waiting.call;
                self.waiting.remove(&sequence);
                self.held.push_back(call);
                matches!(call, Call::Balance(_))
            }
            Refusal::Trimmed | Refusal::UnknownSession | Refusal::TooLarge => true,
        }
    }
}

/// A read; now and then something that only claims to be one.
fn draw_read(random: &mut Random) -> Call {
    let account = random.below(ACCOUNTS as u64) as u8;
    if random.one_in(40) {
        Call::Deposit(account, random.below(100) as i64)
    } else {
        Call::Balance(account)
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
