//! Syntax tree to Rust text. See `ARCHITECTURE.md`.

pub mod emit;
pub mod format;
pub mod ir;
