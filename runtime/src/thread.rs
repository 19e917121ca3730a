//! Starting threads on which the program's methods may run.

use std::io;
use std::thread::{Builder, JoinHandle};

/// The stack of such a thread; only what is used of it takes memory.
pub const STACK_BYTES: usize = 16 << 20;

/// Starts a thread.
///
/// # Errors
/// If the system gives none.
pub fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new()
        .name(name.to_owned())
        .stack_size(STACK_BYTES)
        .spawn(run)
}
