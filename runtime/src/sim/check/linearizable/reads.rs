//! Places for the reads: each saw the state after some issued request, not one before anything that somebody knew of when it was made, and
//! not one after what was issued when it was answered.
//!
//! What was known: the requests that were answered, and the states that other reads showed. Taking the reads in the order of their answers and giving each the first
//! place that fits finds places whenever there are some: what a read must not stand before was answered before it, and a lower place never
//! bars another.

use super::{Answer, Call, Witness};
use crate::clock::Time;
use crate::protocol::RequestId;
use crate::sim::history::{History, Operation};
use crate::wire::Wire;

/// The highest place that was known at each time.
#[derive(Default)]
struct Known(Vec<(Time, usize)>);

impl Known {
    /// From now on this place is known; times do not fall.
    fn learn(&mut self, at: Time, place: usize) {
        let highest = self.0.last().map_or(0, |(_, place)| *place);
        self.0.push((at, place.max(highest)));
    }

    /// The highest place that was known before this time.
    fn before(&self, time: Time) -> usize {
        let later = self.0.partition_point(|(at, _)| *at < time);
        let last = later.checked_sub(1).and_then(|last| self.0.get(last));
        last.map_or(0, |(_, place)| *place)
    }
}

/// Finds a place for each answered read.
pub(super) fn reads_have_places(history: &History, witness: &Witness) -> Result<(), String> {
    let mut answered: Vec<(Time, RequestId, &Operation)> = history
        .operations
        .iter()
        .filter_map(|(id, operation)| {
            let (at, _) = operation.answered.as_ref()?;
            Some((*at, *id, operation))
        })
        .collect();
    answered.sort_unstable_by_key(|(at, id, _)| (*at, *id));
    let mut known = Known::default();
    for (at, id, operation) in answered {
        let place = if id.is_read() {
            let lowest = known.before(operation.invoked);
            Some(place_of(id, operation, lowest, witness)?)
        } else {
            witness.places.get(&id).copied()
        };
        if let Some(place) = place {
            known.learn(at, place);
        }
    }
    Ok(())
}

/// The first place from `lowest` on where a read may stand.
fn place_of(
    id: RequestId,
    operation: &Operation,
    lowest: usize,
    witness: &Witness,
) -> Result<usize, String> {
    let highest = witness.ends.range(..=operation.issued).next_back();
    let highest = highest.map_or(0, |(_, place)| *place);
    let reply = operation.answered.as_ref().map(|(_, reply)| reply);
    let answer = reply.map_or(Ok(Answer::Raised), |reply| Answer::from_bytes(reply));
    let answer = answer.map_err(|error| error.to_string())?;
    let fits = |place: &usize| match (operation.call, answer) {
        (Call::Balance(account), Answer::Balance(balance)) => {
            let accounts = witness.states.get(*place);
            accounts.and_then(|accounts| accounts.get(usize::from(account))) == Some(&balance)
        }
        _ => false,
    };
    (lowest..=highest).find(fits).ok_or_else(|| {
        format!(
            "{id} {:?} answered {answer:?}, which held nowhere from {lowest} to {highest}",
            operation.call
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Bytes, Number};
    use crate::sim::bank::ACCOUNTS;
    use std::collections::BTreeMap;
    use std::time::Duration;

    fn at(ms: u64) -> Time {
        Time::ZERO + Duration::from_millis(ms)
    }

    fn request(sequence: u64) -> RequestId {
        let session = 1;
        RequestId { session, sequence }
    }

    /// An operation on account 0, made and answered then, when this number was issued.
    fn operation(call: Call, times: (u64, u64), balance: i64, issued: u64) -> Operation {
        Operation {
            call,
            invoked: at(times.0),
            answered: Some((
                at(times.1),
                Bytes::from(Answer::Balance(balance).to_bytes()),
            )),
            issued: Number(issued),
            given_up: false,
        }
    }

    /// Judges reads, given by when they were made and answered, what they showed, and what was issued then. The account held 0, then 50 from the command on
    /// that was made at 10 and answered at 20, then 0 again from the one made at 30 and answered at 40.
    fn judge(reads: &[((u64, u64), i64, u64)]) -> Result<(), String> {
        let mut history = History::default();
        let deposit =
            |times, balance, issued| operation(Call::Deposit(0, 0), times, balance, issued);
        let changes = [deposit((10, 20), 50, 1), deposit((30, 40), 0, 2)];
        let ids = [request(1), request(2)];
        history.operations.extend(ids.into_iter().zip(changes));
        for (number, (times, balance, issued)) in (1..).zip(reads) {
            let read = operation(Call::Balance(0), *times, *balance, *issued);
            let id = request(RequestId::READS + number);
            history.operations.insert(id, read);
        }
        let states = [0, 50, 0].map(|balance| {
            let mut accounts = [0; ACCOUNTS];
            accounts[0] = balance;
            accounts
        });
        let witness = Witness {
            places: ids.into_iter().zip(1..).collect(),
            states: states.to_vec(),
            ends: BTreeMap::from([(Number(0), 0), (Number(1), 1), (Number(2), 2)]),
        };
        reads_have_places(&history, &witness)
    }

    #[test]
    fn a_read_may_show_what_is_under_way_and_not_what_is_over() {
        assert_eq!(judge(&[((12, 18), 0, 1)]), Ok(()));
        assert_eq!(judge(&[((12, 18), 50, 1)]), Ok(()));
        assert_eq!(judge(&[((22, 25), 50, 1)]), Ok(()));
        assert!(judge(&[((22, 25), 0, 1)]).is_err());
        assert_eq!(judge(&[((22, 35), 0, 2)]), Ok(()));
    }

    #[test]
    fn a_read_shows_nothing_that_is_not_issued() {
        assert!(judge(&[((12, 18), 50, 0)]).is_err());
        assert!(judge(&[((22, 35), 0, 1)]).is_err());
    }

    #[test]
    fn what_one_read_showed_a_later_one_knows() {
        assert_eq!(judge(&[((12, 13), 0, 1), ((14, 15), 50, 1)]), Ok(()));
        assert!(judge(&[((12, 13), 50, 1), ((14, 15), 0, 1)]).is_err());
        assert_eq!(judge(&[((12, 16), 50, 1), ((14, 15), 0, 1)]), Ok(()));
    }
}
