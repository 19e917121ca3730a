//! What fails in a simulated run: values that can be printed.

use crate::identity::HostId;
use crate::protocol::executive::Random;
use std::fmt;
use std::time::Duration;

/// Between two faults.
const QUIET: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(4));
/// How long one lasts.
const LASTS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(3));

/// Something that fails for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub host: HostId,
    /// What.
    pub kind: Kind,
    /// For how long.
    pub lasts: Duration,
}

/// What can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The kernel ends, and is started again.
    Crash,
    /// The host loses its power, and with it all that was not on the disk.
    Power,
    /// Nothing that the host sends arrives, and nothing arrives there.
    Cut,
    /// The kernel stands still.
    Pause,
    /// The disk takes as much longer for each write as this lasts.
    SlowDisk,
}

impl Fault {
    /// Any fault.
    pub(super) fn draw(hosts: u16, random: &mut Random) -> Fault {
        let host = HostId(u16::try_from(random.below(u64::from(hosts))).unwrap_or(0));
        let kind = match random.below(5) {
            0 => Kind::Crash,
            1 => Kind::Power,
            2 => Kind::Cut,
            3 => Kind::Pause,
            _ => Kind::SlowDisk,
        };
        let lasts = random.between(LASTS.0, LASTS.1);
        Fault { host, kind, lasts }
    }

    /// How long it is quiet before the next one.
    pub(super) fn quiet(random: &mut Random) -> Duration {
        random.between(QUIET.0, QUIET.1)
    }

    /// Whether the host's replicas are away meanwhile.
    pub(super) fn disables(self) -> bool {
        self.kind != Kind::SlowDisk
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Kind::Crash => "ends and is started again after",
            Kind::Power => "loses its power, and has it again after",
            Kind::Cut => "is cut off for",
            Kind::Pause => "stands still for",
            Kind::SlowDisk => "has a slow disk for",
        };
        let host = self.host.0 + 1;
        write!(f, "host{host} {what} {:.3} s", self.lasts.as_secs_f64())
    }
}
