//! What a sensor numbered and what was acknowledged, on the disk of its host.
//!
//! A line is appended with one write and not buffered, so that the journal of a sensor whose process was
//! killed still tells all that it had done. Lines: `sensor NUMBER`, `sent FIRST LAST DIGEST TIME`,
//! `acknowledged LAST TIME`, `ended TIME`; times are microseconds since 1970.

use super::source::now_microseconds;
use cmsl_runtime::Outside;
use cmsl_runtime::outside::FileWriter;
use std::io::Write;
use std::path::{Path, PathBuf};

fn path_of(folder: &str, sensor: i32, generation: i32) -> PathBuf {
    Path::new(folder).join(format!("sensor-{sensor}-{generation}.journal"))
}

/// What a journal on this machine's disk says; empty if there is none.
pub fn journal_text(outside: &mut Outside, folder: &str, sensor: i32, generation: i32) -> String {
    let text = outside.read_text(path_of(folder, sensor, generation));
    text.unwrap_or_default()
}

/// Keeps on this machine's disk what a journal on another one says.
pub fn keep_journal(
    outside: &mut Outside,
    folder: &str,
    sensor: i32,
    generation: i32,
    text: &str,
) -> Result<(), String> {
    outside
        .write(path_of(folder, sensor, generation), text)
        .map_err(|why| format!("cannot write a journal to `{folder}`: {why}"))
}

/// An open journal.
pub struct Journal {
    file: FileWriter,
    outside: Outside,
}

impl Journal {
    /// Begins the journal of a sensor, the `generation`-th of its number. What an earlier one had had
    /// acknowledged, up to number `after`, is taken over.
    pub fn new(
        outside: &mut Outside,
        folder: &str,
        sensor: i32,
        generation: i32,
        after: i64,
    ) -> Result<Self, String> {
        let path = path_of(folder, sensor, generation);
        let failed = |why| format!("cannot write the journal `{}`: {why}", path.display());
        outside.create_folder(folder).map_err(failed)?;
        let file = outside.append(&path).map_err(failed)?;
        let outside = outside.clone();
        let mut journal = Self { file, outside };
        journal.line(&format!("sensor {sensor} {after}"))?;
        Ok(journal)
    }

    /// A batch leaves for the first time.
    pub fn sent(&mut self, first: i64, last: i64, digest: i64) -> Result<(), String> {
        self.line(&format!(
            "sent {first} {last} {digest} {}",
            now_microseconds(&self.outside)
        ))
    }

    /// A batch leaves once more.
    pub fn resent(&mut self, first: i64, last: i64) -> Result<(), String> {
        let now = now_microseconds(&self.outside);
        self.line(&format!("resent {first} {last} {now}"))
    }

    /// All reports up to `last` are acknowledged.
    pub fn acknowledged(&mut self, last: i64) -> Result<(), String> {
        let now = now_microseconds(&self.outside);
        self.line(&format!("acknowledged {last} {now}"))
    }

    /// The sensor has done its work.
    pub fn ended(&mut self) -> Result<(), String> {
        let now = now_microseconds(&self.outside);
        self.line(&format!("ended {now}"))
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        self.file
            .write_all(format!("{line}\n").as_bytes())
            .map_err(|why| format!("cannot write the journal: {why}"))
    }
}
