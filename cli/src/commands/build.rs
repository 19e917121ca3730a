//! `cmsl build`: one executable that is main and the kernel of a host.

use crate::args::Build;
use crate::build;
use crate::cache::Cache;
use crate::cargo::Profile;
use crate::failure::Failure;
use crate::project::Project;
use crate::say;
use std::path::PathBuf;

/// Builds a program and puts its executable where the user wants it.
pub fn build(arguments: &Build) -> Result<(), Failure> {
    let project = Project::open(&arguments.file)?;
    let cache = Cache::open()?;
    let built = build::executable(&project, &cache, Profile::of_flag(arguments.release))?;
    let output = arguments
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(&project.name));
    if output.is_dir() {
        return Err(Failure::Usage(format!(
            "`{}` is a folder; name the executable with `-o FILE`",
            output.display()
        )));
    }
    // A running executable cannot be written to, but its name can be given to another file.
    let mut beside = output.clone().into_os_string();
    beside.push(format!(".new-{}", std::process::id()));
    let beside = PathBuf::from(beside);
    std::fs::copy(&built, &beside).map_err(|why| Failure::file("write", &output, &why))?;
    std::fs::rename(&beside, &output).map_err(|why| Failure::file("write", &output, &why))?;
    say::note("built", output.display());
    Ok(())
}
