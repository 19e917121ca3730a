//! Faults in what is tested, to see that a run finds them.

use crate::protocol::executive::{Checks, Config, Planted};

/// One of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plant {
    /// None.
    #[default]
    Nothing,
    /// What is written is never synced.
    Unsynced,
    /// A host that lost its disk comes back as if nothing had been.
    M06,
    /// A log is cut at the first thing that is wrong in it, wherever that is.
    M07,
    /// A kernel does not start where the end of a log is torn.
    M08,
    /// Which files there are is never made durable.
    M09,
    /// A sync that fails is passed over.
    M10,
    /// One of the protocol's.
    Protocol(Planted),
}

impl Plant {
    /// Those that are not the protocol's: the name, what is wrong, and whether more must fail than tolerances promise to survive to see it.
    pub const OF_THE_DISK: [(Self, &str, &str, bool); 6] = [
        (
            Self::Unsynced,
            "unsynced",
            "what is written is never synced",
            false,
        ),
        (
            Self::M06,
            "M06",
            "a host that lost its disk comes back as if nothing had been",
            true,
        ),
        (
            Self::M07,
            "M07",
            "a log is cut wherever something is wrong in it",
            true,
        ),
        (
            Self::M08,
            "M08",
            "a kernel does not start where the end of a log is torn",
            false,
        ),
        (
            Self::M09,
            "M09",
            "which files there are is never made durable",
            false,
        ),
        (Self::M10, "M10", "a sync that fails is passed over", false),
    ];

    /// The one of this name.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        use crate::protocol::executive::Mutant;
        let mut of_the_disk = Self::OF_THE_DISK.into_iter();
        if let Some((plant, ..)) = of_the_disk.find(|(_, its, ..)| *its == name) {
            return Some(plant);
        }
        let mut mutants = Mutant::ALL.into_iter();
        let mutant = mutants.find(|mutant| format!("{mutant:?}") == name)?;
        Some(Self::Protocol(Planted::one(mutant)))
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
