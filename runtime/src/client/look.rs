//! Looking at a cluster from outside: status and replicas' states.

use super::{CallError, Client, LinkEvent, ReplicaState};
use crate::clock::Time;
use crate::identity::{HostId, ServerId};
use crate::kernel::message::{ToClient, ToKernel};
use crate::kernel::status::{ClusterStatus, HostStatus};
use crate::transport::Role;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// A host that says nothing for so long is left out.
const ANSWER: Duration = Duration::from_secs(1);

/// The same where the answer is a whole state, which takes time to write down and to carry.
const STATE_ANSWER: Duration = Duration::from_secs(10);

/// What the hosts of a cluster say about themselves, asked through any of `addresses`.
///
/// # Errors
/// `ServerFailed` when none of them answers.
pub fn status(addresses: &[SocketAddr]) -> Result<ClusterStatus, CallError> {
    Client::attach(addresses, Role::Status)?.status()
}

impl Client {
    /// What the reachable hosts say about themselves, put together.
    ///
    /// # Errors
    /// `ServerFailed` when none of them answers.
    pub fn status(&mut self) -> Result<ClusterStatus, CallError> {
        let reports: Vec<HostStatus> = self
            .survey(&ToKernel::Status, ANSWER, |message| match message {
                ToClient::Status(status) => Some(*status),
                _ => None,
            })
            .into_values()
            .collect();
        if reports.is_empty() {
            return Err(CallError::ServerFailed("no host answers".to_owned()));
        }
        Ok(ClusterStatus::merge(&reports))
    }

    /// The issued state of every reachable replica of a server, in order of hosts.
    ///
    /// # Errors
    /// `ServerFailed` when no replica is reachable.
    pub fn replica_states(&mut self, server: ServerId) -> Result<Vec<ReplicaState>, CallError> {
        let found = self.survey(
            &ToKernel::ReplicaState { server },
            STATE_ANSWER,
            |message| match message {
                ToClient::ReplicaState { server: of, state } if of == server => Some(state),
                _ => None,
            },
        );
        let states: Vec<ReplicaState> = found
            .into_iter()
            .filter_map(|(id, state)| {
                let state = state?;
                let host = self.hosts.iter().find(|host| host.id == id)?.clone();
                Some(ReplicaState {
                    host,
                    class: state.class,
                    issued: state.issued,
                    state_hash: state.hash,
                    snapshot: state.snapshot,
                })
            })
            .collect();
        if states.is_empty() {
            return Err(CallError::ServerFailed(format!(
                "no replica of {server} is reachable"
            )));
        }
        Ok(states)
    }

    /// Asks every host and collects what `pick` takes from the answers.
    fn survey<T>(
        &mut self,
        question: &ToKernel,
        within: Duration,
        mut pick: impl FnMut(ToClient) -> Option<T>,
    ) -> BTreeMap<HostId, T> {
        let hosts: Vec<HostId> = self.hosts.iter().map(|host| host.id).collect();
        for host in &hosts {
            self.dial(*host);
            self.send(&[(*host, question.clone())]);
        }
        let mut answers = BTreeMap::new();
        let mut failures: BTreeMap<HostId, u32> = BTreeMap::new();
        let deadline = self.clock.now() + within;
        let waits = |answers: &BTreeMap<HostId, T>, failures: &BTreeMap<HostId, u32>, now: Time| {
            let open = |host: &HostId| {
                !answers.contains_key(host) && failures.get(host).is_none_or(|count| *count < 2)
            };
            now < deadline && hosts.iter().any(open)
        };
        while waits(&answers, &failures, self.clock.now()) {
            self.links.wait(Some(self.clock.instant(deadline)));
            let mut out = Vec::new();
            let now = self.clock.now();
            for (link, event) in self.links.take() {
                let Some(host) = self.by_link.get(&link).copied() else {
                    continue;
                };
                match event {
                    LinkEvent::Up => {
                        self.session.connected(host, now, &mut out);
                        out.push((host, question.clone()));
                    }
                    LinkEvent::Message(ToClient::Hosts { .. }) => {}
                    LinkEvent::Message(message) => {
                        if matches!(message, ToClient::Status(_) | ToClient::ReplicaState { .. }) {
                            if let Some(answer) = pick(message) {
                                answers.insert(host, answer);
                            }
                        } else {
                            self.session.handle(host, message, now, &mut out);
                        }
                    }
                    LinkEvent::Down | LinkEvent::Unreachable(_) => {
                        *failures.entry(host).or_default() += 1;
                        self.session.disconnected(host, now);
                    }
                }
            }
            self.send(&out);
        }
        answers
    }
}
