//! Planted faults of the initial history.

use std::cmp::Reverse;
use std::sync::Arc;

use super::{Command, CommandId, Vote};
use crate::protocol::Number;
use crate::protocol::executive::{Mutant, Planted};

/// Which of the votes for a number is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// Of those whose precedent stands before it, the one of the lowest ballot.
    Lowest,
    /// Plain Paxos: of all, the one of the highest ballot.
    Unanchored,
    /// The numbers without a command are filled from those above.
    Renumbered,
}

/// What a new leader proposes again with this fault; none if it is another one.
pub fn planted_history(
    planted: Planted,
    last: CommandId,
    votes: &[&Vote],
) -> Option<Vec<Arc<Command>>> {
    let choice = match planted.which()? {
        Mutant::M28 => return Some(Vec::new()),
        Mutant::M17 => Choice::Lowest,
        Mutant::M26 => Choice::Unanchored,
        Mutant::M27 => Choice::Renumbered,
        _ => return None,
    };
    Some(choose(last, votes, choice))
}

/// The initial history by this rule.
fn choose(last: CommandId, votes: &[&Vote], choice: Choice) -> Vec<Arc<Command>> {
    let mut sorted: Vec<&Vote> = votes.to_vec();
    match choice {
        Choice::Unanchored | Choice::Renumbered => {
            sorted.sort_by_key(|vote| (vote.command.number(), Reverse(vote.ballot)));
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
