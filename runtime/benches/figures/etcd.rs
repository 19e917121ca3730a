//! A cluster of three etcd servers, and clients that load it over persistent connections.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::grpc::Etcd;
use crate::load::{Load, WARM_UP};
use crate::process::{Cpus, Running, free_port};
use crate::raw::PAYLOAD_BYTES;

const START_PATIENCE: Duration = Duration::from_secs(30);

/// A running cluster.
pub struct EtcdCluster {
    _servers: Vec<Running>,
    /// Where the leader takes clients.
    leader: String,
}

/// Where etcd is installed.
pub fn installed() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join("etcd"))
        .find(|path| path.is_file())
}

impl EtcdCluster {
    /// Starts three servers that keep their data in the folder.
    pub fn start(program: &Path, folder: &Path) -> Result<Self, String> {
        let mut ports = Vec::new();
        for name in ["a", "b", "c"] {
            ports.push((name, free_port()?, free_port()?));
        }
        let peers: Vec<String> = ports
            .iter()
            .map(|(name, _, peer)| format!("{name}=http://127.0.0.1:{peer}"))
            .collect();
        let mut servers = Vec::new();
        for (name, client, peer) in &ports {
            let client = format!("http://127.0.0.1:{client}");
            let peer = format!("http://127.0.0.1:{peer}");
            let data = folder.join(name);
            servers.push(Running::start(Cpus::Both, program, |command| {
                command
                    .args(["--name", name, "--listen-peer-urls", &peer])
                    .args(["--initial-advertise-peer-urls", &peer])
                    .args([
                        "--listen-client-urls",
                        &client,
                        "--advertise-client-urls",
                        &client,
                    ])
                    .args(["--initial-cluster", &peers.join(",")])
                    .args(["--logger", "zap", "--log-level", "error"])
                    .arg("--data-dir")
                    .arg(data)
                    .stderr(Stdio::null())
            })?);
        }
        let clients: Vec<String> = ports
            .iter()
            .map(|(_, client, _)| format!("127.0.0.1:{client}"))
            .collect();
        let leader = runtime()?.block_on(find_leader(&clients))?;
        Ok(Self {
            _servers: servers,
            leader,
        })
    }

    /// Loads the leader with so many clients, each with one put at a time on a connection of its own.
    pub fn load(&self, clients: usize, duration: Duration) -> Result<Load, String> {
        let arguments = [
            "etcd-load".to_owned(),
            self.leader.clone(),
            clients.to_string(),
            duration.as_millis().to_string(),
        ];
        Running::this(Cpus::Both, &arguments)?
            .numbers()
            .map(Load::from_numbers)
    }
}

fn runtime() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())
}

async fn find_leader(clients: &[String]) -> Result<String, String> {
    let start = Instant::now();
    while start.elapsed() < START_PATIENCE {
        for client in clients {
            if let Ok(mut etcd) = Etcd::connect(client).await
                && etcd.leads().await == Ok(true)
            {
                return Ok(client.clone());
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("etcd elected no leader".to_owned())
}

/// The load generator: address, number of clients, milliseconds.
pub fn load_main(words: &[&str]) -> Result<(), String> {
    let [address, clients, milliseconds] = words else {
        return Err("etcd-load ADDRESS CLIENTS MILLISECONDS".to_owned());
    };
    let clients: usize = clients.parse().map_err(|_| "not a number of clients")?;
    let duration = Duration::from_millis(milliseconds.parse().map_err(|_| "not a duration")?);
    runtime()?
        .block_on(run_load(address, clients, duration))?
        .print();
    Ok(())
}

async fn run_load(address: &str, clients: usize, duration: Duration) -> Result<Load, String> {
    let begin = Instant::now() + WARM_UP;
    let end = begin + duration;
    let mut tasks = Vec::new();
    for client in 0..clients {
        let mut etcd = Etcd::connect(address).await?;
        tasks.push(tokio::spawn(async move {
            let key = format!("key{client:05}");
            let mut times = Vec::new();
            loop {
                let start = Instant::now();
                if start >= end {
                    return Ok::<_, String>(times);
                }
                etcd.put(key.as_bytes(), &[7; PAYLOAD_BYTES]).await?;
                if start >= begin {
                    times.push(start.elapsed().as_secs_f64() * 1e6);
                }
            }
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.map_err(|error| error.to_string())??);
    }
    Ok(Load::new(times, duration))
}
