//! Wrong bytes out of right ones, the same in each run.

use crate::Dice;

/// What readers take for lengths, counts and ends.
const TELLING: [u8; 8] = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, b'\n'];

/// A place in the bytes, or behind them.
fn place(dice: &mut Dice, bytes: &[u8]) -> usize {
    dice.below(bytes.len() + 1)
}

/// One to four changes; `other` is another right text to take a piece of.
#[must_use]
pub fn changed(dice: &mut Dice, right: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = right.to_vec();
    for _ in 0..=dice.below(4) {
        change(dice, &mut bytes, other);
    }
    bytes
}

fn change(dice: &mut Dice, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = place(dice, bytes);
    let end = at + dice.below(bytes.len() - at + 1).min(40);
    match dice.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => bytes.insert(at, TELLING[dice.below(TELLING.len())]),
        3 => {
            let piece = bytes[at..end].to_vec();
            let to = place(dice, bytes);
            bytes.splice(to..to, piece);
        }
        4 => {
            let from = place(dice, other);
            let to = from + dice.below(other.len() - from + 1).min(40);
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        5 => bytes.splice(at..end, [0xff; 10]).for_each(drop),
        6 if at < bytes.len() => bytes[at] = TELLING[dice.below(TELLING.len())],
        _ if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
        _ => bytes.push(dice.below(256) as u8),
    }
}
