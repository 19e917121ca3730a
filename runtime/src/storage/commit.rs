//! One thread a host that makes what its replicas write durable.
//!
//! While one round is on its way to the disk, requests gather; the next round
//! takes them all: every record is written, each store that was touched is synced
//! once, and then all of the round's tokens are told. So many small writes share few syncs.
//! Order holds for each store: a token is told after all earlier ones of the same store.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::{StorageError, Store};

/// Names a store that a [`GroupCommit`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(pub u64);

/// What a round has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completed {
    /// Of each store that got something durable, the latest token: the earlier ones are durable too.
    pub durable: Vec<(StoreId, u64)>,
    /// Stores that failed. They take nothing more, and their replicas must fall silent.
    pub failed: Vec<(StoreId, StorageError)>,
}

/// The thread, and the queue before it.
pub struct GroupCommit {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
    syncs: AtomicU64,
}

#[derive(Default)]
struct Queue {
    requests: Vec<(StoreId, Request)>,
    next_store: u64,
    stopping: bool,
}

enum Request {
    Add(Box<dyn Store>),
    Append { token: u64, records: Vec<Arc<[u8]>> },
    Snapshot { token: u64, snapshot: Arc<[u8]> },
    Remove,
}

impl GroupCommit {
    /// Starts the thread; it calls `completed` after every round that finished or failed something.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn start(completed: impl FnMut(Completed) + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let mut writer = Writer {
            shared: Arc::clone(&shared),
            stores: BTreeMap::new(),
            completed,
        };
        let thread = crate::thread::spawn("commit", move || writer.run())?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Takes a store over.
    pub fn add(&self, store: Box<dyn Store>) -> StoreId {
        let mut queue = self.shared.queue();
        let id = StoreId(queue.next_store);
        queue.next_store += 1;
        queue.requests.push((id, Request::Add(store)));
        id
    }

    /// Appends records, and tells the token when they are durable. A store's tokens grow.
    pub fn append(&self, store: StoreId, token: u64, records: Vec<Arc<[u8]>>) {
        self.shared.push(store, Request::Append { token, records });
    }

    /// Replaces what the store holds by a snapshot, and tells the token when it is durable.
    pub fn save_snapshot(&self, store: StoreId, token: u64, snapshot: Arc<[u8]>) {
        self.shared
            .push(store, Request::Snapshot { token, snapshot });
    }

    /// Closes a store, after what was asked of it before.
    pub fn remove(&self, store: StoreId) {
        self.shared.push(store, Request::Remove);
    }

    /// How often a store was synced so far.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.shared.syncs.load(Ordering::Relaxed)
    }
}

impl Drop for GroupCommit {
    /// Ends the thread after everything that was asked for.
    fn drop(&mut self) {
        self.shared.queue().stopping = true;
        self.shared.filled.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // A panic of the thread was reported by itself.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, store: StoreId, request: Request) {
        self.queue().requests.push((store, request));
        self.filled.notify_one();
    }

    /// Waits for requests; none at the end.
    fn take(&self) -> Option<Vec<(StoreId, Request)>> {
        let mut queue = self.queue();
        while queue.requests.is_empty() {
            if queue.stopping {
                return None;
            }
            queue = self
                .filled
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Some(std::mem::take(&mut queue.requests))
    }
}

struct Writer<F> {
    shared: Arc<Shared>,
    stores: BTreeMap<StoreId, Box<dyn Store>>,
    completed: F,
}

impl<F: FnMut(Completed)> Writer<F> {
    fn run(&mut self) {
        while let Some(requests) = self.shared.take() {
            let completed = self.round(requests);
            if completed != Completed::default() {
                (self.completed)(completed);
            }
        }
    }

    fn round(&mut self, requests: Vec<(StoreId, Request)>) -> Completed {
        let mut completed = Completed::default();
        // The latest token of each store, and whether a sync must still cover it.
        let mut touched: BTreeMap<StoreId, (u64, Synced)> = BTreeMap::new();
        for (id, request) in requests {
            let result = match request {
                Request::Add(store) => {
                    self.stores.insert(id, store);
                    continue;
                }
                Request::Remove => self
                    .sync(id, touched.remove(&id), &mut completed)
                    .map(|()| {
                        self.stores.remove(&id);
                    }),
                Request::Append { token, records } => self.store(id, |store| {
                    touched.insert(id, (token, Synced::Not));
                    records.iter().try_for_each(|record| store.append(record))
                }),
                Request::Snapshot { token, snapshot } => self.store(id, |store| {
                    touched.insert(id, (token, Synced::Already));
                    store.save_snapshot(&snapshot)
                }),
            };
            if let Err(error) = result {
                touched.remove(&id);
                self.fail(id, error, &mut completed);
            }
        }
        for (id, token) in touched {
            if let Err(error) = self.sync(id, Some(token), &mut completed) {
                self.fail(id, error, &mut completed);
            }
        }
        completed
    }

    /// Runs an operation on a store that is still there; later requests for a failed one vanish.
    fn store(
        &mut self,
        id: StoreId,
        operation: impl FnOnce(&mut dyn Store) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        self.stores
            .get_mut(&id)
            .map_or(Ok(()), |store| operation(store.as_mut()))
    }

    fn sync(
        &mut self,
        id: StoreId,
        token: Option<(u64, Synced)>,
        completed: &mut Completed,
    ) -> Result<(), StorageError> {
        let Some((token, synced)) = token else {
            return Ok(());
        };
        if synced == Synced::Not {
            self.shared.syncs.fetch_add(1, Ordering::Relaxed);
            self.store(id, |store| store.sync())?;
        }
        completed.durable.push((id, token));
        Ok(())
    }

