//! A program within an ordinary Rust program: what asynchronous code reaches servers with.
//!
//! Generated code is synchronous and waits on its thread. Here stand the threads that do so on behalf of asynchronous
//! code, whatever runtime that uses, and what printed clients are made of. Nothing below knows of it.

mod cluster;
mod creation;
mod failure;
mod pool;
mod served;

pub use crate::client::Model;
pub use cluster::{Cluster, Connect};
pub use creation::Creation;
pub use failure::Failure;
pub use served::{Client, client, find};

use crate::program::{Program, run};

/// Runs this process as a host of the program if its arguments say so (`kernel …`, and `inspect …` for a look at
/// replicas), and then does not return. Otherwise does nothing.
pub fn host_if_asked(program: &'static Program) {
    let first = std::env::args_os().nth(1);
    if first.is_some_and(|first| first == "kernel" || first == "inspect") {
        run(program);
    }
}
