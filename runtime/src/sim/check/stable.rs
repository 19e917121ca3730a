//! Stable before sent: a promise or vote that leaves a device is on its disk.

use super::Property;
use crate::protocol::executive::Message;
use crate::sim::history::{History, Observation};

/// The property.
pub struct Stable;

impl Property for Stable {
    fn name(&self) -> &'static str {
        "stable"
    }

    fn observe(&mut self, observation: &Observation<'_>, _history: &History) -> Result<(), String> {
        let Observation::Sent {
            from,
            message,
            disk,
            ..
        } = observation
        else {
            return Ok(());
        };
        match message {
            Message::BallotInfo { ballot, .. } | Message::NextBallot { ballot, .. }
                if disk.promise() < Some(*ballot) =>
            {
                Err(format!(
                    "device {from} sent its promise of {ballot} before it was durable"
                ))
            }
            Message::Voted { ballot, id } => match disk.vote(id.number) {
                Some((in_ballot, voted))
                    if in_ballot > *ballot || (in_ballot, voted) == (*ballot, *id) =>
                {
                    Ok(())
                }
                _ => Err(format!(
                    "device {from} sent its vote for {id} in {ballot} before it was durable"
                )),
            },
            _ => Ok(()),
        }
    }
}
