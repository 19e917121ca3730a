//! What the thread that runs takes from outside: time, randomness, pauses, threads, a client's connections.
//!
//! On most threads these are the operating system's. A thread that has entered a [`World`] gets the world's instead: so the simulator
//! runs the very code that runs in production.

use crate::client::Links;
use crate::clock::Time;
use crate::outside::{Files, Network};
use crate::wall::{self, WallClock};
use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A world that is not the operating system's.
pub trait World: Send + Sync {
    /// What time it is.
    fn now(&self) -> Time;
    /// How long it has been there; that never goes back.
    fn monotonic(&self) -> Duration;
    /// Random bits.
    fn random_bits(&self) -> u64;
    /// Returns after that time.
    fn sleep(&self, pause: Duration);
    /// Runs this on a thread of the world.
    ///
    /// # Errors
    /// If the system gives none.
    fn spawn(&self, run: Box<dyn FnOnce() + Send>) -> io::Result<()>;
    /// The connections of a client that introduces itself by this name.
    fn links(&self, name: &str) -> Box<dyn Links>;
    /// Main ends by an exception of that class.
    fn uncaught(&self, class: &str);
    /// Where the thread that runs can wait.
    fn parker(&self) -> Arc<dyn Parker>;
    /// The files there.
    fn files(&self) -> Arc<dyn Files>;
    /// The connections of Rust code behind `extern`.
    fn network(&self) -> Arc<dyn Network>;
}

/// Where one thread waits for another.
pub trait Parker: Send + Sync {
    /// Returns once [`Parker::unpark`] was called since the last return.
    fn park(&self);
    /// The same, but returns after that time at the latest.
    fn park_for(&self, most: Duration);
    /// Lets the thread go on.
    fn unpark(&self);
}

thread_local! {
    static HERE: RefCell<Option<Arc<dyn World>>> = const { RefCell::new(None) };
}

/// From now on this thread is in that world.
pub fn enter(world: Arc<dyn World>) {
    HERE.with(|here| *here.borrow_mut() = Some(world));
}

/// The world of this thread; none if it is the operating system's.
pub(crate) fn here() -> Option<Arc<dyn World>> {
    HERE.with(|here| here.borrow().clone())
}

/// A clock of this thread's world.
#[derive(Clone)]
pub(crate) enum Clock {
    Wall(WallClock),
    World(Arc<dyn World>),
}

impl Clock {
    pub(crate) fn here() -> Self {
        here().map_or_else(|| Self::Wall(WallClock::new()), Self::World)
    }

    pub(crate) fn now(&self) -> Time {
        match self {
            Self::Wall(clock) => clock.now(),
            Self::World(world) => world.now(),
        }
    }
}

/// Where the thread that runs can wait.
pub(crate) fn parker() -> Arc<dyn Parker> {
    here().map_or_else(
        || Arc::new(Door::default()) as Arc<dyn Parker>,
        |world| world.parker(),
    )
}

/// Where a thread of the operating system waits.
#[derive(Default)]
struct Door {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Door {
    fn is_open(&self) -> MutexGuard<'_, bool> {
        // No code that can panic runs under the lock.
        self.is_open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parker for Door {
    fn park(&self) {
        let closed = |is_open: &mut bool| !*is_open;
        let waited = self.opened.wait_while(self.is_open(), closed);
        *waited.unwrap_or_else(PoisonError::into_inner) = false;
    }

    fn park_for(&self, most: Duration) {
        let closed = |is_open: &mut bool| !*is_open;
        let waited = self.opened.wait_timeout_while(self.is_open(), most, closed);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }

    fn unpark(&self) {
        *self.is_open() = true;
        self.opened.notify_all();
    }
}

/// Random bits.
#[must_use]
pub fn random_bits() -> u64 {
    here().map_or_else(wall::random_bits, |world| world.random_bits())
}

/// Returns after that time.
pub fn sleep(pause: Duration) {
    match here() {
        Some(world) => world.sleep(pause),
        None => std::thread::sleep(pause),
    }
}

/// Main ends by an exception of that class, which the world may want to know.
pub(crate) fn uncaught(class: &str) {
    if let Some(world) = here() {
        world.uncaught(class);
    }
}

/// Starts a thread that nobody waits for.
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    match here() {
        Some(world) => world.spawn(Box::new(run)),
        None => crate::thread::spawn(name, run).map(drop),
    }
}
