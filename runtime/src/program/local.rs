//! A cluster of one host for a program that was started without one.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A kernel of this same executable; it ends when this process does, because its input ends.
pub(super) struct Local {
    address: SocketAddr,
    child: Child,
    input: Option<ChildStdin>,
}

impl Local {
    /// Where the kernel listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // It ends by itself when its input ends.
        self.input = None;
        let _ = self.child.wait();
    }
}

/// Starts the kernel and waits until it listens.
pub(super) fn start() -> Result<Local, String> {
    let cannot =
        |what: &str, error: std::io::Error| format!("cannot {what} a local kernel: {error}");
    let executable = std::env::current_exe().map_err(|error| cannot("find", error))?;
    let mut child = Command::new(executable)
        .args([
            "kernel",
            "--name",
            "local",
            "--listen",
            "127.0.0.1:0",
            "--volatile",
        ])
        .arg("--with-parent")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot("start", error))?;
    let input = child.stdin.take();
    let output = child
        .stdout
        .take()
        .ok_or("the local kernel has no output")?;
    let mut line = String::new();
    BufReader::new(output)
        .read_line(&mut line)
        .map_err(|error| cannot("hear", error))?;
    let address = line
        .strip_prefix("listening ")
        .and_then(|rest| rest.trim().parse().ok());
    match address {
        Some(address) => Ok(Local {
            address,
            child,
            input,
        }),
        None => Err("the local kernel did not start".to_owned()),
    }
}
