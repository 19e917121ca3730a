//! Kernels as real processes: killed, restarted, misused.

mod cables;
mod campaign;
mod disks;
mod faults;
mod garbage;
mod histories;
mod large;
mod mistakes;
mod nested;
mod reads;
mod servers;

use cmsl_tests::cluster::{campaigns, harness, history, network};
