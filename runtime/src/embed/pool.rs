//! The threads of a cluster's sessions.
//!
//! Each has a context and a connection of its own, and runs one call at a time to its end, also when whoever waited
//! for it no longer does. Threads are started when calls find none idle, up to a limit; beyond it calls wait in order.

use crate::client::Connector;
use crate::object::{Code, Context};
use crate::program::Program;
use crate::thread;
use crate::wall::random_bits;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a thread is to do.
pub(super) type Job = Box<dyn FnOnce(&mut Context) + Send>;

/// How long the end waits for calls that still run.
const FAREWELL: Duration = Duration::from_secs(2);

pub(super) struct Pool {
    program: &'static Program,
    code: &'static Code,
    addresses: Vec<SocketAddr>,
    threads_max: usize,
    state: Mutex<State>,
    /// There is something to do, or nothing any more.
    work: Condvar,
    /// A thread has ended.
    left: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    is_closed: bool,
}

impl Pool {
    pub(super) fn new(
        program: &'static Program,
        code: &'static Code,
        addresses: Vec<SocketAddr>,
        threads_max: usize,
    ) -> Self {
        Self {
            program,
            code,
            addresses,
            threads_max: threads_max.max(1),
            state: Mutex::default(),
            work: Condvar::new(),
            left: Condvar::new(),
        }
    }

    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Has a thread run the job.
    ///
    /// # Errors
    /// If there is no thread and the system gives none.
    pub(super) fn submit(self: &Arc<Self>, job: Job) -> io::Result<()> {
        let mut state = self.lock();
        if state.jobs.len() >= state.idle && state.threads < self.threads_max {
            let pool = Arc::clone(self);
            match thread::spawn("session", move || pool.serve()) {
                Ok(_) => state.threads += 1,
                Err(why) if state.threads == 0 => return Err(why),
                // Those that run will come to it.
                Err(_) => {}
            }
        }
        state.jobs.push_back(job);
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    fn serve(self: Arc<Self>) {
        let _present = Present(&self);
        let connector = Connector::new(self.addresses.clone()).expecting(self.program.fingerprint);
        let mut cx = Context::of_main(self.code, &[], connector.clone(), random_bits());
        while let Some(job) = self.next() {
            job(&mut cx);
        }
        connector.end();
    }

    /// The next job; none when the pool is closed.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state.idle += 1;
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// Ends the sessions; waits for calls that still run, but not for long.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        self.work.notify_all();
        let ended = self
            .left
            .wait_timeout_while(state, FAREWELL, |state| state.threads > 0);
        // Sessions that did not end in time end with the process.
        drop(ended);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a thread for as long as it runs, also if a job panics.
struct Present<'a>(&'a Pool);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.lock().threads -= 1;
        self.0.left.notify_all();
    }
}
