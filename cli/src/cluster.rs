//! A cluster on this machine for one run: kernel processes on loopback addresses, then main.
//!
//! Whatever happens, nothing stays behind: kernels end when the pipe to this process closes, main
//! when its lifeline does, and a cluster that is dropped kills what still runs.

mod addresses;
mod folder;
mod host;
mod lifeline;
mod supervise;

use crate::cache::Cache;
use crate::failure::Failure;
use crate::{build, say, status};
pub use folder::Folder;
use host::Host;
use signal_hook::consts::signal::SIGCHLD;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// The file of a data folder that says where its hosts listen.
const ADDRESSES: &str = "addresses";
/// How long the hosts may take until they answer.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// How long between two looks at whether they do.
const READY_POLL: Duration = Duration::from_millis(10);
/// How long between two looks at whether the kernels have ended.
const END_POLL: Duration = Duration::from_millis(2);
/// How long kernels may take to end in order.
const END_WITHIN: Duration = Duration::from_secs(5);

/// What a cluster is made of.
#[derive(Debug)]
pub struct Setup<'a> {
    /// The executable of the program.
    pub executable: &'a Path,
    /// The names of the hosts.
    pub hosts: &'a [String],
    /// The folder for logs and data that the user named.
    pub data: Option<Folder>,
    /// Keep the logs and data of the run.
    pub keep: bool,
    /// Where the folder of a run is made otherwise.
    pub cache: &'a Cache,
    /// The program's name.
    pub name: &'a str,
}

/// The folder that the user named for logs and data; what an earlier run left there must be of these hosts.
pub fn open_data(path: &Path, hosts: &[String]) -> Result<Folder, Failure> {
    let folder = Folder::of_user(path)?;
    addresses::check(&folder.path().join(ADDRESSES), hosts)?;
    Ok(folder)
}

/// The kernels of a run.
#[derive(Debug)]
pub struct Cluster {
    executable: PathBuf,
    folder: Folder,
    hosts: Vec<Host>,
}

impl Cluster {
    /// Starts the kernels and waits until all of them answer.
    pub fn start(setup: Setup<'_>) -> Result<Self, Failure> {
        let folder = match setup.data {
            Some(folder) => folder,
            None => Folder::of_run(setup.cache.new_run(setup.name)?, setup.keep),
        };
        // A build of the same program must not change what a restarted host runs.
        let executable = folder.path().join("program");
        build::install(setup.executable, &executable)?;
        let addresses = addresses::choose(&folder.path().join(ADDRESSES), setup.hosts)?;
        let peers: Vec<String> = setup
            .hosts
            .iter()
            .zip(&addresses)
            .map(|(name, address)| format!("{name}={address}"))
            .collect();
        let hosts = setup
            .hosts
            .iter()
            .zip(&addresses)
            .map(|(name, address)| Host::new(name, *address, &peers.join(","), folder.path()))
            .collect();
        let mut cluster = Self {
            executable,
            folder,
            hosts,
        };
        let started = cluster
            .start_hosts()
            .and_then(|()| cluster.wait_until_ready());
        if started.is_err() {
            cluster.folder.keep_after_failure();
        }
        started.map(|()| cluster)
    }

    fn start_hosts(&mut self) -> Result<(), Failure> {
        for host in &mut self.hosts {
            host.start(&self.executable)?;
        }
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<(), Failure> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            for host in &mut self.hosts {
                if let Some(status) = host.ended()? {
                    return Err(host.failed_at_start(status));
                }
            }
            if status::is_ready(&self.addresses()) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(Failure::world(format!(
                    "the hosts did not come up within {} s",
                    READY_WITHIN.as_secs()
                )));
            }
            std::thread::sleep(READY_POLL);
        }
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.hosts.iter().map(Host::address).collect()
    }

    /// The addresses as the program and `cmsl status` take them.
    fn address_list(&self) -> String {
        let addresses: Vec<String> = self.addresses().iter().map(ToString::to_string).collect();
        addresses.join(",")
    }

    fn host_mut(&mut self, name: &str) -> Option<&mut Host> {
        self.hosts.iter_mut().find(|host| host.name() == name)
    }

    /// Ends the kernels in order: their pipes close, and they get some time, unless a signal comes.
    fn end(&mut self, signals: Option<&Receiver<i32>>) {
        for host in &mut self.hosts {
            host.ask_to_end();
        }
        let deadline = Instant::now() + END_WITHIN;
        while self.hosts.iter_mut().any(Host::still_runs) {
            let hurried =
                signals.is_some_and(|signals| signals.try_iter().any(|signal| signal != SIGCHLD));
            if hurried || Instant::now() >= deadline {
                break;
            }
            std::thread::sleep(END_POLL);
        }
        for host in self.hosts.iter_mut().filter(|host| host.is_running()) {
            say::note(
                "killed",
                format!("{}, which did not end in time", host.name()),
            );
            host.kill();
        }
    }

    /// Ends the kernels at once.
    fn kill(&mut self) {
        for host in &mut self.hosts {
            host.kill();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kill();
    }
}
