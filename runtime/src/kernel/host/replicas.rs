//! Starting and stopping replicas as the settled directory says.

use super::{Effect, Host, Stored};
use crate::client::Connector;
use crate::clock::Time;
use crate::identity::{HostId, ServerId};
use crate::kernel::directory::Entry;
use crate::kernel::machine::{MachineOptions, machine};
use crate::kernel::replica::Replica;
use crate::protocol::Device;
use std::sync::Arc;

impl Host {
    /// Whether the server once ran and does not any more: what is left of it may go.
    #[must_use]
    pub fn is_gone(&self, server: ServerId) -> bool {
        self.shared().settled.is_gone(server)
    }

    /// Brings the replicas of this host in line with the settled catalogue.
    pub(super) fn reconcile(&mut self, effects: &mut Vec<Effect>) {
        let (ended, begun) = {
            let shared = self.shared();
            if shared.generation == self.generation {
                return;
            }
            let catalogue = &shared.settled;
            let ended: Vec<ServerId> = self
                .replicas
                .keys()
                .copied()
                .filter(|id| *id != ServerId::DIRECTORY && catalogue.entry(*id).is_none())
                .collect();
            let begun: Vec<Arc<Entry>> = catalogue
                .entries()
                .filter(|entry| !self.replicas.contains_key(&entry.id))
                .filter(|entry| !self.opening.contains(&entry.id) && self.has_replica(entry))
                .cloned()
                .collect();
            (ended, begun)
        };
        let generation = self.shared().generation;
        self.generation = generation;
        for server in ended {
            if let Some(replica) = self.replicas.remove(&server) {
                replica.end(effects);
                effects.push(Effect::Remove(server));
            }
        }
        for entry in begun {
            self.opening.insert(entry.id);
            effects.push(Effect::Open(entry.id));
        }
    }

    /// Whether a replica of that server belongs on this host in this life.
    pub(super) fn has_replica(&self, entry: &Entry) -> bool {
        let Some(position) = entry.hosts.iter().position(|host| *host == self.options.me) else {
            return false;
        };
        // What was held in memory alone is gone with the life that held it.
        let lost =
            !entry.durable && entry.incarnations.get(position) != Some(&self.options.incarnation);
        !lost
    }

    /// Whether the state of that server is kept in memory alone.
    pub(super) fn is_volatile(&self, entry: &Entry) -> bool {
        self.options.volatile || !entry.durable
    }

    /// Whether the store of that server is kept in memory alone; unknown ones are.
    #[must_use]
    pub fn keeps_in_memory(&self, server: ServerId) -> bool {
        if server == ServerId::DIRECTORY {
            return self.options.volatile;
        }
        let entry = self.shared().settled.entry(server).cloned();
        entry.is_none_or(|entry| self.is_volatile(&entry))
    }

    /// The store of a replica is open: start it.
    pub(super) fn opened(
        &mut self,
        server: ServerId,
        stored: Stored,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        self.opening.remove(&server);
        let (entry, service, may_block, calls_rust) = if server == ServerId::DIRECTORY {
            let service: Box<dyn crate::object::Service> = Box::new(self.directory());
            (Arc::new(self.directory_entry()), service, false, false)
        } else {
            let Some(entry) = self.shared().settled.entry(server).cloned() else {
                effects.push(Effect::Remove(server));
                return Ok(());
            };
            let Some(class) = self.options.classes.iter().find(|c| c.name == entry.class) else {
                return Err(format!(
                    "{server} is of class {}, which this program does not have",
                    entry.class
                ));
            };
            (
                entry,
                (class.blank)(),
                class.calls_servers || class.unreplicable,
                class.calls_rust,
            )
        };
        let volatile = self.is_volatile(&entry);
        let options = MachineOptions {
            me: Device(self.options.me.0),
            devices: entry
                .hosts
                .iter()
                .map(|host: &HostId| Device(host.0))
                .collect(),
            seed: self.seeds.draw(),
            configure: Arc::clone(&self.options.configure),
        };
        let (machine, outputs) = machine(options, stored, now)
            .map_err(|why| format!("{server}: what is on disk cannot be used: {why}"))?;
        #[cfg(feature = "mutants")]
        let machine = crate::kernel::planted::planted(server, machine);
        let connector = Connector::new(self.options.kernels.clone());
        let mut replica = Replica::new(entry, machine, service, volatile, may_block, connector);
        replica.calls_rust = calls_rust;
        self.replicas.insert(server, replica);
        self.with_replica(server, now, effects, |replica, around| {
            replica.begin(outputs, around)
        })?;
        self.tell_reachable(server, now, effects)
    }
}
