//! The search for an order finds what it is there for, in histories that are made up and in runs with a planted fault that nobody else judges; and what it
//! cannot decide, it does not pass.

use std::time::Duration;

use cmsl_runtime::clock::Time;
use cmsl_runtime::protocol::executive::{Mutant, Planted};
use cmsl_runtime::sim::{Answer, Call};
use cmsl_tests::laboratory::linearizable::{Asked, Verdict, search};
use cmsl_tests::laboratory::seeds::impossible;

fn at(ms: u64) -> Time {
    Time::ZERO + Duration::from_millis(ms)
}

fn answered(call: Call, made: u64, at_last: u64, answer: Answer) -> Asked {
    Asked {
        call,
        made: at(made),
        answered: Some((at(at_last), answer)),
    }
}

fn deposit(made: u64, at_last: u64, amount: i64, balance: i64) -> Asked {
    let call = Call::Deposit(0, amount);
    answered(call, made, at_last, Answer::Balance(balance))
}

fn read(made: u64, at_last: u64, balance: i64) -> Asked {
    answered(Call::Balance(0), made, at_last, Answer::Balance(balance))
}

fn unanswered(call: Call, made: u64) -> Asked {
    let made = at(made);
    let answered = None;
    Asked {
        call,
        made,
        answered,
    }
}

#[test]
fn a_stale_read_is_found() {
    let fresh = [deposit(0, 10, 5, 5), read(11, 20, 5)];
    assert_eq!(search(&fresh), Verdict::Linearizable);
    let stale = [deposit(0, 10, 5, 5), read(11, 20, 0)];
    assert_eq!(search(&stale), Verdict::Impossible);
    let meanwhile = [deposit(0, 10, 5, 5), read(9, 20, 0)];
    assert_eq!(search(&meanwhile), Verdict::Linearizable);
}

#[test]
fn a_lost_write_is_found() {
    let kept = [deposit(0, 10, 5, 5), deposit(11, 20, 7, 12)];
    assert_eq!(search(&kept), Verdict::Linearizable);
    let lost = [deposit(0, 10, 5, 5), deposit(11, 20, 7, 7)];
    assert_eq!(search(&lost), Verdict::Impossible);
}

#[test]
fn a_doubled_write_is_found() {
    let doubled = [deposit(0, 10, 5, 5), read(11, 20, 10)];
    assert_eq!(search(&doubled), Verdict::Impossible);
}

#[test]
fn two_readers_do_not_see_a_change_come_and_go() {
    let meanwhile = deposit(0, 50, 5, 5);
    let forth = [meanwhile, read(10, 15, 0), read(20, 25, 5)];
    assert_eq!(search(&forth), Verdict::Linearizable);
    let back = [meanwhile, read(10, 15, 5), read(20, 25, 0)];
    assert_eq!(search(&back), Verdict::Impossible);
}

#[test]
fn what_was_not_answered_may_have_happened_at_any_later_time_or_never() {
    let silent = unanswered(Call::Deposit(0, 5), 10);
    for (from, balance) in [(20, 0), (20, 5), (90, 0), (90, 5)] {
        let seen = read(from, from + 5, balance);
        assert_eq!(search(&[silent, seen]), Verdict::Linearizable, "{seen:?}");
    }
    let too_early = [silent, read(5, 9, 5)];
    assert_eq!(search(&too_early), Verdict::Impossible);
    let twice = [silent, read(20, 25, 5), read(30, 35, 0)];
    assert_eq!(search(&twice), Verdict::Impossible);
}

#[test]
fn an_unknown_draw_is_any_draw_and_stays_the_same_one() {
    let drawn = unanswered(Call::Lottery(0), 0);
    let same = [drawn, read(10, 15, 321), read(20, 25, 321)];
    assert_eq!(search(&same), Verdict::Linearizable);
    let another = [drawn, read(10, 15, 321), read(20, 25, 322)];
    assert_eq!(search(&another), Verdict::Impossible);
    let too_much = [drawn, read(10, 15, 1_000)];
    assert_eq!(search(&too_much), Verdict::Impossible);
}

#[test]
fn an_unknown_transfer_moves_the_amount_or_nothing() {
    let account = |made, of, balance| {
        let answer = Answer::Balance(balance);
        answered(Call::Balance(of), made, made + 5, answer)
    };
    let transfer = unanswered(Call::Transfer(0, 1, 4), 10);
    for (left, there, verdict) in [
        (6, 4, Verdict::Linearizable),
        (10, 0, Verdict::Linearizable),
        // Between the two reads.
        (10, 4, Verdict::Linearizable),
        (6, 0, Verdict::Impossible),
    ] {
        let asked = [
            deposit(0, 5, 10, 10),
            transfer,
            account(20, 0, left),
            account(30, 1, there),
        ];
        assert_eq!(search(&asked), verdict, "{left} {there}");
    }
}

#[test]
fn a_search_without_an_end_in_sight_does_not_pass() {
    // Each may come anywhere between the others, and none after the last.
    let comes = (0..40).map(|_| unanswered(Call::Deposit(0, 1), 0));
    let asked: Vec<Asked> = comes.chain([read(50, 60, 41)]).collect();
    assert_eq!(search(&asked), Verdict::Undecided);
}

/// What is found below is the planted fault's doing.
#[test]
fn without_a_fault_every_run_has_an_order() {
    assert_eq!(impossible(Planted::default(), 20), None);
}

#[test]
fn an_answer_before_the_issue_leaves_no_order() {
    assert!(impossible(Planted::one(Mutant::M30), 100).is_some());
}

#[test]
fn a_request_that_is_done_twice_leaves_no_order() {
    assert!(impossible(Planted::one(Mutant::M33), 100).is_some());
}

#[test]
fn a_read_that_no_quorum_confirms_leaves_no_order() {
    assert!(impossible(Planted::one(Mutant::M36), 500).is_some());
}
