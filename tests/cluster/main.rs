//! Kernels as real processes: killed, restarted, misused.

mod cables;
mod disks;
mod faults;
mod garbage;
mod harness;
mod large;
mod mistakes;
mod nested;
mod reads;
mod servers;
