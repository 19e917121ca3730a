//! F14: the leader stands still while others lead, and goes on.

use std::time::Duration;

use rustix::process::Signal;

use super::super::load::{LIGHT, Recorder};
use super::{Reached, Scene, pick, work_for};

const HOSTS: usize = 3;
/// Counts that wait at the door of the leader of old.
const COUNTS: usize = 20;

/// Stops the leader for a while each round. Clients count what is there while it stands still, and right after. In every other round
/// nobody asks it to change anything: then it has nothing unissued, and could answer what counts.
#[must_use]
pub fn run(rounds: u32, stands_still: &[Duration]) -> Reached {
    let mut scene = Scene::on_loopback(HOSTS);
    // Others answered meanwhile, or there would be no end of the round.
    let mut reached = Reached::new(
        "F14 leader stands still",
        rounds,
        "leaders replaced meanwhile",
    );
    for round in 0..rounds {
        let is_quiet = round % 2 == 1;
        let leader = scene.cluster.leader(scene.server);
        // It knows this leader, and asks it while it stands still and when it goes on.
        let mut devoted = Recorder::new(&scene.cluster.addresses[leader..=leader], scene.server);
        devoted.append_and_count();
        if is_quiet {
            scene.is_level();
        } else {
            scene.load(LIGHT);
        }
        scene.cluster.signal(leader, Signal::STOP);
        if is_quiet {
            let mut newcomer = scene.newcomer_beside(leader);
            newcomer.append_and_count();
            scene.ends(newcomer.end());
        } else {
            reached.away.push(scene.soon_back());
        }
        (0..COUNTS).for_each(|_| devoted.ask(true));
        work_for(stands_still[pick(round, stands_still.len())]);
        scene.cluster.signal(leader, Signal::CONT);
        while devoted.waits() {
            devoted.hear(None);
        }
        scene.ends(devoted.end());
        scene.is_healed();
    }
    reached.effective.0 = u64::from(rounds);
    reached.answered = scene.end();
    reached
}
