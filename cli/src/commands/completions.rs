//! `cmsl completions`: what a shell needs to complete our words.

use super::print;
use crate::args::{Arguments, Completions};
use crate::failure::Failure;
use clap::CommandFactory as _;

/// Prints the completion script of a shell.
pub fn completions(arguments: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "cmsl",
        &mut script,
    );
    print(&String::from_utf8_lossy(&script))
}
