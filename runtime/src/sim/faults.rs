//! The schedule of faults: each seed has its own mixture (a "swarm"), so that some runs are full of one kind and free of another.

use std::time::Duration;

use super::network::{Network, Weather};
use crate::protocol::executive::{Checks, Planted, Random};

/// What one run is to be.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many devices.
    pub devices: usize,
    /// At least so many requests are answered.
    pub commands: u64,
    /// At least so many faults have an effect.
    pub faults: u64,
    /// Whether the protocol asserts its own invariants.
    pub checks: Checks,
    /// The fault that is planted in the protocol.
    pub planted: Planted,
}

impl Plan {
    /// The plan of the test command: 3 or 5 devices, 200 commands, 10 faults.
    #[must_use]
    pub fn usual(devices: usize) -> Plan {
        Plan {
            devices,
            commands: 200,
            faults: 10,
            checks: Checks::Enforced,
            planted: Planted::default(),
        }
    }
}

/// Faults that had an effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Devices that were up and crashed.
    pub crashes: u64,
    /// Of these, with writes lost that were not synced.
    pub writes_lost: u64,
    /// Cuts that held a message back.
    pub cuts: u64,
    /// Pauses of a device during which something for it happened.
    pub pauses: u64,
    /// Stalls of a disk during which something was written.
    pub stalls: u64,
}

impl Counts {
    /// All of them; a crash counts once, whatever it lost.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.crashes + self.cuts + self.pauses + self.stalls
    }

    /// Adds another run's.
    pub fn add(&mut self, other: &Counts) {
        self.crashes += other.crashes;
        self.writes_lost += other.writes_lost;
        self.cuts += other.cuts;
        self.pauses += other.pauses;
        self.stalls += other.stalls;
    }
}

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A device crashes when it has performed so many more effects.
    Crash {
        /// After how many.
        effects: u64,
    },
    /// All devices crash at once.
    CrashAll,
    /// Links are cut.
    Cut(Cut),
    /// The leader alone is cut off, about until it notices, and nothing else happens meanwhile: others lead while it still believes to.
    Depose,
    /// A device stands still.
    Pause,
    /// A disk does not sync.
    Stall,
}

/// Which links are cut, around one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It is alone.
    Isolated,
    /// It hears nobody.
    Deaf,
    /// Nobody hears it.
    Mute,
    /// Each device hears only this one.
    Star,
    /// The devices are in a row: each hears its neighbours.
    Chain,
    /// Two halves.
    Halves,
    /// Each direction of each link by chance.
    Chance,
    /// It reaches only one other; the rest of the links are whole.
    Thread,
    /// It and one other are cut off from the rest.
    Pair,
}

/// The mixture of one seed.
#[derive(Debug, Clone)]
pub struct Swarm {
    /// The weather while faults go on.
    pub weather: Weather,
    /// Weights of the faults.
    pub kinds: Vec<(Fault, u64)>,
    /// A fault strikes the leader once in so many times at least.
    pub leader_one_in: u64,
    /// Between two faults.
    pub pause: Duration,
    /// How long a fault lasts at most.
    pub lasting: Duration,
    /// A sync takes up to this long.
    pub sync: Duration,
    /// One message in so many is followed by an old one for the same device.
    pub replay_one_in: u64,
    /// One execution in so many is slow.
    pub slow_one_in: u64,
    /// A snapshot is taken after this many bytes of commands.
    pub snapshot_bytes: usize,
    /// Commands kept in memory behind a snapshot.
    pub log_keep: usize,
    /// How many clients there are.
    pub clients: u64,
    /// How many requests a client has under way.
    pub depth: usize,
    /// The most that a client waits between two requests, in milliseconds.
    pub pace: u64,
    /// The protocol's window.
    pub window: usize,
    /// The most executions in a command.
    pub batch_max: usize,
}

impl Swarm {
    /// No fault, fine weather, few clients.
    pub(super) fn calm() -> Swarm {
        Swarm {
            weather: Weather::default(),
            kinds: Vec::new(),
            leader_one_in: 1,
            pause: Duration::ZERO,
            lasting: Duration::ZERO,
            sync: Duration::ZERO,
            replay_one_in: u64::MAX,
            slow_one_in: u64::MAX,
            snapshot_bytes: usize::MAX,
            log_keep: usize::MAX,
            clients: 1,
            depth: 1,
            pace: 20,
            window: 8,
            batch_max: 64,
        }
    }

