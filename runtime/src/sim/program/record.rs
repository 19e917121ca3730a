//! What a run remembers of its last seconds, for whoever draws them afterwards.
//!
//! Nothing that is noted here changes what happens: a run with a record has the same trace as one without.

mod commands;
mod content;
mod names;

use super::network::End;
use crate::clock::Time;
use crate::identity::{HostId, ServerId};
use crate::kernel::host::Standing;
use crate::protocol::Bytes;
use commands::Commands;
pub(super) use content::{Content, Sort, of_client, of_link, of_peer};
pub(super) use names::Names;
use std::collections::{BTreeMap, VecDeque};

/// No more messages are remembered.
const MESSAGES_MAX: usize = 4_000;
/// No more marks are.
const MARKS_MAX: usize = 4_000;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is still on its way.
    UnderWay,
    /// It arrived then.
    Arrived(Time),
    /// It never arrives; that was known then.
    Lost(Time),
}

/// One message.
#[derive(Clone, Debug)]
pub(super) struct Passed {
    pub from: End,
    pub to: End,
    pub sent: Time,
    /// It met a cut or a bad way.
    pub struck: bool,
    pub fate: Fate,
    pub content: Content,
}

/// Something that happened at one host.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub host: HostId,
    pub at: Time,
    pub what: Happened,
}

/// What happened there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// A replica leads from now on.
    Leads(ServerId, u64),
    /// It does not lead any more.
    Follows(ServerId, u64),
    /// It knows these commands issued, the first and the last of them.
    Issued(ServerId, u64, u64),
    /// The kernel is gone.
    Ended,
    /// The kernel starts.
    Started,
}

/// The last seconds of a run.
#[derive(Clone, Default)]
pub(super) struct Record {
    /// Without that nothing is remembered.
    pub on: bool,
    pub messages: VecDeque<Passed>,
    /// The number of the first of them.
    first: u64,
    pub marks: VecDeque<Mark>,
    pub names: Names,
    commands: Commands,
    /// How many commands are issued, of all servers.
    pub count: u64,
    /// Up to which number, of each server.
    issued: BTreeMap<ServerId, u64>,
    /// Those that were issued since somebody asked.
    newly: Vec<(ServerId, u64)>,
    /// What each replica was seen to be.
    seen: BTreeMap<(HostId, ServerId), (bool, u64, u64)>,
}

impl Record {
    /// An empty one.
    pub(super) fn new(on: bool, names: Names) -> Self {
        Self {
            on,
            names,
            ..Self::default()
        }
    }

    /// A message leaves; the number by which [`Record::arrived`] and [`Record::lost`] know it, 0 if it is not remembered.
    pub(super) fn sent(
        &mut self,
        (from, to): (End, End),
        sent: Time,
        struck: bool,
        content: impl FnOnce(&Names) -> Option<Content>,
    ) -> u64 {
        if !self.on || from == to {
            return 0;
        }
        let Some(content) = content(&self.names) else {
            return 0;
        };
        if let Some((name, method)) = &content.request {
            self.commands.request(*name, method);
        }
        if self.messages.len() == MESSAGES_MAX {
            self.messages.pop_front();
            self.first += 1;
        }
        self.messages.push_back(Passed {
            from,
            to,
            sent,
            struck,
            fate: Fate::UnderWay,
            content,
        });
        self.first + self.messages.len() as u64
    }

    /// That message is there.
    pub(super) fn arrived(&mut self, message: u64, now: Time) {
        self.decide(message, Fate::Arrived(now));
    }

    /// That message never will be.
    pub(super) fn lost(&mut self, message: u64, now: Time) {
        self.decide(message, Fate::Lost(now));
    }

    fn decide(&mut self, message: u64, fate: Fate) {
        let position = message.checked_sub(self.first + 1);
        let position = position.and_then(|position| usize::try_from(position).ok());
        if let Some(passed) = position.and_then(|position| self.messages.get_mut(position))
            // Of two copies the first one counts.
            && passed.fate == Fate::UnderWay
        {
            passed.fate = fate;
        }
    }

