//! What the tests of the protocol and its campaigns share: scripted scenarios with a crash at every effect, the search of all states, seeds with
//! and without planted faults, and a second opinion on what clients saw in them.

pub mod every_effect;
pub mod exhaustive;
pub mod linearizable;
pub mod scenarios;
pub mod seeds;
