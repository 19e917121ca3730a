//! Which of the faults of a run are needed for what it found: the others are left out, half of them at a time, then fewer.

use super::{Run, Runs, write_faults};
use crate::failure::Failure;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// No more runs are made.
const RUNS_MAX: usize = 200;
/// No run is begun later.
const WITHIN: Duration = Duration::from_secs(60);

/// Says how to see again what a run found, with as few faults as it takes.
pub(super) fn shrink(runs: &Runs<'_>, run: &Run) -> Result<(), Failure> {
    let seed = runs.arguments.seed;
    let name = format!("sim-{seed}.faults");
    // The program runs in the folder of its project.
    let path = std::env::current_dir().map_or(PathBuf::from(&name), |here| here.join(&name));
    let head = format!("what failed with seed {seed} and {} hosts", runs.hosts);
    let mut search = Search {
        runs,
        run,
        path: path.clone(),
        head,
        left: RUNS_MAX,
        until: Instant::now() + WITHIN,
    };
    let needed = search.needed()?;
    if needed.is_empty() {
        // The file was made for the search.
        let _ = std::fs::remove_file(&path);
        println!("-- no fault is needed: {}", runs.command("none"));
        return Ok(());
    }
    write_faults(&path, &search.head, &needed)?;
    let (few, all) = (needed.len(), run.faults.len());
    println!("-- needed, of {all} faults: {few}; written to {name}:");
    for fault in &needed {
        println!("--   {fault}");
    }
    println!("-- the same again: {}", runs.command(&name));
    Ok(())
}

struct Search<'a> {
    runs: &'a Runs<'a>,
    run: &'a Run,
    path: PathBuf,
    head: String,
    left: usize,
    until: Instant,
}

impl Search<'_> {
    /// Faults that show the same, none of which can be left out as far as was tried.
    fn needed(&mut self) -> Result<Vec<String>, Failure> {
        let mut faults = self.run.faults.clone();
        if self.shows(&[])? {
            return Ok(Vec::new());
        }
        let mut size = faults.len().div_ceil(2);
        while size > 0 {
            let mut from = 0;
            while from < faults.len() {
                let mut fewer = faults.clone();
                fewer.drain(from..(from + size).min(fewer.len()));
                if !fewer.is_empty() && self.shows(&fewer)? {
                    faults = fewer;
                } else {
                    from += size;
                }
            }
            size /= 2;
        }
        Ok(faults)
    }

    /// Whether a run with these faults finds the same. Without time left, nothing is shown any more.
    fn shows(&mut self, faults: &[String]) -> Result<bool, Failure> {
        if self.left == 0 || Instant::now() > self.until {
            return Ok(false);
        }
        self.left -= 1;
        write_faults(&self.path, &self.head, faults)?;
        let run = self.runs.run(&self.path.to_string_lossy(), false)?;
        Ok(alike(run.found.as_deref()) == alike(self.run.found.as_deref()))
    }
}

/// What was found, without its numbers: they may be others when less fails before.
fn alike(found: Option<&str>) -> Option<String> {
    found.map(|found| found.replace(|c: char| c.is_ascii_digit(), ""))
}
