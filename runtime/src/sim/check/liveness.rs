//! Liveness: once the faults have stopped, every waiting request is answered and all devices come to the same number, within the time that the run allows.

use super::Property;
use crate::sim::history::{History, Observation};

/// The property.
pub struct Liveness;

impl Property for Liveness {
    fn name(&self) -> &'static str {
        "liveness"
    }

    fn observe(&mut self, observation: &Observation<'_>, history: &History) -> Result<(), String> {
        let Observation::Ended { issued } = observation else {
            return Ok(());
        };
        let waiting = history
            .operations
            .iter()
            .find(|(_, operation)| operation.answered.is_none() && !operation.given_up);
        if let Some((id, operation)) = waiting {
            return Err(format!("{id} ({:?}) was never answered", operation.call));
        }
        let last = history.issued.keys().next_back();
        match issued.iter().find(|(_, number)| Some(number) != last) {
            Some((device, number)) => {
                Err(format!("device {device} stayed at {number} of {last:?}"))
            }
            None => Ok(()),
        }
    }
}
