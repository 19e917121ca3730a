//! Faults that can be planted, to see that the simulator's checkers find them.
//!
//! The numbers are those of the list of mutants in the testing documentation. Without the crate feature `mutants` there are none,
//! and every place that asks for one is compiled to `false`.

use super::command::Ballot;
use super::configuration::{Configuration, Devices};
use crate::protocol::Device;

/// One plantable fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    not(feature = "mutants"),
    expect(missing_docs, reason = "never planted in this build")
)]
#[cfg_attr(
    feature = "mutants",
    expect(missing_docs, reason = "each is described by `Mutant::what`")
)]
pub enum Mutant {
    M01,
    M02,
    M03,
    M05,
    M11,
    M13,
    M14,
    M15,
    M16,
    M17,
    M18,
    M19,
    M22,
    M23,
    M24,
    M25,
    M26,
    M27,
    M28,
    M29,
    M30,
    M31,
    M32,
    M33,
    M34,
    M36,
    M37,
    M38,
    M40,
    M41,
    M45,
    M63,
    M64,
    M65,
    M66,
    M67,
}

/// Which fault is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planted {
    #[cfg(feature = "mutants")]
    mutant: Option<Mutant>,
}

impl Planted {
    /// This fault.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn one(mutant: Mutant) -> Planted {
        Planted {
            mutant: Some(mutant),
        }
    }

    /// The fault, if one is planted.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn which(self) -> Option<Mutant> {
        self.mutant
    }

    /// Whether this fault is planted.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn is(self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// Whether this fault is planted.
    #[cfg(not(feature = "mutants"))]
    #[must_use]
    pub const fn is(self, _mutant: Mutant) -> bool {
        false
    }

    /// With [`Mutant::M05`], a device's own ballots are forgotten.
    pub(super) fn forgets(self, ballot: Ballot, device: Device) -> bool {
        self.is(Mutant::M05) && ballot.device == device
    }

    /// With [`Mutant::M16`], half of the devices are a quorum.
    pub(super) fn is_half(self, devices: Devices, of: &Configuration) -> bool {
        self.is(Mutant::M16) && devices.len() >= (of.devices().len() / 2).max(1)
    }

    /// With [`Mutant::M19`], a ballot of the round that was promised counts as promised.
    pub(super) fn is_as_good(self, ballot: Ballot, promised: Ballot) -> bool {
        self.is(Mutant::M19) && ballot.round == promised.round
    }
}

#[cfg(feature = "mutants")]
impl Mutant {
    /// All of them.
    pub const ALL: [Mutant; 36] = [
        Mutant::M01,
        Mutant::M02,
        Mutant::M03,
        Mutant::M05,
        Mutant::M11,
        Mutant::M13,
        Mutant::M14,
        Mutant::M15,
        Mutant::M16,
        Mutant::M17,
        Mutant::M18,
        Mutant::M19,
        Mutant::M22,
        Mutant::M23,
        Mutant::M24,
        Mutant::M25,
        Mutant::M26,
        Mutant::M27,
        Mutant::M28,
        Mutant::M29,
        Mutant::M30,
        Mutant::M31,
        Mutant::M32,
        Mutant::M33,
        Mutant::M34,
        Mutant::M36,
        Mutant::M37,
        Mutant::M38,
        Mutant::M40,
        Mutant::M41,
        Mutant::M45,
        Mutant::M63,
        Mutant::M64,
        Mutant::M65,
        Mutant::M66,
        Mutant::M67,
    ];

    /// What is wrong with it.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Mutant::M01 => "a promise is sent before it is durable",
            Mutant::M02 => "a vote is sent before it is durable",
            Mutant::M03 => "a vote that is asked for again is sent before it is durable",
            Mutant::M05 => "the own ballot is forgotten at a restart and used again",
            Mutant::M11 => "at a restart the first vote for a number stands, not the last",
            Mutant::M13 => "a write that is done counts for the later ones",
            Mutant::M14 => "a promise of an older ballot counts",
            Mutant::M15 => "the same device's vote counts twice",
            Mutant::M16 => "a quorum is half of the devices, rounded down",
            Mutant::M17 => "the vote of the lowest instead of the highest ballot is chosen",
            Mutant::M18 => "a device votes below its promise",
            Mutant::M19 => "a ballot of the same round counts as promised",
            Mutant::M22 => "a new ballot follows from the own last one, not from the promise",
            Mutant::M23 => "what a new leader proposes again counts as voted for by all",
            Mutant::M24 => "a command is issued before its precedent",
            Mutant::M25 => "functions run before the earlier commands are recovered and applied",
            Mutant::M26 => "a command is proposed again although its precedent is gone",
            Mutant::M27 => "a command beyond a hole gets the number of the hole",
            Mutant::M28 => "requests are executed again instead of proposing the recorded commands",
            Mutant::M29 => "a deposed leader keeps its state",
            Mutant::M30 => "the client is answered when its command is proposed",
            Mutant::M31 => "followers execute the function instead of applying the command",
            Mutant::M32 => "the window is not kept",
            Mutant::M33 => "there is no table of requests",
            Mutant::M34 => "a snapshot has no table of requests",
            Mutant::M36 => "a read is answered without asking a quorum",
            Mutant::M37 => "a read is answered before the commands of its state are issued",
            Mutant::M38 => "a quorum's confirmation serves reads that came later",
            Mutant::M40 => {
                "what is told to be issued is taken from the own votes, whichever they are"
            }
            Mutant::M41 => "a snapshot says the number of another moment",
            Mutant::M45 => "a snapshot is installed that is older than the state",
            Mutant::M63 => "a device votes without knowing the precedent",
            Mutant::M64 => "a nested call leaves before its step is issued",
            Mutant::M65 => "a method that is executed again draws anew",
            Mutant::M66 => "a snapshot has no journal of nested calls",
            Mutant::M67 => "a new leader does not execute first what was left open",
        }
    }
}
