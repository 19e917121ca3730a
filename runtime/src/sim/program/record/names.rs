//! What servers and methods are called.

use crate::identity::ServerId;
use crate::program::{Program, ServerClass};
use std::collections::BTreeMap;

/// The classes of the servers that were seen.
#[derive(Clone, Default)]
pub(in crate::sim::program) struct Names {
    classes: &'static [ServerClass],
    servers: BTreeMap<ServerId, String>,
}

impl Names {
    pub(in crate::sim::program) fn of(program: &'static Program) -> Self {
        Self {
            classes: program.classes,
            servers: BTreeMap::new(),
        }
    }

    /// That server is of that class.
    pub(super) fn learn(&mut self, server: ServerId, class: &str) {
        self.servers
            .entry(server)
            .or_insert_with(|| class.to_owned());
    }

    /// A server's class, and its number to tell it from others of that class.
    pub(in crate::sim::program) fn server(&self, server: ServerId) -> String {
        match self.servers.get(&server) {
            _ if server == ServerId::DIRECTORY => "directory".to_owned(),
            Some(class) => format!("{class} {}", server.0),
            None => server.to_string(),
        }
    }

    /// The method, or the constructor, of that number.
    pub(in crate::sim::program) fn method(&self, server: ServerId, number: u32) -> Option<&str> {
        let class = self.servers.get(&server)?;
        let class = self.classes.iter().find(|known| known.name == class)?;
        let known = class.calls.iter().find(|(_, known)| *known == number);
        known.map(|(name, _)| *name)
    }
}
