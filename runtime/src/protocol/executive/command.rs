//! Ballots, commands and votes: the nouns of the protocol, and how they are written down.
//!
//! A command is made once, by the leader that executed its requests, and never changes: whoever proposes it again
//! keeps its identity, which names the ballot of its *first* proposal.

use std::fmt;
use std::sync::Arc;

use crate::clock::Time;
use crate::protocol::{Bytes, Device, Number, RequestId, Step};
use crate::wire::{Reader, Wire, WireError, Writer};

/// The number of an attempt to lead: totally ordered, and owned by one device (condition B1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    /// The attempt; compared first.
    pub round: u64,
    /// Whose attempt.
    pub device: Device,
}

impl Ballot {
    /// Below every ballot that a device begins: nothing was tried or promised.
    pub const ZERO: Ballot = Ballot {
        round: 0,
        device: Device(0),
    };

    /// The lowest ballot of `device` above this one in every respect.
    #[must_use]
    pub fn above(self, device: Device) -> Ballot {
        Ballot {
            round: self.round.saturating_add(1),
            device,
        }
    }
}

impl fmt::Display for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.round, self.device)
    }
}

impl Wire for Ballot {
    const BYTES_MIN: usize = 2;

    fn write(&self, to: &mut Writer) {
        to.varint(self.round);
        to.varint(u64::from(self.device.0));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let round = from.varint()?;
        let device = u16::try_from(from.varint()?).map_err(|_| WireError::BadValue("device"))?;
        Ok(Ballot {
            round,
            device: Device(device),
        })
    }
}

/// The identity of a command: one ballot proposes one command for a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId {
    /// The ballot in which it was first proposed.
    pub ballot: Ballot,
    /// The number for which it was proposed.
    pub number: Number,
}

impl CommandId {
    /// The null command, number 0: the precedent of the first one.
    pub const NULL: CommandId = CommandId {
        ballot: Ballot::ZERO,
        number: Number(0),
    };
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.number, self.ballot)
    }
}

impl Wire for CommandId {
    const BYTES_MIN: usize = Ballot::BYTES_MIN + 1;

    fn write(&self, to: &mut Writer) {
        self.ballot.write(to);
        to.varint(self.number.0);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(CommandId {
            ballot: Ballot::read(from)?,
            number: Number(from.varint()?),
        })
    }
}

/// What one execution in a command's batch did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose request is executed.
    pub id: RequestId,
    /// Up to where the session's replies may be forgotten.
    pub acknowledged: u64,
    /// How far the execution has come.
    pub what: What,
}

/// How far an execution has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// To its end.
    Done {
        /// The answer, given also to every repetition of the request.
        reply: Bytes,
        /// The change of the state.
        delta: Bytes,
    },
    /// To calls of other servers, which leave when this is issued.
    Journal {
        /// The call of the request, with the first step of its execution; empty with the later ones.
        call: Bytes,
        /// The step.
        step: Step,
    },
}

impl Entry {
    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        64 + match &self.what {
            What::Done { reply, delta } => reply.len() + delta.len(),
            What::Journal { call, step } => call.len() + step.draws.len() + 16 * step.calls.len(),
        }
    }

    /// The answer and the change, if the execution has ended.
    #[must_use]
    pub fn done(&self) -> Option<(&Bytes, &Bytes)> {
        match &self.what {
            What::Done { reply, delta } => Some((reply, delta)),
            What::Journal { .. } => None,
        }
    }
}

impl Wire for Step {
    const BYTES_MIN: usize = 18;

    fn write(&self, to: &mut Writer) {
        to.u128(self.session);
        to.sequence(&self.calls, |to, (server, sequence)| {
            to.varint(*server);
            to.varint(*sequence);
        });
        to.bytes(&self.draws);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Step {
            session: from.u128()?,
            calls: from.sequence(2, |from| Ok((from.varint()?, from.varint()?)))?,
            draws: Bytes::from(from.bytes()?),
        })
    }
}

