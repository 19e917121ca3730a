//! What a device is told when it starts.

use std::time::Duration;

use super::configuration::Configuration;
use super::mutants::{Mutant, Planted};
use super::sessions::SessionLimits;
use crate::protocol::Device;

/// Whether the protocol asserts its own invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checks {
    /// It does, and a broken one ends the process: a crashed replica is a fault that the others tolerate, a wrong one is not.
    Enforced,
    /// It does not: only to see that the simulator's checkers find a planted fault by themselves.
    Off,
}

/// How the other devices learn that a command is issued (step 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announce {
    /// By its number, with the next `BeginBallot` or heartbeat.
    Piggybacked,
    /// At once and with the command, to everybody, as in the patent's text.
    InFull,
}

/// The settings of one device.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which device this is.
    pub device: Device,
    /// The devices of its group.
    pub configuration: Configuration,
    /// Whether it may vote. One that lost its stable storage may not: it may have voted before. It only learns.
    pub voter: bool,
    /// How often devices tell each other that they are there.
    pub heartbeat: Duration,
    /// A device that was not heard for this long is taken to be gone; the least time without a leader after which one stands.
    pub election_min: Duration,
    /// The most time without a leader after which one stands.
    pub election_max: Duration,
    /// α: at most so many unissued proposals (claim 5).
    pub window: usize,
    /// No further proposal while the unissued ones have this size, so that the votes for them fit one message.
    pub window_bytes: usize,
    /// At most so many executions in a command.
    pub batch_max: usize,
    /// A batch that has reached this size is closed; a call may be as large, its effect up to [`Config::SIZE_FACTOR`] times that.
    pub command_bytes_max: usize,
    /// A batch waits no longer than this for an execution in progress.
    pub batch_delay: Duration,
    /// An intake group with a failed precondition stays open for so long, for the request that makes it hold.
    pub group_delay: Duration,
    /// At most so many requests wait.
    pub waiting_max: usize,
    /// What is remembered of sessions.
    pub sessions: SessionLimits,
    /// A snapshot is taken when this many bytes of commands were issued since the last one and at least as many as that one has.
    pub snapshot_bytes: usize,
    /// So many commands stay in memory for peers that lag behind, also when a snapshot covers them.
    pub log_keep: usize,
    /// A snapshot goes to a peer in pieces of this size.
    pub piece_bytes: usize,
    /// How `Success` is told.
    pub announce: Announce,
    /// Whether invariants are asserted.
    pub checks: Checks,
    /// The fault that is planted, in builds that can have one.
    pub planted: Planted,
}

impl Config {
    /// What a command may be larger than the calls in it.
    pub const SIZE_FACTOR: usize = 4;

    /// The usual settings: heartbeats every 50 ms, elections after 150 to 300 ms.
    #[must_use]
    pub fn new(device: Device, configuration: Configuration) -> Config {
        Config {
            device,
            configuration,
            voter: true,
            heartbeat: Duration::from_millis(50),
            election_min: Duration::from_millis(150),
            election_max: Duration::from_millis(300),
            window: 8,
            window_bytes: 4 << 20,
            batch_max: 256,
            command_bytes_max: 1 << 20,
            batch_delay: Duration::from_millis(1),
            group_delay: Duration::from_millis(2),
            waiting_max: 16_384,
            sessions: SessionLimits {
                count: 100_000,
                bytes: 64 << 20,
            },
            snapshot_bytes: 16 << 20,
            log_keep: 1_024,
            piece_bytes: 1 << 20,
            announce: Announce::Piggybacked,
            checks: Checks::Enforced,
            planted: Planted::default(),
        }
    }

    /// The window, unless a planted fault has it forgotten.
    pub(super) fn proposals_max(&self) -> usize {
        if self.planted.is(Mutant::M32) {
            return usize::MAX;
        }
        self.window
    }

    /// The effect and the answer of a call are together no larger than this.
    #[must_use]
    pub fn answer_bytes_max(&self) -> usize {
        self.command_bytes_max * Config::SIZE_FACTOR
    }
}
