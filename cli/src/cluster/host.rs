//! One kernel process: started, killed, started again, ended.

use crate::failure::Failure;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// How much of a kernel's log is shown when it does not start.
const LOG_LINES_SHOWN: usize = 5;

/// A host of the cluster.
#[derive(Debug)]
pub struct Host {
    name: String,
    address: SocketAddr,
    peers: String,
    data: PathBuf,
    log: PathBuf,
    child: Option<Child>,
}

impl Host {
    /// A host whose data and log go into `folder`; it does not run yet.
    pub fn new(name: &str, address: SocketAddr, peers: &str, folder: &Path) -> Self {
        Self {
            name: name.to_owned(),
            address,
            peers: peers.to_owned(),
            data: folder.join(name),
            log: folder.join(format!("{name}.log")),
            child: None,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its kernel listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether its kernel was started and not killed since.
    pub fn is_running(&self) -> bool {
        self.child.is_some()
    }

    /// Starts the kernel; its output goes to the log.
    pub fn start(&mut self, executable: &Path) -> Result<(), Failure> {
        fs::create_dir_all(&self.data).map_err(|why| Failure::file("make", &self.data, &why))?;
        let cannot = |why: std::io::Error| Failure::file("write", &self.log, &why);
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(cannot)?;
        let second = log.try_clone().map_err(cannot)?;
        let child = Command::new(executable)
            .args(["kernel", "--name", &self.name])
            .args(["--listen", &self.address.to_string()])
            .args(["--peers", &self.peers])
            .arg("--data")
            .arg(&self.data)
            .arg("--with-parent")
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(second)
            // Ctrl-C at a terminal is for `cmsl run`, which ends the kernels in order.
            .process_group(0)
            .spawn()
            .map_err(|why| Failure::world(format!("cannot start {}: {why}", self.name)))?;
        self.child = Some(child);
        Ok(())
    }

    /// The status that the kernel ended with by itself, told once.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        let Some(child) = &mut self.child else {
            return Ok(None);
        };
        let status = child
            .try_wait()
            .map_err(|why| Failure::world(format!("{} was lost: {why}", self.name)))?;
        if status.is_some() {
            self.child = None;
        }
        Ok(status)
    }

    /// What to say of a kernel that ended before it was ready.
    pub fn failed_at_start(&self, status: ExitStatus) -> Failure {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let shown = lines
            .get(lines.len().saturating_sub(LOG_LINES_SHOWN)..)
            .unwrap_or_default();
        Failure::world(format!(
            "{} did not start ({status}):\n  {}",
            self.name,
            shown.join("\n  ")
        ))
    }

    /// Ends the kernel with SIGKILL and waits for it.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Both fail only for a process that is gone, which is what is wanted.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Closes the pipe, which the kernel takes as the wish to end.
    pub fn ask_to_end(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.stdin.take());
        }
    }

    /// Whether the kernel has not ended yet.
    pub fn still_runs(&mut self) -> bool {
        self.ended().is_ok_and(|ended| ended.is_none()) && self.is_running()
    }
}
