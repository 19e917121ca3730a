//! F16 and F21: a host behind a slow link, and more work than there is time for.

use std::time::{Duration, Instant};

use super::super::harness::{away, until};
use super::super::load::{LIGHT, Load, Manner};
use super::{Reached, Scene, work_for};

const HOSTS: usize = 3;
/// What goes through the link of the slow host.
const KILOBITS: u32 = 64;
/// Requests of one measurement, and how long after one the next is due, whether or not that is answered.
const MEASURED: u32 = 200;
const PACE: Duration = Duration::from_millis(5);
/// A measurement ends after this time; what was not asked by then is late by what it would have waited.
const MEASURED_FOR: Duration = Duration::from_secs(5);
/// What remains of the change right after a slow leader was replaced.
const REPLACED_LATELY: Duration = Duration::from_millis(100);

/// What a slow host may cost.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// So many times the latency without it.
    pub factor: u32,
    /// And this much more, for what else goes on on the machine.
    pub more: Duration,
    /// A leader that is slow leads no longer after this time.
    pub replaced_within: Duration,
}

/// F16: a host is behind a slow link, in turn one that does not lead and the leader, which another one replaces. Of a hundred requests the slowest
/// but one is hardly slower then.
#[must_use]
pub fn slow_link(rounds: u32, allowance: Allowance) -> Option<Reached> {
    let mut scene = Scene::on_network(HOSTS, 0)?;
    let name = "F16 one host behind 64 kbit/s";
    let mut reached = Reached::new(name, rounds, "packets held back");
    let mut healthy = Vec::new();
    let mut beside = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        scene.load(LIGHT);
        let leader = scene.cluster.leader(scene.server);
        let is_leader = round % 2 == 1;
        let other = 1 + round as usize / 2 % (HOSTS - 1);
        let slow = (leader + if is_leader { 0 } else { other }) % HOSTS;
        healthy.push(slowest_but_one_in_a_hundred(&mut scene));
        scene.network().slow(slow, KILOBITS);
        if is_leader {
            let took = bypassed(&mut scene, slow);
            let is_soon = took < allowance.replaced_within;
            assert!(is_soon, "the slow host led for {took:?}");
            reached.away.push(took);
        }
        let slowest = slowest_but_one_in_a_hundred(&mut scene);
        beside[usize::from(is_leader)].push(slowest);
        let waited = scene.network().quicken(slow);
        assert!(waited > 0, "nothing met the slow link");
        reached.effective.0 += waited;
        scene.is_healed();
        scene.is_level();
    }
    let [mut others, mut leaders] = beside;
    let (healthy, others, leaders) = (
        middle(&mut healthy),
        middle(&mut others),
        middle(&mut leaders),
    );
    eprintln!(
        "99 % of requests within {healthy:?}, {others:?} beside a slow host, {leaders:?} after it led"
    );
    let may = healthy * allowance.factor + allowance.more;
    assert!(others <= may, "{healthy:?} became {others:?}");
    let may = may + REPLACED_LATELY;
    assert!(
        leaders <= may,
        "{healthy:?} became {leaders:?} instead of a slow leader"
    );
    reached.answered = scene.end();
    Some(reached)
}

/// So many requests follow one upon the other where nobody else asks.
const ALONE: usize = 300;

/// F16, at rest: a host that does not lead is behind a slow link, and one client asks; of a hundred requests the slowest but one is hardly slower.
#[must_use]
pub fn slow_link_at_rest(rounds: u32, factor: u32, more: Duration) -> Option<Reached> {
    let mut scene = Scene::on_network(HOSTS, 0)?;
    let name = "F16 one host behind 64 kbit/s, at rest";
    let mut reached = Reached::new(name, rounds, "packets held back");
    let (mut healthy, mut beside) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let leader = scene.cluster.leader(scene.server);
        let slow = (leader + 1 + round as usize % (HOSTS - 1)) % HOSTS;
        healthy.push(one_after_the_other(&mut scene));
        scene.network().slow(slow, KILOBITS);
        beside.push(one_after_the_other(&mut scene));
        reached.away.push(scene.soon_back());
        let waited = scene.network().quicken(slow);
        assert!(waited > 0, "nothing met the slow link");
        reached.effective.0 += waited;
        scene.is_level();
    }
    let (healthy, beside) = (middle(&mut healthy), middle(&mut beside));
    eprintln!("99 % of requests within {healthy:?}, and {beside:?} beside a slow host");
    assert!(
        beside <= healthy * factor + more,
        "{healthy:?} became {beside:?}"
    );
    reached.answered = scene.end();
    Some(reached)
}

/// The slowest but one in a hundred of requests that follow one upon the other.
fn one_after_the_other(scene: &mut Scene) -> Duration {
    let ask = |_| {
        let begun = Instant::now();
        scene.probe.ask(false);
        scene.probe.hear(None);
        begun.elapsed()
    };
    let mut took: Vec<Duration> = (0..ALONE).map(ask).collect();
    took.sort();
    took[ALONE * 99 / 100]
}

fn middle(durations: &mut [Duration]) -> Duration {
    durations.sort();
    durations
        .get(durations.len() / 2)
        .copied()
        .unwrap_or_default()
}

/// How long it takes until another host leads and answers.
fn bypassed(scene: &mut Scene, slow: usize) -> Duration {
    away(|| {
        until("another leader", || {
            let leader = scene.cluster.view(scene.server)?.leader?;
            (usize::from(leader.0) != slow).then_some(())
        });
        scene.probe.append_and_count();
    })
}

fn slowest_but_one_in_a_hundred(scene: &mut Scene) -> Duration {
    let begun = Instant::now();
    let took = (0..MEASURED).map(|number| {
        let due = begun + PACE * number;
        work_for(due.saturating_duration_since(Instant::now()));
        if begun.elapsed() < MEASURED_FOR {
            scene.probe.ask(false);
            scene.probe.hear(None);
        }
        due.elapsed()
    });
    let mut took: Vec<Duration> = took.collect();
    took.sort();
    took[took.len() * 99 / 100 - 1]
}

const WINDOW: Duration = Duration::from_millis(500);
/// So many windows are measured before there is too much to do.
const WINDOWS: usize = 6;

/// So many requests of each client are in flight then: together far more than a leader lets wait.
const CROWDED: usize = 1_000;

/// F21: ten times the clients, and more in flight than a leader lets wait, for a while, in which the service does not break down. Then they
/// leave without waiting for answers, and as much is answered as before.
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
        let manner = Manner {
            clients: 10 * usual.clients,
            depth: CROWDED,
            ..usual
        };
        let crowd = Load::start(&scene.cluster.addresses, scene.server, None, manner);
        let earlier = scene.answered();
        work_for(lasts);
        let meanwhile = crowd.answered() + scene.answered() - earlier;
        let windows = lasts.div_duration_f64(WINDOW);
        assert!(
            meanwhile as f64 >= before as f64 * windows / 4.0,
            "{before} requests in {WINDOW:?} before, {meanwhile} in {lasts:?} of too much"
        );
        reached.effective.0 += meanwhile;
        scene.ends(crowd.leave());
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
