//! What a body does by itself: the raw material of effects.

use cmsl_parser::Span;

use crate::ir::{CallTarget, Effects, GlobalId, LocalId};

/// Whose state is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// That of `this`.
    This,
    /// That of an object that a local names; while the body is lowered only.
    Local(LocalId),
    /// That of an object that the body made itself.
    Fresh,
    /// That of any other object.
    Other,
    /// There is none: a function.
    Nobody,
}

/// A change of state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    pub receiver: Receiver,
    pub span: Span,
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub target: CallTarget,
    pub receiver: Receiver,
    /// It may be a command to a server.
    pub may_be_remote: bool,
    /// It is an `invoke`: nobody waits for it here.
    pub is_invoke: bool,
    pub span: Span,
}

/// What a body does by itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// All effects but changes of state and those of calls.
    pub effects: Effects,
    pub writes: Vec<Write>,
    pub calls: Vec<Call>,
    /// Variables outside classes that are touched.
    pub globals: Vec<(GlobalId, Span)>,
}

impl Facts {
    /// Decides for locals whether they name objects that the body made.
    pub fn settle(&mut self, fresh: &[bool]) {
        let settle = |receiver: &mut Receiver| {
            if let Receiver::Local(id) = *receiver {
                *receiver = match fresh.get(id.index()) {
                    Some(true) => Receiver::Fresh,
                    _ => Receiver::Other,
                };
            }
        };
        self.writes
            .iter_mut()
            .for_each(|write| settle(&mut write.receiver));
        self.calls
            .iter_mut()
            .for_each(|call| settle(&mut call.receiver));
    }
}
