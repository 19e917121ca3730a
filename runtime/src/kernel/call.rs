//! A call as it travels: who waits for it, then what the service understands.
//!
//! The protocol carries the whole as opaque bytes, so that the leader which executes the call knows
//! the chain of callers, whichever host first took the request.

use crate::identity::ServerId;
use crate::wire::{Reader, WireError, Writer};

/// No chain of calls is longer than this.
pub const CHAIN_MAX: usize = 64;

/// Methods that only read have numbers with this bit.
const READ_ONLY: u32 = 1 << 31;

/// The number of a method that changes nothing, calls no server and leaves no trace elsewhere: its calls may be answered without a command.
#[must_use]
pub const fn read_only(number: u32) -> u32 {
    number | READ_ONLY
}

/// Whether that is the number of such a method.
#[must_use]
pub const fn is_read_only(number: u32) -> bool {
    number & READ_ONLY != 0
}

/// A call, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The servers that wait for the reply, outermost first.
    pub chain: Vec<ServerId>,
    /// What the service executes.
    pub body: &'a [u8],
}

impl<'a> Call<'a> {
    /// Puts a chain before a body of several parts.
    #[must_use]
    pub fn encode(chain: &[ServerId], body: &[&[u8]]) -> Vec<u8> {
        let length: usize = body.iter().map(|part| part.len()).sum();
        let mut writer = Writer::with_capacity(length + 1 + chain.len() * 8);
        writer.sequence(chain, |to, server| to.u64(server.0));
        for part in body {
            writer.raw(part);
        }
        writer.into_bytes()
    }

    /// Takes a call apart.
    ///
    /// # Errors
    /// If the bytes are not one.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let chain = reader.sequence(8, |from| from.u64().map(ServerId))?;
        if chain.len() > CHAIN_MAX {
            return Err(WireError::TooLong);
        }
        Ok(Self {
            chain,
            body: reader.rest(),
        })
    }

    /// The method's number, if the body has one.
    #[must_use]
    pub fn method(&self) -> u32 {
        self.body
            .first_chunk()
            .map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }
}
