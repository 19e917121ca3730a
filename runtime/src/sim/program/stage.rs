//! The threads of a simulated program: main, and the methods that may wait. One runs at a time, and only the director says which.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Names a thread of the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Actor(usize);

impl Actor {
    /// The thread that decides who runs; it performs the events.
    pub(super) const DIRECTOR: Actor = Actor(0);
}

thread_local! {
    static ME: Cell<Actor> = const { Cell::new(Actor::DIRECTOR) };
}

/// Whose turn it is.
#[derive(Default)]
pub(super) struct Stage {
    turn: Mutex<Turn>,
}

struct Turn {
    whose: Actor,
    doors: Vec<Arc<Condvar>>,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            whose: Actor::DIRECTOR,
            doors: vec![Arc::default()],
        }
    }
}

impl Stage {
    /// The thread that runs.
    pub(super) fn me() -> Actor {
        ME.with(Cell::get)
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        // No code that can panic runs under the lock.
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a thread, which begins when the director first gives it a turn.
    pub(super) fn hire(self: &Arc<Self>, run: impl FnOnce() + Send + 'static) -> io::Result<Actor> {
        let mut turn = self.turn();
        let actor = Actor(turn.doors.len());
        turn.doors.push(Arc::default());
        drop(turn);
        let stage = Arc::clone(self);
        crate::thread::spawn("simulated", move || {
            ME.with(|me| me.set(actor));
            stage.wait();
            run();
            stage.give(Actor::DIRECTOR);
        })?;
        Ok(actor)
    }

    /// Lets a thread run until it waits or ends; for the director.
    pub(super) fn let_run(&self, actor: Actor) {
        self.give(actor);
        self.wait();
    }

    /// Waits for the next turn; for the others. It never comes for a thread whose host is gone.
    pub(super) fn pause(&self) {
        self.give(Actor::DIRECTOR);
        self.wait();
    }

    fn give(&self, to: Actor) {
        let mut turn = self.turn();
        turn.whose = to;
        if let Some(door) = turn.doors.get(to.0) {
            door.notify_one();
        }
    }

    fn wait(&self) {
        let me = Self::me();
        let mut turn = self.turn();
        let Some(door) = turn.doors.get(me.0).map(Arc::clone) else {
            return;
        };
        while turn.whose != me {
            turn = door.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
