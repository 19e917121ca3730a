//! The `cmsl` command: check, build and run CMSL programs. See `ARCHITECTURE.md`.
//!
//! A library, so that the tests run the same code as the executable.

#[cfg(not(unix))]
compile_error!("cmsl runs on Linux and macOS; on Windows, use it within WSL");

mod args;
mod build;
mod cache;
mod cargo;
mod cluster;
mod commands;
mod failure;
mod front;
mod lsp;
mod preflight;
mod project;
mod say;
mod schedule;
mod status;

pub use commands::main;
pub use front::pages;
