//! The window: a command leaves for a number only once the number α below it is issued (claim 5), so that what is unissued is bounded.

use super::Property;
use crate::protocol::executive::Message;
use crate::sim::history::{History, Observation};

/// The property.
pub struct Window;

impl Property for Window {
    fn name(&self) -> &'static str {
        "window"
    }

    fn observe(&mut self, observation: &Observation<'_>, history: &History) -> Result<(), String> {
        let Observation::Sent {
            from,
            message: Message::BeginBallot { command, .. },
            issued,
            ..
        } = observation
        else {
            return Ok(());
        };
        // What is sent again may be issued by now.
        let unissued = command.number().0.saturating_sub(issued.0);
        if unissued <= history.window {
            Ok(())
        } else {
            Err(format!(
                "device {from} proposes {} and knows {issued} issued",
                command.id
            ))
        }
    }
}
