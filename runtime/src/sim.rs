//! The simulator: a group of devices, its clients, network and disks, on virtual time, from one seed.
//!
//! [`run`] drives the real protocol code through a schedule of faults that the seed determines, shows everything that happens to the
//! checkers in [`check`], heals, and waits until all clients have their answers. [`play`] does so with a [`Scenario`] in the place of chance, and a
//! crash at one chosen effect. One seed gives one trace. Nothing here reads a clock or
//! draws randomness from elsewhere.
//!
//! A disturbance counts as a *fault* only if it had an effect: a crash of a device that was up, a cut that kept a message back, a pause or a
//! disk stall that something waited for.

mod bank;
pub mod check;
mod client;
mod disk;
pub mod every_effect;
mod faults;
mod history;
mod host;
mod network;
mod payout;
pub mod program;
mod scenario;
pub mod scenarios;
#[cfg(test)]
mod tests;
mod world;

pub use bank::{ACCOUNTS, Answer, Bank, Call};
pub use check::{Property, Violation};
pub use disk::Disk;
pub use faults::{Counts, Plan};
pub use history::{History, Observation, Operation};
pub use scenario::{Asked, CrashAt, Happening, Moment, Scenario, Script, Unsynced};
pub use world::{Report, play, record, run};
