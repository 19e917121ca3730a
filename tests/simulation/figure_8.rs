//! FIG. 8 of US 10,135,929 B2: the supply chain on three devices p, q and r, step by step, each message compared.
//!
//! The patent sends ballots to a chosen quorum; we send them to all, so here a message to the device outside its Q is lost. The steps'
//! numbers are the patent's.

use std::time::Duration;

use cmsl_runtime::protocol::executive::{Announce, Config, Message, Record};

use crate::lab::{Lab, ballot};

fn settings(config: &mut Config) {
    config.announce = Announce::InFull;
    config.batch_max = 1;
}

/// p leads first, and r when it is gone; their ballots are 17 and, as r is told of a 20, 21.
fn laboratory() -> Lab {
    let timeouts = [150, 3_000, 600].map(Duration::from_millis);
    let mut lab = Lab::new(&["p", "q", "r"], &timeouts, settings);
    lab.write("p", &Record::Tried(ballot(16, 0)));
    lab.write("q", &Record::Promised(ballot(1, 0)));
    lab.write("r", &Record::Promised(ballot(1, 0)));
    lab.start();
    lab
}

/// Steps 1 to 19.
fn until_p_recovers(lab: &mut Lab) {
    // 1, 2, 3
    lab.run_until_sends("p");
    assert_eq!(lab.deliver("p", "q"), "NextBallot(17, 1)");
    assert_eq!(lab.deliver("p", "r"), "NextBallot(17, 1)");
    assert_eq!(lab.deliver("q", "p"), "BallotInfo(17, {}, {}, frontier 0)");
    assert_eq!(lab.deliver("r", "p"), "BallotInfo(17, {}, {}, frontier 0)");
    // 4, 5: f = inbound(A, 500), with Q = {p, q}
    lab.request("p", 1, "inbound A 500");
    assert_eq!(lab.deliver("p", "q"), "BeginBallot(1, 17, <A=500>)");
    lab.lose_the_rest_but("q", "p");
    // 6, 7, 8
    assert_eq!(lab.deliver("q", "p"), "Voted(1, 17)");
    assert_eq!(lab.deliver("p", "q"), "Success(1, <A=500>)");
    assert_eq!(lab.deliver("p", "r"), "Success(1, <A=500>)");
    lab.lose_the_rest();
    for device in ["p", "q", "r"] {
        assert_eq!(lab.goods(device), [500, 0, 0]);
    }
}

/// Steps 9 to 19.
fn until_r_leads(lab: &mut Lab) {
    // 9, 10: g = transfer(A, B, 100), with Q = {p, q}
    lab.request("p", 2, "transfer A B 100");
    assert_eq!(lab.deliver("p", "q"), "BeginBallot(2, 17, <A=400 B=100>)");
    // 11, 12: q votes, p crashes before it hears of it
    lab.crash("p");
    lab.lose_the_rest();
    assert_eq!(lab.goods("q"), [500, 0, 0]);
    // 13
    let ballot_20 = Message::MyNextBallot {
        ballot: ballot(20, 2),
        alive: false,
    };
    lab.tell("q", "r", &ballot_20);
    lab.run_until_sends("r");
    assert_eq!(lab.deliver("r", "q"), "NextBallot(21, 2)");
    // 14: q has voted for g; h = transfer(A, B, 100) comes to r meanwhile
    lab.request("r", 3, "transfer A B 100");
    assert_eq!(
        lab.deliver("q", "r"),
        "BallotInfo(21, {}, {(2, 17, <A=400 B=100>)}, frontier 1)"
    );
    // 15: H = {(2, g)}, proposed together with h
    assert_eq!(
        lab.deliver("r", "q"),
        "BeginBallot(2, 21, <A=400 B=100>), BeginBallot(3, 21, <A=300 B=200>)"
    );
    lab.lose_the_rest_but("q", "r");
    // 16, 17, 18, 19
    assert_eq!(lab.deliver("q", "r"), "Voted(2, 21), Voted(3, 21)");
    lab.restart("p");
    let both = "Success(2, <A=400 B=100>), Success(3, <A=300 B=200>)";
    assert_eq!(lab.deliver("r", "q"), both);
    assert_eq!(lab.deliver("r", "p"), both);
    for device in ["p", "q", "r"] {
        assert_eq!(lab.goods(device), [300, 200, 0], "{device}");
    }
}

#[test]
fn the_supply_chain_goes_as_in_the_figure() {
    let mut lab = laboratory();
    until_p_recovers(&mut lab);
    until_r_leads(&mut lab);
    // 20, 21, 22: k = transfer(A, C, 500) fails before l = transfer(B, A, 200) and succeeds after it
    lab.request("r", 4, "transfer A C 500");
    lab.request("r", 5, "transfer B A 200");
    lab.pass_time();
    lab.pass_time();
    let begin = "BeginBallot(4, 21, <B=0 A=500>), BeginBallot(5, 21, <A=0 C=500>)";
    assert_eq!(lab.deliver("r", "q"), begin);
    // 23, 24, 25
    assert_eq!(lab.deliver("q", "r"), "Voted(4, 21), Voted(5, 21)");
    let success = "Success(4, <B=0 A=500>), Success(5, <A=0 C=500>)";
    assert_eq!(lab.deliver("r", "q"), success);
    assert!(lab.deliver("r", "p").ends_with(success));
    for device in ["p", "q", "r"] {
        assert_eq!(lab.goods(device), [0, 0, 500], "{device}");
        assert_eq!(lab.issued(device).len(), 5);
    }
    assert_eq!(lab.replies.len(), 5);
}

#[test]
fn a_transfer_is_never_issued_without_the_one_it_depends_on() {
    let mut lab = laboratory();
    until_p_recovers(&mut lab);
    until_r_leads(&mut lab);
    lab.request("r", 4, "transfer A C 500");
    lab.request("r", 5, "transfer B A 200");
    lab.pass_time();
    lab.pass_time();
    // r fails when the ballot for k = 5 has left and the one for l = 4 has not.
    lab.deliver_matching("r", "q", |text| text.starts_with("BeginBallot(5"));
    lab.lose_the_rest();
    lab.crash("r");
    // p takes over, and then whoever: k is not issued.
    lab.run_until_sends("p");
    assert_eq!(lab.deliver("p", "q"), "NextBallot(22, 4)");
    lab.deliver("q", "p");
    lab.lose_the_rest();
    lab.restart("r");
    for device in ["p", "q", "r"] {
        assert_eq!(lab.last(device).0, 3);
        assert_eq!(
            lab.goods(device),
            [300, 200, 0],
            "0/200/500 must never occur"
        );
    }
}
