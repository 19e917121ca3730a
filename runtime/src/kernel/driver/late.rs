//! A handler that is there before the driver it hands over to.
//!
//! The listener must be bound first, because only then the own address is known.

use super::connections::Connections;
use crate::transport::{Closed, Connection, Handler};
use crate::wire::Frame;
use std::sync::{Arc, OnceLock};

/// The handler of the listener.
#[derive(Default)]
pub(super) struct Late(OnceLock<Arc<Connections>>);

impl Late {
    pub(super) fn set(&self, connections: Arc<Connections>) {
        // It was empty until now.
        let _ = self.0.set(connections);
    }
}

impl Handler for Late {
    fn connected(&self, connection: &Connection) {
        match self.0.get() {
            Some(connections) => connections.connected(connection),
            // Too early: it comes again.
            None => connection.close(),
        }
    }

    fn received(&self, connection: &Connection, frames: &mut Vec<Frame>) {
        if let Some(connections) = self.0.get() {
            connections.received(connection, frames);
        }
    }

    fn closed(&self, connection: &Connection, why: &Closed) {
        if let Some(connections) = self.0.get() {
            connections.closed(connection, why);
        }
    }

    fn note(&self, line: &str) {
        match self.0.get() {
            Some(connections) => connections.note(line),
            None => eprintln!("{line}"),
        }
    }
}
