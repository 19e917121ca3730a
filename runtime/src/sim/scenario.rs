//! Scripted runs: a scenario says what clients ask for and what happens meanwhile, and one device may crash at one of its effects.
//!
//! Nothing in it is left to chance but what the seed gives (delays, draws of methods), and that is the same in each run of a scenario up to the crash. So
//! the effects of one device can be counted in a run without a crash, and a crash be made before and after each of them in turn.

use std::time::Duration;

use super::bank::Call;
use super::faults::Swarm;
use super::network::Weather;
use crate::protocol::Output;
use crate::protocol::executive::Message;

/// What clients ask for and what happens to the devices. Device 0 leads first, unless something keeps it from that.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is about.
    pub name: &'static str,
    /// How many devices.
    pub devices: usize,
    /// The clients.
    pub clients: Vec<Script>,
    /// What happens when, ascending.
    pub happenings: Vec<(Duration, Happening)>,
    /// When everything is healed.
    pub lasts: Duration,
    /// A sync takes up to this long.
    pub sync: Duration,
    /// Whether every method takes its time.
    pub slow_methods: bool,
    /// The protocol's window.
    pub window: usize,
    /// The most executions in a command.
    pub batch_max: usize,
    /// A snapshot is taken after this many bytes of commands.
    pub snapshot_bytes: usize,
    /// Commands kept in memory behind a snapshot.
    pub log_keep: usize,
}

/// What one client does.
#[derive(Debug, Clone)]
pub struct Script {
    /// The host that it lives on, whose links it shares.
    pub home: usize,
    /// When it begins.
    pub begins: Duration,
    /// Between two requests.
    pub pace: Duration,
    /// How many requests it has under way.
    pub depth: usize,
    /// What it asks for, and whether as a read outside its sequence.
    pub calls: Vec<(Call, Asked)>,
}

/// How a client asks for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// In the sequence of its session.
    InSequence,
    /// As a read.
    AsRead,
}

/// Something that happens to devices or links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The link from one device to another is cut, in this direction.
    Cut(usize, usize),
    /// All links of a device are cut.
    Isolate(usize),
    /// All links are whole again.
    Mend,
    /// A device stands still for so long.
    Pause(usize, Duration),
    /// A disk does not sync for so long.
    Stall(usize, Duration),
    /// A device crashes and comes back after so long.
    Crash(usize, Duration),
}

/// One crash at one effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrashAt {
    /// Whose.
    pub device: usize,
    /// Which of its effects, from 0.
    pub effect: u64,
    /// Before it or after it.
    pub moment: Moment,
    /// What becomes of the writes that were not synced.
    pub unsynced: Unsynced,
    /// How long the device stays down.
    pub down: Duration,
}

/// On which side of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The effect does not happen.
    Before,
    /// It has happened.
    After,
}

/// What a crash leaves of the writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsynced {
    /// Nothing.
    Lost,
    /// All of them.
    Kept,
    /// The first so many records, by chance.
    Chance,
}

impl Scenario {
    /// Three devices and nothing else: fine weather, no client, fast disks.
    #[must_use]
    pub fn calm(name: &'static str) -> Scenario {
        Scenario {
            name,
            devices: 3,
            clients: Vec::new(),
            happenings: Vec::new(),
            lasts: Duration::from_millis(400),
            sync: Duration::from_micros(200),
            slow_methods: false,
            window: 8,
            batch_max: 64,
            snapshot_bytes: 1 << 30,
            log_keep: 1_000,
        }
    }

    /// Its settings as those of a run with faults by chance, of which there are none.
    pub(super) fn swarm(&self) -> Swarm {
        Swarm {
            weather: Weather {
                delay: Duration::from_micros(200),
                ..Weather::default()
            },
            lasting: Duration::from_millis(100),
            sync: self.sync,
            slow_one_in: if self.slow_methods { 1 } else { u64::MAX },
            snapshot_bytes: self.snapshot_bytes,
            log_keep: self.log_keep,
            window: self.window,
            batch_max: self.batch_max,
            ..Swarm::calm()
        }
    }
}

/// Whether an output is an effect: all but what only keeps time and the heartbeats, which depend on nothing and change nothing.
pub(super) fn is_effect(output: &Output) -> bool {
    match output {
        Output::Wake { .. } => false,
        Output::Send { message, .. } => message.first() != Some(&Message::HEARTBEAT),
        _ => true,
    }
}
