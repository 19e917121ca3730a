//! What devices say to each other.
//!
//! The names are the patent's. Decoding accepts any bytes and answers with an error rather than a panic.

use std::sync::Arc;
use std::time::Duration;

use super::command::{Ballot, Command, CommandId, Vote};
use crate::protocol::{Bytes, Number};
use crate::wire::{Reader, Wire, WireError, Writer};

/// The last issued command that a device knows; piggy-backed wherever it helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frontier {
    /// Its number; everything up to it is issued and known to the sender.
    pub number: Number,
    /// Its identity.
    pub id: CommandId,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Step 1: the sender wants to lead in this ballot and knows all issued commands below `first`.
    NextBallot {
        /// The ballot.
        ballot: Ballot,
        /// The first number whose command the sender does not know.
        first: Number,
    },
    /// Step 2: the sender's promise, with what it knows. The numbers below `first` that it lacks (the patent's X) are those above its frontier.
    BallotInfo {
        /// The promised ballot.
        ballot: Ballot,
        /// D: issued commands from `first` on, as many as fit.
        issued: Vec<Arc<Command>>,
        /// V: its latest votes for unissued numbers.
        votes: Vec<Vote>,
        /// The last issued command that it knows.
        frontier: Frontier,
    },
    /// Steps 2 and 4: the sender promised a higher ballot.
    MyNextBallot {
        /// That ballot.
        ballot: Ballot,
        /// Whether the sender has lately heard of that ballot's owner as one who leads or tries.
        alive: bool,
    },
    /// Steps 3′ and 3″: vote for this command.
    BeginBallot {
        /// The ballot.
        ballot: Ballot,
        /// The command, with its number.
        command: Arc<Command>,
        /// Step 5's Success for everything up to here.
        frontier: Frontier,
    },
    /// Step 4: the sender voted.
    Voted {
        /// In which ballot.
        ballot: Ballot,
        /// For which command.
        id: CommandId,
    },
    /// Step 5: everything up to here is issued.
    Success {
        /// The last of them.
        frontier: Frontier,
    },
    /// Steps 5 and 6, and catch-up: issued commands in full, consecutive.
    Commands {
        /// The commands.
        commands: Vec<Arc<Command>>,
        /// How far the sender could go on.
        frontier: Frontier,
    },
    /// Reads wait for this: has the receiver promised a ballot above this one?
    Confirm {
        /// The ballot in which the sender leads.
        ballot: Ballot,
        /// Which of the leader's questions it is, so that an answer serves no read that came after it.
        round: u64,
    },
    /// The sender has not promised a higher ballot; otherwise it answers with MyNextBallot.
    Confirmed {
        /// The ballot.
        ballot: Ballot,
        /// The question.
        round: u64,
    },
    /// Who is there, in which ballot, and how well connected.
    Heartbeat(Heartbeat),
    /// Catch-up (claim 4): send what is issued from this number on.
    CatchUp {
        /// The first number that the sender lacks.
        first: Number,
    },
    /// Catch-up: a piece of a snapshot, because the commands asked for were compacted.
    Snapshot {
        /// Number of the last command in the snapshot.
        number: Number,
        /// Where the piece begins.
        offset: u64,
        /// How long the snapshot is.
        total: u64,
        /// The piece.
        piece: Bytes,
    },
    /// Catch-up: send the next piece of that snapshot.
    MoreSnapshot {
        /// Number of the last command in the snapshot.
        number: Number,
        /// Where the piece begins.
        offset: u64,
    },
}

/// What every device tells all others all the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The ballot that the sender promised.
    pub promised: Ballot,
    /// Whether it has lately heard of that ballot's owner as one who leads or tries.
    pub alive: bool,
    /// The sender leads, or tries to, in a ballot of its own.
    pub stands: Stands,
    /// Whether it is connected, both ways, to a quorum.
    pub connected: bool,
    /// The devices it hears, as bits in the order of the configuration.
    pub hears: u64,
    /// How long ago it last had word of a quorum-connected leader.
    pub leader_age: Option<Duration>,
    /// The last issued command that it knows.
    pub frontier: Frontier,
}

/// Whether a device claims the leadership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// It does not.
    No,
    /// It has begun a ballot.
    Tries,
    /// It has its quorum.
    Leads,
}

impl Message {
    /// The first byte of an encoded heartbeat.
    pub const HEARTBEAT: u8 = 8;
    /// The first byte of an encoded NextBallot.
    pub const NEXT_BALLOT: u8 = 1;
}

impl Wire for Frontier {
    const BYTES_MIN: usize = CommandId::BYTES_MIN;