    fn fail(&mut self, id: StoreId, error: StorageError, completed: &mut Completed) {
        self.stores.remove(&id);
        completed.failed.push((id, error));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Synced {
    Not,
    Already,
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;
    use crate::storage::disk::Simulated;
    use crate::storage::{Log, Owner};

    const OWNER: Owner = Owner {
        cluster: 1,
        replica: 2,
    };
    const PATIENCE: Duration = Duration::from_secs(60);

    fn record(text: &str) -> Arc<[u8]> {
        Arc::from(text.as_bytes())
    }

    /// A store that waits for permission before each sync.
    struct Gated {
        log: Log,
        gate: std::sync::mpsc::Receiver<()>,
    }

    impl Store for Gated {
        fn append(&mut self, record: &[u8]) -> Result<(), StorageError> {
            self.log.append(record)
        }
        fn sync(&mut self) -> Result<(), StorageError> {
            self.gate.recv_timeout(PATIENCE).unwrap();
            self.log.sync()
        }
        fn save_snapshot(&mut self, snapshot: &[u8]) -> Result<(), StorageError> {
            self.log.save_snapshot(snapshot)
        }
    }

    #[test]
    fn requests_that_gather_during_a_sync_share_the_next_one() {
        let disk = Simulated::new();
        let (log, _) = Log::open(Box::new(disk.clone()), OWNER).unwrap();
        let (open, gate) = channel();
        let (done, rounds) = channel();
        let commit = GroupCommit::start(move |completed| done.send(completed).unwrap()).unwrap();
        let id = commit.add(Box::new(Gated { log, gate }));
        commit.append(id, 1, vec![record("first")]);
        // The thread takes the first request, perhaps together with some of these.
        for token in 2..=50 {
            commit.append(id, token, vec![record("more")]);
        }
        let mut last = 0;
        let mut count = 0;
        while last < 50 {
            open.send(()).unwrap();
            let round = rounds.recv_timeout(PATIENCE).unwrap();
            assert_eq!(round.failed, []);
            let [(store, token)] = round.durable[..] else {
                panic!("{round:?}")
            };
            assert!(store == id && token > last);
            last = token;
            count += 1;
        }
        assert!(count <= 50 && commit.syncs() == count);
        drop(commit);
        let (_, found) = Log::open(Box::new(disk), OWNER).unwrap();
        assert_eq!(found.records.len(), 50);
    }

    #[test]
    fn several_stores_complete_in_one_round_or_more_and_a_snapshot_counts() {
        let disks = [Simulated::new(), Simulated::new()];
        let (done, rounds) = channel();
        let commit = GroupCommit::start(move |completed| done.send(completed).unwrap()).unwrap();
        let ids = disks
            .clone()
            .map(|disk| commit.add(Box::new(Log::open(Box::new(disk), OWNER).unwrap().0)));
        commit.append(ids[0], 1, vec![record("a")]);
        commit.append(ids[1], 1, vec![record("b")]);
        commit.save_snapshot(ids[0], 2, record("all"));
        commit.append(ids[0], 3, vec![record("c")]);
        let mut durable = BTreeMap::new();
        while durable.get(&ids[0]) != Some(&3) || durable.get(&ids[1]) != Some(&1) {
            durable.extend(rounds.recv_timeout(PATIENCE).unwrap().durable);
        }
        drop(commit);
        let (_, found) = Log::open(Box::new(disks[0].clone()), OWNER).unwrap();
        assert_eq!(found.snapshot, Some(record("all")));
        assert_eq!(found.records, [record("c")]);
    }

    #[test]
    fn what_follows_the_end_of_a_store_is_not_written() {
        let disk = Simulated::new();
        let (done, rounds) = channel();
        let commit = GroupCommit::start(move |completed| done.send(completed).unwrap()).unwrap();
        let (log, _) = Log::open(Box::new(disk.clone()), OWNER).unwrap();
        let id = commit.add(Box::new(log));
        for token in 1..=3 {
            commit.append(id, token, vec![record("before")]);
            let round = rounds.recv_timeout(PATIENCE).unwrap();
            assert_eq!(round.durable, [(id, token)]);
            assert_eq!(commit.syncs(), token);
        }
        commit.append(id, 4, vec![record("before")]);
        commit.remove(id);
        commit.append(id, 5, vec![record("after")]);
        drop(commit);
        let (_, found) = Log::open(Box::new(disk), OWNER).unwrap();
        assert_eq!(found.records, vec![record("before"); 4]);
    }

    #[test]
    fn a_failed_sync_is_told_and_never_followed_by_success() {
        let disk = Simulated::new();
        let (done, rounds) = channel();
        let commit = GroupCommit::start(move |completed| done.send(completed).unwrap()).unwrap();
        let id = commit.add(Box::new(
            Log::open(Box::new(disk.clone()), OWNER).unwrap().0,
        ));
        disk.fail_after(Some(1));
        commit.append(id, 1, vec![record("written, not synced")]);
        let round = rounds.recv_timeout(PATIENCE).unwrap();
        assert_eq!(round.durable, []);
        assert!(matches!(round.failed[..], [(failed, StorageError::Io { .. })] if failed == id));
        disk.fail_after(None);
        commit.append(id, 2, vec![record("too late")]);
        drop(commit);
        assert!(rounds.recv().is_err());
    }
}
