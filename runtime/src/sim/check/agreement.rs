//! Agreement: no two devices issue different commands for a number.

use super::Property;
use crate::sim::history::{History, Observation};

/// The property. The history keeps the first command that anybody issued under each number.
pub struct Agreement;

impl Property for Agreement {
    fn name(&self) -> &'static str {
        "agreement"
    }

    fn observe(&mut self, observation: &Observation<'_>, history: &History) -> Result<(), String> {
        let Observation::Issued { device, command } = observation else {
            return Ok(());
        };
        match history.issued.get(&command.number()) {
            // Contents are compared, not identities: an identity may have been used twice.
            Some(first) if first != *command => Err(format!(
                "device {device} issued {} although {} was issued",
                command.id, first.id
            )),
            _ => Ok(()),
        }
    }
}
