//! The exactly-once table: what was answered to whom. It is part of the replicated state.
//!
//! Only issued commands enter it, in order, so it is equal on all replicas at equal number. A session's requests are
//! executed in the order of their numbers without gaps (a number that the client gave up is one that it acknowledged), so one highest number says what was
//! executed; replies are kept until the client acknowledges them. When there are too many sessions, those that were idle for
//! longest are forgotten, all at once a part of them so that it costs little, and their identifiers can never be opened again.

use std::collections::{BTreeMap, VecDeque};

use super::command::Entry;
use crate::protocol::{Bytes, Number, RequestId};
use crate::wire::{Reader, Wire, WireError, Writer};

/// The part of the sessions that is forgotten at once is one over this.
const EVICTED_PART: usize = 8;

/// What the table may hold; beyond it, sessions are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// At most so many sessions.
    pub count: usize,
    /// At most so many bytes of answers that nobody has acknowledged, besides those of the latest session.
    pub bytes: usize,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sessions {
    sessions: BTreeMap<u128, Session>,
    /// The highest identifier of a forgotten session.
    forgotten: Option<u128>,
    /// How many bytes the kept answers have.
    bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Session {
    /// The highest number executed.
    executed: u64,
    /// Everything up to here is done with at the client.
    acknowledged: u64,
    /// The replies above `acknowledged`, ascending.
    replies: VecDeque<(u64, Bytes)>,
    /// The last command with one of its requests.
    last_used: Number,
}

/// What the table says about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It was executed, and this is the answer.
    Answered(Bytes),
    /// It is done with: acknowledged or given up.
    Trimmed,
    /// The session cannot be used (any more).
    UnknownSession,
    /// It was not executed. `executed` is the highest number of its session that was.
    New {
        /// That number; 0 if there is none.
        executed: u64,
    },
}

impl Session {
    /// How many bytes its answers have.
    fn bytes(&self) -> usize {
        self.replies.iter().map(|(_, reply)| reply.len()).sum()
    }

    /// Forgets its oldest answer; how many bytes that had.
    fn pop_reply(&mut self) -> usize {
        let oldest = self.replies.pop_front();
        oldest.map_or(0, |(_, reply)| reply.len())
    }
}

impl Sessions {
    /// What is known about this request.
    #[must_use]
    pub fn lookup(&self, id: RequestId, acknowledged: u64) -> Known {
        if id.sequence == 0 || id.sequence <= acknowledged {
            return Known::Trimmed;
        }
        let Some(session) = self.sessions.get(&id.session) else {
            // One with an identifier above all forgotten ones was never here: nothing of it was executed.
            let opens = self.forgotten.is_none_or(|last| id.session > last);
            return if opens {
                Known::New { executed: 0 }
            } else {
                Known::UnknownSession
            };
        };
        if id.sequence <= session.acknowledged {
            return Known::Trimmed;
        }
        if id.sequence > session.executed {
            return Known::New {
                executed: session.executed,
            };
        }
        match session
            .replies
            .binary_search_by_key(&id.sequence, |(sequence, _)| *sequence)
        {
            Ok(at) => match session.replies.get(at) {
                Some((_, reply)) => Known::Answered(Bytes::clone(reply)),
                None => Known::Trimmed,
            },
            Err(_) => Known::Trimmed,
        }
    }

    /// Enters an issued execution of the command with this number, if it has ended.
    pub fn enter(&mut self, number: Number, entry: &Entry, limits: SessionLimits) {
        let Some((reply, _)) = entry.done() else {
            return;
        };
        if !self.sessions.contains_key(&entry.id.session) && self.sessions.len() >= limits.count {
            self.forget_idle();
        }
        let session = self.sessions.entry(entry.id.session).or_default();
        session.acknowledged = session.acknowledged.max(entry.acknowledged);
        while let Some((sequence, _)) = session.replies.front() {
            if *sequence > session.acknowledged {
                break;
            }
            self.bytes -= session.pop_reply();
        }
        if entry.id.sequence > session.executed {
            session.executed = entry.id.sequence;
            self.bytes += reply.len();
            session
                .replies
                .push_back((entry.id.sequence, Bytes::clone(reply)));
        }
        session.last_used = session.last_used.max(number);
        while self.bytes > limits.bytes && self.sessions.len() > 1 {
            self.forget_idle();
        }
    }

    /// Forgets the sessions that were idle for longest.
    fn forget_idle(&mut self) {
        let mut idle: Vec<(Number, u128)> = self
            .sessions
            .iter()
            .map(|(id, session)| (session.last_used, *id))
            .collect();
        idle.sort_unstable();
        idle.truncate((self.sessions.len() / EVICTED_PART).max(1));
        for (_, id) in idle {
            let session = self.sessions.remove(&id).unwrap_or_default();
            self.bytes -= session.bytes();
            self.forgotten = self.forgotten.max(Some(id));
        }
    }
}

impl Wire for Sessions {
    const BYTES_MIN: usize = 2;

