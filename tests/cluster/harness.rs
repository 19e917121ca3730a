//! Real kernels on loopback addresses for one test, and what tests ask of them.

use cmsl_runtime::client::{self, CallError, Client, Model, Reply, ServerSpec};
use cmsl_runtime::identity::ServerId;
use cmsl_runtime::kernel::call::read_only;
use cmsl_runtime::kernel::status::{ClusterStatus, ServerView};
use cmsl_runtime::wire::Wire;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything takes on a busy machine; reached only by a failure.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The constructor of a ledger.
pub const CONSTRUCT: u32 = 0;
/// Appends a number; gives the length.
pub const APPEND: u32 = 1;
/// Gives the length.
pub const COUNT: u32 = read_only(2);
/// Gives numbers from a place on, as many as a reply holds.
pub const ALL: u32 = read_only(5);

/// A cluster whose kernels end with it.
pub struct Cluster {
    /// Where they listen.
    pub addresses: Vec<SocketAddr>,
    names: Vec<String>,
    /// The network namespace of each host; none for this machine's own network.
    namespaces: Vec<String>,
    kernels: Vec<Option<Child>>,
    folder: TempDir,
    /// What the kernels find in their environment.
    variables: Vec<(&'static str, String)>,
}

/// Addresses that nobody listens on at this moment.
pub fn free_addresses(count: usize) -> Vec<SocketAddr> {
    let listeners: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    listeners
        .iter()
        .map(|listener| listener.local_addr().unwrap())
        .collect()
}

/// A command that starts a kernel of the test's program.
pub fn kernel(name: &str, listen: &str, peers: &str, data: &Path) -> Command {
    let mut command = Command::new(crate::beside_tests("cluster-program"));
    command
        .args([
            "kernel",
            "--with-parent",
            "--name",
            name,
            "--listen",
            listen,
        ])
        .args(["--peers", peers, "--data"])
        .arg(data)
        .stdin(Stdio::piped());
    command
}

/// The same command in a network namespace.
fn within(namespace: &str, command: &Command) -> Command {
    let mut within = Command::new("ip");
    within
        .args(["netns", "exec", namespace])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::piped());
    within
}

impl Cluster {
    /// Starts kernels and waits until a client can use them.
    pub fn start(hosts: usize) -> Self {
        Self::start_in(free_addresses(hosts), Vec::new())
    }

    /// The same with a variable in the kernels' environment.
    pub fn start_with(hosts: usize, variable: &'static str, value: &str) -> Self {
        let variables = vec![(variable, value.to_owned())];
        let mut cluster = Self::prepare(free_addresses(hosts), Vec::new());
        cluster.variables = variables;
        (0..hosts).for_each(|host| cluster.restart(host));
        cluster
    }

    /// Starts kernels at these addresses, each in its network namespace if there are any.
    pub fn start_in(addresses: Vec<SocketAddr>, namespaces: Vec<String>) -> Self {
        let mut cluster = Self::prepare(addresses, namespaces);
        (0..cluster.addresses.len()).for_each(|host| cluster.restart(host));
        cluster
    }

    /// A cluster whose kernels do not run yet.
    pub fn prepare(addresses: Vec<SocketAddr>, namespaces: Vec<String>) -> Self {
        let hosts = addresses.len();
        let names = (0..hosts)
            .map(|index| format!("host{}", index + 1))
            .collect();
        let kernels = (0..hosts).map(|_| None).collect();
        let folder = TempDir::new().unwrap();
        Self {
            addresses,
            names,
            namespaces,
            kernels,
            folder,
            variables: Vec::new(),
        }
    }

    fn peers(&self) -> String {
        let peers: Vec<String> = self
            .names
            .iter()
            .zip(&self.addresses)
            .map(|(name, address)| format!("{name}={address}"))
            .collect();
        peers.join(",")
    }

    /// Starts the kernel of a host.
    pub fn restart(&mut self, host: usize) {
        let name = &self.names[host];
        let log = self.folder.path().join(format!("{name}.log"));
        let log = File::options().create(true).append(true).open(log).unwrap();
        let data = self.data(host);
        let address = self.addresses[host].to_string();
        let mut command = kernel(name, &address, &self.peers(), &data);
        if let Some(namespace) = self.namespaces.get(host) {
            command = within(namespace, &command);
        }
        let child = command
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.kernels[host] = Some(child);
    }

    /// Starts the kernel of a host, which ends by itself.
    pub fn restart_and_wait(&mut self, host: usize) -> ExitStatus {
        self.restart(host);
        self.ended(host)
    }

    /// Whether the kernel of a host has not ended by itself.
    pub fn runs(&mut self, host: usize) -> bool {
        let child = self.kernels[host].as_mut().unwrap();
        child.try_wait().unwrap().is_none()
    }

