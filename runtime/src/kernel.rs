//! Host administration: one kernel process a host does all coordination there.

pub mod call;
pub mod directory;
pub mod driver;
pub mod host;
pub mod job;
mod machine;
pub mod membership;
pub mod message;
pub mod options;
#[cfg(feature = "mutants")]
mod planted;
pub mod replica;
pub mod status;
