//! The simulated server: accounts with a method that draws a random amount, so that only a replicated *command*, never a
//! repeated execution, keeps the replicas equal.

use std::collections::VecDeque;

use crate::object::{Damaged, Environment, Execution, Service, Verdict};
use crate::wire::{Reader, Wire, WireError, Writer};

/// How many accounts there are.
pub const ACCOUNTS: usize = 6;

/// A call on the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The balance of an account.
    Balance(u8),
    /// Adds an amount; the reply is the new balance.
    Deposit(u8, i64),
    /// Moves an amount if the first account has it (its precondition); the reply is both balances.
    Transfer(u8, u8, i64),
    /// Adds a random amount; the reply is the amount and the new balance.
    Lottery(u8),
    /// Changes an account and then raises, so that nothing is changed.
    Fail(u8),
    /// Calls another server twice and takes what that made from the account.
    Payout(u8),
}

/// What a call answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// One balance.
    Balance(i64),
    /// The balances of a transfer.
    Moved(i64, i64),
    /// What was drawn, and the new balance.
    Drawn(i64, i64),
    /// The precondition of a transfer did not hold.
    Insufficient,
    /// The method raised.
    Raised,
    /// What was paid elsewhere, and the new balance.
    Paid(i64, i64),
    /// What was paid elsewhere, and is more than the account has: it stays as it is.
    Owed(i64),
}

impl Wire for Call {
    const BYTES_MIN: usize = 2;

    fn write(&self, to: &mut Writer) {
        match *self {
            Call::Balance(account) => to.raw(&[0, account]),
            Call::Deposit(account, amount) => {
                to.raw(&[1, account]);
                to.i64(amount);
            }
            Call::Transfer(source, target, amount) => {
                to.raw(&[2, source, target]);
                to.i64(amount);
            }
            Call::Lottery(account) => to.raw(&[3, account]),
            Call::Fail(account) => to.raw(&[4, account]),
            Call::Payout(account) => to.raw(&[5, account]),
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(match from.u8()? {
            0 => Call::Balance(from.u8()?),
            1 => Call::Deposit(from.u8()?, from.i64()?),
            2 => Call::Transfer(from.u8()?, from.u8()?, from.i64()?),
            3 => Call::Lottery(from.u8()?),
            4 => Call::Fail(from.u8()?),
            5 => Call::Payout(from.u8()?),
            _ => return Err(WireError::BadTag("call")),
        })
    }
}

impl Wire for Answer {
    const BYTES_MIN: usize = 1;

