//! Looking at a cluster from outside: status and replicas' states.

use super::{CallError, Client, LinkEvent, ReplicaState};
use crate::identity::{HostId, ServerId};
use crate::kernel::message::{StateHere, ToClient, ToKernel};
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

/// What a message means to a survey.
enum Said<T> {
    /// The host's answer.
    Answer(T),
    /// Part of it; this is to be asked next.
    Ask(ToKernel),
    /// Something else.
    Nothing,
}

/// The state with its next piece, if that is what `next` is.
fn continued(mut state: StateHere, next: StateHere) -> Option<StateHere> {
    let fits = next.issued == state.issued
        && next.total == state.total
        && next.offset == state.piece.len() as u64
        && !next.piece.is_empty();
    state.piece.extend_from_slice(&next.piece);
    fits.then_some(state)
}

impl Client {
    /// What the reachable hosts say about themselves, put together.
    ///
    /// # Errors
    /// `ServerFailed` when none of them answers.
    pub fn status(&mut self) -> Result<ClusterStatus, CallError> {
        let reports: Vec<HostStatus> = self
            .survey(&ToKernel::Status, ANSWER, |_, message| match message {
                ToClient::Status(status) => Said::Answer(*status),
                _ => Said::Nothing,
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
        let piece = |issued, offset| ToKernel::ReplicaState {
            server,
            issued,
            offset,
        };
        let mut begun: BTreeMap<HostId, StateHere> = BTreeMap::new();
        let found = self.survey(&piece(0, 0), STATE_ANSWER, |host, message| {
            let state = match message {
                ToClient::ReplicaState { server: of, state } if of == server => state,
                _ => return Said::Nothing,
            };
            let Some(here) = state else {
                return Said::Answer(None);
            };
            let state = match begun.remove(&host) {
                _ if here.offset == 0 => Some(here),
                Some(before) => continued(before, here),
                None => None,
            };
            // A late piece of a state that was begun anew is of no use.
            let Some(state) = state else {
                return Said::Ask(piece(0, 0));
            };
            let length = state.piece.len() as u64;
            if length >= state.total {
                return Said::Answer(Some(state));
            }
            let issued = state.issued;
            begun.insert(host, state);
            Said::Ask(piece(issued, length))
        });
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
                    snapshot: state.piece,
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
        mut pick: impl FnMut(HostId, ToClient) -> Said<T>,
    ) -> BTreeMap<HostId, T> {
        let hosts: Vec<HostId> = self.hosts.iter().map(|host| host.id).collect();
        for host in &hosts {
            self.dial(*host);
            self.send(&[(*host, question.clone())]);
        }
        let mut answers = BTreeMap::new();
        let mut failures: BTreeMap<HostId, u32> = BTreeMap::new();
        let mut deadline = self.clock.now() + within;
        let waits = |answers: &BTreeMap<HostId, T>, failures: &BTreeMap<HostId, u32>| {
            let open = |host: &HostId| {
                !answers.contains_key(host) && failures.get(host).is_none_or(|count| *count < 2)
            };
            hosts.iter().any(open)
        };
        while self.clock.now() < deadline && waits(&answers, &failures) {
            self.links.wait(Some(deadline));
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
                            match pick(host, message) {
                                Said::Answer(answer) => {
                                    answers.insert(host, answer);
                                }
                                Said::Ask(next) => {
                                    deadline = now + within;
                                    out.push((host, next));
                                }
                                Said::Nothing => {}
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