    /// Waits until the kernel of a host has ended by itself.
    pub fn ended(&mut self, host: usize) -> ExitStatus {
        let mut child = self.kernels[host].take().unwrap();
        until("an end", || child.try_wait().unwrap())
    }

    /// The process of a host's kernel.
    #[must_use]
    pub fn process(&self, host: usize) -> u32 {
        self.kernels[host].as_ref().unwrap().id()
    }

    /// Stops the kernel of a host where it stands, or lets it go on.
    pub fn signal(&self, host: usize, signal: Signal) {
        let child = self.kernels[host].as_ref().unwrap();
        kill_process(Pid::from_child(child), signal).unwrap();
    }

    /// The data folder of a host.
    pub fn data(&self, host: usize) -> PathBuf {
        self.folder.path().join(&self.names[host])
    }

    /// Ends the kernel of a host with SIGKILL.
    pub fn kill(&mut self, host: usize) {
        let mut child = self.kernels[host].take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Everything that the kernel of a host printed.
    pub fn log(&self, host: usize) -> String {
        fs::read_to_string(self.folder.path().join(format!("{}.log", self.names[host]))).unwrap()
    }

    /// A client that is attached to the first host that answers.
    pub fn client(&self) -> Client {
        Client::connect(&self.addresses).unwrap()
    }

    /// A client that is attached to another host than this one.
    pub fn client_beside(&self, host: usize) -> Client {
        let mut addresses = self.addresses.clone();
        addresses.remove(host);
        Client::connect(&addresses).unwrap()
    }

    /// Waits until each host hears all others.
    pub fn all_hear(&self) {
        for address in &self.addresses {
            until("host that hears all", || {
                let mut client = Client::connect(&[*address]).ok()?;
                let hosts = client.hosts().unwrap();
                hosts.iter().all(|host| host.alive).then_some(())
            });
        }
    }

    /// What the hosts say about one server.
    pub fn view(&self, server: ServerId) -> Option<ServerView> {
        let ClusterStatus { servers, .. } = client::status(&self.addresses).ok()?;
        servers.into_iter().find(|view| view.about.server == server)
    }

    /// The index of the host that leads a server.
    pub fn leader(&self, server: ServerId) -> usize {
        until("a leader", || {
            let leader = self.view(server)?.leader?;
            Some(usize::from(leader.0))
        })
    }

    /// Waits until `replicas` replicas have issued the same commands and have the same state.
    pub fn converged(&self, server: ServerId, replicas: usize) -> u64 {
        until("equal replicas", || {
            let view = self.view(server)?;
            let first = view.replicas.first()?.1.clone();
            let equal = view.replicas.iter().all(|(_, replica)| {
                replica.issued == first.issued
                    && replica.state_hash == first.state_hash
                    && replica.state_hash.is_some()
            });
            (equal && view.replicas.len() == replicas).then_some(first.issued)
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in self.kernels.iter_mut().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            for host in 0..self.names.len() {
                eprintln!("--- {}:\n{}", self.names[host], self.log(host));
            }
        }
    }
}

/// How long the service may be away when a host is lost.
pub const AWAY_MAX: Duration = Duration::from_secs(2);

/// How long it takes until `served` is through, without the time for which the machine itself stood still.
pub fn away(served: impl FnOnce()) -> Duration {
    let start = Instant::now();
    let ((), stood_still) = crate::watching_stalls(served);
    start.elapsed().saturating_sub(stood_still)
}

/// Asks until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "no {what} within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The `server` expression of a ledger.
pub fn ledger(replicas: u32) -> ServerSpec {
    ServerSpec {
        class: "ledger".to_owned(),
        args: CONSTRUCT.to_le_bytes().to_vec(),
        replicas,
        model: Model::Crash,
        durable: true,
        ..ServerSpec::default()
    }
}

/// Calls and waits for the reply.
pub fn call(
    client: &mut Client,
    server: ServerId,
    method: u32,
    arguments: &[u8],
) -> Result<Reply, CallError> {
    let ticket = client.invoke(server, method, arguments)?;
    let reply = client.reply(ticket);
    client.forget(ticket);
    reply
}

/// Appends a number.
pub fn append(client: &mut Client, server: ServerId, number: u64) {
    let reply = call(client, server, APPEND, &number.to_le_bytes()).unwrap();
    assert!(!reply.raised);
}

/// All numbers of a ledger, in order.
pub fn all(client: &mut Client, server: ServerId) -> Vec<u64> {
    let mut numbers = Vec::new();
    loop {
        let place = (numbers.len() as u64).to_le_bytes();
        let reply = call(client, server, ALL, &place).unwrap();
        let piece = Vec::<u64>::from_bytes(&reply.body).unwrap();
        if piece.is_empty() {
            return numbers;
        }
        numbers.extend(piece);
    }
}
