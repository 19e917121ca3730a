//! Where the thread of a method waits until a step of it is issued.

use crate::client::Gate;
use crate::protocol::Step;
use crate::world::{self, Parker};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

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
    /// Where the thread waits, in a world of its own.
    parker: Option<Arc<dyn Parker>>,
}

impl StepGate {
    /// Says how steps reach the core.
    pub(super) fn post_with(&self, post: Post) {
        // Once, before the method runs.
        let _ = self.post.set(post);
    }

    /// The step that was handed in is issued.
    pub fn open(&self) {
        self.change(|state| state.issued = true);
    }

    /// The execution is of no use any more.
    pub fn close(&self) {
        self.change(|state| state.closed = true);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        let parker = state.parker.clone();
        drop(state);
        self.changed.notify_all();
        if let Some(parker) = parker {
            parker.unpark();
        }
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
        let parker = world::here().map(|world| world.parker());
        {
            let mut state = self.state();
            state.issued = false;
            state.parker.clone_from(&parker);
        }
        post(step);
        let waits = |state: &mut State| !state.issued && !state.closed;
        if let Some(parker) = parker {
            while waits(&mut self.state()) {
                parker.park();
            }
            return !self.state().closed;
        }
        let state = self.state();
        let state = self.changed.wait_while(state, waits);
        !state.unwrap_or_else(PoisonError::into_inner).closed
    }

    fn is_closed(&self) -> bool {
        self.state().closed
    }
}
