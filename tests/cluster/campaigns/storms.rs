//! F1 and F20: hosts are killed, one or all at once, in the middle of work.

use std::time::Duration;

use super::super::harness::away;
use super::super::load::{LIGHT, Manner};
use super::{Reached, Scene, pick, work_for};

const HOSTS: usize = 3;
/// All hosts that were killed together answer again in this time.
const UP_WITHIN: Duration = Duration::from_secs(5);

/// F1: kills the leader in most rounds, any host in the others, under load; restarts it before the next one.
#[must_use]
pub fn kills(rounds: u32) -> Reached {
    let mut scene = Scene::on_loopback(HOSTS);
    let mut reached = Reached::new("F1 SIGKILL of one host", rounds, "leaders killed");
    for round in 0..rounds {
        scene.load(Manner { depth: 4, ..LIGHT });
        let leader = scene.cluster.leader(scene.server);
        let host = if round % 5 == 4 {
            pick(round, HOSTS)
        } else {
            leader
        };
        // Somewhere in the middle of what it does for its clients.
        work_for(Duration::from_micros(pick(round, 40_000) as u64));
        scene.cluster.kill(host);
        reached.away.push(scene.soon_back());
        reached.effective.0 += u64::from(host == leader);
        scene.cluster.restart(host);
        scene.is_healed();
        scene.is_level();
    }
    assert!(reached.effective.0 > 0, "no leader was killed");
    reached.answered = scene.end();
    reached
}

/// F20: kills all hosts at once and restarts them in any order.
#[must_use]
pub fn restarts(rounds: u32) -> Reached {
    let mut scene = Scene::on_loopback(HOSTS);
    let mut reached = Reached::new("F20 all hosts killed together", rounds, "kills under load");
    scene.load(Manner { depth: 4, ..LIGHT });
    for round in 0..rounds {
        let before = scene.answered();
        work_for(Duration::from_millis(20 + pick(round, 50) as u64));
        (0..HOSTS).for_each(|host| scene.cluster.kill(host));
        reached.effective.0 += u64::from(scene.answered() > before) * HOSTS as u64;
        let first = pick(round, HOSTS);
        let step = 1 + pick(round + 7, HOSTS - 1);
        let up = away(|| {
            (0..HOSTS).for_each(|host| scene.cluster.restart((first + host * step) % HOSTS));
            scene.probe.append_and_count();
        });
        assert!(up < UP_WITHIN, "it took {up:?} until the service was back");
        reached.away.push(up);
    }
    assert!(
        reached.effective.0 > 0,
        "nobody worked when all were killed"
    );
    reached.answered = scene.end();
    reached
}
