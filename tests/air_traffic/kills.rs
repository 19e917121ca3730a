//! Hosts are killed, one and all, and started again: the tracks stay those of the undisturbed run.

use crate::harness::cluster;

const SPEED: [&str; 2] = ["--speed", "20"];

/// How long the service may be away when a host is killed.
const AWAY_S_MAX: f64 = 2.0;

#[test]
fn ten_moments_at_which_the_leader_dies() {
    for tenths in [4, 9, 14, 19, 24, 29, 34, 39, 44, 52] {
        let kill = format!("leader@{}.{}", tenths / 10, tenths % 10);
        let account = cluster(&["--kill", &kill], &SPEED);
        account.assert_undisturbed_tracks();
        account.assert_gap_below(AWAY_S_MAX);
        // One, or more where a busy machine makes hosts suspect each other.
        assert!(
            account.number("failovers") >= 1,
            "{kill}: {}",
            account.all()
        );
    }
}

#[test]
fn each_host_dies_in_turn() {
    for host in 1..=4 {
        let kill = format!("host{host}@2.5");
        let account = cluster(&["--kill", &kill], &SPEED);
        account.assert_undisturbed_tracks();
        account.assert_gap_below(AWAY_S_MAX);
    }
}

#[test]
fn a_leader_that_comes_back_catches_up() {
    let flags = ["--kill", "leader@1.5", "--restart", "leader@3"];
    let account = cluster(&flags, &SPEED);
    account.assert_undisturbed_tracks();
    assert!(account.number("failovers") >= 1, "{}", account.all());
}

#[test]
fn two_leaders_one_after_the_other() {
    let flags = [
        "--kill",
        "leader@1.5",
        "--restart",
        "leader@3",
        "--kill",
        "leader@4.5",
    ];
    let account = cluster(&flags, &SPEED);
    account.assert_undisturbed_tracks();
    assert!(account.number("failovers") >= 2, "{}", account.all());
}

#[test]
fn all_hosts_die_and_come_back_and_nothing_is_lost() {
    let mut flags = Vec::new();
    let acts: Vec<(&str, String)> = (1..=4)
        .flat_map(|host| {
            [
                ("--kill", format!("host{host}@2")),
                ("--restart", format!("host{host}@3")),
            ]
        })
        .collect();
    for (flag, act) in &acts {
        flags.extend([*flag, act.as_str()]);
    }
    let account = cluster(&flags, &SPEED);
    // The gap is as long as the hosts were away; all else is as if nothing had been.
    account.assert_sound();
    assert_eq!(
        account.text("track_hash"),
        crate::harness::undisturbed().text("track_hash"),
        "{}",
        account.all()
    );
}
