//! Helpers that the tests share: the `cmsl` command under test, and programs built with it.

mod command;
mod stalls;

pub use command::{Cmsl, Outcome, beside_tests, build, build_with_faults, repository, run};
pub use stalls::watching_stalls;
