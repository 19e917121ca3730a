//! InitHistProc (step 3): which unissued commands a new leader must propose again.
//!
//! This is condition B3(I, β), and where the protocol differs from plain Paxos: among the votes for a number only those
//! count whose command depends on the command that stands before it. A vote for a command whose precedent can no longer be issued is dropped.

#[cfg(feature = "mutants")]
mod planted;

use std::cmp::Reverse;
use std::sync::Arc;

use super::command::{Command, CommandId, Vote};

#[cfg(feature = "mutants")]
pub(super) use planted::planted_history;

/// The initial history H: for the first unissued number (the one after `last`), the next, … the command of the highest ballot among the votes
/// for it whose precedent is the command before; it ends at the first number without one.
///
/// `votes` are those of a quorum, in any order.
#[must_use]
pub fn initial_history(last: CommandId, votes: &[&Vote]) -> Vec<Arc<Command>> {
    let mut sorted: Vec<&Vote> = votes.to_vec();
    sorted.sort_by_key(|vote| (vote.command.number(), Reverse(vote.ballot)));
    let mut history: Vec<Arc<Command>> = Vec::new();
    let mut precedent = last;
    for vote in sorted {
        // A command's number is the one after its precedent's, so those of lower ballots and those behind a gap do not fit.
        if vote.command.precedent == precedent {
            precedent = vote.command.id;
            history.push(Arc::clone(&vote.command));
        }
    }
    history
}
