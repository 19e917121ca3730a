//! Nested calls: what another server made for a request is exactly what the request's one command says.
//!
//! That a call never comes again with other arguments is judged by the other server, when it comes.

use std::collections::BTreeMap;

use super::Property;
use crate::protocol::RequestId;
use crate::sim::bank::Answer;
use crate::sim::history::{History, Observation};
use crate::wire::Wire;

/// The property; judged at the end, when no request is open any more.
pub struct Nested;

impl Property for Nested {
    fn name(&self) -> &'static str {
        "nested calls"
    }

    fn observe(&mut self, observation: &Observation<'_>, history: &History) -> Result<(), String> {
        if !matches!(observation, Observation::Ended { .. }) {
            return Ok(());
        }
        let mut made: BTreeMap<RequestId, i64> = BTreeMap::new();
        for (post, _) in history.posts.values() {
            *made.entry(post.request).or_default() += post.amount;
        }
        let commands = history.issued.values();
        for (entry, reply, _) in commands.flat_map(|command| command.done()) {
            let made = made.remove(&entry.id);
            match (Answer::from_bytes(reply), made) {
                (Ok(Answer::Paid(total, _) | Answer::Owed(total)), Some(made)) if total == made => {
                }
                (Ok(Answer::Paid(..) | Answer::Owed(_)), made) => {
                    return Err(format!("{} says {reply:?}, made was {made:?}", entry.id));
                }
                (_, Some(made)) => {
                    return Err(format!("{} made {made} and does not say so", entry.id));
                }
                (_, None) => {}
            }
        }
        match made.first_key_value() {
            Some((id, made)) => Err(format!("{id} made {made} and has no command")),
            None => Ok(()),
        }
    }
}
