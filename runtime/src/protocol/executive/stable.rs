//! Persist before send: what waits for stable storage.
//!
//! Records collect during one step and leave as one write at its end. What depends on them is held until the driver says that they are
//! durable. Tokens become durable in order, so what is held is a queue.

use std::collections::VecDeque;

use super::command::Ballot;
use super::record::Record;
use crate::protocol::{Bytes, Device, Number, Output, Token};
use crate::wire::Wire;

/// Something that may happen only after what it depends on is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// A message.
    Send {
        /// To whom.
        to: Device,
        /// The message.
        message: Bytes,
    },
    /// Step 1's message to all, and the device's own promise.
    Begin(Ballot),
    /// The device's own vote for its own proposal.
    OwnVote {
        /// In which ballot.
        ballot: Ballot,
        /// For which number.
        number: Number,
    },
}

/// The queue to stable storage.
#[derive(Debug, Clone, Default)]
pub struct Stable {
    /// Records of this step, and lazy ones of earlier steps.
    records: Vec<Bytes>,
    /// Something of this step must be written now.
    urgent: bool,
    /// The last token given out.
    last: Token,
    /// The last durable one.
    durable: Token,
    held: VecDeque<(Token, Held)>,
}

impl Stable {
    /// Adds a record that is written at the end of this step.
    pub fn write(&mut self, record: &Record) {
        self.records.push(Bytes::from(record.to_bytes()));
        self.urgent = true;
    }

    /// Adds a record that may wait for the next write: losing it loses only knowledge that others have.
    pub fn write_lazily(&mut self, record: &Record) {
        self.records.push(Bytes::from(record.to_bytes()));
    }

    /// Writes the lazy records at the end of this step.
    pub fn flush_lazy(&mut self) {
        self.urgent = self.urgent || !self.records.is_empty();
    }

    /// Holds something until everything written up to and including this step is durable.
    pub fn hold(&mut self, held: Held) {
        let token = if self.urgent {
            Token(self.last.0 + 1)
        } else {
            self.last
        };
        self.held.push_back((token, held));
    }

    /// A token for a write that does not go through the records.
    pub fn token(&mut self) -> Token {
        self.last = Token(self.last.0 + 1);
        self.last
    }

    /// Forgets the records that a snapshot covers.
    pub fn covered_by_snapshot(&mut self) {
        if !self.urgent {
            self.records.clear();
        }
    }

    /// Ends the step: the write, if there is something to write.
    pub fn end_step(&mut self, out: &mut Vec<Output>) {
        if self.urgent {
            self.urgent = false;
            let token = self.token();
            let records = std::mem::take(&mut self.records);
            out.push(Output::Persist { token, records });
        }
    }

    /// Notes what is durable.
    pub fn durable(&mut self, token: Token) {
        assert!(token <= self.last, "only what was written can be durable");
        self.durable = self.durable.max(token);
    }

    /// A planted fault: takes all that was written for durable.
    pub fn all_is_durable(&mut self) {
        self.durable = self.last;
    }

    /// Begins the tokens anew, if nothing waits for one.
    #[cfg(feature = "sim")]
    pub fn forget_tokens(&mut self) {
        if self.held.is_empty() && self.durable == self.last {
            (self.last, self.durable) = (Token(0), Token(0));
        }
    }

    /// The next thing that need not wait any longer.
    pub fn release(&mut self) -> Option<Held> {
        let (token, _) = self.held.front()?;
        if *token > self.durable {
            return None;
        }
        self.held.pop_front().map(|(_, held)| held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_released_before_what_it_depends_on_is_durable() {
        let mut stable = Stable::default();
        let mut out = Vec::new();
        stable.write(&Record::Promised(Ballot::ZERO));
        stable.hold(Held::Begin(Ballot::ZERO));
        assert_eq!(stable.release(), None);
        stable.end_step(&mut out);
        assert_eq!(out.len(), 1);
        assert_eq!(stable.release(), None);
        stable.durable(Token(1));
        assert_eq!(stable.release(), Some(Held::Begin(Ballot::ZERO)));
        assert_eq!(stable.release(), None);
    }

    #[test]
    fn a_snapshot_covers_what_is_not_written_yet_and_need_not_be() {
        let (mut stable, mut out) = (Stable::default(), Vec::new());
        stable.write_lazily(&Record::Promised(Ballot::ZERO));
        stable.covered_by_snapshot();
        stable.flush_lazy();
        stable.end_step(&mut out);
        assert_eq!(out, []);
        stable.write(&Record::Promised(Ballot::ZERO));
        stable.covered_by_snapshot();
        stable.end_step(&mut out);
        assert!(matches!(&out[..], [Output::Persist { records, .. }] if records.len() == 1));
    }
}