    /// Something happened at a host.
    pub(super) fn mark(&mut self, host: HostId, at: Time, what: Happened) {
        if !self.on {
            return;
        }
        if self.marks.len() == MARKS_MAX {
            self.marks.pop_front();
        }
        if what == Happened::Ended {
            self.seen.retain(|(known, _), _| *known != host);
        }
        self.marks.push_back(Mark { host, at, what });
    }

    /// A host has handled something; this is what its replicas are now.
    pub(super) fn look(&mut self, host: HostId, at: Time, replicas: &[Standing]) {
        for Standing { class, replica } in replicas {
            let server = replica.server;
            self.names.learn(server, class);
            let now = (replica.leads, replica.ballot, replica.issued);
            let before = self.seen.insert((host, server), now);
            let (led, _, issued) = before.unwrap_or((false, 0, replica.issued));
            if replica.leads && !led {
                self.mark(host, at, Happened::Leads(server, replica.ballot));
            }
            if led && !replica.leads {
                self.mark(host, at, Happened::Follows(server, replica.ballot));
            }
            let first = self.issued.entry(server).or_default();
            while *first < replica.issued {
                *first += 1;
                self.count += 1;
                self.newly.push((server, *first));
            }
            if replica.issued > issued {
                self.mark(
                    host,
                    at,
                    Happened::Issued(server, issued + 1, replica.issued),
                );
            }
        }
    }
}

impl Record {
    /// A replica writes something.
    pub(super) fn writes(&mut self, server: ServerId, records: &[Bytes]) {
        if self.on {
            self.commands.learn(server, records);
        }
    }

    /// What was issued since the last time, in order.
    pub(super) fn take_issued(&mut self) -> Vec<(ServerId, u64)> {
        std::mem::take(&mut self.newly)
    }

    /// What a command does, in words.
    pub(super) fn command(&self, server: ServerId, number: u64) -> String {
        self.commands.describe(server, number, &self.names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::status::ReplicaStatus;
    use std::time::Duration;

    fn content(_: &Names) -> Option<Content> {
        Some(Content {
            sort: Sort::Call,
            text: String::new(),
            request: None,
        })
    }

    #[test]
    fn old_messages_are_forgotten_and_the_others_keep_their_numbers() {
        let mut record = Record {
            on: true,
            ..Record::default()
        };
        let at = |step: u64| Time::ZERO + Duration::from_millis(step);
        let ends = (None, Some(HostId(0)));
        let numbers: Vec<u64> = (0..MESSAGES_MAX as u64 + 10)
            .map(|step| record.sent(ends, at(step), false, content))
            .collect();
        record.arrived(numbers[3], at(9_000));
        record.lost(numbers[10], at(9_001));
        record.arrived(numbers[10], at(9_002));
        record.arrived(0, at(9_003));
        assert_eq!(record.messages.len(), MESSAGES_MAX);
        assert_eq!(record.messages[0].sent, at(10));
        assert_eq!(record.messages[0].fate, Fate::Lost(at(9_001)));
        let decided = |passed: &&Passed| passed.fate != Fate::UnderWay;
        assert_eq!(record.messages.iter().filter(decided).count(), 1);
    }

    #[test]
    fn a_change_of_leaders_is_marked_at_both() {
        let mut record = Record {
            on: true,
            ..Record::default()
        };
        let replica = |leads, ballot, issued| Standing {
            class: "counter".to_owned(),
            replica: ReplicaStatus {
                server: ServerId(3),
                leads,
                ballot,
                issued,
                leader_changes: 0,
                syncs: 0,
                state_hash: None,
            },
        };
        for (step, replica) in [(false, 1, 0), (true, 2, 0), (true, 2, 3), (false, 4, 3)]
            .map(|(leads, ballot, issued)| replica(leads, ballot, issued))
            .iter()
            .enumerate()
        {
            let at = Time::from_nanos(i64::try_from(step).unwrap());
            record.look(HostId(1), at, std::slice::from_ref(replica));
        }
        let what: Vec<&Happened> = record.marks.iter().map(|mark| &mark.what).collect();
        let server = ServerId(3);
        assert_eq!(
            what,
            [
                &Happened::Leads(server, 2),
                &Happened::Issued(server, 1, 3),
                &Happened::Follows(server, 4)
            ]
        );
    }
}
