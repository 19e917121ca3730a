//! A cluster of three kernels of ours, and clients that load it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use cmsl_runtime::client::{Client, Model, ServerSpec, status};
use cmsl_runtime::identity::{HostId, ServerId};
use cmsl_runtime::kernel::status::ServerView;
use cmsl_runtime::wire::Wire;

use crate::load::{Load, WARM_UP};
use crate::process::{Cpus, Running, free_port};
use crate::raw::PAYLOAD_BYTES;
use crate::service;

const NAMES: [&str; 3] = ["a", "b", "c"];
const SERVER: &str = "measured";
/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a cluster's servers keep their state.
#[derive(Clone, Copy)]
pub enum Keeping<'a> {
    /// In memory; what the kernels keep for themselves is in this folder.
    Volatile(&'a Path),
    /// In this folder.
    Durable(&'a Path),
}

/// What is called, under load.
#[derive(Clone, Copy)]
pub enum Called {
    /// The method that stores a value.
    Change,
    /// The method that gives it back.
    Read,
}

impl Called {
    const fn method(self) -> u32 {
        match self {
            Self::Change => service::PUT,
            Self::Read => service::GET,
        }
    }
}

/// A running cluster with one server.
pub struct Cluster {
    kernels: Vec<(Vec<String>, Option<Running>)>,
    addresses: Vec<SocketAddr>,
}

impl Cluster {
    /// Starts three kernels and creates the server on them.
    pub fn start(keeping: Keeping<'_>) -> Result<Self, String> {
        let mut peers = Vec::new();
        let mut addresses = Vec::new();
        for name in NAMES {
            let address = format!("127.0.0.1:{}", free_port()?);
            peers.push(format!("{name}={address}"));
            addresses.push(address);
        }
        let mut kernels = Vec::new();
        for (name, address) in NAMES.iter().zip(&addresses) {
            let mut words = vec![
                "kernel",
                "--name",
                name,
                "--listen",
                address,
                "--with-parent",
            ];
            let peers = peers.join(",");
            words.extend(["--peers", &peers]);
            let (Keeping::Volatile(folder) | Keeping::Durable(folder)) = keeping;
            let data = folder.join(name).display().to_string();
            words.extend(["--data", &data]);
            kernels.push((words.iter().map(|&word| word.to_owned()).collect(), None));
        }
        let addresses = addresses
            .iter()
            .map(|a| a.parse().expect("written as an address above"))
            .collect();
        let mut cluster = Self { kernels, addresses };
        for kernel in 0..NAMES.len() {
            cluster.start_kernel(kernel)?;
        }
        let mut client = Client::connect(&cluster.addresses).map_err(text)?;
        let spec = ServerSpec {
            class: service::CLASS.to_owned(),
            args: service::CONSTRUCT.to_le_bytes().to_vec(),
            replicas: 3,
            tolerance: 1,
            model: Model::Crash,
            name: Some(SERVER.to_owned()),
            durable: matches!(keeping, Keeping::Durable(_)),
            ..ServerSpec::default()
        };
        client.create(&spec).map_err(text)?;
        cluster.wait_until_whole()?;
        Ok(cluster)
    }

    fn start_kernel(&mut self, kernel: usize) -> Result<(), String> {
        let (words, running) = &mut self.kernels[kernel];
        *running = Some(Running::this(Cpus::Both, words)?);
        Ok(())
    }

    /// Loads the server with so many clients on the leader's host, each with one call at a time.
    pub fn load(&self, called: Called, clients: usize, duration: Duration) -> Result<Load, String> {
        let leader = self.addresses[self.leader()?];
        let arguments = [
            "cmsl-load".to_owned(),
            leader.to_string(),
            called.method().to_string(),
            clients.to_string(),
            duration.as_millis().to_string(),
        ];
        Running::this(Cpus::Both, &arguments)?
            .numbers()
            .map(Load::from_numbers)
    }

    /// The highest issued number of the server, and the syncs of the log that was synced most.
    pub fn issued_and_syncs(&self) -> Result<(u64, u64), String> {
        let server = self.view()?;
        let syncs = server
            .replicas
            .iter()
            .map(|(_, replica)| replica.syncs)
            .max();
        Ok((server.issued, syncs.unwrap_or(0)))
    }

    /// Which kernel leads the server.
    fn leader(&self) -> Result<usize, String> {
        wait("the server has no leader", || {
            let HostId(leader) = self.view().ok()?.leader?;
            Some(usize::from(leader))
        })
    }

    /// Waits until every host is there and every replica knows everything.
    fn wait_until_whole(&self) -> Result<(), String> {
        wait("the cluster did not become whole", || {
            let server = self.view().ok()?;
            let level = server
                .replicas
                .iter()
                .all(|(_, replica)| replica.issued == server.issued);
            (level && server.leader.is_some() && server.replicas.len() == NAMES.len()).then_some(())
        })
    }

    /// What the hosts say about the server.
    fn view(&self) -> Result<ServerView, String> {
        let status = status(&self.addresses).map_err(text)?;
        let is_it = |server: &ServerView| server.about.name.as_deref() == Some(SERVER);
        status
            .servers
            .into_iter()
            .find(is_it)
            .ok_or_else(|| "the server is not known".to_owned())
    }

    /// Kills the leader's kernel while a client calls, and gives the time until its next answer;
    /// then starts the kernel again and waits until it is level with the others.
    pub fn fail_over(&mut self) -> Result<Duration, String> {
        let leader = self.leader()?;
        let mut addresses = self.addresses.clone();
        // The client's own host is not the one that is lost.
        addresses.rotate_left(leader + 1);
        let mut caller = Caller::connect(&addresses, 0)?;
        for _ in 0..100 {
            caller.call(Called::Change.method())?;
        }
        let start = Instant::now();
        if let Some(kernel) = &mut self.kernels[leader].1 {
            kernel.kill();
        }
        caller.call(Called::Change.method())?;
        let interruption = start.elapsed();
        self.start_kernel(leader)?;
        self.wait_until_whole()?;
        Ok(interruption)
    }
}

/// Asks until there is an answer.
fn wait<T>(otherwise: &str, mut ask: impl FnMut() -> Option<T>) -> Result<T, String> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(otherwise.to_owned())
}