    fn write(&self, to: &mut Writer) {
        to.option(self.forgotten, |to, id| to.u128(id));
        to.sequence(&self.sessions, |to, (id, session)| {
            to.u128(*id);
            to.varint(session.executed);
            to.varint(session.acknowledged);
            to.varint(session.last_used.0);
            to.sequence(&session.replies, |to, (sequence, reply)| {
                to.varint(*sequence);
                to.bytes(reply);
            });
        });
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let forgotten = from.option(Reader::u128)?;
        let sessions = from.sequence(20, |from| {
            let id = from.u128()?;
            let session = Session {
                executed: from.varint()?,
                acknowledged: from.varint()?,
                last_used: Number(from.varint()?),
                replies: from
                    .sequence(2, |from| Ok((from.varint()?, Bytes::from(from.bytes()?))))?
                    .into(),
            };
            Ok((id, session))
        })?;
        let sessions: BTreeMap<u128, Session> = sessions.into_iter().collect();
        Ok(Sessions {
            bytes: sessions.values().map(Session::bytes).sum(),
            sessions,
            forgotten,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::executive::command::What;

    fn entry(session: u128, sequence: u64, acknowledged: u64) -> Entry {
        Entry {
            id: RequestId { session, sequence },
            acknowledged,
            what: What::Done {
                reply: Bytes::from(sequence.to_le_bytes()),
                delta: Bytes::default(),
            },
        }
    }

    fn at_most(count: usize) -> SessionLimits {
        SessionLimits {
            count,
            bytes: usize::MAX,
        }
    }

    fn id(session: u128, sequence: u64) -> RequestId {
        RequestId { session, sequence }
    }

    #[test]
    fn a_repetition_gets_the_first_answer_until_it_is_acknowledged() {
        let mut table = Sessions::default();
        table.enter(Number(1), &entry(7, 1, 0), at_most(10));
        let answer = Known::Answered(Bytes::from(1u64.to_le_bytes()));
        assert_eq!(table.lookup(id(7, 1), 0), answer);
        assert_eq!(table.lookup(id(7, 2), 0), Known::New { executed: 1 });
        table.enter(Number(2), &entry(7, 2, 1), at_most(10));
        assert_eq!(table.lookup(id(7, 1), 0), Known::Trimmed);
    }

    #[test]
    fn a_request_that_was_given_up_is_never_run_later() {
        let mut table = Sessions::default();
        table.enter(Number(1), &entry(7, 3, 2), at_most(10));
        assert_eq!(table.lookup(id(7, 2), 0), Known::Trimmed);
    }

    #[test]
    fn a_forgotten_session_cannot_be_opened_again() {
        let mut table = Sessions::default();
        table.enter(Number(1), &entry(5, 1, 0), at_most(2));
        table.enter(Number(2), &entry(7, 1, 0), at_most(2));
        table.enter(Number(3), &entry(9, 1, 0), at_most(2));
        assert_eq!(table.sessions.len(), 2);
        assert_eq!(table.lookup(id(5, 1), 0), Known::UnknownSession);
        assert_eq!(table.lookup(id(8, 1), 0), Known::New { executed: 0 });
    }

    #[test]
    fn what_is_done_with_is_told_from_what_is_new() {
        let mut table = Sessions::default();
        let new = |executed| Known::New { executed };
        assert_eq!(table.lookup(id(7, 0), 0), Known::Trimmed);
        assert_eq!(table.lookup(id(7, 3), 3), Known::Trimmed);
        assert_eq!(table.lookup(id(7, 4), 3), new(0));
        table.enter(Number(1), &entry(7, 4, 2), at_most(10));
        for sequence in [1, 2, 3] {
            assert_eq!(table.lookup(id(7, sequence), 0), Known::Trimmed);
        }
        let answer = Known::Answered(Bytes::from(4u64.to_le_bytes()));
        assert_eq!(table.lookup(id(7, 4), 0), answer);
        assert_eq!(table.lookup(id(7, 4), 4), Known::Trimmed);
        assert_eq!(table.lookup(id(7, 5), 4), new(4));
        // What is entered again changes nothing.
        let before = table.clone();
        table.enter(Number(1), &entry(7, 4, 2), at_most(10));
        assert_eq!(table, before);
    }

    /// An eighth at once, of those that were idle for longest; what their answers took is free then.
    #[test]
    fn sessions_are_forgotten_in_the_order_of_their_last_use() {
        let mut table = Sessions::default();
        for session in 1..=16 {
            let number = Number(session as u64);
            table.enter(number, &entry(session, 1, 0), at_most(16));
        }
        table.enter(Number(17), &entry(1, 2, 0), at_most(16));
        assert_eq!(table.sessions.len(), 16);
        table.enter(Number(18), &entry(17, 1, 0), at_most(16));
        let left: Vec<u128> = table.sessions.keys().copied().collect();
        let expected: Vec<u128> = [1].into_iter().chain(4..=17).collect();
        assert_eq!(left, expected);
        assert_eq!(table.bytes, 16 * 8);
        assert_eq!(table.lookup(id(3, 2), 0), Known::UnknownSession);
        // The identifier of one that is still there may be lower than a forgotten one's.
        assert_eq!(table.lookup(id(1, 3), 0), Known::New { executed: 2 });
    }

    #[test]
    fn answers_take_no_more_than_they_may_but_for_those_of_the_latest_session() {
        let limits = SessionLimits {
            count: 10,
            bytes: 16,
        };
        let mut table = Sessions::default();
        let mut sessions = |number, session, sequence| {
            table.enter(Number(number), &entry(session, sequence, 0), limits);
            (table.sessions.len(), table.bytes)
        };
        assert_eq!(sessions(1, 5, 1), (1, 8));
        assert_eq!(sessions(2, 6, 1), (2, 16));
        assert_eq!(sessions(3, 7, 1), (2, 16));
        assert_eq!(sessions(4, 7, 2), (1, 16));
        assert_eq!(sessions(5, 7, 3), (1, 24));
        table.enter(Number(6), &entry(7, 4, 2), limits);
        assert_eq!(table.bytes, 16);
    }

    #[test]
    fn the_table_survives_its_encoding() {
        let mut table = Sessions::default();
        table.enter(Number(1), &entry(5, 1, 0), at_most(1));
        table.enter(Number(2), &entry(7, 1, 0), at_most(1));
        assert_eq!(Sessions::from_bytes(&table.to_bytes()), Ok(table));
        let empty = Sessions::default();
        assert_eq!(empty.to_bytes().len(), Sessions::BYTES_MIN);
    }
}
