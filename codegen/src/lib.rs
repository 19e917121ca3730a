//! Syntax tree to Rust text. See `ARCHITECTURE.md`.

mod analyse;
pub mod build;
pub mod check;
pub mod emit;
pub mod format;
pub mod index;
pub mod ir;
pub mod load;
mod lower;
mod optimise;
pub mod package;
pub mod planted;
pub mod replicate;
pub mod report;
mod resolve;

pub use analyse::{Analysis, Incremental, Version, VersionFile, Work, analyse};
pub use check::embedding::{RustFile, direct_uses, embedding, embedding_mismatch, lint_settings};
pub use check::{RULES, check};
pub use load::{Loaded, load};
pub use package::package;
