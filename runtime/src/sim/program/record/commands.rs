//! What commands do, as far as what is written and what clients asked for says it.

use super::Names;
use super::content::short;
use crate::identity::ServerId;
use crate::kernel::message::RequestName;
use crate::protocol::Bytes;
use crate::protocol::executive::{Command, Entry, Record as Written, What};
use crate::wire::Wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many commands of each server are remembered.
const COMMANDS_MAX: u64 = 500;
/// And so many requests.
const REQUESTS_MAX: usize = 5_000;

/// The commands that replicas wrote lately.
#[derive(Clone, Default)]
pub(super) struct Commands {
    written: BTreeMap<(ServerId, u64), Arc<Command>>,
    /// The methods that requests call.
    methods: BTreeMap<(u128, ServerId, u64), String>,
}

impl Commands {
    /// Records that a replica writes.
    pub(super) fn learn(&mut self, server: ServerId, records: &[Bytes]) {
        for record in records {
            let command = match Written::from_bytes(record) {
                Ok(Written::Voted(vote)) => vote.command,
                Ok(Written::Learnt(command)) => command,
                _ => continue,
            };
            let number = command.number().0;
            self.written.insert((server, number), command);
            if let Some(old) = number.checked_sub(COMMANDS_MAX) {
                self.written.remove(&(server, old));
            }
        }
    }

    /// A client asks for something.
    pub(super) fn request(&mut self, name: RequestName, method: &str) {
        let key = (name.session, name.server, name.seq);
        self.methods.insert(key, method.to_owned());
        if self.methods.len() > REQUESTS_MAX {
            self.methods.pop_first();
        }
    }

    /// A command in words.
    pub(super) fn describe(&self, server: ServerId, number: u64, names: &Names) -> String {
        let Some(command) = self.written.get(&(server, number)) else {
            return "a command".to_owned();
        };
        let entries = command.entries.iter();
        let told: Vec<String> = entries
            .map(|entry| self.entry(server, entry, names))
            .collect();
        told.join("; ")
    }

    fn entry(&self, server: ServerId, entry: &Entry, names: &Names) -> String {
        let (session, number) = (entry.id.session, entry.id.sequence);
        let method = self.methods.get(&(session, server, number));
        let method = match method {
            Some(method) => method.as_str(),
            // A server sends itself its own construction.
            None if session == u128::from(server.0) => "construction",
            None => "call",
        };
        let from = format!("request {number} of {}", short(session));
        match &entry.what {
            What::Done { delta, .. } if delta.is_empty() => {
                format!("{method}, {from}, changed nothing")
            }
            What::Done { .. } => format!("{method}, {from}"),
            What::Journal { step, .. } => {
                let calls = step.calls.iter();
                let calls: Vec<String> = calls
                    .map(|(server, _)| names.server(ServerId(*server)))
                    .collect();
                format!("{method}, {from}, is about to call {}", calls.join(", "))
            }
        }
    }
}
