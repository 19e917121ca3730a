//! Chosen (Paxos): when a command is first issued, a quorum has voted for it in one ballot.
//!
//! A vote counts from when its device sends it. A leader sends its own to nobody, and is taken to have voted in its ballot.

use std::collections::{BTreeMap, BTreeSet};

use super::Property;
use crate::protocol::executive::{Ballot, CommandId, Message};
use crate::protocol::{Device, Number};
use crate::sim::history::{History, Observation};

/// The property, with the devices that voted for each command that is not issued, in each ballot.
#[derive(Default)]
pub struct Chosen {
    votes: BTreeMap<(CommandId, Ballot), BTreeSet<Device>>,
    /// Everything up to here was issued.
    issued: Number,
}

impl Property for Chosen {
    fn name(&self) -> &'static str {
        "chosen"
    }

    fn observe(&mut self, observation: &Observation<'_>, history: &History) -> Result<(), String> {
        match observation {
            Observation::Sent {
                from,
                message: Message::Voted { ballot, id },
                ..
            } if id.number > self.issued => {
                let voted = self.votes.entry((*id, *ballot)).or_default();
                voted.insert(*from);
            }
            Observation::Issued { device, command } if command.number() > self.issued => {
                let of = command.id;
                let ballots = self.votes.range((of, Ballot::ZERO)..);
                let ballots = ballots.take_while(|((id, _), _)| *id == of);
                let most = ballots.map(|((_, ballot), voted)| {
                    voted.len() + usize::from(!voted.contains(&ballot.device))
                });
                // In a group of one nobody says anything.
                let most = most.max().unwrap_or(1);
                if most <= history.devices / 2 {
                    return Err(format!(
                        "device {device} issued {of}, for which {most} of {} voted in one ballot",
                        history.devices
                    ));
                }
                self.issued = command.number();
                self.votes.retain(|(id, _), _| id.number > of.number);
            }
            _ => {}
        }
        Ok(())
    }
}
