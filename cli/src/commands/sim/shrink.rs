//! Which of the faults of a run are needed for what it found: the others are left out, half of them at a time, then fewer.

use super::{Run, Runs};
use crate::failure::Failure;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// No more runs are made.
const RUNS_MAX: usize = 200;
/// No run is begun later.
const WITHIN: Duration = Duration::from_secs(60);

/// Says how to see again what a run found, with as few faults as it takes; they are those of the file whose path is given back, or none.
pub(super) fn shrink(runs: &Runs, run: &Run) -> Result<String, Failure> {
    let name = format!("sim-{}.faults", runs.plan.seed);
    // The program runs in the folder of its project.
    let path = std::env::current_dir().map_or(PathBuf::from(&name), |here| here.join(&name));
    let mut search = Search {
        runs,
        run,
        path: path.clone(),
        left: RUNS_MAX,
        until: Instant::now() + WITHIN,
    };
    let needed = search.needed()?;
    if needed.is_empty() {
        // The file was made for the search.
        let _ = std::fs::remove_file(&path);
        println!("-- no fault is needed: {}", runs.alone());
        return Ok("none".to_owned());
    }
    search.write(&needed)?;
    let (few, all) = (needed.len(), run.faults.len());
    println!("-- needed, of {all} faults: {few}; written to {name}:");
    for fault in &needed {
        println!("--   {fault}");
    }
    println!("-- the same again: cmsl sim --replay {name}");
    println!("-- command by command: cmsl sim --replay {name} --step");
    Ok(path.to_string_lossy().into_owned())
}

struct Search<'a> {
    runs: &'a Runs,
    run: &'a Run,
    path: PathBuf,
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
        self.write(faults)?;
        let run = self.runs.run(&self.path.to_string_lossy(), None, false)?;
        Ok(alike(run.found.as_deref()) == alike(self.run.found.as_deref()))
    }

    /// Writes the file with these faults.
    fn write(&self, faults: &[String]) -> Result<(), Failure> {
        let folder = self.path.parent().unwrap_or(&self.path);
        let text = self.runs.plan.file(self.runs.hosts, faults, folder);
        std::fs::write(&self.path, text).map_err(|why| Failure::file("write", &self.path, &why))
    }
}

/// What was found, without its numbers: they may be others when less fails before.
fn alike(found: Option<&str>) -> Option<String> {
    found.map(|found| found.replace(|c: char| c.is_ascii_digit(), ""))
}
