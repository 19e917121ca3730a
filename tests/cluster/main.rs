//! Kernels as real processes: killed, restarted, misused.

mod cables;
mod faults;
mod harness;
mod mistakes;
mod servers;