    fn write(&self, to: &mut Writer) {
        match *self {
            Answer::Balance(balance) => {
                to.u8(0);
                to.i64(balance);
            }
            Answer::Moved(source, target) => {
                to.u8(1);
                to.i64(source);
                to.i64(target);
            }
            Answer::Drawn(amount, balance) => {
                to.u8(2);
                to.i64(amount);
                to.i64(balance);
            }
            Answer::Insufficient => to.u8(3),
            Answer::Raised => to.u8(4),
            Answer::Paid(total, balance) => {
                to.u8(5);
                to.i64(total);
                to.i64(balance);
            }
            Answer::Owed(total) => {
                to.u8(6);
                to.i64(total);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(match from.u8()? {
            0 => Answer::Balance(from.i64()?),
            1 => Answer::Moved(from.i64()?, from.i64()?),
            2 => Answer::Drawn(from.i64()?, from.i64()?),
            3 => Answer::Insufficient,
            4 => Answer::Raised,
            5 => Answer::Paid(from.i64()?, from.i64()?),
            6 => Answer::Owed(from.i64()?),
            _ => return Err(WireError::BadTag("answer")),
        })
    }
}

/// The accounts, live and settled.
#[derive(Debug, Clone, Default)]
pub struct Bank {
    live: [i64; ACCOUNTS],
    settled: [i64; ACCOUNTS],
    /// For each unsettled execution: the accounts it set, with the values before and after.
    records: VecDeque<Vec<Change>>,
}

#[derive(Debug, Clone, Copy)]
struct Change {
    account: usize,
    before: i64,
    after: i64,
}

impl Bank {
    /// The live balance.
    pub fn balance(&self, account: u8) -> i64 {
        self.live.get(usize::from(account)).copied().unwrap_or(0)
    }

    fn change(&mut self, sets: &[(u8, i64)]) {
        let mut record = Vec::with_capacity(sets.len());
        for (account, after) in sets {
            let account = usize::from(*account);
            if let Some(balance) = self.live.get_mut(account) {
                record.push(Change {
                    account,
                    before: *balance,
                    after: *after,
                });
                *balance = *after;
            }
        }
        self.records.push_back(record);
    }

    fn set(&mut self, sets: &[(u8, i64)], answer: Answer) -> Execution {
        self.change(sets);
        let mut delta = Writer::new();
        for (account, amount) in sets {
            delta.u8(*account);
            delta.i64(*amount);
        }
        Execution {
            delta: delta.into_bytes(),
            reply: answer.to_bytes(),
            verdict: Verdict::Completed,
        }
    }

    /// The end of a payout: what was paid elsewhere leaves the account.
    pub fn pay(&mut self, account: u8, total: i64) -> Execution {
        let left = self.balance(account) - total;
        if left < 0 {
            return self.unchanged(Answer::Owed(total), Verdict::PreconditionFailed);
        }
        self.set(&[(account, left)], Answer::Paid(total, left))
    }

    fn unchanged(&mut self, answer: Answer, verdict: Verdict) -> Execution {
        self.records.push_back(Vec::new());
        Execution {
            delta: Vec::new(),
            reply: answer.to_bytes(),
            verdict,
        }
    }
}

impl Service for Bank {
    fn execute(&mut self, call: &[u8], environment: &Environment) -> Execution {
        let Ok(call) = Call::from_bytes(call) else {
            return self.unchanged(Answer::Raised, Verdict::Raised);
        };
        match call {
            Call::Balance(account) => {
                let balance = self.balance(account);
                self.unchanged(Answer::Balance(balance), Verdict::Completed)
            }
            Call::Deposit(account, amount) => {
                let balance = self.balance(account).wrapping_add(amount);
                self.set(&[(account, balance)], Answer::Balance(balance))
            }
            Call::Transfer(source, target, amount) if self.balance(source) >= amount => {
                let left = self.balance(source) - amount;
                let there = self.balance(target).wrapping_add(amount);
                self.set(
                    &[(source, left), (target, there)],
                    Answer::Moved(left, there),
                )
            }
            Call::Transfer(..) => self.unchanged(Answer::Insufficient, Verdict::PreconditionFailed),
            Call::Lottery(account) => {
                let amount = (environment.seed % 1_000) as i64;
                let balance = self.balance(account).wrapping_add(amount);
                self.set(&[(account, balance)], Answer::Drawn(amount, balance))
            }
            // The host runs payouts, as they take time.
            Call::Fail(_) | Call::Payout(_) => self.unchanged(Answer::Raised, Verdict::Raised),
        }
    }

    fn apply(&mut self, delta: &[u8]) -> Result<(), Damaged> {
        let mut reader = Reader::new(delta);
        let mut sets = Vec::new();
        while reader.remaining() > 0 {
            let set = reader.u8().and_then(|account| Ok((account, reader.i64()?)));
            sets.push(set.map_err(|error| Damaged::new(error.to_string()))?);
        }
        self.change(&sets);
        Ok(())
    }

    fn undo(&mut self) {
        for change in self.records.pop_back().unwrap_or_default().iter().rev() {
            if let Some(balance) = self.live.get_mut(change.account) {
                *balance = change.before;
            }
        }
    }

    fn settle(&mut self) {
        for change in self.records.pop_front().unwrap_or_default() {
            if let Some(balance) = self.settled.get_mut(change.account) {
                *balance = change.after;
            }
        }
    }

    fn snapshot(&self) -> Vec<u8> {
        self.settled
            .iter()
            .flat_map(|balance| balance.to_le_bytes())
            .collect()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), Damaged> {
        let mut reader = Reader::new(snapshot);
        let mut accounts = [0; ACCOUNTS];
        for balance in &mut accounts {
            *balance = reader
                .i64()
                .map_err(|error| Damaged::new(error.to_string()))?;
        }
        *self = Bank {
            live: accounts,
            settled: accounts,
            records: VecDeque::new(),
        };
        Ok(())
    }

    fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.snapshot()).as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settled_state_is_independent_of_what_runs_ahead() {
        let mut bank = Bank::default();
        let environment = Environment::isolated(0, 7);
        bank.execute(&Call::Deposit(0, 5).to_bytes(), &environment);
        bank.settle();
        let settled = bank.hash();
        let ahead = bank.execute(&Call::Lottery(0).to_bytes(), &environment);
        assert_eq!(bank.hash(), settled);
        bank.undo();
        assert_eq!(bank.balance(0), 5);
        bank.apply(&ahead.delta).unwrap();
        bank.settle();
        assert_eq!(bank.balance(0), 12);
        assert_ne!(bank.hash(), settled);
    }
}
