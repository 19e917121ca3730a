//! The program that is measured: a server class that keeps a value under each key,
//! registered by hand so that no compiler takes part.

use std::collections::{BTreeMap, VecDeque};

use cmsl_runtime::kernel::call::read_only;
use cmsl_runtime::object::{Damaged, Environment, Execution, Service, Verdict};
use cmsl_runtime::program::{Program, ServerClass, Start};
use cmsl_runtime::wire::{Wire, Writer};

/// The name of the server class.
pub const CLASS: &str = "store";
/// The constructor's number.
pub const CONSTRUCT: u32 = 0;
/// The number of the method that stores a value and gives it back.
pub const PUT: u32 = 1;
/// The number of the method that gives the value under the key of such a pair.
pub const GET: u32 = read_only(2);

/// What kernels of this cluster run.
pub static PROGRAM: Program = Program {
    name: "figures",
    fingerprint: "figures",
    classes: &[ServerClass {
        name: CLASS,
        calls_servers: false,
        calls_rust: false,
        unreplicable: false,
        blank: || Box::new(Store::default()),
        queries: &[],
        calls: &[],
    }],
    main: |_: Start| 0,
};

/// A key and its value.
type Entry = (u64, Vec<u8>);

#[derive(Default)]
struct Store {
    values: BTreeMap<u64, Vec<u8>>,
    /// For each unsettled command, oldest first, what was there before.
    undo: VecDeque<Option<(u64, Option<Vec<u8>>)>>,
}

impl Store {
    fn put(&mut self, (key, value): Entry) {
        let before = self.values.insert(key, value);
        self.undo.push_back(Some((key, before)));
    }

    fn settled(&self) -> BTreeMap<u64, Vec<u8>> {
        let mut values = self.values.clone();
        for (key, before) in self.undo.iter().rev().flatten() {
            match before {
                Some(value) => values.insert(*key, value.clone()),
                None => values.remove(key),
            };
        }
        values
    }
}

impl Service for Store {
    fn execute(&mut self, call: &[u8], _environment: &Environment) -> Execution {
        let parts = call.split_first_chunk();
        let method = parts.map_or(CONSTRUCT, |(method, _)| u32::from_le_bytes(*method));
        let entry = parts.and_then(|(_, arguments)| Entry::from_bytes(arguments).ok());
        let mut execution = Execution {
            delta: Vec::new(),
            reply: Vec::new(),
            verdict: Verdict::Completed,
        };
        match (method, entry) {
            (PUT, Some(entry)) => {
                execution.delta = entry.to_bytes();
                execution.reply.clone_from(&entry.1);
                self.put(entry);
            }
            (GET, Some((key, _))) => {
                let value = self.values.get(&key);
                execution.reply = value.cloned().unwrap_or_default();
                self.undo.push_back(None);
            }
            _ => self.undo.push_back(None),
        }
        execution
    }

    fn apply(&mut self, delta: &[u8]) -> Result<(), Damaged> {
        if delta.is_empty() {
            self.undo.push_back(None);
        } else {
            self.put(Entry::from_bytes(delta).map_err(|error| Damaged::new(error.to_string()))?);
        }
        Ok(())
    }

    fn undo(&mut self) {
        match self.undo.pop_back().flatten() {
            Some((key, Some(value))) => drop(self.values.insert(key, value)),
            Some((key, None)) => drop(self.values.remove(&key)),
            None => {}
        }
    }

    fn settle(&mut self) {
        self.undo.pop_front();
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.sequence(self.settled(), |to, entry| to.value(&entry));
        writer.into_bytes()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), Damaged> {
        let entries =
            Vec::<Entry>::from_bytes(snapshot).map_err(|error| Damaged::new(error.to_string()))?;
        self.values = entries.into_iter().collect();
        self.undo.clear();
        Ok(())
    }

    fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.snapshot()).as_bytes()
    }
}
