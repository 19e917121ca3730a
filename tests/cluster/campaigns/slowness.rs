//! F16 and F21: a host behind a slow link, and more work than there is time for.

use std::time::{Duration, Instant};

use super::super::load::{LIGHT, Load, Manner};
use super::{Reached, Scene, work_for};

const HOSTS: usize = 3;
/// What goes through the link of the slow host.
const KILOBITS: u32 = 64;
/// Requests of one measurement.
const MEASURED: usize = 300;

/// What a slow host may cost.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// So many times the latency without it.
    pub factor: u32,
    /// And this much more, for what else goes on on the machine.
    pub more: Duration,
}

/// F16: one host that does not lead is behind a slow link; of a hundred requests the slowest but one is hardly slower.
#[must_use]
pub fn slow_link(rounds: u32, allowance: Allowance) -> Option<Reached> {
    let mut scene = Scene::on_network(HOSTS, 0)?;
    let mut reached = Reached::new("F16 one host behind 64 kbit/s", rounds, "packets held back");
    let (mut healthy, mut beside) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let leader = scene.cluster.leader(scene.server);
        let slow = (leader + 1 + round as usize % (HOSTS - 1)) % HOSTS;
        healthy.push(slowest_but_one_in_a_hundred(&mut scene));
        scene.network().slow(slow, KILOBITS);
        beside.push(slowest_but_one_in_a_hundred(&mut scene));
        reached.away.push(scene.soon_back());
        let waited = scene.network().quicken(slow);
        assert!(waited > 0, "nothing met the slow link");
        reached.effective.0 += waited;
        scene.is_level();
    }
    healthy.sort();
    beside.sort();
    let (healthy, beside) = (healthy[healthy.len() / 2], beside[beside.len() / 2]);
    eprintln!("99 % of requests within {healthy:?}, and {beside:?} beside a slow host");
    assert!(
        beside <= healthy * allowance.factor + allowance.more,
        "{healthy:?} became {beside:?}"
    );
    reached.answered = scene.end();
    Some(reached)
}

fn slowest_but_one_in_a_hundred(scene: &mut Scene) -> Duration {
    let mut took: Vec<Duration> = (0..MEASURED)
        .map(|_| {
            let begun = Instant::now();
            scene.probe.ask(false);
            scene.probe.hear(None);
            begun.elapsed()
        })
        .collect();
    took.sort();
    took[MEASURED * 99 / 100]
}

const WINDOW: Duration = Duration::from_millis(500);
/// So many windows are measured before there is too much to do.
const WINDOWS: usize = 6;

/// F21: ten times the clients, each with ten times as much in flight, for a while; then as much is answered as before.
#[must_use]
pub fn overload(rounds: u32, lasts: Duration, again_within: Duration) -> Reached {
    let usual = Manner {
        clients: 3,
        depth: 4,
        pause: Duration::ZERO,
        ..LIGHT
    };
    let mut reached = Reached::new("F21 ten times the clients", rounds, "requests meanwhile");
    for _ in 0..rounds {
        let mut scene = Scene::on_loopback(HOSTS);
        scene.load(usual);
        let mut before: Vec<u64> = (0..WINDOWS).map(|_| goodput(&scene)).collect();
        before.sort_unstable();
        let before = before[WINDOWS / 2];
        let mut crowd = Vec::new();
        for _ in 0..10 {
            crowd.push(Load::start(
                &scene.cluster.addresses,
                scene.server,
                None,
                Manner { depth: 40, ..usual },
            ));
        }
        work_for(lasts);
        for load in crowd {
            reached.effective.0 += load.answered();
            scene.ends(load.stop());
        }
        let over = Instant::now();
        let mut best = 0;
        while best * 10 < before * 9 {
            let late = over.elapsed();
            assert!(
                late < again_within,
                "{before} requests in {WINDOW:?} before, {best} after {late:?}"
            );
            best = best.max(goodput(&scene));
        }
        reached.away.push(over.elapsed());
        reached.answered += scene.end();
    }
    reached
}

/// How much is answered in a moment.
fn goodput(scene: &Scene) -> u64 {
    let before = scene.answered();
    work_for(WINDOW);
    scene.answered() - before
}
