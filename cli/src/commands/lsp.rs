//! `cmsl lsp`: the language server that editors start.

use crate::failure::exit;
use crate::lsp;
use std::process::ExitCode;

/// Serves the editor at the other end of stdin and stdout; the status is the protocol's.
pub fn lsp() -> ExitCode {
    match lsp::run() {
        Ok(status) => status,
        Err(failure) => {
            failure.report();
            exit(failure.status())
        }
    }
}
