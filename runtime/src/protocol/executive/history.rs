//! InitHistProc (step 3): which unissued commands a new leader must propose again.
//!
//! This is condition B3(I, β), and where the protocol differs from plain Paxos: among the votes for a number only those
//! count whose command depends on the command that stands before it. A vote for a command whose precedent can no longer be issued is dropped.

use std::sync::Arc;

use super::command::{Command, CommandId, Vote};
use crate::protocol::Number;

/// Which of the votes for a number is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// Of those whose precedent stands before it, the one of the highest ballot.
    Highest,
    /// A planted fault: of those, the one of the lowest ballot.
    Lowest,
    /// A planted fault, plain Paxos: of all, the one of the highest ballot.
    Unanchored,
    /// A planted fault: the numbers without a command are filled from those above.
    Renumbered,
}

/// The initial history H: for the first unissued number (the one after `last`), the next, … the command of the highest ballot among the votes
/// for it whose precedent is the command before; it ends at the first number without one.
///
/// `votes` are those of a quorum, in any order.
#[must_use]
pub fn initial_history(last: CommandId, votes: &[&Vote]) -> Vec<Arc<Command>> {
    choose(last, votes, Choice::Highest)
}

/// The initial history by this rule.
pub(super) fn choose(last: CommandId, votes: &[&Vote], choice: Choice) -> Vec<Arc<Command>> {
    let mut sorted: Vec<&Vote> = votes.to_vec();
    match choice {
        Choice::Highest | Choice::Unanchored | Choice::Renumbered => {
            sorted.sort_by_key(|vote| (vote.command.number(), std::cmp::Reverse(vote.ballot)));
        }
        Choice::Lowest => sorted.sort_by_key(|vote| (vote.command.number(), vote.ballot)),
    }
    let mut history: Vec<Arc<Command>> = Vec::new();
    let mut precedent = last;
    let mut number: Number = last.number.next();
    for vote in sorted {
        if vote.command.number() < number {
            // Already chosen by a vote of a higher ballot, or issued.
            continue;
        }
        if vote.command.number() > number && choice == Choice::Renumbered {
            let mut command = Command::clone(&vote.command);
            (command.id.number, command.precedent) = (number, precedent);
            precedent = command.id;
            number = number.next();
            history.push(Arc::new(command));
            continue;
        }
        if vote.command.number() > number {
            break;
        }
        if vote.command.precedent == precedent || choice == Choice::Unanchored {
            precedent = vote.command.id;
            number = number.next();
            history.push(Arc::clone(&vote.command));
        }
    }
    history
}
