//! What generated programs run on. See `ARCHITECTURE.md`.

pub mod client;
pub mod identity;
pub mod object;
pub mod program;
pub mod wire;
