//! What the tests of the protocol and its campaigns share: the search of all states, seeds with and without planted faults, and a second opinion on
//! what clients saw in them.

pub mod exhaustive;
pub mod linearizable;
pub mod seeds;
