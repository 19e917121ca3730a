//! Time: what methods take for now never goes back from one command to the next, whoever leads and whatever its clock says.

use super::Property;
use crate::sim::history::{History, Observation};

/// The property.
pub struct Time;

impl Property for Time {
    fn name(&self) -> &'static str {
        "time"
    }

    fn observe(&mut self, observation: &Observation<'_>, history: &History) -> Result<(), String> {
        let Observation::Issued { command, .. } = observation else {
            return Ok(());
        };
        match history.issued.get(&command.precedent.number) {
            Some(precedent) if precedent.time > command.time => Err(format!(
                "{} is of {:?}, and {} before it of {:?}",
                command.id, command.time, precedent.id, precedent.time
            )),
            _ => Ok(()),
        }
    }
}
