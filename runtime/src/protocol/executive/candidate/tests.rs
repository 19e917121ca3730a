//! When a candidate leads, asks again and gives up, by one device whose others the test plays.

use super::*;
use crate::protocol::executive::bench::{Bench, command, frontier, receivers, up_to};
use crate::protocol::{Input, Protocol, Role};
use std::time::Duration;

/// Lets time go on, a millisecond a step, until something is so; gives how many milliseconds that took.
fn until(bench: &mut Bench, is_so: impl Fn(&Bench) -> bool) -> u64 {
    let before = bench.now;
    while !is_so(bench) {
        bench.now = bench.now + Duration::from_millis(1);
        assert!(bench.now.since(before) < Duration::from_secs(1));
        bench.step(Input::Tick);
    }
    bench.now.since(before).as_millis() as u64
}

#[test]
fn a_candidate_asks_those_again_who_have_not_answered() {
    let mut bench = Bench::trying(5);
    bench.promises(3, frontier());
    bench.now = bench.now + Duration::from_millis(50);
    let again = bench.step(Input::Tick);
    let asked = receivers(&again, |message| {
        matches!(message, Message::NextBallot { .. })
    });
    assert_eq!(asked, [1, 2, 4]);
}

/// It gives up after a time that is drawn, and as long as something comes not within the least of it.
#[test]
fn a_candidate_without_a_quorum_gives_up() {
    let is_following = |bench: &Bench| bench.device.status().role == Role::Following;
    let mut bench = Bench::trying(5);
    let took = until(&mut bench, is_following);
    assert!((150..=300).contains(&took), "{took} ms");
    let mut bench = Bench::trying(5);
    bench.now = bench.now + Duration::from_millis(145);
    bench.promises(1, frontier());
    let took = until(&mut bench, is_following);
    assert!((150..=155).contains(&took), "{took} ms");
    let mut bench = Bench::trying(5);
    bench.promises(1, up_to(2));
    bench.promises(2, up_to(2));
    bench.now = bench.now + Duration::from_millis(145);
    let (commands, frontier) = (vec![command(1)], up_to(2));
    bench.says(1, &Message::Commands { commands, frontier });
    let took = until(&mut bench, is_following);
    assert!((150..=155).contains(&took), "{took} ms");
}

fn is_question(message: &Message) -> bool {
    matches!(message, Message::CatchUp { .. })
}

#[test]
fn a_candidate_leads_once_it_knows_all_that_a_quorum_knows() {
    let mut bench = Bench::trying(5);
    assert_eq!(bench.promises(1, up_to(2)), []);
    let out = bench.promises(3, up_to(3));
    assert_eq!(receivers(&out, is_question), [3]);
    let commands = vec![command(1), command(2)];
    let frontier = up_to(3);
    let out = bench.says(3, &Message::Commands { commands, frontier });
    assert_eq!(receivers(&out, is_question), [3]);
    assert_eq!(bench.device.status().role, Role::Trying);
    let commands = vec![command(3)];
    bench.says(3, &Message::Commands { commands, frontier });
    assert_eq!(bench.device.status().role, Role::Leading);
    assert_eq!(bench.device.last_issued(), command(3).number());
}

#[test]
fn promises_of_other_ballots_do_not_count() {
    let mut bench = Bench::trying(3);
    let ballot = bench.ballot();
    for other in [Ballot::ZERO.above(Device(1)), ballot.above(Device(0))] {
        let promise = Message::BallotInfo {
            ballot: other,
            issued: Vec::new(),
            votes: Vec::new(),
            frontier: frontier(),
        };
        bench.says(1, &promise);
        assert_eq!(bench.device.status().role, Role::Trying);
    }
    bench.promises(1, frontier());
    assert_eq!(bench.device.status().role, Role::Leading);
}

/// Who promises is told what it lacks, and nothing else.
#[test]
fn who_promises_is_told_what_it_lacks() {
    let tells = |message: &Message| matches!(message, Message::Commands { .. });
    let mut bench = Bench::trying(5);
    let (commands, frontier) = (vec![command(1), command(2)], up_to(2));
    bench.says(3, &Message::Commands { commands, frontier });
    let out = bench.promises(1, up_to(2));
    assert_eq!(receivers(&out, tells), [] as [u16; 0]);
    let out = bench.promises(2, up_to(1));
    let told = crate::protocol::executive::bench::messages(out, tells);
    let commands = vec![command(2)];
    assert_eq!(told, [Message::Commands { commands, frontier }]);
}

/// Who hears of a higher ballot gives way to its owner, or goes above it if that is gone.
#[test]
fn a_higher_ballot_ends_the_own_one() {
    for begin in [|| Bench::trying(3), Bench::leading as fn() -> Bench] {
        let mut bench = begin();
        let own = bench.ballot();
        let mut told = |ballot, alive| {
            bench.says(1, &Message::MyNextBallot { ballot, alive });
            (bench.device.status().role, bench.ballot())
        };
        let role = told(own, true).0;
        assert_ne!(role, Role::Following);
        let higher = own.above(Device(2));
        assert_eq!(told(higher, true), (Role::Following, own));
        // One that does not stand has nothing to give up.
        assert_eq!(told(higher, false), (Role::Following, own));
        let mut bench = begin();
        let (ballot, alive) = (higher, false);
        bench.says(1, &Message::MyNextBallot { ballot, alive });
        assert_eq!(bench.device.status().role, Role::Trying);
        assert_eq!(bench.ballot(), higher.above(Device(0)));
    }
    // Without a quorum there is no use in that.
    let mut bench = Bench::trying(5);
    bench.now = bench.now + bench.device.config.election_min;
    let (ballot, alive) = (bench.ballot().above(Device(2)), false);
    bench.says(1, &Message::MyNextBallot { ballot, alive });
    assert_eq!(bench.device.status().role, Role::Following);
}

/// All are told at once who leads.
#[test]
fn who_leads_says_so() {
    let mut bench = Bench::trying(3);
    let out = bench.promises(1, frontier());
    let leads = |message: &Message| {
        let stands = crate::protocol::executive::Stands::Leads;
        matches!(message, Message::Heartbeat(heartbeat) if heartbeat.stands == stands)
    };
    assert_eq!(receivers(&out, leads), [1, 2]);
}
