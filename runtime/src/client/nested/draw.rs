//! What a method learns while it runs, as the journal keeps it.

use crate::client::{CallError, Reply};
use crate::identity::ServerId;
use crate::wire::{Reader, Wire, WireError, Writer};

/// One thing that was learnt.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Draw {
    /// A value: a time, the hosts, what Rust code gave.
    Value(Vec<u8>),
    /// That a call was made, under this number.
    Called {
        server: u64,
        number: u64,
        digest: u32,
    },
    /// The reply to a call of this execution, counted from 0.
    Replied {
        call: u32,
        outcome: Result<Reply, CallError>,
    },
    /// Which of several replies came first; none in time.
    Ready(Option<u32>),
}

impl Draw {
    /// Bytes that it takes, about.
    pub(super) fn size(&self) -> usize {
        match self {
            Draw::Value(bytes) => bytes.len() + 4,
            Draw::Called { .. } => 24,
            Draw::Replied { outcome, .. } => {
                16 + outcome.as_ref().map_or(64, |reply| reply.body.len())
            }
            Draw::Ready(_) => 8,
        }
    }
}

impl Wire for Draw {
    const BYTES_MIN: usize = 2;

    fn write(&self, to: &mut Writer) {
        match self {
            Draw::Value(bytes) => {
                to.u8(0);
                to.bytes(bytes);
            }
            Draw::Called {
                server,
                number,
                digest,
            } => {
                to.u8(1);
                to.varint(*server);
                to.varint(*number);
                to.u32(*digest);
            }
            Draw::Replied { call, outcome } => {
                to.u8(2);
                to.u32(*call);
                write_outcome(outcome, to);
            }
            Draw::Ready(place) => {
                to.u8(3);
                to.option(*place, |to, place| to.u32(place));
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(match from.u8()? {
            0 => Draw::Value(from.bytes()?.to_vec()),
            1 => Draw::Called {
                server: from.varint()?,
                number: from.varint()?,
                digest: from.u32()?,
            },
            2 => Draw::Replied {
                call: from.u32()?,
                outcome: read_outcome(from)?,
            },
            3 => Draw::Ready(from.option(Reader::u32)?),
            _ => return Err(WireError::BadTag("draw")),
        })
    }
}

fn write_outcome(outcome: &Result<Reply, CallError>, to: &mut Writer) {
    let text = |to: &mut Writer, tag: u8, why: &str| {
        to.u8(tag);
        to.str(why);
    };
    match outcome {
        Ok(reply) => {
            to.u8(u8::from(reply.raised));
            to.bytes(&reply.body);
        }
        Err(CallError::ServerFailed(why)) => text(to, 2, why),
        Err(CallError::ResourceExhausted(why)) => text(to, 3, why),
        Err(CallError::Invalid(why)) => text(to, 4, why),
        Err(CallError::Reentrant(server)) => {
            to.u8(5);
            to.varint(server.0);
        }
        Err(CallError::Raised(body)) => {
            to.u8(6);
            to.bytes(body);
        }
        // A stopped execution draws nothing more.
        Err(CallError::UnknownTicket | CallError::Stopped) => to.u8(7),
    }
}

fn read_outcome(from: &mut Reader<'_>) -> Result<Result<Reply, CallError>, WireError> {
    Ok(match from.u8()? {
        tag @ (0 | 1) => Ok(Reply {
            raised: tag == 1,
            body: from.bytes()?.into(),
        }),
        2 => Err(CallError::ServerFailed(from.str()?.to_owned())),
        3 => Err(CallError::ResourceExhausted(from.str()?.to_owned())),
        4 => Err(CallError::Invalid(from.str()?.to_owned())),
        5 => Err(CallError::Reentrant(ServerId(from.varint()?))),
        6 => Err(CallError::Raised(from.bytes()?.to_vec())),
        7 => Err(CallError::UnknownTicket),
        _ => return Err(WireError::BadTag("outcome")),
    })
}
