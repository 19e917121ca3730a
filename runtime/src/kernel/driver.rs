//! The kernel process: sockets, disk, threads and clock around the core.
//!
//! Whoever brings an event (a connection's task, the timer, the commit thread, a finished method)
//! locks the core, lets it handle the event and performs the effects itself, under the lock, so that
//! their order is the core's; none of them waits. Methods run after the lock is released: on the
//! same thread if they have proved quick, else on one of their own.
//!
//! A panic anywhere in this process ends it: a replica that stops is a fault the others tolerate.

mod connections;
mod effects;
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
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// Everything of a running kernel.
pub(super) struct Driver {
    core: Mutex<Core>,
    clock: WallClock,
    names: Vec<String>,
    name: String,
    folder: Option<Folder>,
    commit: OnceLock<GroupCommit>,
    /// Told when the core wants a tick earlier than the timer knows.
    timer: Notify,
    runtime: Handle,
}

struct Core {
    host: Host,
    effects: Vec<Effect>,
    peers: BTreeMap<HostId, Connection>,
    clients: BTreeMap<ClientId, Connection>,
    stores: BTreeMap<ServerId, StoreId>,
    /// Methods that may run on the thread which finds them.
    ready: Vec<Box<Job>>,
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

    /// Lets the core handle events and performs what follows, quick methods included.
    fn dispatch(self: &Arc<Self>, events: impl FnOnce(&mut Host, Time, &mut Vec<Effect>)) {
        let mut next = self.handle(events);
        while let Some(job) = next {
            let (finished, took) = execute(*job);
            next = self.handle(|host, now, effects| {
                host.handle(Event::Executed { finished, took }, now, effects);
            });
        }
    }

    /// One round under the lock; gives the quick method that is to run next.
    fn handle(
        self: &Arc<Self>,
        events: impl FnOnce(&mut Host, Time, &mut Vec<Effect>),
    ) -> Option<Box<Job>> {
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

    /// Ticks the core for ever.
    async fn keep_time(self: Arc<Self>) {
        loop {
            let wake = {
                let mut core = self.core();
                core.scheduled = core.host.wake();
                core.scheduled
            };
            let sleep = tokio::time::sleep_until(self.clock.instant(wake).into());
            either(sleep, self.timer.notified()).await;
            if self.clock.now() >= wake {
                self.dispatch(|host, now, effects| host.handle(Event::Tick, now, effects));
            }
        }
    }

    /// Runs a method that may block, on this thread.
    fn run_blocking(self: &Arc<Self>, job: Job) {
        let (finished, took) = execute(job);
        self.dispatch(|host, now, effects| {
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

/// Waits for the first of two.
async fn either(a: impl Future<Output = ()>, b: impl Future<Output = ()>) {
    let (mut a, mut b) = (std::pin::pin!(a), std::pin::pin!(b));
    std::future::poll_fn(|context| {
        let first = a.as_mut().poll(context).is_ready();
        if first || b.as_mut().poll(context).is_ready() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
