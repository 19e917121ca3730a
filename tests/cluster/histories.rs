//! The judge of histories sees what is planted in them.

use crate::history::{Asked, History, Operation};
use std::time::{Duration, Instant};

/// An operation that lasted from one millisecond to another, and what it was told.
fn operation(asked: Asked, from: u64, told: Option<(u64, u64)>) -> Operation {
    let origin = *ORIGIN.get_or_init(Instant::now);
    let at = |ms| origin + Duration::from_millis(ms);
    Operation {
        asked,
        begun: at(from),
        told: told.map(|(to, length)| (at(to), length)),
    }
}

static ORIGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();

/// Three appends, the second of which nobody heard of, and a count beside the last.
fn good() -> History {
    History(vec![
        operation(Asked::Append(7), 0, Some((2, 1))),
        operation(Asked::Append(8), 1, None),
        operation(Asked::Count, 5, Some((9, 2))),
        operation(Asked::Append(9), 6, Some((8, 3))),
    ])
}

fn judged(history: &History, ledger: &[u64]) -> String {
    history.check(ledger).err().unwrap_or_default()
}

#[test]
fn what_one_order_explains_is_good() {
    assert_eq!(judged(&good(), &[7, 8, 9]), "");
    assert_eq!(good().answered(), 3);
}

#[test]
fn what_is_lost_doubled_or_elsewhere_is_seen() {
    assert!(judged(&good(), &[7, 8]).contains("9 was acknowledged as 3 and is lost"));
    assert!(judged(&good(), &[7, 8, 9, 7]).contains("7 was done twice"));
    assert!(judged(&good(), &[8, 7, 9]).contains("acknowledged as 1 and is 2"));
    assert!(judged(&good(), &[7, 8, 9, 10]).contains("4 numbers, 3 of them asked for"));
}

#[test]
fn an_old_or_premature_count_is_seen() {
    let mut history = good();
    history.0.push(operation(Asked::Count, 10, Some((11, 2))));
    assert!(judged(&history, &[7, 8, 9]).contains("does not show it"));
    let mut history = good();
    history.0.push(operation(Asked::Count, 3, Some((4, 3))));
    assert!(judged(&history, &[7, 8, 9]).contains("does not show it"));
    let mut history = good();
    history.0.push(operation(Asked::Count, 3, Some((4, 4))));
    assert!(judged(&history, &[7, 8, 9]).contains("4 were counted"));
}
