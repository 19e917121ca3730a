//! Servers whose program is gone: those without a name end some time after the session that made them.
//!
//! A session is present while any kernel has a connection of it; kernels tell each other with their heartbeats
//! which sessions they see. The host that leads the directory deletes what no present session owns. A program
//! need not speak to be present, but it must be connected.

use super::{Effect, Host};
use crate::clock::Time;
use crate::identity::ServerId;
use crate::kernel::call::Call;
use crate::kernel::directory::{Catalogue, DirectoryCall};
use crate::kernel::membership::HEARTBEAT;
use crate::protocol::{Input, Request, RequestId};
use crate::wire::Wire;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// When each session that owns servers was last seen anywhere.
#[derive(Debug, Default)]
pub(super) struct Presence {
    seen: BTreeMap<u128, Time>,
    looked: Option<Time>,
}

impl Presence {
    /// Another host sees this session.
    pub(super) fn seen(&mut self, session: u128, now: Time) {
        // Others are not known to own anything; they would stay for ever.
        if let Some(seen) = self.seen.get_mut(&session) {
            *seen = now;
        }
    }

    /// What nobody present owns; `here` are the sessions that are connected to this host.
    fn orphans(
        &mut self,
        catalogue: &Catalogue,
        here: &BTreeSet<u128>,
        patience: Duration,
        now: Time,
    ) -> Vec<ServerId> {
        let stopped = self.looked.map_or(Duration::ZERO, |at| now.since(at));
        self.looked = Some(now);
        if stopped > 2 * HEARTBEAT {
            // Whoever was stopped has seen nobody meanwhile.
            self.seen.values_mut().for_each(|at| *at = *at + stopped);
        }
        let owners: BTreeSet<u128> = catalogue
            .entries()
            .filter_map(|entry| entry.owner)
            .collect();
        self.seen.retain(|session, _| owners.contains(session));
        for session in owners {
            let seen = self.seen.entry(session).or_insert(now);
            if here.contains(&session) {
                *seen = now;
            }
        }
        let gone = |session: &u128| {
            let seen = self.seen.get(session);
            seen.is_some_and(|at| now.since(*at) > patience)
        };
        let orphans = catalogue
            .entries()
            .filter(|entry| entry.owner.as_ref().is_some_and(gone));
        orphans.map(|entry| entry.id).collect()
    }
}

impl Host {
    /// The sessions connected to this host that own servers.
    pub(super) fn owners_here(&self) -> Vec<u128> {
        let present = self.clients.values().flatten();
        present
            .filter(|session| self.presence.seen.contains_key(session))
            .copied()
            .collect()
    }

    /// Deletes, if this host leads the directory, the servers whose program is gone.
    pub(super) fn end_orphans(
        &mut self,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<(), String> {
        let here: BTreeSet<u128> = self.clients.values().flatten().copied().collect();
        let orphans = {
            let shared = self.shared.lock();
            let shared = shared.unwrap_or_else(std::sync::PoisonError::into_inner);
            let patience = self.options.orphan_after;
            self.presence.orphans(&shared.settled, &here, patience, now)
        };
        let leads = |host: &Host| {
            let directory = host.replicas.get(&ServerId::DIRECTORY);
            directory.is_some_and(|replica| replica.leader() == Some(host.options.me))
        };
        if orphans.is_empty() || !leads(self) {
            return Ok(());
        }
        let call = Call::encode(&[], &[&DirectoryCall::Delete(orphans).to_bytes()]);
        // A session of its own, which opens like any other.
        let session = u128::from(now.nanos().unsigned_abs()) << 64 | u128::from(self.seeds.draw());
        let request = Request {
            id: RequestId {
                session,
                sequence: 1,
            },
            acknowledged: 0,
            call: call.into(),
        };
        // Until that is issued, and settled here, there is no need to ask again.
        self.presence
            .seen
            .values_mut()
            .for_each(|at| *at = (*at).max(now - HEARTBEAT));
        self.with_replica(ServerId::DIRECTORY, now, effects, |replica, around| {
            replica.step(Input::Request(request), around)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::directory::{Change, Entry};
    use std::sync::Arc;

    const PATIENCE: Duration = Duration::from_secs(1);

    fn catalogue(owners: &[Option<u128>]) -> Catalogue {
        let begin = owners.iter().zip(1..).map(|(owner, id)| {
            Arc::new(Entry {
                id: ServerId(id),
                class: "c".to_owned(),
                args: Vec::new(),
                name: None,
                owner: *owner,
                tolerance: 0,
                priority: 0,
                durable: true,
                hosts: Vec::new(),
                incarnations: Vec::new(),
            })
        });
        let mut catalogue = Catalogue::default();
        catalogue.apply(&Change {
            begin: begin.collect(),
            end: Vec::new(),
        });
        catalogue
    }

    /// Looks every heartbeat from one time to another, in milliseconds; what was orphaned in the end.
    fn look(
        presence: &mut Presence,
        here: &[u128],
        elsewhere: &[u128],
        ms: (u64, u64),
    ) -> Vec<u64> {
        let catalogue = catalogue(&[None, Some(7), Some(8), Some(9)]);
        let mut orphans = Vec::new();
        for at in (ms.0..ms.1).step_by(50) {
            let now = Time::ZERO + Duration::from_millis(at);
            elsewhere
                .iter()
                .for_each(|session| presence.seen(*session, now));
            let here = here.iter().copied().collect();
            orphans = presence.orphans(&catalogue, &here, PATIENCE, now);
        }
        orphans.iter().map(|id| id.0).collect()
    }

    #[test]
    fn only_what_nobody_present_owns_is_an_orphan() {
        let mut presence = Presence::default();
        assert_eq!(look(&mut presence, &[7], &[8], (0, 900)), []);
        assert_eq!(look(&mut presence, &[7], &[8], (900, 1500)), [4]);
        assert_eq!(look(&mut presence, &[], &[8], (1500, 2200)), [4]);
        assert_eq!(look(&mut presence, &[], &[8], (2200, 3000)), [2, 4]);
    }

    #[test]
    fn a_host_that_was_stopped_takes_nobody_for_gone() {
        let mut presence = Presence::default();
        assert_eq!(look(&mut presence, &[], &[7, 8, 9], (0, 500)), []);
        assert_eq!(look(&mut presence, &[], &[], (9_000, 9_500)), []);
    }
}
