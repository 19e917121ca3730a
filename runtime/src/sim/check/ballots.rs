//! Ballots: in one ballot, at most one command is proposed for a number, and no identity names two commands.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Property;
use crate::protocol::Number;
use crate::protocol::executive::{Ballot, Command, Message};
use crate::sim::history::{History, Observation};

/// The property, with what was proposed.
#[derive(Default)]
pub struct Ballots {
    proposed: BTreeMap<(Ballot, Number), Arc<Command>>,
}

impl Property for Ballots {
    fn name(&self) -> &'static str {
        "ballots"
    }

    fn observe(&mut self, observation: &Observation<'_>, _history: &History) -> Result<(), String> {
        let Observation::Sent {
            message: Message::BeginBallot {
                ballot, command, ..
            },
            ..
        } = observation
        else {
            return Ok(());
        };
        let first = self
            .proposed
            .entry((*ballot, command.number()))
            .or_insert_with(|| Arc::clone(command));
        if first == command {
            Ok(())
        } else {
            Err(format!(
                "{} and {} were proposed in {ballot}",
                first.id, command.id
            ))
        }
    }
}
