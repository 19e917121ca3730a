//! Whom a device takes for connected and for the leader, and when it stands, by one device whose others the test plays.

use super::*;
use crate::protocol::executive::bench::{Bench, frontier};
use crate::protocol::{Input, Protocol, Role};

/// What device 1 says that leads, or another that had word of a leader so long ago.
fn heartbeat(stands: Stands, leader_age: Option<u64>) -> Heartbeat {
    Heartbeat {
        promised: leader(),
        alive: true,
        stands,
        connected: true,
        hears: 0b111,
        leader_age: leader_age.map(Duration::from_millis),
        frontier: frontier(),
    }
}

/// The ballot in which device 1 leads.
fn leader() -> Ballot {
    Ballot::ZERO.above(Device(1))
}

fn pass(bench: &mut Bench, millis: u64) {
    bench.now = bench.now + Duration::from_millis(millis);
}

fn reachable(bench: &mut Bench, devices: &[u16]) {
    let devices = devices.iter().copied().map(Device).collect();
    bench.step(Input::Reachable { devices });
}

/// A device at some time, which has just heard that device 1 leads, and device 2.
fn led() -> Bench {
    let mut bench = Bench::new(3);
    pass(&mut bench, 1000);
    bench.says(2, &Message::Heartbeat(heartbeat(Stands::No, None)));
    bench.says(1, &Message::Heartbeat(heartbeat(Stands::Leads, Some(0))));
    bench
}

/// After how many milliseconds it stands, while device 2 tells that there is nothing new.
fn stands_after(bench: &mut Bench) -> u64 {
    let before = bench.now;
    while bench.device.status().role == Role::Following {
        pass(bench, 1);
        let passed = bench.now.since(before);
        assert!(passed < Duration::from_secs(1));
        let word = heartbeat(Stands::No, Some(5_000));
        bench.says(2, &Message::Heartbeat(word));
        bench.step(Input::Tick);
    }
    bench.now.since(before).as_millis() as u64
}

#[test]
fn who_is_not_heard_for_a_while_or_hears_nothing_is_not_connected() {
    let mut bench = Bench::new(3);
    pass(&mut bench, 1000);
    let mut deaf = heartbeat(Stands::No, None);
    deaf.hears = 0b110;
    bench.says(2, &Message::Heartbeat(deaf));
    bench.says(1, &Message::Heartbeat(heartbeat(Stands::No, None)));
    let config = bench.device.config.clone();
    let (hears, connected) = (config.election_min, config.election_min);
    let at = |time: Time| {
        let election = &bench.device.election;
        (
            election.hears(hears, time).0,
            election.connected(&config, time).0,
        )
    };
    assert_eq!(at(bench.now), (0b111, 0b011));
    let last = bench.now + connected - Duration::from_nanos(1);
    assert_eq!(at(last), (0b111, 0b011));
    assert_eq!(at(bench.now + connected), (0b001, 0b001));
}

#[test]
fn a_leader_is_named_for_a_while_after_it_was_heard() {
    let mut bench = led();
    assert_eq!(bench.device.leader_hint(), Some(Device(1)));
    let heard = bench.now;
    let patience = bench.device.config.election_max;
    bench.device.now = heard + patience - Duration::from_nanos(1);
    assert_eq!(bench.device.leader_hint(), Some(Device(1)));
    bench.device.now = heard + patience;
    assert_eq!(bench.device.leader_hint(), None);
}

#[test]
fn a_leader_that_only_others_hear_is_not_named_and_not_disturbed() {
    let mut bench = Bench::new(3);
    pass(&mut bench, 1000);
    let before = bench.now;
    while bench.now.since(before) < Duration::from_secs(2) {
        bench.says(2, &Message::Heartbeat(heartbeat(Stands::No, Some(0))));
        bench.step(Input::Tick);
        assert_eq!(bench.device.status().role, Role::Following);
        assert_eq!(bench.device.leader_hint(), None);
        pass(&mut bench, 50);
    }
}

/// Whoever tries gets the time for it, as long as a quorum hears it.
#[test]
fn who_tries_is_not_disturbed() {
    for (connected, undisturbed) in [(true, true), (false, false)] {
        let mut bench = Bench::new(3);
        pass(&mut bench, 1000);
        let before = bench.now;
        let mut word = heartbeat(Stands::Tries, None);
        word.connected = connected;
        let word = Message::Heartbeat(word);
        let mut followed = true;
        while bench.now.since(before) < Duration::from_secs(1) {
            bench.says(1, &word);
            bench.step(Input::Tick);
            followed &= bench.device.status().role == Role::Following;
            pass(&mut bench, 50);
        }
        assert_eq!(followed, undisturbed);
    }
}

#[test]
fn the_owner_of_a_ballot_is_alive_for_a_while_after_it_was_heard() {
    let mut bench = led();
    let first = crate::protocol::Number(1);
    let ballot = leader();
    bench.says(1, &Message::NextBallot { ballot, first });
    let heard = bench.now;
    let silence = bench.device.config.election_min;
    assert!(bench.device.owner_is_alive());
    bench.device.now = heard + silence - Duration::from_nanos(1);
    assert!(bench.device.owner_is_alive());
    bench.device.now = heard + silence;
    assert!(!bench.device.owner_is_alive());
}

