//! What clients asked of a ledger, what they were told, and whether one order of all that explains both.
//!
//! Each number is appended at most once, and whoever appends learns how long the ledger is then. So the ledger itself is the order in which
//! the appends were done, and a count stands right behind the append that it counts last. The history is linearizable
//! exactly if that order contradicts no pair of operations of which one ended before the other began: O(n log n), without a search.

use std::collections::HashMap;
use std::time::Instant;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To append a number that nobody else appends.
    Append(u64),
    /// How many numbers there are.
    Count,
}

/// One request, from before it was sent until after its reply was there.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// What was asked.
    pub asked: Asked,
    /// A moment before it was sent.
    pub begun: Instant,
    /// A moment after the reply came, and the length that it told; none if nobody knows what became of it.
    pub told: Option<(Instant, u64)>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct History(pub Vec<Operation>);

impl History {
    /// How many operations were begun after one moment and answered before another.
    #[must_use]
    pub fn answered_within(&self, from: Instant, to: Instant) -> usize {
        let within =
            |one: &&Operation| one.begun > from && one.told.is_some_and(|(ended, _)| ended < to);
        self.0.iter().filter(within).count()
    }

    /// How many were answered.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.0.iter().filter(|one| one.told.is_some()).count()
    }

    /// Whether everybody was told what the ledger, which all replicas hold in the end, explains.
    ///
    /// # Errors
    /// The first thing that it does not.
    pub fn check(&self, ledger: &[u64]) -> Result<(), String> {
        let mut places = HashMap::new();
        for (number, place) in ledger.iter().zip(1_u64..) {
            if let Some(earlier) = places.insert(*number, place) {
                return Err(format!("{number} was done twice: {earlier} and {place}"));
            }
        }
        let mut asked = 0;
        let mut ordered = Vec::new();
        for operation in &self.0 {
            if let Asked::Append(number) = operation.asked {
                asked += u64::from(places.contains_key(&number));
            }
            ordered.extend(order(operation, &places, ledger.len() as u64)?);
        }
        if asked != ledger.len() as u64 {
            return Err(format!(
                "{} numbers, {asked} of them asked for",
                ledger.len()
            ));
        }
        in_order(&ordered)
    }
}

/// An operation with its place in the only order that there can be.
#[derive(Clone, Copy)]
struct Ordered {
    place: u64,
    begun: Instant,
    ended: Option<Instant>,
    operation: Operation,
}

fn order(
    operation: &Operation,
    places: &HashMap<u64, u64>,
    length: u64,
) -> Result<Option<Ordered>, String> {
    let at = |place, ended| Ordered {
        place,
        begun: operation.begun,
        ended,
        operation: *operation,
    };
    Ok(match (operation.asked, operation.told) {
        (Asked::Append(number), Some((ended, told))) => match places.get(&number) {
            None => return Err(format!("{number} was acknowledged as {told} and is lost")),
            Some(place) if *place != told => {
                return Err(format!(
                    "{number} was acknowledged as {told} and is {place}"
                ));
            }
            Some(place) => Some(at(2 * place, Some(ended))),
        },
        (Asked::Append(number), None) => places.get(&number).map(|place| at(2 * place, None)),
        (Asked::Count, Some((_, told))) if told > length => {
            return Err(format!("{told} were counted, and there are {length}"));
        }
        (Asked::Count, Some((ended, told))) => Some(at(2 * told + 1, Some(ended))),
        (Asked::Count, None) => None,
    })
}

/// Whether nothing that ended before something else began stands behind it.
fn in_order(operations: &[Ordered]) -> Result<(), String> {
    let mut by_begin = operations.to_vec();
    by_begin.sort_by_key(|one| one.begun);
    let mut by_end: Vec<Ordered> = operations.to_vec();
    by_end.retain(|one| one.ended.is_some());
    by_end.sort_by_key(|one| one.ended);
    let mut ended = by_end.into_iter().peekable();
    let mut latest: Option<Ordered> = None;
    for one in by_begin {
        while let Some(earlier) = ended.next_if(|other| other.ended < Some(one.begun)) {
            if latest.is_none_or(|latest| earlier.place > latest.place) {
                latest = Some(earlier);
            }
        }
        if let Some(latest) = latest.filter(|latest| latest.place > one.place) {
            return Err(format!(
                "{:?} began {:?} after {:?} had ended, and does not show it",
                one.operation,
                one.begun - latest.ended.unwrap_or(one.begun),
                latest.operation
            ));
        }
    }
    Ok(())
}
