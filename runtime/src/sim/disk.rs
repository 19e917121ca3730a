//! A simulated disk: what was written is lost in a crash until it was synced, and a sync takes its time.

use std::collections::{BTreeMap, VecDeque};

use super::scenario::Unsynced;
use crate::clock::Time;
use crate::protocol::executive::{Ballot, CommandId, Random, Record, Recovered};
use crate::protocol::{Bytes, Number, Token};
use crate::wire::Wire;

/// One device's disk.
#[derive(Debug, Default)]
pub struct Disk {
    snapshot: Option<Bytes>,
    records: Vec<Bytes>,
    pending: VecDeque<Write>,
    /// The highest promise in durable records; never goes back, as the device's must not.
    promise: Option<Ballot>,
    /// The durable vote of the highest ballot for each number.
    votes: BTreeMap<Number, (Ballot, CommandId)>,
}

#[derive(Debug)]
struct Write {
    token: Token,
    content: Content,
    done_at: Time,
}

#[derive(Debug)]
enum Content {
    Records(Vec<Bytes>),
    Snapshot(Bytes),
}

impl Disk {
    /// Starts to write records.
    pub fn append(&mut self, token: Token, records: Vec<Bytes>, done_at: Time) {
        self.write(token, Content::Records(records), done_at);
    }

    /// Starts to write a snapshot that replaces everything before.
    pub fn save(&mut self, token: Token, snapshot: Bytes, done_at: Time) {
        self.write(token, Content::Snapshot(snapshot), done_at);
    }

    fn write(&mut self, token: Token, content: Content, done_at: Time) {
        // Writes become durable in order.
        let after = self
            .pending
            .back()
            .map_or(Time::ZERO, |write| write.done_at);
        let done_at = done_at.max(after);
        self.pending.push_back(Write {
            token,
            content,
            done_at,
        });
    }

    /// When the next write is done.
    #[must_use]
    pub fn next_done(&self) -> Option<Time> {
        self.pending.front().map(|write| write.done_at)
    }

    /// When the last write is done.
    #[must_use]
    pub fn last_done(&self) -> Option<Time> {
        self.pending.back().map(|write| write.done_at)
    }

    /// Makes durable what is done by now; the token up to which that is.
    pub fn sync(&mut self, now: Time) -> Option<Token> {
        let mut last = None;
        while self
            .pending
            .front()
            .is_some_and(|write| write.done_at <= now)
        {
            let write = self.pending.pop_front()?;
            last = Some(write.token);
            self.keep(write.content);
        }
        last
    }

    fn keep(&mut self, content: Content) {
        match content {
            Content::Records(records) => {
                for record in &records {
                    self.note(record);
                }
                self.records.extend(records);
            }
            Content::Snapshot(snapshot) => {
                self.records.clear();
                self.snapshot = Some(snapshot);
            }
        }
    }

    fn note(&mut self, record: &Bytes) {
        match Record::from_bytes(record) {
            Ok(Record::Tried(ballot) | Record::Promised(ballot)) => {
                self.promise = self.promise.max(Some(ballot));
            }
            Ok(Record::Voted(vote)) => {
                self.promise = self.promise.max(Some(vote.ballot));
                let cast = (vote.ballot, vote.command.id);
                let kept = self.votes.entry(vote.command.number()).or_insert(cast);
                if kept.0 < cast.0 {
                    *kept = cast;
                }
            }
            Ok(Record::Issued(_) | Record::Learnt(_)) | Err(_) => {}
        }
    }

    /// The power fails. Says whether anything was lost.
    pub fn crash(&mut self, unsynced: Unsynced, random: &mut Random) -> bool {
        match unsynced {
            Unsynced::Lost => {
                let lost = self.is_busy();
                self.pending.clear();
                lost
            }
            Unsynced::Kept => {
                while let Some(write) = self.pending.pop_front() {
                    self.keep(write.content);
                }
                false
            }
            Unsynced::Chance => self.crash_by_chance(random),
        }
    }

    fn crash_by_chance(&mut self, random: &mut Random) -> bool {
        let mut lost = false;
        while let Some(write) = self.pending.pop_front() {
            match write.content {
                Content::Records(mut records) if !lost => {
                    let survive = random.below(records.len() as u64 + 1) as usize;
                    lost = survive < records.len();
                    records.truncate(survive);
                    self.keep(Content::Records(records));
                }
                Content::Records(_) => {}
                // A snapshot is written beside and renamed: it is there or not.
                Content::Snapshot(snapshot) if !lost && random.one_in(2) => {
                    self.keep(Content::Snapshot(snapshot));
                }
                Content::Snapshot(_) => lost = true,
            }
        }
        lost
    }

    /// What a restart finds.
    #[must_use]
    pub fn recovered(&self) -> Recovered {
        Recovered {
            snapshot: self.snapshot.clone(),
            records: self.records.clone(),
        }
    }

    /// The highest durable promise.
    #[must_use]
    pub fn promise(&self) -> Option<Ballot> {
        self.promise
    }

    /// The durable vote for a number.
    #[must_use]
    pub fn vote(&self, number: Number) -> Option<(Ballot, CommandId)> {
        self.votes.get(&number).copied()
    }

    /// Whether something waits to be durable.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.pending.is_empty()
    }
}