    fn write(&self, to: &mut Writer) {
        self.id.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let id = CommandId::read(from)?;
        Ok(Frontier {
            number: id.number,
            id,
        })
    }
}

impl Wire for Heartbeat {
    const BYTES_MIN: usize = 16;

    fn write(&self, to: &mut Writer) {
        self.promised.write(to);
        to.bool(self.alive);
        to.u8(match self.stands {
            Stands::No => 0,
            Stands::Tries => 1,
            Stands::Leads => 2,
        });
        to.bool(self.connected);
        to.u64(self.hears);
        to.option(self.leader_age, |to, age| {
            to.u64(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX));
        });
        self.frontier.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Heartbeat {
            promised: Ballot::read(from)?,
            alive: from.bool()?,
            stands: match from.u8()? {
                0 => Stands::No,
                1 => Stands::Tries,
                2 => Stands::Leads,
                _ => return Err(WireError::BadTag("heartbeat")),
            },
            connected: from.bool()?,
            hears: from.u64()?,
            leader_age: from.option(|from| Ok(Duration::from_nanos(from.u64()?)))?,
            frontier: Frontier::read(from)?,
        })
    }
}

fn write_commands(commands: &[Arc<Command>], to: &mut Writer) {
    to.sequence(commands, |to, command| command.write(to));
}

fn read_command(from: &mut Reader<'_>) -> Result<Arc<Command>, WireError> {
    Command::read(from).map(Arc::new)
}

impl Wire for Message {
    const BYTES_MIN: usize = 2;

