//! Host administration: one kernel process a host does all coordination there.

pub mod message;
pub mod status;
