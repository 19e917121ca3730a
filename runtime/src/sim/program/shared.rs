//! What the director and the threads of a simulated program share: virtual time, the events to come, randomness.

use super::BEGIN;
use super::events::{Event, ForKernel};
use super::files::{Overlays, SimulatedFiles};
use super::links::{Ends, Simulated};
use super::network::Network;
use super::planted::Plant;
use super::record::Record;
use super::sockets::{SimulatedNetwork, Sockets};
use super::stage::{Actor, Stage};
use crate::client::Links;
use crate::clock::Time;
use crate::identity::HostId;
use crate::kernel::host::Configure;
use crate::kernel::message::session_of;
use crate::outside::{Files, Network as OutsideNetwork};
use crate::protocol::executive::Random;
use crate::world::{Parker, World};
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where something runs: on a host in one of its lives, or, for main, on a machine of its own.
pub(super) type Place = Option<(HostId, u64)>;

/// One thread as the director knows it.
pub(super) struct Thread {
    pub place: Place,
    /// Counts its waits and turns: what was to end an earlier wait ends no later one.
    wait: u64,
}

/// A look at the clock takes so long.
const LOOK: Duration = Duration::from_nanos(50);

/// How far a clock is ahead, in nanoseconds.
#[derive(Clone, Copy, Default)]
pub(super) struct Skew(pub i64);

impl Skew {
    /// What the clock shows at that time.
    pub(super) fn local(self, time: Time) -> Time {
        Time::from_nanos(time.nanos().saturating_add(self.0))
    }

    /// When the clock shows that.
    pub(super) fn everywhere(self, shown: Time) -> Time {
        if shown == Time::NEVER {
            return shown;
        }
        Time::from_nanos(shown.nanos().saturating_sub(self.0))
    }
}

/// Everything that changes.
pub(super) struct Inner {
    pub now: Time,
    queue: BTreeMap<(Time, u64), Event>,
    count: u64,
    pub random: Random,
    pub threads: BTreeMap<Actor, Thread>,
    pub ends: BTreeMap<u64, Ends>,
    pub next: u64,
    pub network: Network,
    /// The files that Rust code wrote, and its connections.
    pub files: Overlays,
    pub sockets: Sockets,
    pub record: Record,
    /// The settings of this run's protocols.
    pub configure: Configure,
    /// The clocks of hosts.
    pub clocks: BTreeMap<HostId, Skew>,
    /// Where the method runs that the director runs itself.
    pub inline: Place,
    /// How long it has slept.
    pub slept: Duration,
    /// How main ended.
    pub status: Option<i32>,
    /// The class of the exception that ended it.
    pub uncaught: Option<String>,
}

impl Inner {
    /// Adds an event.
    pub(super) fn at(&mut self, time: Time, event: Event) {
        self.count += 1;
        self.queue.insert((time.max(self.now), self.count), event);
    }

    /// Adds an event of a kernel.
    pub(super) fn for_kernel(&mut self, time: Time, (host, life): (HostId, u64), what: ForKernel) {
        self.at(time, Event::Kernel { host, life, what });
    }

    /// The next event; time goes on to it.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        let ((time, _), event) = self.queue.pop_first()?;
        self.now = self.now.max(time);
        Some(event)
    }

    /// The clock of a place.
    pub(super) fn skew(&self, place: Place) -> Skew {
        let clock = place.and_then(|(host, _)| self.clocks.get(&host));
        clock.copied().unwrap_or_default()
    }

    /// A new number.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A thread that waits goes on now.
    pub(super) fn wake(&mut self, actor: Actor) {
        if let Some(thread) = self.threads.get(&actor) {
            let wait = thread.wait;
            self.at(self.now, Event::Resume { actor, wait });
        }
    }

    /// Whether this thread still waits for that; then its turn has come.
    pub(super) fn resumes(&mut self, actor: Actor, wait: u64) -> bool {
        match self.threads.get_mut(&actor) {
            Some(thread) if thread.wait == wait => {
                thread.wait += 1;
                true
            }
            _ => false,
        }
    }
}

/// The same for all threads.
pub(super) struct Shared {
    pub stage: Arc<Stage>,
    inner: Mutex<Inner>,
}

impl Shared {
    pub(super) fn new(seed: u64, now: Time, plant: Plant) -> Self {
        let mut random = Random::new(seed);
        Self {
            stage: Arc::default(),
            inner: Mutex::new(Inner {
                now,
                queue: BTreeMap::new(),
                count: 0,
                network: Network::new(&mut random),
                files: Overlays::new(),
                sockets: Sockets::default(),
                record: Record::default(),
                configure: settings(&mut random, plant),
                random,
                threads: BTreeMap::new(),
                ends: BTreeMap::new(),
                next: 0,
                clocks: BTreeMap::new(),
                inline: None,
                slept: Duration::ZERO,
                status: None,
                uncaught: None,
            }),
        }
    }

