//! A queue between threads whose waits are those of their world.

use crate::world::{self, Clock, Parker};
use std::collections::VecDeque;
use std::fmt;
use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

struct State<T> {
    values: VecDeque<T>,
    limit: usize,
    senders: usize,
    is_heard: bool,
    /// Those who wait until something changes.
    waiting: Vec<Arc<dyn Parker>>,
}

struct Queue<T>(Mutex<State<T>>);

impl<T> Queue<T> {
    /// Lets the thread that runs wait until something changes, or that time is over.
    fn wait(&self, mut state: MutexGuard<'_, State<T>>, most: Option<Duration>) {
        let parker = world::parker();
        state.waiting.push(Arc::clone(&parker));
        drop(state);
        match most {
            None => parker.park(),
            Some(most) => parker.park_for(most),
        }
        self.state()
            .waiting
            .retain(|other| !Arc::ptr_eq(other, &parker));
    }

    /// Nobody keeps it while it waits.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something changed.
    fn tell(mut state: MutexGuard<'_, State<T>>) {
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for parker in waiting {
            parker.unpark();
        }
    }
}

/// The queue of [`Outside::channel`](super::Outside::channel).
pub(super) fn channel<T>(limit: usize) -> (Sender<T>, Receiver<T>) {
    let queue = Arc::new(Queue(Mutex::new(State {
        values: VecDeque::new(),
        limit: limit.max(1),
        senders: 1,
        is_heard: true,
        waiting: Vec::new(),
    })));
    (Sender(Arc::clone(&queue)), Receiver(queue))
}

/// Where values go in.
pub struct Sender<T>(Arc<Queue<T>>);

impl<T> Sender<T> {
    /// Waits until there is room.
    ///
    /// # Errors
    /// If nobody can receive it any more.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        loop {
            let mut state = self.0.state();
            if !state.is_heard {
                return Err(SendError(value));
            }
            if state.values.len() < state.limit {
                state.values.push_back(value);
                Queue::tell(state);
                return Ok(());
            }
            self.0.wait(state, None);
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.state().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.senders -= 1;
        Queue::tell(state);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

/// Where values come out.
pub struct Receiver<T>(Arc<Queue<T>>);

impl<T> Receiver<T> {
    /// Waits for a value.
    ///
    /// # Errors
    /// If nobody can send one any more.
    pub fn recv(&self) -> Result<T, RecvError> {
        self.wait(None).map_err(|_| RecvError)
    }

    /// Waits for a value for at most that time; one that is there comes at once.
    ///
    /// # Errors
    /// If none came, and whether one can still come.
    pub fn recv_timeout(&self, most: Duration) -> Result<T, RecvTimeoutError> {
        self.wait(Some(most))
    }

    fn wait(&self, most: Option<Duration>) -> Result<T, RecvTimeoutError> {
        let clock = Clock::here();
        let deadline = most.map(|most| clock.now() + most);
        loop {
            let mut state = self.0.state();
            if let Some(value) = state.values.pop_front() {
                Queue::tell(state);
                return Ok(value);
            }
            if state.senders == 0 {
                return Err(RecvTimeoutError::Disconnected);
            }
            let left = deadline.map(|deadline| deadline.since(clock.now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Err(RecvTimeoutError::Timeout);
            }
            self.0.wait(state, left);
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_heard = false;
        state.values.clear();
        Queue::tell(state);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receiver")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outside::Outside;

    #[test]
    fn values_come_in_order_and_no_more_than_there_is_room_for() {
        let outside = Outside::here();
        let (sender, receiver) = outside.channel(2);
        outside
            .spawn("numbers", move |_| {
                for number in 0..1000 {
                    sender.send(number).unwrap();
                }
            })
            .unwrap();
        for number in 0..1000 {
            assert!(receiver.0.state().values.len() <= 2);
            assert_eq!(receiver.recv(), Ok(number));
        }
        assert_eq!(receiver.recv(), Err(RecvError));
    }

    #[test]
    fn a_wait_ends_after_its_time_or_with_the_other_side() {
        let (sender, receiver) = Outside::here().channel::<u8>(1);
        let moment = Duration::from_millis(1);
        let timeout = receiver.recv_timeout(moment);
        assert_eq!(timeout, Err(RecvTimeoutError::Timeout));
        sender.clone().send(7).unwrap();
        assert_eq!(receiver.recv_timeout(Duration::ZERO), Ok(7));
        drop(receiver);
        assert!(sender.send(8).is_err());
    }
}
