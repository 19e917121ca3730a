//! `cmsl emit`: the Rust that a program is compiled to.

use super::print;
use crate::args::Emit;
use crate::cache::{self, Cache};
use crate::failure::Failure;
use crate::front;
use crate::project::Project;

/// Writes the generated crate into a folder, or its Rust to stdout.
pub fn emit(arguments: &Emit) -> Result<(), Failure> {
    let project = Project::open(&arguments.file)?;
    let Some(folder) = &arguments.out else {
        return print(&front::rust_text(&project)?);
    };
    let cache = Cache::open()?;
    let generated = front::compile(&project, &cache.runtime()?)?;
    generated.write(folder)?;
    cache::write_if_absent(&folder.join("Cargo.lock"), cache::packed_lock())
}
