//! Runs in which more fails than the tolerances promise to survive: the program may stop then, but not be wrong.

use super::events::Event;
use super::{BEGIN, Play};
use crate::clock::Time;
use crate::identity::HostId;
use std::time::Duration;

/// How often it is looked whether anything still happens.
const LOOK: Duration = Duration::from_secs(5);
/// A program whose servers have lost too many hosts, and in which nothing was issued for so long, has stopped.
const PATIENCE: Duration = Duration::from_secs(60);
/// What main may end with then: what it asked for could not be had.
const UNAVAILABLE: [&str; 3] = ["resource_exhausted", "server_failed", "timeout_expired"];

/// How much all replicas have issued, and since when it is no more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    issued: u64,
    since: Time,
}

impl Progress {
    /// Nothing yet.
    pub(super) const NONE: Self = Self {
        issued: 0,
        since: BEGIN,
    };
}

impl Play {
    /// Sees to it that somebody looks.
    pub(super) fn begin_to_look(&mut self) {
        if self.options.beyond {
            let mut inner = self.shared.inner();
            let next = inner.now + LOOK;
            inner.at(next, Event::Look);
        }
    }

    /// Looks whether anything was issued, and whether there are servers that have lost too many hosts for that.
    pub(super) fn look(&mut self) {
        let statuses = self.statuses();
        let replicas = statuses.iter().flat_map(|status| &status.replicas);
        let issued = replicas.map(|replica| replica.issued).sum();
        let now = self.shared.inner().now;
        if issued != self.progress.issued {
            self.progress = Progress { issued, since: now };
        }
        self.has_stopped = self.is_beyond_repair() && now.since(self.progress.since) > PATIENCE;
        self.begin_to_look();
    }

    /// Whether some server has lost more hosts for good than it tolerates; the directory, which is on all of them, loses them first.
    fn is_beyond_repair(&mut self) -> bool {
        let gone: Vec<HostId> = self.gone().collect();
        let statuses = self.statuses();
        let mut servers = statuses.iter().flat_map(|status| &status.servers);
        gone.len() == self.hosts.len()
            || servers.any(|server| {
                let lost = server.hosts.iter().filter(|host| gone.contains(host));
                lost.count() > server.tolerance as usize
            })
    }

    /// The hosts that are not started again.
    pub(super) fn gone(&self) -> impl Iterator<Item = HostId> {
        let hosts = self.hosts.iter().zip((0..).map(HostId));
        hosts.filter(|(host, _)| host.is_gone).map(|(_, id)| id)
    }

    /// How the program stopped, if it may: by an exception that says so, or not at all.
    pub(super) fn how_it_stopped(&self) -> Option<String> {
        if !self.options.beyond {
            return None;
        }
        let inner = self.shared.inner();
        match (&inner.uncaught, inner.status) {
            (Some(class), _) if UNAVAILABLE.contains(&class.as_str()) => {
                Some(format!("main ended with {class}"))
            }
            (_, None) if self.has_stopped => {
                let lost = "servers have lost more hosts than they tolerate";
                Some(format!("{lost}, nothing is issued, and main waits"))
            }
            (_, None) => Some("main has not ended in time".to_owned()),
            _ => None,
        }
    }
}
