//! Promises: a device never promises or votes below what it promised, also across restarts, and votes once for a number in a ballot.

use std::collections::BTreeMap;

use super::Property;
use crate::protocol::executive::{Ballot, CommandId, Message};
use crate::protocol::{Device, Number};
use crate::sim::history::{History, Observation};

/// The property, with what each device promised and voted in messages.
#[derive(Default)]
pub struct Promises {
    promised: BTreeMap<Device, Ballot>,
    voted: BTreeMap<(Device, Number), (Ballot, CommandId)>,
}

impl Property for Promises {
    fn name(&self) -> &'static str {
        "promises"
    }

    fn observe(&mut self, observation: &Observation<'_>, _history: &History) -> Result<(), String> {
        let Observation::Sent { from, message, .. } = observation else {
            return Ok(());
        };
        let promised = self.promised.entry(*from).or_insert(Ballot::ZERO);
        match message {
            Message::BallotInfo { ballot, votes, .. } => {
                // An answer that was held back for the disk may be overtaken by nothing: they leave in order.
                if ballot < promised {
                    return Err(format!("device {from} promised {ballot} after {promised}"));
                }
                *promised = *ballot;
                for ((_, number), cast) in self
                    .voted
                    .range((*from, Number(0))..=(*from, Number(u64::MAX)))
                {
                    let told = votes.iter().find(|vote| vote.command.number() == *number);
                    if let Some(told) = told
                        && told.ballot < cast.0
                    {
                        return Err(format!(
                            "device {from} forgot its vote for {} in {}",
                            cast.1, cast.0
                        ));
                    }
                }
            }
            Message::Voted { ballot, id } => {
                if ballot < promised {
                    return Err(format!(
                        "device {from} voted in {ballot} after promising {promised}"
                    ));
                }
                *promised = *ballot;
                let cast = self.voted.insert((*from, id.number), (*ballot, *id));
                if let Some((in_ballot, other)) = cast
                    && in_ballot == *ballot
                    && other != *id
                {
                    return Err(format!(
                        "device {from} voted for {other} and {id} in {ballot}"
                    ));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