    /// Draws a mixture.
    #[must_use]
    pub fn draw(random: &mut Random) -> Swarm {
        let mut pick = |values: &[u64]| {
            values
                .get(random.below(values.len() as u64) as usize)
                .copied()
                .unwrap_or(0)
        };
        let weather = Weather {
            lost: pick(&[0, 5, 30, 100, 250]),
            doubled: pick(&[0, 10, 50, 200]),
            late: pick(&[0, 0, 5, 30, 80]),
            delay: Duration::from_micros(pick(&[100, 500, 3_000, 15_000])),
        };
        let cuts = [
            Cut::Isolated,
            Cut::Deaf,
            Cut::Mute,
            Cut::Star,
            Cut::Chain,
            Cut::Halves,
            Cut::Chance,
            Cut::Thread,
            Cut::Pair,
        ];
        let mut kinds: Vec<(Fault, u64)> = cuts
            .into_iter()
            .map(|cut| (Fault::Cut(cut), pick(&[0, 1, 1, 3])))
            .collect();
        for effects in [1, 4, 12, 40] {
            kinds.push((Fault::Crash { effects }, pick(&[0, 1, 2, 4])));
        }
        kinds.push((Fault::CrashAll, pick(&[0, 0, 1])));
        kinds.push((Fault::Depose, pick(&[0, 1, 3])));
        kinds.push((Fault::Pause, pick(&[0, 1, 3])));
        kinds.push((Fault::Stall, pick(&[0, 1, 2])));
        // At least something happens.
        kinds.push((Fault::Cut(Cut::Chance), 1));
        Swarm {
            weather,
            kinds,
            leader_one_in: pick(&[1, 2, 2, 4]),
            pause: Duration::from_millis(pick(&[60, 150, 300, 500])),
            lasting: Duration::from_millis(pick(&[60, 250, 600, 1_200])),
            sync: Duration::from_micros(pick(&[0, 100, 1_000, 8_000, 30_000])),
            replay_one_in: pick(&[1_000_000, 100, 20]),
            slow_one_in: pick(&[1_000_000, 200, 20]),
            snapshot_bytes: pick(&[1 << 30, 20_000, 3_000]) as usize,
            log_keep: pick(&[1_000, 10, 0]) as usize,
            clients: pick(&[3, 5, 8]),
            depth: pick(&[1, 2, 4]) as usize,
            pace: pick(&[220, 220, 500]),
            window: pick(&[2, 4, 8]) as usize,
            batch_max: pick(&[1, 2, 64]) as usize,
        }
    }

    /// Draws the next fault.
    pub fn fault(&self, random: &mut Random) -> Fault {
        let total: u64 = self.kinds.iter().map(|(_, weight)| weight).sum();
        let mut at = random.below(total.max(1));
        for (fault, weight) in &self.kinds {
            if at < *weight {
                return *fault;
            }
            at -= weight;
        }
        Fault::Pause
    }
}

/// Makes a cut around the device `center`.
pub fn cut(cut: Cut, center: usize, devices: usize, network: &mut Network, random: &mut Random) {
    let others = (0..devices).filter(|other| *other != center);
    match cut {
        Cut::Isolated => others.for_each(|other| network.cut_both(center, other)),
        Cut::Deaf => others.for_each(|other| network.cut(other, center)),
        Cut::Mute => others.for_each(|other| network.cut(center, other)),
        Cut::Thread => {
            let friend = (center + 1) % devices;
            others
                .filter(|other| *other != friend)
                .for_each(|other| network.cut_both(center, other));
        }
        Cut::Pair => {
            let friend = (center + 1) % devices;
            let rest: Vec<usize> = others.filter(|other| *other != friend).collect();
            for other in rest {
                network.cut_both(center, other);
                network.cut_both(friend, other);
            }
        }
        Cut::Star => pairs(devices)
            .filter(|(one, other)| *one != center && *other != center)
            .for_each(|(one, other)| network.cut_both(one, other)),
        Cut::Chain => {
            let place = |device: usize| (device + devices - center) % devices;
            pairs(devices)
                .filter(|(one, other)| place(*one).abs_diff(place(*other)) > 1)
                .for_each(|(one, other)| network.cut_both(one, other));
        }
        Cut::Halves => {
            let half = random.bits();
            pairs(devices)
                .filter(|(one, other)| (half >> one) & 1 != (half >> other) & 1)
                .for_each(|(one, other)| network.cut_both(one, other));
        }
        Cut::Chance => {
            for (one, other) in pairs(devices) {
                if random.one_in(2) {
                    network.cut(one, other);
                }
                if random.one_in(2) {
                    network.cut(other, one);
                }
            }
        }
    }
}

fn pairs(devices: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..devices).flat_map(move |one| (one + 1..devices).map(move |other| (one, other)))
}
