//! A run that is walked command by command: where it stops, and what is seen there.

use super::record::Record;
use super::{BEGIN, Play};
use crate::identity::{HostId, ServerId};
use crate::kernel::status::{ClusterStatus, HostStatus, ServerView};
use std::time::Duration;

/// Stops a run, shows it, and says where it stops next.
pub struct Steps {
    /// It stops when so many commands are issued.
    pub next: u64,
    /// Is shown the run; gives the next number.
    pub show: Box<dyn FnMut(&Moment) -> u64>,
}

/// A run where it has stopped.
pub struct Moment {
    /// How many commands are issued, of all servers; one more once the run is over.
    pub command: u64,
    /// Since the beginning.
    pub at: Duration,
    /// What was issued last, or how the run ended.
    pub issued: Vec<String>,
    /// The replicas of the servers whose commands those are, a line each.
    pub changed: Vec<String>,
    /// Those of all servers, and what fails.
    pub all: Vec<String>,
}

impl Play {
    /// Stops if it is time to.
    pub(super) fn stop_for_steps(&mut self) {
        let (count, newly) = {
            let mut inner = self.shared.inner();
            let record: &mut Record = &mut inner.record;
            (record.count, record.take_issued())
        };
        self.newly.extend(newly);
        if self.steps.as_ref().is_none_or(|steps| steps.next > count) {
            // Only what the last event issued is told.
            self.newly.clear();
            return;
        }
        let newly = std::mem::take(&mut self.newly);
        let issued = {
            let inner = self.shared.inner();
            let told = newly.iter().map(|(server, number)| {
                let command = inner.record.command(*server, *number);
                format!("{} {number}: {command}", inner.record.names.server(*server))
            });
            told.collect()
        };
        let servers: Vec<ServerId> = newly.into_iter().map(|(server, _)| server).collect();
        self.show(count, issued, &servers);
    }

    /// The run is over, which is shown too.
    pub(super) fn stop_at_the_end(&mut self, how: String) {
        if self.steps.is_some() {
            let count = self.shared.inner().record.count;
            self.show(count + 1, vec![how], &[]);
        }
    }

    fn show(&mut self, command: u64, issued: Vec<String>, servers: &[ServerId]) {
        let reports: Vec<HostStatus> = self.statuses();
        let cluster = ClusterStatus::merge(&reports);
        let (mut changed, mut all) = (Vec::new(), Vec::new());
        for view in &cluster.servers {
            let lines = self.replicas(view);
            if servers.contains(&view.about.server) {
                changed.extend(lines.iter().cloned());
            }
            all.extend(lines);
        }
        all.extend(self.failing().map(|fault| format!("fails: {fault}")));
        let moment = Moment {
            command,
            at: self.shared.inner().now.since(BEGIN),
            issued,
            changed,
            all,
        };
        if let Some(steps) = &mut self.steps {
            steps.next = (steps.show)(&moment);
        }
    }

    /// A server and its replicas.
    fn replicas(&self, view: &ServerView) -> Vec<String> {
        let about = &view.about;
        let server = self.shared.inner().record.names.server(about.server);
        let name = about
            .name
            .as_ref()
            .map_or(String::new(), |name| format!(" {name:?}"));
        let mut lines = vec![format!("{server}{name}, tolerance {}", about.tolerance)];
        for host in &about.hosts {
            let known = view.replicas.iter().find(|(known, _)| known == host);
            let Some((_, replica)) = known else {
                lines.push(format!("  host{}  has no replica now", host.0 + 1));
                continue;
            };
            let leads = if replica.leads { "leads " } else { "" };
            let state = self.state(*host, about.server);
            let mut state = state.lines();
            let first = state.next().unwrap_or("");
            lines.push(format!(
                "  host{}  {leads}ballot {}  issued {}  {first}",
                host.0 + 1,
                replica.ballot,
                replica.issued
            ));
            lines.extend(state.map(|line| format!("      {line}")));
        }
        lines
    }

    fn state(&self, host: HostId, server: ServerId) -> String {
        let core = self.hosts.get(usize::from(host.0));
        let core = core.and_then(|host| host.core.as_ref());
        core.and_then(|core| core.describe(server))
            .unwrap_or_else(|| "a method runs".to_owned())
    }
}
