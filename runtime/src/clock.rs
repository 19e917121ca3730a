//! Time as the sans-io code sees it: a number that is handed in.
//!
//! Nothing here reads a clock. A driver passes nanoseconds since the Unix epoch as read **once** when it started and
//! advanced by the monotonic clock since, so that time never runs backwards within a process and is still close
//! enough to the calendar for `now()` in programs. No safety property may depend on it.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment in nanoseconds; in production since the Unix epoch, in the simulator since the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

impl Time {
    /// The start of all times; earlier than anything that a driver hands in.
    pub const ZERO: Time = Time(0);
    /// A moment that never comes.
    pub const NEVER: Time = Time(i64::MAX);

    /// The moment `nanos` nanoseconds after [`Time::ZERO`].
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Time {
        Time(nanos)
    }

    /// Nanoseconds since [`Time::ZERO`].
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    #[must_use]
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// A duration as nanoseconds that fit a [`Time`]; anything longer than 292 years is 292 years.
fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, duration: Duration) -> Time {
        Time(self.0.saturating_add(nanos(duration)))
    }
}

impl Sub<Duration> for Time {
    type Output = Time;

    fn sub(self, duration: Duration) -> Time {
        Time(self.0.saturating_sub(nanos(duration)))
    }
}

#[cfg(test)]
mod tests {
    use super::Time;
    use std::time::Duration;

    #[test]
    fn times_add_and_never_overflow() {
        let second = Time::ZERO + Duration::from_secs(1);
        assert_eq!(second.nanos(), 1_000_000_000);
        assert_eq!(second.since(Time::ZERO), Duration::from_secs(1));
        assert_eq!(Time::ZERO.since(second), Duration::ZERO);
        assert_eq!(Time::NEVER + Duration::from_secs(1), Time::NEVER);
    }
}
