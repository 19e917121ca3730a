//! What the cluster's tests and its campaign share: real kernels, networks that fail, clients whose history is checked.

pub mod campaigns;
pub mod harness;
pub mod history;
pub mod load;
pub mod network;
pub mod tracer;
