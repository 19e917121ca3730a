//! Host administration: one kernel process a host does all coordination there.

pub mod directory;
pub mod message;
pub mod status;
