//! Votes in order: who votes for a number knows its precedent issued or has voted for it in the same ballot, so that a quorum for a number is a quorum
//! for every unissued one below it.

use super::Property;
use crate::protocol::Number;
use crate::protocol::executive::Message;
use crate::sim::history::{History, Observation};

/// The property.
pub struct Order;

impl Property for Order {
    fn name(&self) -> &'static str {
        "order"
    }

    fn observe(&mut self, observation: &Observation<'_>, _history: &History) -> Result<(), String> {
        let Observation::Sent {
            from,
            message: Message::Voted { ballot, id },
            disk,
            issued,
        } = observation
        else {
            return Ok(());
        };
        let before = Number(id.number.0 - 1);
        let knows =
            before <= *issued || disk.vote(before).is_some_and(|(voted, _)| voted >= *ballot);
        if knows {
            Ok(())
        } else {
            Err(format!(
                "device {from} voted for {id} in {ballot} without knowing the precedent"
            ))
        }
    }
}
