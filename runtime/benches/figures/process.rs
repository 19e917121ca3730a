//! Processes of a measurement: pinned to processors, ended with it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::options::Options;

/// The processors that a process may use.
#[derive(Clone, Copy)]
pub enum Cpus {
    /// This one only.
    One(usize),
    /// The first two: what every server and load generator gets.
    Both,
}

impl Cpus {
    fn list(self) -> String {
        match self {
            Self::One(cpu) => cpu.to_string(),
            Self::Both => "0,1".to_owned(),
        }
    }
}

/// A child process that does not outlive this value.
pub struct Running {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    name: String,
}

impl Running {
    /// Starts a program on the given processors, with its stdout to be read by [`Running::line`].
    pub fn start(
        cpus: Cpus,
        program: &Path,
        prepare: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<Self, String> {
        let name = program.display().to_string();
        let mut command = Command::new("taskset");
        command.args(["-c", &cpus.list()]).arg(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = prepare(&mut command)
            .spawn()
            .map_err(|error| format!("cannot start {name}: {error}"))?;
        let stdout = child.stdout.take().map(BufReader::new);
        Ok(Self {
            child,
            stdout,
            name,
        })
    }

    /// Starts this program with other arguments.
    pub fn this<S: AsRef<std::ffi::OsStr>>(cpus: Cpus, arguments: &[S]) -> Result<Self, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        Self::start(cpus, &own, |command| command.args(arguments))
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        let ended = || format!("{} ended without an answer", self.name);
        let stdout = self.stdout.as_mut().ok_or_else(ended)?;
        match stdout.read_line(&mut line) {
            Ok(0) => Err(ended()),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(format!("{}: {error}", self.name)),
        }
    }

    /// The numbers on the next line that it prints.
    pub fn numbers<const N: usize>(&mut self) -> Result<[f64; N], String> {
        let line = self.line()?;
        let numbers: Vec<f64> = line
            .split(' ')
            .filter_map(|word| word.parse().ok())
            .collect();
        numbers
            .try_into()
            .map_err(|_| format!("{} printed {line:?}", self.name))
    }

    /// Kills it and waits for its end.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Checks that processes can be pinned, and that there are two processors to pin them to.
pub fn need_taskset() -> Result<(), String> {
    let status = Command::new("taskset")
        .args(["-c", "0,1", "true"])
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("taskset (of util-linux) is needed to pin processes: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("processors 0 and 1 are needed".to_owned())
    }
}

/// A new folder on a real file system.
pub fn scratch_folder(options: &Options) -> Result<tempfile::TempDir, String> {
    let parent = match &options.data {
        Some(data) => data.clone(),
        None => own_folder()?,
    };
    let parent = parent
        .canonicalize()
        .map_err(|error| format!("cannot use {}: {error}", parent.display()))?;
    let kind = file_system(&parent)?;
    if ["tmpfs", "ramfs", "devtmpfs"].contains(&kind.as_str()) {
        return Err(format!(
            "{} is on {kind}, where syncing costs nothing; give a folder on a disk with --data",
            parent.display()
        ));
    }
    tempfile::Builder::new()
        .prefix("cmsl-figures-")
        .tempdir_in(&parent)
        .map_err(|error| format!("cannot make a folder in {}: {error}", parent.display()))
}

fn own_folder() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    own.parent()
        .map(Path::to_owned)
        .ok_or("this program is in no folder".to_owned())
}

/// The type of the file system that holds a path: that of the longest mount point above it.
fn file_system(path: &Path) -> Result<String, String> {
    let mounts = fs::read_to_string("/proc/self/mounts").map_err(|error| error.to_string())?;
    mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            let mount = Path::new(words.next()?);
            path.starts_with(mount)
                .then_some((mount.components().count(), words.next()?))
        })
        // Of two mounts at one place the later one is seen.
        .max_by_key(|&(depth, _)| depth)
        .map(|(_, kind)| kind.to_owned())
        .ok_or_else(|| format!("cannot tell the file system of {}", path.display()))
}

/// A port of the loopback address that was free just now.
pub fn free_port() -> Result<u16, String> {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| error.to_string())
}
