//! What outlives a process: each replica's log of records and its snapshot.
//!
//! A [`Store`] keeps one replica's records in order, and one snapshot that
//! stands for all records before it. It has no threads, so a simulated one is
//! as good as the real [`Log`]; [`Volatile`] keeps nothing. A host's stores lie in
//! a [`Folder`], which one process at a time may use, and a [`GroupCommit`]
//! thread makes what several replicas write durable together.
//!
//! Invariants: what [`Store::sync`] has returned for is found again by the next
//! opening, in order and unchanged, or the opening fails and says where the
//! damage is; a tail that was never synced disappears without a word. [`log`] says what little damage can pass for such a tail.
//! After any failed write or sync a store accepts nothing more, because the operating
//! system may have dropped the data and would call the next sync a success. This
//! module knows nothing of what the records say.

pub mod commit;
pub mod disk;
mod error;
mod folder;
pub mod log;

use std::sync::Arc;

pub use commit::{Completed, GroupCommit, StoreId};
pub use error::StorageError;
pub use folder::Folder;
pub use log::Log;

/// No record or snapshot piece handed to a store is longer.
pub const RECORD_BYTES_MAX: usize = 64 << 20;

/// Stable storage of one replica.
pub trait Store: Send {
    /// Adds a record at the end. It is durable after the next [`Store::sync`] only.
    ///
    /// # Errors
    /// If it is too long, or the store has failed before.
    fn append(&mut self, record: &[u8]) -> Result<(), StorageError>;

    /// Makes every record so far durable.
    ///
    /// # Errors
    /// If the disk fails; then the store takes nothing more.
    fn sync(&mut self) -> Result<(), StorageError>;

    /// Makes the snapshot durable, and with it every record so far, which may be dropped then.
    ///
    /// # Errors
    /// If the disk fails; then the store takes nothing more.
    fn save_snapshot(&mut self, snapshot: &[u8]) -> Result<(), StorageError>;
}

/// What a store held when it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The newest snapshot.
    pub snapshot: Option<Arc<[u8]>>,
    /// The records since, oldest first.
    pub records: Vec<Arc<[u8]>>,
}

impl Recovered {
    /// Whether the store was new.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.snapshot.is_none() && self.records.is_empty()
    }
}

/// Whose records a store holds; part of every checksum, so that
/// bytes of another cluster or replica are never taken for one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The cluster.
    pub cluster: u128,
    /// The replica within it, as the caller numbers them.
    pub replica: u128,
}

/// The store of a server that is not durable: it remembers nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Volatile;

impl Store for Volatile {
    fn append(&mut self, _record: &[u8]) -> Result<(), StorageError> {
        Ok(())
    }
    fn sync(&mut self) -> Result<(), StorageError> {
        Ok(())
    }
    fn save_snapshot(&mut self, _snapshot: &[u8]) -> Result<(), StorageError> {
        Ok(())
    }
}
