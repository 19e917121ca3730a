//! Text to syntax tree. See `ARCHITECTURE.md`.
