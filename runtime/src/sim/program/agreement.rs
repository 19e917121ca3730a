//! Whether the replicas of each server agree.

use super::Play;
use crate::identity::{HostId, ServerId};
use std::collections::BTreeMap;

impl Play {
    /// Replicas that have issued the same number have the same state, whenever it is looked; in the end all have issued the same.
    pub(super) fn check_agreement(&mut self, in_the_end: bool) -> Result<(), String> {
        let mut last: BTreeMap<ServerId, (HostId, u64)> = BTreeMap::new();
        let statuses = self.statuses();
        for status in &statuses {
            for replica in &status.replicas {
                let (server, issued) = (replica.server, replica.issued);
                let other = last.entry(server).or_insert((status.me, issued));
                if in_the_end && other.1 != issued {
                    return Err(format!(
                        "agreement: {server} has issued {} commands on host{} and {issued} on host{}",
                        other.1,
                        other.0.0 + 1,
                        status.me.0 + 1
                    ));
                }
                let Some(hash) = replica.state_hash else {
                    continue;
                };
                let (other, known) = self
                    .seen
                    .entry((server, issued))
                    .or_insert((status.me, hash));
                if *known != hash {
                    return Err(format!(
                        "agreement: after command {issued}, {server} has another state on host{} than on host{}",
                        other.0 + 1,
                        status.me.0 + 1
                    ));
                }
            }
        }
        Ok(())
    }
}
