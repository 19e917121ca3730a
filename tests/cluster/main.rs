//! Kernels as real processes: killed, restarted, misused.

mod faults;
mod harness;
mod mistakes;
mod servers;
