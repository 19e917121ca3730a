//! A cluster on this machine for a program that was started without one: kernels of this same executable.
//!
//! They end when this process does, because their input ends.

use crate::wall::random_bits;
use std::fmt::Display;
use std::fs::DirBuilder;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How often several hosts are started, should somebody else take a port that was free.
const ATTEMPTS: usize = 3;

/// Tells a kernel that it is one of these: should it come here, it did not become a kernel.
const VARIABLE: &str = "CMSL_LOCAL_HOST";

/// The kernels. Dropped, it ends them and removes what they kept.
pub(crate) struct Local {
    hosts: Vec<Host>,
    folder: Option<PathBuf>,
}

struct Host {
    address: SocketAddr,
    child: Child,
}

impl Local {
    /// Starts as many kernels and waits until they listen.
    pub(crate) fn start(hosts: usize) -> Result<Self, String> {
        if std::env::var_os(VARIABLE).is_some() {
            return Err(
                "this process was started as a host, and its main did not hand over".to_owned(),
            );
        }
        if hosts <= 1 {
            let arguments = ["--name", "local", "--listen", "127.0.0.1:0", "--volatile"];
            let hosts = vec![Host::start(&arguments.map(str::to_owned))?];
            return Ok(Self {
                hosts,
                folder: None,
            });
        }
        let mut why = String::new();
        for _ in 0..ATTEMPTS {
            match Self::start_several(hosts) {
                Ok(local) => return Ok(local),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    fn start_several(count: usize) -> Result<Self, String> {
        let folder = folder()?;
        let mut local = Self {
            hosts: Vec::new(),
            folder: Some(folder.clone()),
        };
        let addresses = free_addresses(count).map_err(cannot("find a free port for"))?;
        let named: Vec<(String, SocketAddr)> = (1..)
            .map(|number| format!("host{number}"))
            .zip(addresses)
            .collect();
        let peers: Vec<String> = named
            .iter()
            .map(|(name, address)| format!("{name}={address}"))
            .collect();
        let peers = peers.join(",");
        for (name, address) in &named {
            let data = folder.join(name).to_string_lossy().into_owned();
            let listen = address.to_string();
            let arguments = [
                "--name", name, "--listen", &listen, "--peers", &peers, "--data", &data,
            ];
            local
                .hosts
                .push(Host::start(&arguments.map(str::to_owned))?);
        }
        Ok(local)
    }

    /// Where the kernels listen.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.hosts.iter().map(|host| host.address).collect()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        for host in &mut self.hosts {
            // A kernel ends by itself when its input ends.
            drop(host.child.stdin.take());
        }
        for host in &mut self.hosts {
            let _ = host.child.wait();
        }
        if let Some(folder) = &self.folder {
            // What cannot be removed lies where the system cleans up.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

impl Host {
    /// Starts a kernel and waits until it listens.
    fn start(arguments: &[String]) -> Result<Self, String> {
        let executable = std::env::current_exe().map_err(cannot("find"))?;
        let mut child = Command::new(executable)
            .arg("kernel")
            .args(arguments)
            .arg("--with-parent")
            .env(VARIABLE, "")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C at a terminal is for this process, which ends the kernels in order.
            .process_group(0)
            .spawn()
            .map_err(cannot("start"))?;
        match listening(&mut child) {
            Ok(address) => Ok(Self { address, child }),
            Err(why) => {
                // It says itself what is wrong, and may have ended.
                let _ = child.kill();
                let _ = child.wait();
                Err(why)
            }
        }
    }
}

/// The address that a kernel says it listens on.
fn listening(child: &mut Child) -> Result<SocketAddr, String> {
    let output = child
        .stdout
        .take()
        .ok_or("the local kernel has no output")?;
    let mut line = String::new();
    BufReader::new(output)
        .read_line(&mut line)
        .map_err(cannot("hear"))?;
    line.strip_prefix("listening ")
        .and_then(|rest| rest.trim().parse().ok())
        .ok_or_else(|| {
            "the local kernel did not start; a Rust program around one hands over to it first thing \
             in main: `host_if_asked`"
                .to_owned()
        })
}

fn cannot<E: Display>(what: &'static str) -> impl Fn(E) -> String {
    move |error| format!("cannot {what} a local kernel: {error}")
}

/// Loopback addresses with ports that nobody uses at the moment.
fn free_addresses(count: usize) -> std::io::Result<Vec<SocketAddr>> {
    // All are held until the last is known, so that no two are the same.
    let listeners = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<std::io::Result<Vec<_>>>()?;
    listeners.iter().map(TcpListener::local_addr).collect()
}

/// A new folder that only this user can enter.
fn folder() -> Result<PathBuf, String> {
    let name = format!("cmsl-{}-{:016x}", std::process::id(), random_bits());
    let path = std::env::temp_dir().join(name);
    make(&path).map_err(cannot("make a folder for"))?;
    Ok(path)
}

fn make(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}
