//! The kernel process: sockets, disk, threads and clock around the core.
//!
//! Whoever brings an event (a connection's thread, the timer, the commit thread, a finished method)
//! locks the core, lets it handle the event and performs the effects itself, under the lock, so that
//! their order is the core's; or leaves the event to the thread that has the core. None of them waits. Methods run after the lock is released: on the
//! same thread if they have proved quick, else on one of their own.
//!
//! A panic anywhere in this process ends it: a replica that stops is a fault the others tolerate.

mod connections;
mod effects;
mod intake;
mod late;
mod process;

pub use process::{StartError, run};

use super::host::{Effect, Event, Host};
use super::job::{Finished, Job};
use super::replica::ClientId;
use crate::clock::Time;
use crate::identity::{HostId, ServerId};
use crate::storage::{Folder, GroupCommit, StoreId};
use crate::transport::Connection;
use crate::wall::WallClock;
use intake::Intake;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Everything of a running kernel.
pub(super) struct Driver {
    core: Mutex<Core>,
    /// What connections brought while another was being handled.
    intake: Intake,
    clock: WallClock,
    names: Vec<String>,
    name: String,
    folder: Option<Folder>,
    commit: OnceLock<GroupCommit>,
    /// Told when the core wants a tick earlier than the timer knows.
    timer: Condvar,
    /// How many threads run a method that should be quick.
    inline: AtomicUsize,
    runtime: Handle,
}

struct Core {
    host: Host,
    effects: Vec<Effect>,
    peers: BTreeMap<HostId, Connection>,
    clients: BTreeMap<ClientId, Connection>,
    stores: BTreeMap<ServerId, StoreId>,
    /// Methods that may run on the thread which finds them.
    ready: Vec<Job>,
    /// When the timer will wake up.
    scheduled: Time,
}

/// How many of the methods that block run at the same time at most.
const BLOCKING_THREADS_MAX: usize = 4096;

impl Driver {
    fn core(&self) -> MutexGuard<'_, Core> {
        // A panic under the lock has ended the process.
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One round under the lock; gives the quick method that is to run next.
    fn handle(
        self: &Arc<Self>,
        events: impl FnOnce(&mut Host, Time, &mut Vec<Effect>),
    ) -> Option<Job> {
        let mut core = self.core();
        let core = &mut *core;
        let now = self.clock.now();
        let mut effects = std::mem::take(&mut core.effects);
        events(&mut core.host, now, &mut effects);
        self.perform(core, &mut effects);
        core.effects = effects;
        if core.host.wake() < core.scheduled {
            self.timer.notify_one();
        }
        let best = (0..core.ready.len())
            .rev()
            .max_by_key(|index| core.ready.get(*index).map(|job| job.priority()))?;
        Some(core.ready.remove(best))
    }

    /// Ticks the core for ever, on a thread of its own: a method that hangs delays no heartbeat.
    fn keep_time(self: &Arc<Self>) {
        loop {
            let mut core = self.core();
            let wake = core.host.wake();
            let now = self.clock.now();
            if now < wake {
                core.scheduled = wake;
                let pause = wake.since(now);
                // Spurious or not, what is due is looked up again.
                drop(self.timer.wait_timeout(core, pause));
                continue;
            }
            drop(core);
            let ready = self.handle(|host, now, effects| host.handle(Event::Tick, now, effects));
            self.run_all(ready.into_iter().collect());
            if self.inline.load(Ordering::Relaxed) > 0 {
                // A thread that runs a method may be the one which waits for the network on behalf
                // of all: something to do wakes another, which then takes over.
                self.runtime.spawn(std::future::ready(()));
            }
        }
    }

    /// Runs a method that may block, on this thread.
    fn run_blocking(self: &Arc<Self>, job: Job) {
        let driver = Arc::clone(self);
        job.post_with(move |server, ticket, step| {
            driver.dispatch(move |host, now, effects| {
                let event = Event::Journal {
                    server,
                    ticket,
                    step,
                };
                host.handle(event, now, effects);
            });
        });
        let (finished, took) = execute(job);
        self.dispatch(move |host, now, effects| {
            host.handle(Event::Executed { finished, took }, now, effects);
        });
    }

    /// Ends the process: what it would do from here on cannot be trusted.
    fn fail(&self, why: &str) -> ! {
        eprintln!("kernel {}: {why}", self.name);
        std::process::exit(process::FAILED);
    }
}

fn execute(job: Job) -> (Finished, Duration) {
    let start = Instant::now();
    let finished = job.run();
    (finished, start.elapsed())
}
