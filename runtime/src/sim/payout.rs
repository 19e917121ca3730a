//! A simulated method that calls another server twice in the middle: what it pays depends on chance, on the state and on the first answer.
//!
//! It does what the runtime does for a method that calls servers: it hands in a step before a call leaves, and when it is executed again it
//! takes its draws from the journal as far as they go.

use std::collections::VecDeque;

use crate::protocol::executive::Random;
use crate::protocol::{Bytes, Journaled, RequestId, Step, Ticket};
use crate::wire::{Reader, Writer};

/// The other server; there is one.
const OUTSIDE: u64 = 99;

/// How many calls the method makes.
const CALLS: usize = 2;

/// One execution of the method, in progress.
#[derive(Debug)]
pub struct Payout {
    /// Which execution.
    pub ticket: Ticket,
    request: RequestId,
    /// Whose account pays.
    pub account: u8,
    balance: i64,
    session: u128,
    last: u64,
    /// How many steps are in the journal.
    steps: usize,
    /// What is left of the journal's draws.
    replay: VecDeque<i64>,
    /// What was drawn since the last step.
    drawn: Vec<i64>,
    /// The calls so far: number and amount.
    calls: Vec<(u64, i64)>,
    total: i64,
}

/// One call of the other server, as it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Post {
    /// The session and number that identify it: the other server makes it once.
    pub id: RequestId,
    /// The request whose method makes it.
    pub request: RequestId,
    /// How much.
    pub amount: i64,
}

/// What the method does next.
#[derive(Debug)]
pub enum Act {
    /// It wants this in the journal.
    Journal(Step),
    /// It calls.
    Call(Post),
    /// It ends, with so much paid.
    End(i64),
}

impl Payout {
    /// Begins an execution and gives what it does first.
    pub fn begin(
        ticket: Ticket,
        request: RequestId,
        (account, balance): (u8, i64),
        told: Option<Box<Journaled>>,
        random: &mut Random,
    ) -> (Payout, Act) {
        let told = told.map(|told| *told).unwrap_or_default();
        let mut payout = Payout {
            ticket,
            request,
            account,
            balance,
            session: if told.session == 0 {
                u128::from(random.bits() | 1) << 64
            } else {
                told.session
            },
            last: told.last.get(&OUTSIDE).copied().unwrap_or(0),
            steps: told.draws.len(),
            replay: told.draws.iter().flat_map(|draws| read(draws)).collect(),
            drawn: Vec::new(),
            calls: Vec::new(),
            total: 0,
        };
        // The numbers of the steps in the journal are taken already.
        payout.last -= payout.steps as u64;
        let act = payout.next_call(0, random);
        (payout, act)
    }

    fn draw(&mut self, fresh: impl FnOnce() -> i64) -> i64 {
        self.replay.pop_front().unwrap_or_else(|| {
            let value = fresh();
            self.drawn.push(value);
            value
        })
    }

    fn next_call(&mut self, receipt: i64, random: &mut Random) -> Act {
        let chance = self.draw(|| random.below(40) as i64);
        let amount = chance + receipt % 7 + self.balance.rem_euclid(3);
        self.last += 1;
        self.calls.push((self.last, amount));
        self.total += amount;
        if self.steps >= self.calls.len() {
            return self.journaled(random);
        }
        self.steps += 1;
        let mut draws = Writer::new();
        self.drawn.drain(..).for_each(|value| draws.i64(value));
        Act::Journal(Step {
            session: self.session,
            calls: vec![(OUTSIDE, self.last)],
            draws: Bytes::from(draws.into_bytes()),
        })
    }

    /// The step is issued: the call leaves, unless the journal has its answer.
    pub fn journaled(&mut self, random: &mut Random) -> Act {
        if self.replay.is_empty() {
            return Act::Call(self.post());
        }
        let receipt = self.draw(|| 0);
        self.after(receipt, random)
    }

    /// The call that waits for its answer.
    pub fn post(&self) -> Post {
        let (sequence, amount) = self.calls.last().copied().unwrap_or_default();
        Post {
            id: RequestId {
                session: self.session,
                sequence,
            },
            request: self.request,
            amount,
        }
    }

    /// The answer to a call, if it waits for this one.
    pub fn answered(&mut self, id: RequestId, receipt: i64, random: &mut Random) -> Option<Act> {
        if self.post().id != id || self.steps < self.calls.len() {
            return None;
        }
        let receipt = self.draw(|| receipt);
        Some(self.after(receipt, random))
    }

    fn after(&mut self, receipt: i64, random: &mut Random) -> Act {
        if self.calls.len() < CALLS {
            self.next_call(receipt, random)
        } else {
            Act::End(self.total)
        }
    }
}

fn read(draws: &[u8]) -> Vec<i64> {
    let mut reader = Reader::new(draws);
    std::iter::from_fn(|| reader.i64().ok()).collect()
}
