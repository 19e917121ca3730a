//! Syntax tree to Rust text. See `ARCHITECTURE.md`.
