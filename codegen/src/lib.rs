//! Syntax tree to Rust text. See `ARCHITECTURE.md`.

pub mod format;
pub mod ir;
