//! F11 and F12: packets between some hosts are dropped, in both directions or in one, while clients on each side go on asking.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::super::harness::until;
use super::super::load::{LIGHT, READERS};
use super::{Reached, Scene, pick, work_for};

/// How the leader is cut off, or another host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The leader, with a client, from all others.
    LeaderAlone,
    /// The leader, another host and a client from three others.
    LeaderInMinority,
    /// One that does not lead, with a client, from all others.
    FollowerAlone,
    /// Nobody hears the leader, who hears all.
    LeaderUnheard,
    /// The leader hears nobody, and all hear it.
    LeaderDeaf,
}

/// For so long there is a cut: longer than it takes to find another leader.
const CUT_FOR: Duration = Duration::from_millis(700);

/// F11 with five hosts, and clients on each side: the smaller side answers nothing. In every other round nobody changes anything when the cut is
/// made: then the leader has nothing unissued, and could answer what counts.
#[must_use]
pub fn sides(rounds: u32) -> Option<Reached> {
    const HOSTS: usize = 5;
    const CUTS: [Cut; 5] = [
        Cut::LeaderAlone,
        Cut::LeaderInMinority,
        Cut::LeaderDeaf,
        Cut::LeaderUnheard,
        Cut::FollowerAlone,
    ];
    let mut scene = Scene::on_network(HOSTS, 1)?;
    let mut reached = Reached::new(
        "F11 cuts between sides, five hosts",
        rounds,
        "packets dropped",
    );
    for (round, cut) in (0..rounds).zip(CUTS.into_iter().cycle()) {
        let leader = scene.cluster.leader(scene.server);
        let other = (leader + 1 + pick(round, HOSTS - 1)) % HOSTS;
        let side: BTreeSet<usize> = match cut {
            Cut::LeaderAlone | Cut::LeaderUnheard | Cut::LeaderDeaf => [leader].into(),
            Cut::LeaderInMinority => [leader, other].into(),
            Cut::FollowerAlone => [other].into(),
        };
        let ways = ways(&side, HOSTS, cut);
        // Clients that are on the side which is cut off.
        let is_quiet = round % 2 == 0;
        let inside = scene.load_at(HOSTS, if is_quiet { READERS } else { LIGHT });
        if is_quiet {
            scene.unload();
        } else {
            scene.load(LIGHT);
        }
        scene.network().cut(&ways);
        let begun = Instant::now();
        if is_quiet {
            work_for(CUT_FOR);
        }
        reached.away.push(scene.soon_back());
        work_for(CUT_FOR);
        let ended = Instant::now();
        let dropped = scene.network().heal();
        assert!(dropped > 0, "{cut:?} met no packet");
        reached.effective.0 += dropped;
        let history = inside.stop();
        let answered = history.answered_within(begun, ended);
        assert_eq!(answered, 0, "answered by the smaller side, {cut:?}");
        scene.ends(history);
        scene.is_healed();
    }
    reached.answered = scene.end();
    Some(reached)
}

/// All ways between a side, on which the node behind the hosts is, and the other hosts; or those of one direction.
fn ways(side: &BTreeSet<usize>, hosts: usize, cut: Cut) -> Vec<(usize, usize)> {
    let mut ways = Vec::new();
    for other in (0..hosts).filter(|host| !side.contains(host)) {
        // The client hears nobody of the other side, and is not heard there.
        ways.extend([(hosts, other), (other, hosts)]);
        for one in side {
            if cut != Cut::LeaderDeaf {
                ways.push((*one, other));
            }
            if cut != Cut::LeaderUnheard {
                ways.push((other, *one));
            }
        }
    }
    ways
}

/// Which hosts still hear each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// All hear one that does not lead, and it all; no others hear each other. The leader lives, and has lost its quorum.
    Star,
    /// The same around one that was away and lacks what was done, without the leader.
    StarOfTheLate,
    /// Each hears its two neighbours in a row, with the leader at its end.
    Chain,
}

/// F12: partial cuts, in which some hosts hear each other and others do not, of this many hosts.
#[must_use]
pub fn partial(rounds: u32, hosts: usize) -> Option<Reached> {
    const SHAPES: [Shape; 3] = [Shape::Star, Shape::StarOfTheLate, Shape::Chain];
    let mut scene = Scene::on_network(hosts, 0)?;
    let fault = if hosts == 3 {
        "F12 partial cuts, three hosts"
    } else {
        "F12 partial cuts, five hosts"
    };
    let mut reached = Reached::new(fault, rounds, "packets dropped");
    scene.load(LIGHT);
    for (round, shape) in (0..rounds).zip(SHAPES.into_iter().cycle()) {
        let leader = scene.cluster.leader(scene.server);
        let row: Vec<usize> = (0..hosts).map(|step| (leader + step) % hosts).collect();
        let hub = row[1 + pick(round, hosts - 1)];
        if shape == Shape::StarOfTheLate {
            scene.network().cut(&around(hub, hosts));
            work_for(CUT_FOR);
            scene.network().heal();
        }
        let hears = |one: usize, other: usize| match shape {
            Shape::Star => one == hub || other == hub,
            Shape::StarOfTheLate => {
                (one == hub || other == hub) && one != leader && other != leader
            }
            Shape::Chain => {
                let place = |host| row.iter().position(|at| *at == host).unwrap();
                place(one).abs_diff(place(other)) == 1
            }
        };
        let all: Vec<(usize, usize)> = (0..hosts)
            .flat_map(|one| (0..hosts).map(move |other| (one, other)))
            .filter(|(one, other)| one != other && !hears(*one, *other))
            .collect();
        scene.network().cut(&all);
        reached.away.push(scene.soon_back());
        is_calm(&mut scene);
        let dropped = scene.network().heal();
        assert!(dropped > 0, "{shape:?} met no packet");
        reached.effective.0 += dropped;
        scene.is_healed();
    }
    reached.answered = scene.end();
    Some(reached)
}

/// All ways from and to one host.
fn around(host: usize, hosts: usize) -> Vec<(usize, usize)> {
    (0..hosts)
        .filter(|other| *other != host)
        .flat_map(|other| [(host, other), (other, host)])
        .collect()
}

/// Once there is a leader, the others do not go on electing.
fn is_calm(scene: &mut Scene) {
    const CHANGES_MAX: u64 = 2;
    let changes = |scene: &Scene| {
        until("status", || {
            Some(scene.cluster.view(scene.server)?.leader_changes)
        })
    };
    let before = changes(scene);
    work_for(CUT_FOR);
    let after = changes(scene);
    assert!(
        after <= before + CHANGES_MAX,
        "the leader changed {} times",
        after - before
    );
}
