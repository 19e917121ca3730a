//! Showing the issued state to whoever looks from outside, in pieces: a state may be larger than any message.

use super::Replica;
use crate::kernel::message::StateHere;

/// Pieces have this size.
const PIECE_BYTES: usize = 1 << 20;

/// A state that is being shown; kept until its last piece is, or another one is asked for.
pub(super) struct Shown {
    issued: u64,
    hash: [u8; 32],
    snapshot: Vec<u8>,
}

impl Replica {
    /// A piece of the state after command `issued`, or the first one of the state as it is now if that one is not
    /// kept; none while a method runs.
    pub(in crate::kernel) fn state_piece(&mut self, issued: u64, offset: u64) -> Option<StateHere> {
        let kept = self
            .shown
            .take()
            .filter(|shown| offset > 0 && shown.issued == issued);
        let (shown, offset) = match kept {
            Some(shown) => (shown, usize::try_from(offset).ok()?),
            None => (self.issued_state()?, 0),
        };
        let begin = offset.min(shown.snapshot.len());
        let end = begin.saturating_add(PIECE_BYTES).min(shown.snapshot.len());
        let here = StateHere {
            class: self.entry.class.clone(),
            issued: shown.issued,
            hash: shown.hash,
            total: shown.snapshot.len() as u64,
            offset: begin as u64,
            piece: shown.snapshot.get(begin..end)?.to_vec(),
        };
        self.shown = (end < shown.snapshot.len()).then_some(shown);
        Some(here)
    }

    /// The issued state for a person; none while a method runs.
    pub(in crate::kernel) fn describe(&self) -> Option<String> {
        Some(self.service.as_ref()?.describe())
    }

    fn issued_state(&mut self) -> Option<Shown> {
        let hash = self.state_hash()?;
        let service = self.service.as_ref()?;
        Some(Shown {
            issued: self.issued,
            hash,
            snapshot: service.snapshot(),
        })
    }
}
