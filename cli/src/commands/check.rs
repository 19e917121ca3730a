//! `cmsl check`: what is wrong with programs.

use crate::args::Check;
use crate::failure::Failure;
use crate::front;
use crate::project::Project;

/// Reports the diagnostics of every program named; fails if any has an error.
pub fn check(arguments: &Check) -> Result<(), Failure> {
    let mut worst = None;
    for path in &arguments.files {
        let outcome = Project::open(path).and_then(|project| front::check(&project));
        match outcome {
            Ok(()) => {}
            // The others are still worth a look; the first failure decides the status.
            Err(failure) => {
                failure.report();
                worst.get_or_insert(failure);
            }
        }
    }
    match worst {
        None => Ok(()),
        Some(failure) => Err(Failure::Reported(failure.status())),
    }
}
