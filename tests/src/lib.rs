//! Helpers that the tests share: the `cmsl` command under test, and programs built with it.

#[path = "../cluster/all.rs"]
pub mod cluster;
mod command;
mod dice;
#[path = "../differential/all.rs"]
pub mod differential;
#[path = "../fuzz/all.rs"]
pub mod fuzz;
pub mod laboratory;
pub mod programs;
mod stalls;

pub use command::{
    Cmsl, Outcome, beside_tests, build, build_with_faults, repository, run, same_command,
    same_executable,
};
pub use dice::Dice;
pub use stalls::watching_stalls;
