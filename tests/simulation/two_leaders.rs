//! The schedule of two leaders that step 4's rule, to vote only in order, forbids.
//!
//! p, in ballot 1, gets q's vote for number 1 and, without the rule, those of r, s and t for number 2. s, in ballot 2, sees a 2 without a 1 and drops
//! it; its own 2 overwrites those votes while its 1 reaches nobody. q, in ballot 3, finds p's 1, drops s's 2 and issues a 2 of its own. Then p
//! learns that its 1 is issued, and still holds a quorum for its own 2.

use std::time::Duration;

use cmsl_runtime::protocol::executive::{Announce, Checks, Config, Mutant, Planted};

use crate::lab::Lab;

/// Plays the schedule; gives what p and q issued as number 2, if they did.
fn play(planted: Planted) -> (Option<String>, Option<String>) {
    let settings = |config: &mut Config| {
        config.announce = Announce::InFull;
        config.batch_max = 1;
        config.checks = Checks::Off;
        config.planted = planted;
    };
    let timeouts = [150, 4_000, 60_000, 1_000, 60_000].map(Duration::from_millis);
    let mut lab = Lab::new(&["p", "q", "r", "s", "t"], &timeouts, settings);
    for (name, device) in [("p", 0), ("q", 0), ("r", 0), ("s", 0), ("t", 0)] {
        let promised = crate::lab::ballot(1, device);
        lab.write(
            name,
            &cmsl_runtime::protocol::executive::Record::Promised(promised),
        );
    }
    lab.start();
    elect(&mut lab, "p", &["q", "r", "s", "t"]);
    lab.request("p", 1, "inbound A 1");
    lab.request("p", 2, "inbound A 10");
    lab.deliver_matching("p", "q", |text| text.starts_with("BeginBallot(1"));
    for voter in ["r", "s", "t"] {
        lab.deliver_matching("p", voter, |text| text.starts_with("BeginBallot(2"));
        lab.deliver(voter, "p");
    }
    lab.lose_the_rest();
    lab.pause("p");
    elect(&mut lab, "s", &["r", "t"]);
    lab.request("s", 3, "inbound B 1");
    lab.request("s", 4, "inbound B 10");
    for voter in ["r", "t"] {
        lab.deliver_matching("s", voter, |text| text.starts_with("BeginBallot(2"));
    }
    lab.lose_the_rest();
    lab.pause("s");
    elect(&mut lab, "q", &["r", "t"]);
    lab.request("q", 5, "inbound C 10");
    for voter in ["r", "t"] {
        lab.deliver("q", voter);
        lab.deliver(voter, "q");
    }
    lab.deliver_matching("q", "p", |text| text.starts_with("Success(1"));
    let second = |name: &str| {
        lab.issued(name)
            .get(1)
            .map(|command| format!("{:?}", command.id))
    };
    (second("p"), second("q"))
}

/// Lets a device become leader by these others' promises.
fn elect(lab: &mut Lab, leader: &str, others: &[&str]) {
    lab.run_until_sends(leader);
    for other in others {
        lab.deliver(leader, other);
    }
    for other in others {
        lab.deliver(other, leader);
    }
    lab.lose_the_rest_from_others(leader);
}

#[test]
fn with_the_rule_no_second_command_is_issued() {
    let (p, q) = play(Planted::default());
    assert_eq!(p, None);
    assert!(q.is_some());
}

#[test]
fn without_the_rule_two_commands_are_issued_for_one_number() {
    let (p, q) = play(Planted::one(Mutant::M63));
    assert!(p.is_some() && q.is_some());
    assert_ne!(p, q, "this is what the rule is for");
}
