//! A disk that loses what POSIX lets it lose, and fails when told to.

use std::collections::{BTreeMap, BTreeSet};
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
    ignores_syncs: bool,
    ignores_folder_syncs: bool,
}

#[derive(Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    /// So many of them are durable.
    synced: usize,
    /// Durable bytes that followed those and were cut off since.
    cut_off: Vec<u8>,
    /// The first bytes as they are durable, if they were replaced since.
    replaced: Vec<u8>,
}

impl Content {
    fn durable(bytes: Vec<u8>) -> Self {
        Self {
            synced: bytes.len(),
            bytes,
            ..Self::default()
        }
    }

    /// What a power cut leaves, where so many of the bytes that are not synced survive.
    fn left(&self, mut keep: impl FnMut(usize) -> usize) -> Vec<u8> {
        let (synced, unsynced) = self.bytes.split_at(self.synced.min(self.bytes.len()));
        let survive = if self.cut_off.is_empty() {
            let kept = keep(unsynced.len());
            unsynced.get(..kept).unwrap_or(unsynced)
        } else {
            &self.cut_off
        };
        let mut left = [synced, survive].concat();
        if !self.replaced.is_empty() && keep(1) == 0 {
            let places = left.iter_mut().zip(&self.replaced);
            places.for_each(|(byte, before)| *byte = *before);
        }
        left
    }
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

    /// Whether syncs of files do nothing, and say that they did.
    pub fn ignore_syncs(&self, ignores: bool) {
        self.state().ignores_syncs = ignores;
    }

    /// Whether syncs of the folder do nothing, and say that they did.
    pub fn ignore_folder_syncs(&self, ignores: bool) {
        self.state().ignores_folder_syncs = ignores;
    }

    /// Whether it fails by now, as it was told to.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.state().operations_left == Some(0)
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
            let bytes = content.left(&mut keep);
            *content = Content::durable(bytes);
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

    /// Reads a file from its beginning, with what is written to it meanwhile.
    ///
    /// # Errors
    /// If there is no such file.
    pub fn reader(&self, name: &str) -> io::Result<SimulatedReader> {
        Ok(SimulatedReader {
            file: self.state().file(name)?,
            state: Arc::clone(&self.state),
            place: 0,
        })
    }

    /// There is such a file, and was before any power cut.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let file = state.next_file;
        state.next_file += 1;
        state.names.insert(name.to_owned(), file);
        state.durable_names.insert(name.to_owned(), file);
        state.files.insert(file, Content::durable(bytes));
    }

    /// Makes durable whether there are files of such names.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn sync_names(&self, mut which: impl FnMut(&str) -> bool) -> io::Result<()> {
        let mut state = self.state();
        state.operate()?;
        let state = &mut *state;
        state.durable_names.retain(|name, _| !which(name));
        let names = state.names.iter().filter(|(name, _)| which(name));
        let names = names.map(|(name, file)| (name.clone(), *file));
        state.durable_names.extend(names);
        Ok(())
    }

    /// Replaces a file's bytes, as bad hardware would.
    pub fn overwrite(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        if let Ok(file) = state.file(name) {
            state.files.insert(file, Content::durable(bytes));
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
        let state = &mut *state;
        if state.ignores_folder_syncs {
            return Ok(());
        }
        state.durable_names = state.names.clone();
        let kept: BTreeSet<u64> = state.names.values().copied().collect();
        state.files.retain(|file, _| kept.contains(file));
        Ok(())
    }
}

/// A file that is read from its beginning.
#[derive(Debug)]
pub struct SimulatedReader {
    state: Arc<Mutex<State>>,
    file: u64,
    place: usize,
}

impl io::Read for SimulatedReader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let content = state.files.get(&self.file);
        let rest = content.and_then(|content| content.bytes.get(self.place..));
        let read = io::Read::read(&mut rest.unwrap_or(&[]), bytes)?;
        self.place += read;
        Ok(read)
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
        let room = state.bytes_max.map_or(usize::MAX, |max| {
            let held: usize = state.files.values().map(|file| file.bytes.len()).sum();
            max.saturating_sub(held)
        });
        let content = state.files.entry(self.file).or_default();
        content
            .bytes
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if room < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.change(|content| {
            let durable = content.bytes.len().min(content.synced).min(bytes.len());
            if content.replaced.len() < durable {
                let before = content.bytes.get(content.replaced.len()..durable);
                content.replaced.extend_from_slice(before.unwrap_or(&[]));
            }
            let rest = content.bytes.get(bytes.len()..).unwrap_or(&[]);
            content.bytes = [bytes, rest].concat();
        })
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.change(|content| {
            let length = usize::try_from(bytes).unwrap_or(usize::MAX);
            if length < content.synced {
                let mut cut_off = content.bytes.split_off(length);
                cut_off.truncate(content.synced - length);
                cut_off.append(&mut content.cut_off);
                (content.synced, content.cut_off) = (length, cut_off);
            }
            content.bytes.truncate(length);
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        let ignores = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.ignores_syncs
        };
        if ignores {
            return self.change(|_| {});
        }
        self.change(|content| {
            content.synced = content.bytes.len();
            content.cut_off.clear();
            content.replaced.clear();
        })?;
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .syncs += 1;
        Ok(())
    }
}
