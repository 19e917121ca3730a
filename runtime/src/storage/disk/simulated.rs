//! A disk that loses what POSIX lets it lose, and fails when told to.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, DiskFile};

/// A simulated folder; clones are the same one, as after a restart of the process.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// What the process sees.
    names: BTreeMap<String, u64>,
    /// What a power cut leaves of it for certain.
    durable_names: BTreeMap<String, u64>,
    files: BTreeMap<u64, Content>,
    next_file: u64,
    /// Operations until the disk fails, for ever.
    operations_left: Option<u64>,
    bytes_max: Option<usize>,
    syncs: u64,
}

#[derive(Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    durable: Vec<u8>,
}

impl State {
    /// Counts one operation that changes the disk.
    fn operate(&mut self) -> io::Result<()> {
        match &mut self.operations_left {
            None => Ok(()),
            Some(0) => Err(io::Error::other("the simulated disk has failed")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }

    fn file(&self, name: &str) -> io::Result<u64> {
        self.names
            .get(name)
            .copied()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Simulated {
    /// An empty folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets so many more operations that change the disk succeed, and then none; `None` heals it.
    pub fn fail_after(&self, operations: Option<u64>) {
        self.state().operations_left = operations;
    }

    /// Makes the disk full once its files hold so many bytes.
    pub fn limit(&self, bytes: Option<usize>) {
        self.state().bytes_max = bytes;
    }

    /// How often a file was synced.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Cuts the power. Of every file the synced bytes survive, and of the others as
    /// many as `keep` says, given their number; of unsynced names those survive for which `keep(1)` is 1.
    pub fn power_cut(&self, mut keep: impl FnMut(usize) -> usize) {
        let mut state = self.state();
        let state = &mut *state;
        for content in state.files.values_mut() {
            let mut left = content.durable.clone();
            if let Some(unsynced) = content.bytes.strip_prefix(left.as_slice()) {
                let kept = keep(unsynced.len());
                left.extend_from_slice(unsynced.get(..kept).unwrap_or(unsynced));
            }
            (content.bytes, content.durable) = (left.clone(), left);
        }
        let mut names = state.durable_names.clone();
        for (name, file) in &state.names {
            if names.get(name) != Some(file) && keep(1) == 1 {
                names.insert(name.clone(), *file);
            }
        }
        for name in state.durable_names.keys() {
            if !state.names.contains_key(name) && keep(1) == 1 {
                names.remove(name);
            }
        }
        (state.names, state.durable_names) = (names.clone(), names);
        state.operations_left = None;
    }

    /// A file's bytes, to be looked at.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.read(name).ok()
    }

    /// Replaces a file's bytes, as bad hardware would.
    pub fn overwrite(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        if let Ok(file) = state.file(name) {
            state.files.insert(
                file,
                Content {
                    durable: bytes.clone(),
                    bytes,
                },
            );
        }
    }
}

impl Disk for Simulated {
    fn describe(&self, name: &str) -> String {
        format!("simulated/{name}")
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.state().names.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let state = self.state();
        let file = state.file(name)?;
        Ok(state
            .files
            .get(&file)
            .map(|content| content.bytes.clone())
            .unwrap_or_default())
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.operate()?;
        let file = state.next_file;
        state.next_file += 1;
        state.names.insert(name.to_owned(), file);
        state.files.insert(file, Content::default());
        Ok(Box::new(SimulatedFile {
            state: Arc::clone(&self.state),
            file,
        }))
    }

    fn open(&mut self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = self.state().file(name)?;
        Ok(Box::new(SimulatedFile {
            state: Arc::clone(&self.state),
            file,
        }))
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        state.operate()?;
        let file = state.file(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.operate()?;
        state.file(name)?;
        state.names.remove(name);
        Ok(())
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        let mut state = self.state();
        state.operate()?;
        state.durable_names = state.names.clone();
        Ok(())
    }
}

struct SimulatedFile {
    state: Arc<Mutex<State>>,
    file: u64,
}

impl SimulatedFile {
    fn change(&self, change: impl FnOnce(&mut Content)) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.operate()?;
        change(state.files.entry(self.file).or_default());
        Ok(())
    }
}

impl DiskFile for SimulatedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.operate()?;
        let held: usize = state
            .files
            .values()
            .map(|content| content.bytes.len())
            .sum();
        let room = state
            .bytes_max
            .map_or(usize::MAX, |max| max.saturating_sub(held));
        let content = state.files.entry(self.file).or_default();
        content
            .bytes
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if room < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.change(|content| {
            content
                .bytes
                .truncate(usize::try_from(bytes).unwrap_or(usize::MAX))
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.change(|content| content.durable = content.bytes.clone())?;
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .syncs += 1;
        Ok(())
    }
}
