//! System calls of a running kernel that fail or take long, by `strace`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::harness::until;

/// What is attached to a kernel; the kernel itself is as it was once this is gone.
pub struct Tracer {
    strace: Child,
    folder: TempDir,
}

/// Whether this machine can do that.
#[must_use]
pub fn is_available() -> bool {
    let mut command = Command::new("strace");
    command.args(["-e", "inject=fsync:error=EIO", "true"]);
    let output = command.output();
    output.is_ok_and(|output| output.status.success())
}

impl Tracer {
    /// Attaches itself to a process: from now on what is injected happens to its system calls.
    #[must_use]
    pub fn attach(process: u32, inject: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let said = folder.path().join("said");
        let strace = Command::new("strace")
            .args(["-f", "-y", "-s", "0", "-e", "trace=write,fdatasync,fsync"])
            .args(["-e", &format!("inject={inject}")])
            .args(["-p", &process.to_string(), "-o"])
            .arg(folder.path().join("calls"))
            .stdin(Stdio::null())
            .stderr(File::create(&said).unwrap())
            .spawn()
            .unwrap();
        until("strace", || {
            let said = fs::read_to_string(&said).unwrap();
            said.contains(" attached").then_some(())
        });
        Self { strace, folder }
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default()
    }

    /// How many system calls were tampered with.
    #[must_use]
    pub fn injected(&self) -> u64 {
        let calls = self.calls();
        (calls.matches("(INJECTED)").count() + calls.matches("(DELAYED)").count()) as u64
    }

    /// The file of the sync that failed, and how many bytes were written to it since the one before.
    #[must_use]
    pub fn lost(&self) -> Option<(PathBuf, u64)> {
        let calls = self.calls();
        let lines: Vec<&str> = calls.lines().collect();
        let failed = lines.iter().position(|line| line.contains("(INJECTED)"))?;
        // The line itself, or the one in which the same thread entered the call.
        let thread = lines[failed].split(' ').next()?;
        let of_thread = |line: &&&str| line.split(' ').next() == Some(thread);
        let mut earlier = lines[..=failed].iter().rev().filter(of_thread);
        let path = |line: &str| Some(line.split_once('<')?.1.split_once('>')?.0.to_owned());
        let synced = earlier.find(|line| line.contains("sync("))?;
        let file = path(synced)?;
        let written = earlier
            .take_while(|line| !line.contains("sync("))
            .filter(|line| line.contains(" write(") && path(line) == Some(file.clone()))
            .filter_map(|line| {
                let length = line.split_once("...,")?.1.trim_start();
                let digits = length.find(|c: char| !c.is_ascii_digit())?;
                length[..digits].parse::<u64>().ok()
            })
            .sum();
        Some((file.into(), written))
    }

    /// Lets go of the process.
    pub fn detach(&mut self) {
        if self.strace.try_wait().unwrap().is_none() {
            let _ = kill_process(Pid::from_child(&self.strace), Signal::INT);
            let _ = self.strace.wait();
        }
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        self.detach();
    }
}
