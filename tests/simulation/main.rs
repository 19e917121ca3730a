//! The replication protocol under simulated faults, and against the examples that define it.

mod campaign;
mod every_effect;
mod exhaustive;
mod figure_6;
mod figure_8;
mod forgotten;
mod lab;
mod planted;
mod programs;
mod recovery;
mod second_opinion;
mod two_leaders;
