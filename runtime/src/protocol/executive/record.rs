//! What a device writes to stable storage.
//!
//! Reading records back in the order of writing gives the stable state again; reading one twice, or one that a later
//! snapshot covers, changes nothing.

use std::sync::Arc;

use super::command::{Ballot, Command, CommandId, Vote};
use crate::wire::{Reader, Wire, WireError, Writer};

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Step 1: the device began a ballot of its own, and promised it.
    Tried(Ballot),
    /// Step 2: it promised a ballot.
    Promised(Ballot),
    /// Step 4: it voted, and so promised the vote's ballot.
    Voted(Vote),
    /// Steps 5 and 6: everything up to this command is issued; the commands are those of its votes.
    Issued(CommandId),
    /// Step 6: this command is issued; it did not vote for it.
    Learnt(Arc<Command>),
}

impl Wire for Record {
    const BYTES_MIN: usize = 1 + Ballot::BYTES_MIN;

    fn write(&self, to: &mut Writer) {
        match self {
            Record::Tried(ballot) => {
                to.u8(1);
                ballot.write(to);
            }
            Record::Promised(ballot) => {
                to.u8(2);
                ballot.write(to);
            }
            Record::Voted(vote) => {
                to.u8(3);
                vote.write(to);
            }
            Record::Issued(id) => {
                to.u8(4);
                id.write(to);
            }
            Record::Learnt(command) => {
                to.u8(5);
                command.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(match from.u8()? {
            1 => Record::Tried(Ballot::read(from)?),
            2 => Record::Promised(Ballot::read(from)?),
            3 => Record::Voted(Vote::read(from)?),
            4 => Record::Issued(CommandId::read(from)?),
            5 => Record::Learnt(Arc::new(Command::read(from)?)),
            _ => return Err(WireError::BadTag("record")),
        })
    }
}
