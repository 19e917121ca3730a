//! Where the thread of a method waits until a step of it is issued.

use crate::client::Gate;
use crate::protocol::Step;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

/// Hands a step to the core.
type Post = Box<dyn Fn(Step) + Send + Sync>;

/// The gate of one execution.
#[derive(Default)]
pub struct StepGate {
    state: Mutex<State>,
    changed: Condvar,
    post: OnceLock<Post>,
}

#[derive(Default)]
struct State {
    issued: bool,
    closed: bool,
}

impl StepGate {
    /// Says how steps reach the core.
    pub(super) fn post_with(&self, post: Post) {
        // Once, before the method runs.
        let _ = self.post.set(post);
    }

    /// The step that was handed in is issued.
    pub fn open(&self) {
        self.state().issued = true;
        self.changed.notify_all();
    }

    /// The execution is of no use any more.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for StepGate {
    fn issue(&self, step: Step) -> bool {
        let Some(post) = self.post.get() else {
            return false;
        };
        self.state().issued = false;
        post(step);
        let state = self.state();
        let waits = |state: &mut State| !state.issued && !state.closed;
        let state = self.changed.wait_while(state, waits);
        !state.unwrap_or_else(PoisonError::into_inner).closed
    }

    fn is_closed(&self) -> bool {
        self.state().closed
    }
}