    /// Nobody keeps it while it waits.
    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread that runs waits, at most until that time.
    pub(super) fn wait(&self, until: Option<Time>) {
        let actor = Stage::me();
        {
            let mut inner = self.inner();
            let Some(thread) = inner.threads.get_mut(&actor) else {
                return;
            };
            thread.wait += 1;
            let wait = thread.wait;
            if let Some(until) = until {
                inner.at(until, Event::Resume { actor, wait });
            }
        }
        self.stage.pause();
    }

    /// Starts a thread there, now.
    pub(super) fn start(
        self: &Arc<Self>,
        place: Place,
        run: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let world = SimulatedWorld {
            shared: Arc::clone(self),
            place,
        };
        let actor = self.stage.hire(move || {
            let shared = Arc::clone(&world.shared);
            crate::world::enter(Arc::new(world));
            // A panic has been reported; it ends this thread, not the run.
            let _ = catch_unwind(AssertUnwindSafe(run));
            // What still wants to wake it comes too late.
            shared.inner().threads.remove(&Stage::me());
        })?;
        let mut inner = self.inner();
        inner.threads.insert(actor, Thread { place, wait: 0 });
        inner.wake(actor);
        Ok(())
    }
}

/// The world of the threads at one place.
#[derive(Clone)]
pub(super) struct SimulatedWorld {
    pub shared: Arc<Shared>,
    pub place: Place,
}

impl World for SimulatedWorld {
    fn now(&self) -> Time {
        // A program that waits by looking at the clock gets where it wants to.
        let mut inner = self.shared.inner();
        inner.now = inner.now + LOOK;
        inner.skew(inner.inline.or(self.place)).local(inner.now)
    }

    fn monotonic(&self) -> Duration {
        let mut inner = self.shared.inner();
        inner.now = inner.now + LOOK;
        inner.now.since(BEGIN)
    }

    fn random_bits(&self) -> u64 {
        self.shared.inner().random.bits()
    }

    fn sleep(&self, pause: Duration) {
        if Stage::me() == Actor::DIRECTOR {
            // It runs a method that waits for nobody; its result comes later by that much.
            let mut inner = self.shared.inner();
            inner.slept = inner.slept.saturating_add(pause);
            return;
        }
        let now = || self.shared.inner().now;
        let until = now() + pause;
        while now() < until {
            self.shared.wait(Some(until));
        }
    }

    fn spawn(&self, run: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        self.shared.start(self.place, run)
    }

    fn links(&self, name: &str) -> Box<dyn Links> {
        let mut inner = self.shared.inner();
        let number = inner.number();
        let ends = Ends::new(self.place, session_of(name));
        inner.ends.insert(number, ends);
        Box::new(Simulated::new(Arc::clone(&self.shared), number))
    }

    fn uncaught(&self, class: &str) {
        self.shared.inner().uncaught = Some(class.to_owned());
    }

    fn parker(&self) -> Arc<dyn Parker> {
        Arc::new(Waiting {
            shared: Arc::clone(&self.shared),
            actor: Stage::me(),
            called: AtomicBool::new(false),
        })
    }

    fn files(&self) -> Arc<dyn Files> {
        let world = self.clone();
        Arc::new(SimulatedFiles { world })
    }

    fn network(&self) -> Arc<dyn OutsideNetwork> {
        let world = self.clone();
        Arc::new(SimulatedNetwork { world })
    }
}

/// Often snapshots are taken so seldom that a run sees none: so some runs take them early, keep little behind them, and send them in small pieces.
fn settings(random: &mut Random, plant: Plant) -> Configure {
    let (snapshot_bytes, log_keep) = match random.below(3) {
        0 => (16 << 20, 1_024),
        1 => (20_000, 10),
        _ => (3_000, 0),
    };
    Arc::new(move |config| {
        config.snapshot_bytes = snapshot_bytes;
        config.log_keep = log_keep;
        config.piece_bytes = snapshot_bytes / 8;
        plant.configure(config);
    })
}

/// Where one thread waits for another.
struct Waiting {
    shared: Arc<Shared>,
    actor: Actor,
    called: AtomicBool,
}

impl Parker for Waiting {
    fn park(&self) {
        while !self.called.swap(false, Ordering::SeqCst) {
            self.shared.wait(None);
        }
    }

    fn park_for(&self, most: Duration) {
        let now = || self.shared.inner().now;
        let until = now() + most;
        while !self.called.swap(false, Ordering::SeqCst) && now() < until {
            self.shared.wait(Some(until));
        }
    }

    fn unpark(&self) {
        self.called.store(true, Ordering::SeqCst);
        self.shared.inner().wake(self.actor);
    }
}
