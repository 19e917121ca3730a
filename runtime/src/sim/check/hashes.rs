//! Equal hash at equal number: every replica's settled state after a number is the same.

use std::collections::BTreeMap;

use super::Property;
use crate::protocol::Number;
use crate::sim::history::{History, Observation};

/// The property, with the first hash seen at each number.
#[derive(Default)]
pub struct Hashes {
    hashes: BTreeMap<Number, [u8; 32]>,
}

impl Property for Hashes {
    fn name(&self) -> &'static str {
        "equal hashes"
    }

    fn observe(&mut self, observation: &Observation<'_>, _history: &History) -> Result<(), String> {
        let Observation::Settled {
            device,
            number,
            hash,
        } = observation
        else {
            return Ok(());
        };
        if self.hashes.entry(*number).or_insert(*hash) == hash {
            Ok(())
        } else {
            Err(format!("device {device} has another state after {number}"))
        }
    }
}