impl Wire for Entry {
    const BYTES_MIN: usize = 21;

    fn write(&self, to: &mut Writer) {
        to.u128(self.id.session);
        to.varint(self.id.sequence);
        to.varint(self.acknowledged);
        match &self.what {
            What::Done { reply, delta } => {
                to.u8(0);
                to.bytes(reply);
                to.bytes(delta);
            }
            What::Journal { call, step } => {
                to.u8(1);
                to.bytes(call);
                step.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Entry {
            id: RequestId {
                session: from.u128()?,
                sequence: from.varint()?,
            },
            acknowledged: from.varint()?,
            what: match from.u8()? {
                0 => What::Done {
                    reply: Bytes::from(from.bytes()?),
                    delta: Bytes::from(from.bytes()?),
                },
                1 => What::Journal {
                    call: Bytes::from(from.bytes()?),
                    step: Step::read(from)?,
                },
                _ => return Err(WireError::BadTag("entry")),
            },
        })
    }
}

/// What replicas vote on and apply: the results of a batch of executions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its identity, and with it its number.
    pub id: CommandId,
    /// The command on whose state its executions ran; its number is one lower.
    pub precedent: CommandId,
    /// The leader's time of the last execution; never before that of the precedent.
    pub time: Time,
    /// The executions, in order.
    pub entries: Vec<Entry>,
}

impl Command {
    /// Its number.
    #[must_use]
    pub fn number(&self) -> Number {
        self.id.number
    }

    /// The executions that it ends, in order: which, the answer, and the change.
    pub fn done(&self) -> impl Iterator<Item = (&Entry, &Bytes, &Bytes)> {
        let entries = self.entries.iter();
        entries.filter_map(|entry| entry.done().map(|(reply, delta)| (entry, reply, delta)))
    }

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        self.entries.iter().map(Entry::size).sum::<usize>() + 64
    }
}

impl Wire for Command {
    const BYTES_MIN: usize = 2 * CommandId::BYTES_MIN + 9;

    fn write(&self, to: &mut Writer) {
        self.id.write(to);
        self.precedent.write(to);
        to.i64(self.time.nanos());
        to.sequence(&self.entries, |to, entry| entry.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let command = Command {
            id: CommandId::read(from)?,
            precedent: CommandId::read(from)?,
            time: Time::from_nanos(from.i64()?),
            entries: from.sequence(Entry::BYTES_MIN, Entry::read)?,
        };
        if command.precedent.number.0.checked_add(1) != Some(command.id.number.0) {
            return Err(WireError::BadValue("precedent"));
        }
        Ok(command)
    }
}

/// The vote that a device cast in `ballot` for a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// In which ballot.
    pub ballot: Ballot,
    /// For which command; its number is the vote's.
    pub command: Arc<Command>,
}

impl Wire for Vote {
    const BYTES_MIN: usize = Ballot::BYTES_MIN + Command::BYTES_MIN;

    fn write(&self, to: &mut Writer) {
        self.ballot.write(to);
        self.command.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Vote {
            ballot: Ballot::read(from)?,
            command: Arc::new(Command::read(from)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_count_all_that_grows() {
        let bytes = |length| Bytes::from(vec![0; length]);
        let entry = |what| Entry {
            id: RequestId {
                session: 1,
                sequence: 1,
            },
            acknowledged: 0,
            what,
        };
        let done = entry(What::Done {
            reply: bytes(5),
            delta: bytes(7),
        });
        assert_eq!(done.size(), 64 + 12);
        let journal = entry(What::Journal {
            call: bytes(5),
            step: Step {
                session: 1,
                calls: vec![(1, 1), (2, 1), (3, 1)],
                draws: bytes(7),
            },
        });
        assert_eq!(journal.size(), 64 + 12 + 48);
        let command = Command {
            id: CommandId::NULL,
            precedent: CommandId::NULL,
            time: Time::ZERO,
            entries: vec![done, journal],
        };
        assert_eq!(command.size(), 64 + 76 + 124);
    }
}
