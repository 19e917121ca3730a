//! Dependence: every issued command's precedent is the command issued before it, and each device issues 1, 2, 3, … without a gap.

use std::collections::BTreeMap;

use super::Property;
use crate::protocol::executive::CommandId;
use crate::protocol::{Device, Number};
use crate::sim::history::{History, Observation};

/// The property, with the last command that each device issued.
#[derive(Default)]
pub struct Dependence {
    last: BTreeMap<Device, CommandId>,
}

impl Property for Dependence {
    fn name(&self) -> &'static str {
        "dependence"
    }

    fn observe(&mut self, observation: &Observation<'_>, history: &History) -> Result<(), String> {
        match observation {
            Observation::Issued { device, command } => {
                let last = self.last.get(device).copied().unwrap_or(CommandId::NULL);
                if command.precedent != last {
                    return Err(format!(
                        "device {device} issued {} with precedent {} after {last}",
                        command.id, command.precedent
                    ));
                }
                self.last.insert(*device, command.id);
            }
            Observation::Restarted { device } => {
                self.last.remove(device);
            }
            Observation::Installed { device, number } => {
                let id = match history.issued.get(number) {
                    Some(command) => command.id,
                    None if *number == Number(0) => CommandId::NULL,
                    None => {
                        return Err(format!(
                            "device {device} installed {number}, which nobody issued"
                        ));
                    }
                };
                let last = self.last.insert(*device, id);
                if let Some(last) = last.filter(|last| last.number >= *number) {
                    return Err(format!(
                        "device {device} went back from {last} to a snapshot of {number}"
                    ));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
