//! One thread at a time brings events to the core.
//!
//! Replies of several hosts tend to come at the same moment. A thread that waited for the core's lock would sleep and be
//! woken for each; instead it leaves its events to the thread that has the core and goes back to its connection.

use super::{Driver, execute};
use crate::clock::Time;
use crate::kernel::host::{Effect, Event, Host};
use crate::kernel::job::Job;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Beyond so many, who brings more waits for the core.
const WAITING_MAX: usize = 64;
/// After so many rounds for others, methods that became ready are run by other threads.
const ROUNDS_MAX: usize = 8;

/// What is to be handled in one go.
type Events = Box<dyn FnOnce(&mut Host, Time, &mut Vec<Effect>) + Send>;

#[derive(Default)]
struct State {
    /// A thread has the core and will handle what waits.
    is_taken: bool,
    waiting: Vec<Events>,
}

/// Events that wait for the thread which has the core.
#[derive(Default)]
pub(super) struct Intake(Mutex<State>);

impl Intake {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has come meanwhile; nothing ends the turn of the thread that asks.
    fn next_round(&self) -> Vec<Events> {
        let mut state = self.state();
        if state.waiting.is_empty() {
            state.is_taken = false;
        }
        std::mem::take(&mut state.waiting)
    }
}

impl Driver {
    /// Lets the core handle events, now or in a moment, and performs what follows, quick methods included. What one
    /// thread brings stays in order.
    pub(super) fn dispatch(
        self: &Arc<Self>,
        events: impl FnOnce(&mut Host, Time, &mut Vec<Effect>) + Send + 'static,
    ) {
        let ready = self.bring(events);
        self.run_all(ready);
    }

    /// Runs quick methods, and those that become ready by that.
    pub(super) fn run_all(self: &Arc<Self>, mut ready: Vec<Job>) {
        while let Some(job) = ready.pop() {
            ready.extend(self.run_inline(job));
        }
    }

    fn run_inline(self: &Arc<Self>, job: Job) -> Vec<Job> {
        self.inline.fetch_add(1, Ordering::Relaxed);
        let (finished, took) = execute(job);
        self.inline.fetch_sub(1, Ordering::Relaxed);
        self.bring(move |host, now, effects| {
            host.handle(Event::Executed { finished, took }, now, effects);
        })
    }

    /// Gives the methods that are ready to run on this thread.
    fn bring(
        self: &Arc<Self>,
        events: impl FnOnce(&mut Host, Time, &mut Vec<Effect>) + Send + 'static,
    ) -> Vec<Job> {
        loop {
            let mut state = self.intake.state();
            if !state.is_taken {
                state.is_taken = true;
                break;
            }
            if state.waiting.len() < WAITING_MAX {
                state.waiting.push(Box::new(events));
                return Vec::new();
            }
            drop(state);
            // Until a round is over.
            drop(self.core());
            std::thread::yield_now();
        }
        let mut ready = Vec::new();
        ready.extend(self.handle(events));
        for round in 1.. {
            let waiting = self.intake.next_round();
            if waiting.is_empty() {
                break;
            }
            ready.extend(self.handle(|host, now, effects| {
                for events in waiting {
                    events(host, now, effects);
                }
            }));
            if round >= ROUNDS_MAX {
                for job in ready.drain(..) {
                    let driver = Arc::clone(self);
                    self.runtime
                        .spawn_blocking(move || driver.run_blocking(job));
                }
            }
        }
        ready
    }
}