/// Without word of a leader a device stands after 150 to 300 ms; if the leader is known to be gone, after one to two heartbeats.
#[test]
fn who_is_told_that_the_leader_is_gone_stands_soon() {
    let mut bench = led();
    let took = stands_after(&mut bench);
    assert!((150..=300).contains(&took), "{took} ms");
    let mut bench = led();
    reachable(&mut bench, &[0, 2]);
    assert_eq!(bench.device.leader_hint(), None);
    let connected = bench.device.status().connected;
    assert_eq!(connected, [Device(0), Device(2)]);
    let took = stands_after(&mut bench);
    assert!((50..=100).contains(&took), "{took} ms");
}

#[test]
fn another_that_is_gone_changes_nothing_but_who_is_connected() {
    // Whether a device is in reach of itself is not asked.
    for alive in [&[0, 1][..], &[1]] {
        let mut bench = led();
        reachable(&mut bench, alive);
        assert_eq!(bench.device.leader_hint(), Some(Device(1)));
        let connected = bench.device.status().connected;
        assert_eq!(connected, [Device(0), Device(1)]);
        let took = stands_after(&mut bench);
        assert!((150..=300).contains(&took), "{took} ms");
    }
    let mut bench = led();
    reachable(&mut bench, &[0, 1, 2]);
    assert_eq!(bench.device.status().connected.len(), 3);
}

/// Word from before the leader was gone does not count; word from after does.
#[test]
fn others_may_still_hear_a_leader_that_is_gone_for_one() {
    for age in [0, 10] {
        let mut bench = led();
        reachable(&mut bench, &[0, 2]);
        let word = heartbeat(Stands::No, Some(age));
        bench.says(2, &Message::Heartbeat(word));
        let took = stands_after(&mut bench);
        assert!((50..=100).contains(&took), "{took} ms");
    }
    let mut bench = led();
    reachable(&mut bench, &[0, 2]);
    pass(&mut bench, 10);
    let word = heartbeat(Stands::No, Some(9));
    bench.says(2, &Message::Heartbeat(word));
    let took = stands_after(&mut bench);
    assert!((140..=300).contains(&took), "{took} ms");
}

/// Who leads or tries goes on whoever is gone, as long as there is a quorum.
#[test]
fn who_leads_does_not_stand_again() {
    let mut bench = Bench::leading();
    let ballot = bench.ballot();
    reachable(&mut bench, &[0, 1]);
    for _ in 0..20 {
        pass(&mut bench, 50);
        bench.says(1, &bench.heartbeat());
        bench.step(Input::Tick);
        assert_eq!(bench.device.status().role, Role::Leading);
    }
    assert_eq!(bench.ballot(), ballot);
}

/// A leader without a quorum stops after the most time that an election takes, and not if it has one again before.
#[test]
fn a_lonely_leader_stops() {
    let mut bench = Bench::leading();
    let before = bench.now;
    let silence = Duration::from_millis(150);
    let patience = bench.device.config.election_max;
    while bench.device.status().role == Role::Leading {
        pass(&mut bench, 10);
        bench.step(Input::Tick);
        let passed = bench.now.since(before);
        assert!(passed < Duration::from_secs(1));
    }
    let passed = bench.now.since(before);
    let beat = bench.device.config.heartbeat;
    let expected = silence + patience..=silence + patience + beat;
    assert!(expected.contains(&passed), "{passed:?}");
    let mut bench = Bench::leading();
    for _ in 0..10 {
        for _ in 0..6 {
            pass(&mut bench, 50);
            bench.step(Input::Tick);
            assert_eq!(bench.device.status().role, Role::Leading);
        }
        bench.says(1, &bench.heartbeat());
    }
}

#[test]
fn who_stands_goes_above_all_that_others_promised() {
    let mut bench = Bench::new(3);
    let mut word = heartbeat(Stands::No, None);
    word.promised.round = 7;
    bench.says(2, &Message::Heartbeat(word));
    stands_after(&mut bench);
    assert_eq!(bench.ballot().round, 8);
}

/// The first of new devices stands after one to two heartbeats, the others wait longer, as do all that come back; one alone does not wait.
#[test]
fn new_devices_leave_the_first_ballot_to_the_first_of_them() {
    let waits = |devices: u16, device: u16, promised: Ballot| {
        let range = (0..50).map(|seed| {
            let configuration = Configuration::new((0..devices).map(Device).collect()).unwrap();
            let config = Config::new(Device(device), configuration);
            let now = Time::from_nanos(1_000_000_000);
            let mut device = Executive::new(config, seed, now);
            device.next_ballot = promised;
            device.start_election_timer();
            device.election.election_at.since(now).as_millis() as u64
        });
        let range: BTreeSet<u64> = range.collect();
        (*range.first().unwrap(), *range.last().unwrap())
    };
    let (new, old) = (Ballot::ZERO, leader());
    let within = |(from, to): (u64, u64), least: u64, most: u64| {
        let width = most - least;
        least <= from && from < least + width / 4 && most - width / 4 < to && to <= most
    };
    assert!(within(waits(3, 0, new), 50, 100));
    assert!(within(waits(3, 1, new), 150, 300));
    assert!(within(waits(3, 0, old), 150, 300));
    assert_eq!(waits(1, 0, new), (0, 0));
    assert_eq!(waits(1, 0, old), (0, 0));
}
