//! What Rust code behind `extern` takes from outside: time, randomness, pauses, threads, files, connections, the environment.
//!
//! A function, constructor or method of that code is handed an [`Outside`] if it asks for one: `outside: &mut Outside` as its first
//! parameter after `self`. In production it is the operating system; in the simulator it is the host that the code runs on, on virtual time and
//! from the run's seed, so that the same seed gives the same run. Code that goes past it is in no simulation.

mod channel;
mod files;
mod network;
mod system;

pub use channel::{Receiver, Sender};
pub use files::{FileReader, FileWriter, Files, WriteFile};
pub use network::{Accept, Connection, Listener, Network, Stream};

use crate::world::{self, Clock, World};
use crate::{thread, wall};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The way from Rust code behind `extern` to what is outside. It can be kept, cloned, and taken to threads that
/// [`Outside::spawn`] starts.
#[derive(Clone)]
pub struct Outside {
    clock: Clock,
}

impl Outside {
    /// That of the thread that runs.
    #[must_use]
    pub fn here() -> Self {
        Self {
            clock: Clock::here(),
        }
    }

    /// Calendar time by this host's clock: nanoseconds since 1970 in UTC, as a `timestamp` of the program has them. Clocks of hosts differ.
    #[must_use]
    pub fn now(&self) -> i64 {
        match self.world() {
            Some(world) => world.now().nanos(),
            // A clock of its own would not follow one that is set right.
            None => wall::WallClock::new().now().nanos(),
        }
    }

    /// Time that never goes back, since some moment before the program began: for measuring how long something takes.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        match self.world() {
            Some(world) => world.monotonic(),
            None => system::monotonic(),
        }
    }

    /// Returns after that time.
    pub fn sleep(&self, pause: Duration) {
        match self.world() {
            Some(world) => world.sleep(pause),
            None => std::thread::sleep(pause),
        }
    }

    /// Random bits.
    #[must_use]
    pub fn random(&self) -> u64 {
        match self.world() {
            Some(world) => world.random_bits(),
            None => wall::random_bits(),
        }
    }

    /// Fills it with random bytes.
    pub fn random_bytes(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let bits = self.random().to_le_bytes();
            for (byte, bits) in chunk.iter_mut().zip(bits) {
                *byte = bits;
            }
        }
    }

    /// A variable of the environment; none if it is not set or no UTF-8. A simulation sees those of the command that started it.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// Starts a thread that nobody waits for. In a simulation it ends with its host.
    ///
    /// # Errors
    /// If the system gives none.
    pub fn spawn(
        &self,
        name: &str,
        run: impl FnOnce(&mut Self) + Send + 'static,
    ) -> io::Result<()> {
        match self.world() {
            Some(world) => world.spawn(Box::new(|| run(&mut Self::here()))),
            None => thread::spawn(name, || run(&mut Self::here())).map(drop),
        }
    }

    /// A queue between threads for at most so many values (and at least one): who sends more waits until there is room.
    #[must_use]
    pub fn channel<T>(&self, limit: usize) -> (Sender<T>, Receiver<T>) {
        channel::channel(limit)
    }

    /// The world that it is in; none if that is the operating system.
    fn world(&self) -> Option<&Arc<dyn World>> {
        let Clock::World(world) = &self.clock else {
            return None;
        };
        assert!(
            world::here().is_some(),
            "a thread that was not started with `Outside::spawn` cannot use it in a simulation"
        );
        Some(world)
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.clock {
            Clock::Wall(_) => "the operating system",
            Clock::World(_) => "a simulated host",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_and_random_bits_differ() {
        let outside = Outside::here();
        let (begun, now) = (outside.monotonic(), outside.now());
        outside.sleep(Duration::from_millis(2));
        assert!(outside.monotonic() >= begun + Duration::from_millis(2));
        assert!(outside.now() > now && now > 1_700_000_000_000_000_000);
        assert_ne!(outside.random(), outside.random());
        let (mut one, mut other) = ([0; 11], [0; 11]);
        outside.random_bytes(&mut one);
        outside.random_bytes(&mut other);
        assert_ne!(one, other);
    }
}
