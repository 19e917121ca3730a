//! What generated programs run on. See `ARCHITECTURE.md`.

pub mod wire;
