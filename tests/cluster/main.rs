//! Kernels as real processes: killed, restarted, misused.

mod cables;
mod faults;
mod garbage;
mod harness;
mod mistakes;
mod servers;
