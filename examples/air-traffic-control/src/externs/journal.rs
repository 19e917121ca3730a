//! What a sensor numbered and what was acknowledged, on the disk of its host.
//!
//! A line is appended with one write and not buffered, so that the journal of a sensor whose process was
//! killed still tells all that it had done. Lines: `sensor NUMBER`, `sent FIRST LAST DIGEST TIME`,
//! `acknowledged LAST TIME`, `ended TIME`; times are microseconds since 1970.

use super::source::now_microseconds;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// An open journal.
pub struct Journal {
    file: File,
}

impl Journal {
    /// Begins the journal of a sensor, the `generation`-th of its number. What an earlier one had had
    /// acknowledged, up to number `after`, is taken over.
    pub fn new(folder: &str, sensor: i32, generation: i32, after: i64) -> Result<Self, String> {
        let path = Path::new(folder).join(format!("sensor-{sensor}-{generation}.journal"));
        let failed = |why| format!("cannot write the journal `{}`: {why}", path.display());
        std::fs::create_dir_all(folder).map_err(failed)?;
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(failed)?;
        let mut journal = Self { file };
        journal.line(&format!("sensor {sensor} {after}"))?;
        Ok(journal)
    }

    /// A batch leaves for the first time.
    pub fn sent(&mut self, first: i64, last: i64, digest: i64) -> Result<(), String> {
        self.line(&format!(
            "sent {first} {last} {digest} {}",
            now_microseconds()
        ))
    }

    /// A batch leaves once more.
    pub fn resent(&mut self, first: i64, last: i64) -> Result<(), String> {
        self.line(&format!("resent {first} {last} {}", now_microseconds()))
    }

    /// All reports up to `last` are acknowledged.
    pub fn acknowledged(&mut self, last: i64) -> Result<(), String> {
        self.line(&format!("acknowledged {last} {}", now_microseconds()))
    }

    /// The sensor has done its work.
    pub fn ended(&mut self) -> Result<(), String> {
        self.line(&format!("ended {}", now_microseconds()))
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        self.file
            .write_all(format!("{line}\n").as_bytes())
            .map_err(|why| format!("cannot write the journal: {why}"))
    }
}
