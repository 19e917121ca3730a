//! Starting a kernel, and ending it in order.

use super::connections::Connections;
use super::intake::Intake;
use super::late::Late;
use super::{BLOCKING_THREADS_MAX, Core, Driver};
use crate::clock::Time;
use crate::identity::ServerId;
use crate::kernel::host::{Host, HostOptions};
use crate::kernel::options::KernelOptions;
use crate::program::Program;
use crate::storage::{Folder, GroupCommit, StorageError};
use crate::thread;
use crate::transport::tcp::Tcp;
use crate::transport::{Dialing, Identity, ListenError, Role, Transport};
use crate::wall::{WallClock, random_bits};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Condvar, Mutex, OnceLock, Weak};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// The exit status of a kernel that could not start or go on.
pub const FAILED: i32 = 125;
/// A server without a name ends when its program has been gone for so long.
const ORPHAN_AFTER: Duration = Duration::from_secs(60);
/// Few, because all of them share one lock; more than one, so that a slow method stops nothing.
const WORKERS: usize = 2;

/// Why a kernel did not start.
#[derive(Debug)]
pub enum StartError {
    /// Its address cannot be listened on.
    Listen(ListenError),
    /// Its data folder cannot be used.
    Storage(StorageError),
    /// The operating system gives no threads or events.
    System(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(error) => error.fmt(f),
            Self::Storage(error) => error.fmt(f),
            Self::System(error) => write!(f, "cannot start threads: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Runs the kernel of a host until it is told to end.
///
/// # Errors
/// If it cannot start; nothing has changed on disk or network then.
pub fn run(program: &'static Program, options: &KernelOptions) -> Result<(), StartError> {
    end_at_panic();
    let cluster = cluster_identity(program, options);
    let folder = match &options.data {
        Some(path) => {
            Some(Folder::open(path, cluster, &options.name).map_err(StartError::Storage)?)
        }
        None => None,
    };
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_stack_size(thread::STACK_BYTES)
        .enable_all()
        .build()
        .map_err(StartError::System)?;
    let started = start(program, options, cluster, folder, &runtime);
    let ended = started.map(|running| {
        // Nobody need read it.
        let _ = writeln!(io::stdout(), "listening {}", running.address);
        let _ = io::stdout().flush();
        runtime.block_on(told_to_end(options.with_parent));
    });
    // Methods that never return must not keep the process.
    runtime.shutdown_background();
    ended
}

/// What lives as long as the kernel.
struct Running {
    address: String,
    _listening: crate::transport::Listening,
    _dialing: Vec<Dialing>,
}

fn start(
    program: &'static Program,
    options: &KernelOptions,
    cluster: u128,
    folder: Option<Folder>,
    runtime: &Runtime,
) -> Result<Running, StartError> {
    let tcp = Tcp::new(runtime.handle().clone());
    let identity = Identity {
        cluster,
        role: Role::Kernel,
        host: options.name.clone(),
    };
    let late = Arc::new(Late::default());
    let listening = tcp
        .listen(&options.listen, identity.clone(), Arc::clone(&late) as _)
        .map_err(StartError::Listen)?;
    let mut peers = options.peers.clone();
    // Port 0 was replaced by a real one.
    if let (Ok(address), Some(own)) = (
        listening.address().parse::<SocketAddr>(),
        peers.get_mut(usize::from(options.me().0)),
    ) && own.1.port() == 0
    {
        own.1 = address;
    }
    let driver = driver(program, options, &peers, folder, runtime)?;
    late.set(Arc::new(Connections(Arc::clone(&driver))));
    driver.open(ServerId::DIRECTORY, options.data.is_none());
    driver.clean();
    let me = usize::from(options.me().0);
    // One connection a pair of hosts: the one with the smaller number dials.
    let dialing = peers
        .iter()
        .skip(me + 1)
        .map(|(name, address)| {
            let handler = Arc::new(Connections(Arc::clone(&driver)));
            tcp.dial(&address.to_string(), Some(name), identity.clone(), handler)
        })
        .collect();
    let timer = Arc::clone(&driver);
    thread::spawn("timer", move || timer.keep_time()).map_err(StartError::System)?;
    Ok(Running {
        address: listening.address().to_owned(),
        _listening: listening,
        _dialing: dialing,
    })
}

fn driver(
    program: &'static Program,
    options: &KernelOptions,
    peers: &[(String, SocketAddr)],
    folder: Option<Folder>,
    runtime: &Runtime,
) -> Result<Arc<Driver>, StartError> {
    let clock = WallClock::new();
    // The own kernel first: it is the nearest.
    let me = usize::from(options.me().0);
    let kernels = peers
        .iter()
        .cycle()
        .skip(me)
        .take(peers.len())
        .map(|peer| peer.1)
        .collect();
    let host = Host::new(
        HostOptions {
            me: options.me(),
            peers: peers.to_vec(),
            classes: program.classes,
            fingerprint: program.fingerprint,
            volatile: options.data.is_none(),
            incarnation: random_bits() | 1,
            orphan_after: orphan_after(),
            kernels,
            #[cfg(feature = "mutants")]
            configure: Arc::new(crate::kernel::planted::configure),
            #[cfg(not(feature = "mutants"))]
            configure: Arc::new(|_| {}),
        },
        clock.now(),
    );
    let driver = Arc::new(Driver {
        core: Mutex::new(Core {
            host,
            effects: Vec::new(),
            peers: BTreeMap::new(),
            clients: BTreeMap::new(),
            stores: BTreeMap::new(),
            ready: Vec::new(),
            scheduled: Time::NEVER,
        }),
        intake: Intake::default(),
        clock,
        names: peers.iter().map(|(name, _)| name.clone()).collect(),
        name: options.name.clone(),
        folder,
        commit: OnceLock::new(),
        timer: Condvar::new(),
        inline: AtomicUsize::new(0),
        runtime: runtime.handle().clone(),
    });
    let weak: Weak<Driver> = Arc::downgrade(&driver);
    let commit = GroupCommit::start(move |completed| {
        if let Some(driver) = weak.upgrade() {
            driver.committed(completed);
        }
    })
    .map_err(StartError::System)?;
    // It was empty until now.
    let _ = driver.commit.set(commit);
    Ok(driver)
}

/// `CMSL_ORPHAN_SECONDS`, or the usual time.
fn orphan_after() -> Duration {
    let seconds = std::env::var("CMSL_ORPHAN_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or(ORPHAN_AFTER)
}

/// Identifies the cluster: the same names of hosts and the same program.
fn cluster_identity(program: &Program, options: &KernelOptions) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(program.name.as_bytes());
    for (name, _) in &options.peers {
        hasher.update(&[0]);
        hasher.update(name.as_bytes());
    }
    let hash = hasher.finalize();
    let identity = hash
        .as_bytes()
        .first_chunk()
        .map_or(0, |bytes| u128::from_le_bytes(*bytes));
    // 0 means any cluster.
    identity.max(1)
}

/// A panic ends the process, whichever thread it is on; one of embedding code becomes an exception instead.
fn end_at_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        report(info);
        if !crate::object::is_inside_embedded() {
            std::process::exit(FAILED);
        }
    }));
}

/// Returns at SIGTERM, SIGINT, or the end of standard input if a parent holds its other end.
async fn told_to_end(with_parent: bool) {
    let told = Arc::new(Notify::new());
    if with_parent {
        let told = Arc::clone(&told);
        std::thread::spawn(move || {
            let mut sink = [0; 64];
            while matches!(io::stdin().read(&mut sink), Ok(1..)) {}
            told.notify_one();
        });
    }
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let told = Arc::clone(&told);
        tokio::spawn(async move {
            // Without the handler the signal ends the process by itself.
            if let Ok(mut signal) = signal(kind) {
                signal.recv().await;
                told.notify_one();
            }
        });
    }
    told.notified().await;
}
