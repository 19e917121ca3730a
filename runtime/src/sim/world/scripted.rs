//! Runs of a scenario instead of chance.

use super::*;
use crate::sim::scenario::{CrashAt, Happening, Scenario, Unsynced};

/// The seed of what is left to chance in a scenario.
const SEED: u64 = 0xca1f;

/// What is left of a scenario, and the crash that is to come.
#[derive(Debug, Default)]
pub(super) struct Scripted {
    happenings: VecDeque<(Duration, Happening)>,
    lasts: Duration,
    crash: Option<CrashAt>,
}

/// Plays a scenario, with a crash at one effect if one is given. Devices, checks and the planted fault are the plan's; its figures do not matter.
#[must_use]
pub fn play(scenario: &Scenario, plan: &Plan, crash: Option<CrashAt>) -> Report {
    let plan = Plan {
        devices: scenario.devices,
        ..plan.clone()
    };
    let mut world = World::with(SEED, &plan, |_| scenario.swarm());
    world.clients = (0..)
        .zip(&scenario.clients)
        .map(|(index, script)| Client::scripted(index, scenario.devices, script, &mut world.random))
        .collect();
    world.scripted = Some(Scripted {
        happenings: scenario.happenings.iter().copied().collect(),
        lasts: scenario.lasts,
        crash,
    });
    world.play();
    world.report(SEED).0
}

impl World {
    /// Crashes the device if that is planned for this side of the effect that it is at; says whether it did.
    pub(super) fn crashes_as_planned(&mut self, index: usize, moment: Moment) -> bool {
        let Some(host) = self.hosts.get(index) else {
            return false;
        };
        let scripted = self.scripted.as_mut();
        let effect = host.effects;
        let crash = scripted.and_then(|scripted| {
            scripted.crash.take_if(|crash| {
                (crash.device, crash.effect, crash.moment) == (index, effect, moment)
            })
        });
        let Some(crash) = crash else {
            return false;
        };
        self.crashed_as_planned = true;
        self.fall(index, crash.unsynced, crash.down);
        true
    }

    /// Counts an effect that has happened; says whether the device crashed after it.
    pub(super) fn effect_is_done(&mut self, index: usize) -> bool {
        let crashed = self.crashes_as_planned(index, Moment::After);
        if let Some(host) = self.hosts.get_mut(index) {
            host.effects += 1;
        }
        crashed
    }

    /// What the script has next; at its end, everything is healed.
    pub(super) fn next_happening(&mut self) {
        let Some(scripted) = &mut self.scripted else {
            return;
        };
        let now = self.now.since(Time::ZERO);
        let due = scripted.happenings.pop_front_if(|(at, _)| *at <= now);
        let next = scripted.happenings.front().map(|(at, _)| *at);
        let lasts = scripted.lasts;
        match due {
            Some((_, happening)) => self.happen(happening),
            None if next.is_none() && now >= lasts => {
                self.heal();
                return;
            }
            None => {}
        }
        let at = Time::ZERO + next.unwrap_or(lasts);
        self.at(at.max(self.now), Event::Fault);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Cut(from, to) => self.network.cut(from, to),
            Happening::Isolate(device) => (0..self.hosts.len())
                .filter(|other| *other != device)
                .for_each(|other| self.network.cut_both(device, other)),
            Happening::Mend => self.network.mend(),
            Happening::Pause(device, lasting) => {
                if let Some(host) = self.hosts.get_mut(device) {
                    host.paused_until = self.now + lasting;
                    host.pause_noticed = false;
                }
            }
            Happening::Stall(device, lasting) => {
                if let Some(host) = self.hosts.get_mut(device) {
                    host.stalled_until = self.now + lasting;
                    host.stall_noticed = false;
                }
            }
            Happening::Crash(device, down) => {
                self.fall(device, Unsynced::Chance, down);
            }
        }
    }
}
