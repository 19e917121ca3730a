//! What the tests of the protocol and its campaigns share: scripted scenarios with a crash at every effect, the search of all states, and seeds with
//! and without planted faults.

pub mod every_effect;
pub mod exhaustive;
pub mod scenarios;
pub mod seeds;