    fn write(&self, to: &mut Writer) {
        match self {
            Message::NextBallot { ballot, first } => {
                to.u8(Message::NEXT_BALLOT);
                ballot.write(to);
                to.varint(first.0);
            }
            Message::BallotInfo {
                ballot,
                issued,
                votes,
                frontier,
            } => {
                to.u8(2);
                ballot.write(to);
                write_commands(issued, to);
                to.sequence(votes, |to, vote| vote.write(to));
                frontier.write(to);
            }
            Message::MyNextBallot { ballot, alive } => {
                to.u8(3);
                ballot.write(to);
                to.bool(*alive);
            }
            Message::BeginBallot {
                ballot,
                command,
                frontier,
            } => {
                to.u8(4);
                ballot.write(to);
                command.write(to);
                frontier.write(to);
            }
            Message::Voted { ballot, id } => {
                to.u8(5);
                ballot.write(to);
                id.write(to);
            }
            Message::Success { frontier } => {
                to.u8(6);
                frontier.write(to);
            }
            Message::Commands { commands, frontier } => {
                to.u8(7);
                write_commands(commands, to);
                frontier.write(to);
            }
            Message::Heartbeat(heartbeat) => {
                to.u8(Message::HEARTBEAT);
                heartbeat.write(to);
            }
            Message::CatchUp { first } => {
                to.u8(9);
                to.varint(first.0);
            }
            Message::Snapshot {
                number,
                offset,
                total,
                piece,
            } => {
                to.u8(10);
                to.varint(number.0);
                to.varint(*offset);
                to.varint(*total);
                to.bytes(piece);
            }
            Message::MoreSnapshot { number, offset } => {
                to.u8(11);
                to.varint(number.0);
                to.varint(*offset);
            }
            Message::Confirm { ballot, round } => {
                to.u8(12);
                ballot.write(to);
                to.varint(*round);
            }
            Message::Confirmed { ballot, round } => {
                to.u8(13);
                ballot.write(to);
                to.varint(*round);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(match from.u8()? {
            Message::NEXT_BALLOT => Message::NextBallot {
                ballot: Ballot::read(from)?,
                first: Number(from.varint()?),
            },
            2 => Message::BallotInfo {
                ballot: Ballot::read(from)?,
                issued: from.sequence(Command::BYTES_MIN, read_command)?,
                votes: from.sequence(Vote::BYTES_MIN, Vote::read)?,
                frontier: Frontier::read(from)?,
            },
            3 => Message::MyNextBallot {
                ballot: Ballot::read(from)?,
                alive: from.bool()?,
            },
            4 => Message::BeginBallot {
                ballot: Ballot::read(from)?,
                command: read_command(from)?,
                frontier: Frontier::read(from)?,
            },
            5 => Message::Voted {
                ballot: Ballot::read(from)?,
                id: CommandId::read(from)?,
            },
            6 => Message::Success {
                frontier: Frontier::read(from)?,
            },
            7 => Message::Commands {
                commands: from.sequence(Command::BYTES_MIN, read_command)?,
                frontier: Frontier::read(from)?,
            },
            Message::HEARTBEAT => Message::Heartbeat(Heartbeat::read(from)?),
            9 => Message::CatchUp {
                first: Number(from.varint()?),
            },
            10 => Message::Snapshot {
                number: Number(from.varint()?),
                offset: from.varint()?,
                total: from.varint()?,
                piece: Bytes::from(from.bytes()?),
            },
            11 => Message::MoreSnapshot {
                number: Number(from.varint()?),
                offset: from.varint()?,
            },
            12 => Message::Confirm {
                ballot: Ballot::read(from)?,
                round: from.varint()?,
            },
            13 => Message::Confirmed {
                ballot: Ballot::read(from)?,
                round: from.varint()?,
            },
            _ => return Err(WireError::BadTag("message")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Time;
    use crate::protocol::executive::command::Entry;
    use crate::protocol::executive::command::What;
    use crate::protocol::{Device, RequestId};

    fn ballot(round: u64) -> Ballot {
        Ballot {
            round,
            device: Device(2),
        }
    }

    fn command() -> Command {
        let id = CommandId {
            ballot: ballot(3),
            number: Number(300),
        };
        let precedent = CommandId {
            ballot: ballot(1),
            number: Number(299),
        };
        let entry = Entry {
            id: RequestId {
                session: 7 << 70,
                sequence: 400,
            },
            acknowledged: 5,
            what: What::Done {
                reply: Bytes::from(&b"reply"[..]),
                delta: Bytes::from(&b"delta"[..]),
            },
        };
        Command {
            id,
            precedent,
            time: Time::from_nanos(-1),
            entries: vec![entry],
        }
    }

    /// One of each kind.
    fn messages() -> Vec<Message> {
        let (ballot, number, round) = (ballot(1 << 40), Number(1 << 20), 77);
        let command = Arc::new(command());
        let id = command.id;
        let frontier = Frontier {
            number: id.number,
            id,
        };
        let commands = vec![Arc::clone(&command), Arc::clone(&command)];
        let vote = Vote {
            ballot,
            command: Arc::clone(&command),
        };
        let heartbeat = |stands, leader_age| {
            Message::Heartbeat(Heartbeat {
                promised: ballot,
                alive: true,
                stands,
                connected: false,
                hears: 0b1011,
                leader_age,
                frontier,
            })
        };
        vec![
            Message::NextBallot {
                ballot,
                first: number,
            },
            Message::BallotInfo {
                ballot,
                issued: commands.clone(),
                votes: vec![vote],
                frontier,
            },
            Message::MyNextBallot {
                ballot,
                alive: true,
            },
            Message::BeginBallot {
                ballot,
                command,
                frontier,
            },
            Message::Voted { ballot, id },
            Message::Success { frontier },
            Message::Commands { commands, frontier },
            Message::Confirm { ballot, round },
            Message::Confirmed { ballot, round },
            heartbeat(Stands::No, None),
            heartbeat(Stands::Tries, Some(Duration::from_nanos(12_345_678_901))),
            heartbeat(Stands::Leads, Some(Duration::ZERO)),
            Message::CatchUp { first: number },
            Message::Snapshot {
                number,
                offset: 1 << 30,
                total: 1 << 31,
                piece: Bytes::from(&[9; 100][..]),
            },
            Message::MoreSnapshot {
                number,
                offset: 1 << 30,
            },
        ]
    }

    #[test]
    fn messages_come_back_and_cuts_are_errors() {
        for message in messages() {
            let bytes = message.to_bytes();
            assert_eq!(Message::from_bytes(&bytes).as_ref(), Ok(&message));
            for cut in 0..bytes.len() {
                assert!(Message::from_bytes(&bytes[..cut]).is_err(), "{message:?}");
            }
        }
        let unknown = [14, 0, 0, 0];
        assert_eq!(
            Message::from_bytes(&unknown),
            Err(WireError::BadTag("message"))
        );
    }

    /// A count is refused by the least length of what is counted: none may be shorter than it says, and it should say no less than it could.
    #[test]
    fn what_is_counted_is_as_short_as_it_says() {
        let nothing = CommandId::NULL;
        let first = CommandId {
            number: Number(1),
            ..nothing
        };
        let command = Command {
            id: first,
            precedent: nothing,
            time: Time::ZERO,
            entries: Vec::new(),
        };
        assert_eq!(Ballot::ZERO.to_bytes().len(), Ballot::BYTES_MIN);
        assert_eq!(nothing.to_bytes().len(), CommandId::BYTES_MIN);
        assert_eq!(command.to_bytes().len(), Command::BYTES_MIN);
        let vote = Vote {
            ballot: Ballot::ZERO,
            command: Arc::new(command),
        };
        assert_eq!(vote.to_bytes().len(), Vote::BYTES_MIN);
    }
}
