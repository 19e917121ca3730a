//! Exactly once: a request is issued at most once, an answered one exactly once and with that answer, and a session's requests in their order.
//! Reads stand outside of that: none is ever issued.

use std::collections::BTreeMap;

use super::Property;
use crate::protocol::{Bytes, Number, RequestId};
use crate::sim::history::{History, Observation};

/// The property, with where each request was issued.
#[derive(Default)]
pub struct Once {
    issued: BTreeMap<RequestId, (Number, Bytes)>,
    /// Up to where the issued sequence was looked at.
    seen: Number,
    /// The last request of each session.
    last: BTreeMap<u128, u64>,
    answered: BTreeMap<RequestId, Bytes>,
}

impl Property for Once {
    fn name(&self) -> &'static str {
        "exactly once"
    }

    fn observe(&mut self, observation: &Observation<'_>, _history: &History) -> Result<(), String> {
        match observation {
            Observation::Issued { command, .. } if command.number() > self.seen => {
                self.seen = command.number();
                for (entry, reply, _) in command.done() {
                    if entry.id.is_read() {
                        return Err(format!("{} was issued", entry.id));
                    }
                    let place = (command.number(), Bytes::clone(reply));
                    if let Some((number, _)) = self.issued.insert(entry.id, place) {
                        return Err(format!(
                            "{} was issued in {number} and in {}",
                            entry.id,
                            command.number()
                        ));
                    }
                    let last = self
                        .last
                        .insert(entry.id.session, entry.id.sequence)
                        .unwrap_or(0);
                    if last > entry.id.sequence {
                        return Err(format!(
                            "{} was issued after number {last} of its session",
                            entry.id
                        ));
                    }
                }
            }
            Observation::Answered { id, .. } if id.is_read() => {}
            Observation::Answered { id, reply } => {
                if let Some((_, issued)) = self.issued.get(id)
                    && issued != *reply
                {
                    return Err(format!("{id} was answered otherwise than issued"));
                }
                self.answered.insert(*id, Bytes::clone(reply));
            }
            Observation::Ended { .. } => {
                for (id, reply) in &self.answered {
                    match self.issued.get(id) {
                        None => return Err(format!("{id} was answered and never issued")),
                        Some((_, issued)) if issued != reply => {
                            return Err(format!("{id} was answered otherwise than issued"));
                        }
                        Some(_) => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}
