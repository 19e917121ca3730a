//! Linearizability, with the issued sequence as the witness.
//!
//! A sequential model replays the calls in the order in which they were issued and must give the recorded replies; and a request that was answered before
//! another was made must stand before it. Sorting by time makes that O(n log n). Every answered request being issued is the business of `once`.
//! Reads are not in that sequence: `reads` looks for a place for each.

mod reads;

use std::collections::BTreeMap;

use super::Property;
use crate::clock::Time;
use crate::protocol::{Number, RequestId};
use crate::sim::bank::{ACCOUNTS, Answer, Call};
use crate::sim::history::{History, Observation};
use crate::wire::Wire;

/// The property; judged at the end.
pub struct Linearizable;

impl Property for Linearizable {
    fn name(&self) -> &'static str {
        "linearizable"
    }

    fn observe(&mut self, observation: &Observation<'_>, history: &History) -> Result<(), String> {
        if !matches!(observation, Observation::Ended { .. }) {
            return Ok(());
        }
        let witness = replay(history)?;
        real_time_order(history, &witness.places)?;
        reads::reads_have_places(history, &witness)
    }
}

/// The issued requests in their order.
struct Witness {
    /// The place of each request, from 1.
    places: BTreeMap<RequestId, usize>,
    /// The accounts before everything, and after each place.
    states: Vec<[i64; ACCOUNTS]>,
    /// The last place of each command.
    ends: BTreeMap<Number, usize>,
}

/// Replays the issued sequence.
fn replay(history: &History) -> Result<Witness, String> {
    let mut accounts = [0i64; ACCOUNTS];
    let (mut places, mut states) = (BTreeMap::new(), vec![accounts]);
    let mut ends = BTreeMap::from([(Number(0), 0)]);
    let commands = history.issued.values();
    let done = commands.flat_map(|command| command.done().map(|done| (command.number(), done)));
    for (number, (entry, reply, _)) in done {
        let Some(operation) = history.operations.get(&entry.id) else {
            return Err(format!("{} was issued and nobody asked for it", entry.id));
        };
        let answer = Answer::from_bytes(reply).map_err(|error| error.to_string())?;
        if !next_state(&mut accounts, operation.call, answer) {
            return Err(format!(
                "{} {:?} answered {answer:?} on {accounts:?}",
                entry.id, operation.call
            ));
        }
        places.insert(entry.id, states.len());
        ends.insert(number, states.len());
        states.push(accounts);
    }
    Ok(Witness {
        places,
        states,
        ends,
    })
}

/// Whether a sequential bank in this state may give this answer; goes to the state after it.
fn next_state(accounts: &mut [i64; ACCOUNTS], call: Call, answer: Answer) -> bool {
    match (call, answer) {
        (Call::Balance(account), Answer::Balance(balance)) => {
            accounts.get(usize::from(account)) == Some(&balance)
        }
        (Call::Deposit(account, amount), Answer::Balance(balance)) => {
            add(accounts, account, amount) == Some(balance)
        }
        (Call::Lottery(account), Answer::Drawn(amount, balance)) => {
            add(accounts, account, amount) == Some(balance)
        }
        (Call::Transfer(source, target, amount), Answer::Moved(left, there)) => {
            let enough = accounts
                .get(usize::from(source))
                .is_some_and(|balance| *balance >= amount);
            enough
                && add(accounts, source, -amount) == Some(left)
                && add(accounts, target, amount) == Some(there)
        }
        (Call::Transfer(source, _, amount), Answer::Insufficient) => accounts
            .get(usize::from(source))
            .is_some_and(|balance| *balance < amount),
        (Call::Fail(_), Answer::Raised) => true,
        (Call::Payout(account), Answer::Paid(total, left)) => {
            left >= 0 && add(accounts, account, -total) == Some(left)
        }
        (Call::Payout(account), Answer::Owed(total)) => accounts
            .get(usize::from(account))
            .is_some_and(|balance| *balance < total),
        _ => false,
    }
}

fn add(accounts: &mut [i64; ACCOUNTS], account: u8, amount: i64) -> Option<i64> {
    let balance = accounts.get_mut(usize::from(account))?;
    *balance = balance.wrapping_add(amount);
    Some(*balance)
}

/// Whoever was answered before another asked stands before it.
fn real_time_order(history: &History, places: &BTreeMap<RequestId, usize>) -> Result<(), String> {
    let mut asked: Vec<(Time, usize, RequestId)> = Vec::new();
    let mut answered: Vec<(Time, usize, RequestId)> = Vec::new();
    for (id, operation) in &history.operations {
        let Some(place) = places.get(id) else {
            continue;
        };
        asked.push((operation.invoked, *place, *id));
        if let Some((at, _)) = &operation.answered {
            answered.push((*at, *place, *id));
        }
    }
    asked.sort_unstable();
    answered.sort_unstable();
    let mut before = answered.into_iter().peekable();
    let mut last: Option<(usize, RequestId)> = None;
    for (time, place, id) in asked {
        while let Some((_, done_place, done)) = before.next_if(|(at, ..)| *at < time) {
            if last.is_none_or(|(highest, _)| done_place > highest) {
                last = Some((done_place, done));
            }
        }
        if let Some((highest, done)) = last
            && highest > place
        {
            return Err(format!(
                "{id} was asked after {done} was answered, and stands before it"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_knows_what_a_bank_may_answer() {
        let mut accounts = [0; ACCOUNTS];
        assert!(next_state(
            &mut accounts,
            Call::Deposit(0, 5),
            Answer::Balance(5)
        ));
        assert!(next_state(
            &mut accounts,
            Call::Transfer(0, 1, 9),
            Answer::Insufficient
        ));
        assert!(!next_state(
            &mut accounts.clone(),
            Call::Transfer(0, 1, 5),
            Answer::Insufficient
        ));
        assert!(next_state(
            &mut accounts,
            Call::Transfer(0, 1, 5),
            Answer::Moved(0, 5)
        ));
        assert!(!next_state(
            &mut accounts,
            Call::Lottery(1),
            Answer::Drawn(3, 9)
        ));
    }
}
