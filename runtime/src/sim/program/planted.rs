//! Faults in what is tested, to see that a run finds them.

use crate::protocol::executive::{Checks, Config, Planted};

/// One of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plant {
    /// None.
    #[default]
    Nothing,
    /// What is written is never synced.
    SkippedSync,
    /// A log is cut at the first thing that is wrong in it, wherever that is.
    Truncation,
    /// A host that lost its disk comes back as if nothing had been.
    Return,
    /// One of the protocol's.
    Protocol(Planted),
}

impl Plant {
    /// The one of this name.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        use crate::protocol::executive::Mutant;
        Some(match name {
            "skipped-sync" => Self::SkippedSync,
            "truncation" => Self::Truncation,
            "return" => Self::Return,
            name => {
                let mut mutants = Mutant::ALL.into_iter();
                let mutant = mutants.find(|mutant| format!("{mutant:?}") == name)?;
                Self::Protocol(Planted::one(mutant))
            }
        })
    }

    /// Plants it in a protocol, if it belongs there. What the protocol asserts of itself shall not be what finds it.
    pub(super) fn configure(self, config: &mut Config) {
        if self != Self::Nothing {
            config.checks = Checks::Off;
        }
        if let Self::Protocol(planted) = self {
            config.planted = planted;
        }
    }
}
