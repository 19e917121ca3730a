//! FIG. 6 of US 10,135,929 B2: which command a ballot must take.
//!
//! Two numbers m and n = m + 1 after the issued command a: b and b′ depend on a, c on b, c′ on b′. The ballots and votes are the patent's;
//! where its prose does not name a quorum, ours is one that fits it. Ballot 43 is where plain Paxos would take c.

use std::sync::Arc;

use cmsl_runtime::clock::Time;
use cmsl_runtime::protocol::executive::{Ballot, Command, CommandId, Vote, initial_history};
use cmsl_runtime::protocol::{Device, Number};

const A: CommandId = id(1, 1);
const B: CommandId = id(2, 2);
const B_PRIME: CommandId = id(5, 2);
const C: CommandId = id(27, 3);
const C_PRIME: CommandId = id(29, 3);

const fn ballot(round: u64) -> Ballot {
    Ballot {
        round,
        device: Device(0),
    }
}

const fn id(round: u64, number: u64) -> CommandId {
    CommandId {
        ballot: ballot(round),
        number: Number(number),
    }
}

/// A vote in the ballot of this round.
fn vote(round: u64, command: CommandId) -> Vote {
    let precedent = match command {
        B | B_PRIME => A,
        C => B,
        _ => B_PRIME,
    };
    Vote {
        ballot: ballot(round),
        command: Arc::new(Command {
            id: command,
            precedent,
            time: Time::ZERO,
            entries: Vec::new(),
        }),
    }
}

/// What InitHistProc takes after `last` from the latest votes of a quorum.
fn chosen(last: CommandId, votes: &[Vote]) -> Vec<CommandId> {
    let votes: Vec<&Vote> = votes.iter().collect();
    initial_history(last, &votes)
        .iter()
        .map(|command| command.id)
        .collect()
}

#[test]
fn ballots_for_m_follow_the_highest_vote() {
    // 2 and 5: no device of the quorum has voted.
    assert_eq!(chosen(A, &[]), []);
    // 14: D voted in 2.
    assert_eq!(chosen(A, &[vote(2, B)]), [B]);
    // 36: E voted in 5, and nobody else of the quorum.
    assert_eq!(chosen(A, &[vote(5, B_PRIME)]), [B_PRIME]);
    // 51: C voted in 36, the latest of the quorum's.
    assert_eq!(chosen(A, &[vote(36, B_PRIME), vote(14, B)]), [B_PRIME]);
}

#[test]
fn ballots_for_n_follow_the_command_chosen_for_m() {
    // 27: D's b in 14 stands for m; nobody has voted for n.
    assert_eq!(chosen(A, &[vote(14, B)]), [B]);
    // 29: E has b′.
    assert_eq!(chosen(A, &[vote(5, B_PRIME)]), [B_PRIME]);
    // 32: A and D voted for c in 27, and b can still be issued.
    assert_eq!(chosen(A, &[vote(14, B), vote(27, C), vote(27, C)]), [B, C]);
}

#[test]
fn ballot_43_takes_what_plain_paxos_would_not() {
    // b′ is issued for m. D voted for c in 32, the latest; E for c′ in 29. c's precedent cannot be issued any more.
    assert_eq!(
        chosen(B_PRIME, &[vote(32, C), vote(29, C_PRIME)]),
        [C_PRIME]
    );
    // With votes for c alone, the number is free.
    assert_eq!(chosen(B_PRIME, &[vote(32, C), vote(27, C)]), []);
    // 54: C and E voted for c′ in 43.
    let votes = [vote(43, C_PRIME), vote(43, C_PRIME), vote(32, C)];
    assert_eq!(chosen(B_PRIME, &votes), [C_PRIME]);
}

#[test]
fn of_several_anchored_votes_the_latest_is_taken() {
    let other = CommandId {
        ballot: ballot(40),
        number: Number(3),
    };
    assert_eq!(
        chosen(B_PRIME, &[vote(29, C_PRIME), vote(41, other), vote(32, C)]),
        [other]
    );
}

#[test]
fn nothing_is_taken_beyond_a_hole() {
    assert_eq!(chosen(A, &[vote(27, C), vote(29, C_PRIME)]), []);
}