fn text(error: cmsl_runtime::client::CallError) -> String {
    error.to_string()
}

/// One client, calling the server.
struct Caller {
    client: Client,
    server: ServerId,
    arguments: Vec<u8>,
}

impl Caller {
    fn connect(addresses: &[SocketAddr], key: u64) -> Result<Self, String> {
        let mut client = Client::connect(addresses).map_err(text)?;
        let (_, server) = client
            .find(&[service::CLASS], SERVER)
            .map_err(text)?
            .ok_or("the server is not known")?;
        let arguments = (key, vec![7_u8; PAYLOAD_BYTES]).to_bytes();
        Ok(Self {
            client,
            server,
            arguments,
        })
    }

    fn call(&mut self, method: u32) -> Result<(), String> {
        let ticket = self
            .client
            .invoke(self.server, method, &self.arguments)
            .map_err(text)?;
        let reply = self.client.reply(ticket).map_err(text)?;
        self.client.forget(ticket);
        if reply.raised {
            Err("the method raised".to_owned())
        } else {
            Ok(())
        }
    }
}

/// The load generator: address, number of the method, number of clients, milliseconds.
pub fn load_main(words: &[&str]) -> Result<(), String> {
    let [address, method, clients, milliseconds] = words else {
        return Err("cmsl-load ADDRESS METHOD CLIENTS MILLISECONDS".to_owned());
    };
    let method: u32 = method.parse().map_err(|_| "not the number of a method")?;
    let address: SocketAddr = address.parse().map_err(|_| "not an address")?;
    let clients: usize = clients.parse().map_err(|_| "not a number of clients")?;
    let duration = Duration::from_millis(milliseconds.parse().map_err(|_| "not a duration")?);
    let connected = Arc::new(Barrier::new(clients));
    let threads: Vec<_> = (0..clients as u64)
        .map(|key| {
            let connected = Arc::clone(&connected);
            thread::spawn(move || run_client(address, (method, key), &connected, duration))
        })
        .collect();
    let mut times = Vec::new();
    for thread in threads {
        times.extend(thread.join().map_err(|_| "a client panicked")??);
    }
    Load::new(times, duration).print();
    Ok(())
}

/// The times of one client's calls, in microseconds.
fn run_client(
    address: SocketAddr,
    (method, key): (u32, u64),
    connected: &Barrier,
    duration: Duration,
) -> Result<Vec<f64>, String> {
    let caller = Caller::connect(&[address], key);
    connected.wait();
    let mut caller = caller?;
    let begin = Instant::now() + WARM_UP;
    let end = begin + duration;
    let mut times = Vec::new();
    loop {
        let start = Instant::now();
        if start >= end {
            return Ok(times);
        }
        caller.call(method)?;
        if start >= begin {
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
}
