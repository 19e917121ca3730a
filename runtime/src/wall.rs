//! The operating system's clock, read at the edges alone: by drivers, never by machines.

use crate::clock::Time;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Calendar time at its making, advanced by the monotonic clock: it never runs backwards.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    start: Instant,
    origin: Time,
}

impl WallClock {
    /// A clock that starts with the calendar's time.
    #[must_use]
    pub fn new() -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            start: Instant::now(),
            origin: Time::ZERO + since_epoch,
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Time {
        self.origin + self.start.elapsed()
    }

    /// When that time is by the monotonic clock.
    #[must_use]
    pub fn instant(&self, time: Time) -> Instant {
        self.start + time.since(self.origin)
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::new()
    }
}

/// Random bits from the operating system.
#[must_use]
pub fn random_bits() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    // Keyed by the operating system's randomness and changed at each call.
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
}
