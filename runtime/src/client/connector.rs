//! How a context gets its client.

use super::{CallError, Client};
use crate::identity::ServerId;
use std::any::Any;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How to reach a cluster, and the client that does once it is needed: cheap to clone, `Send`.
///
/// `Environment` carries one; a context calls [`Connector::with`] at its first remote operation, so
/// a program that creates no server never opens a connection.
#[derive(Clone)]
pub struct Connector {
    shared: Arc<Mutex<Shared>>,
    chain: Arc<[ServerId]>,
    stopped: Arc<AtomicBool>,
}

/// A cluster that was found or started.
pub struct Reached {
    /// Its kernels, the nearest first.
    pub addresses: Vec<SocketAddr>,
    /// What must live as long as the cluster is needed.
    pub keep: Box<dyn Any + Send>,
}

type Find = Box<dyn FnOnce() -> Result<Reached, String> + Send>;

struct Shared {
    /// The program that the kernels must run; none takes any.
    program: Option<&'static str>,
    find: Option<Find>,
    addresses: Vec<SocketAddr>,
    client: Option<Client>,
    keep: Option<Box<dyn Any + Send>>,
}

/// Why nothing can be reached any more.
const STOPPED: &str = "this server was stopped";

impl Connector {
    /// Reaches the cluster through any of `addresses`.
    #[must_use]
    pub fn new(addresses: Vec<SocketAddr>) -> Self {
        Self::of(Shared {
            program: None,
            find: None,
            addresses,
            client: None,
            keep: None,
        })
    }

    /// Reaches a cluster that is found, or started, when it is first needed.
    #[must_use]
    pub fn found_by(find: impl FnOnce() -> Result<Reached, String> + Send + 'static) -> Self {
        let find: Option<Find> = Some(Box::new(find));
        Self::of(Shared {
            program: None,
            find,
            addresses: Vec::new(),
            client: None,
            keep: None,
        })
    }

    fn of(shared: Shared) -> Self {
        Self {
            shared: Arc::new(Mutex::new(shared)),
            chain: Arc::new([]),
            stopped: Arc::default(),
        }
    }

    /// Refuses kernels that run another program: their classes and methods are others.
    #[must_use]
    pub fn expecting(self, fingerprint: &'static str) -> Self {
        self.lock().program = Some(fingerprint);
        self
    }

    /// The same client, for a method that runs at the end of this chain of calls.
    #[must_use]
    pub fn for_chain(&self, chain: &[ServerId]) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            chain: chain.into(),
            stopped: Arc::clone(&self.stopped),
        }
    }

    /// Runs `operation` on the client, which is made and connected at the first use.
    ///
    /// # Errors
    /// What connecting, or `operation` itself, gives.
    pub fn with<T>(
        &self,
        operation: impl FnOnce(&mut Client) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let mut shared = self.lock();
        if self.stopped.load(Ordering::Relaxed) {
            return Err(CallError::ServerFailed(STOPPED.to_owned()));
        }
        let mut client = match shared.client.take() {
            Some(client) => client,
            None => {
                if let Some(find) = shared.find.take() {
                    let reached = find().map_err(CallError::ServerFailed)?;
                    shared.addresses = reached.addresses;
                    shared.keep = Some(reached.keep);
                }
                connect(&shared.addresses, shared.program)?
            }
        };
        client.set_chain(&self.chain);
        let result = operation(&mut client);
        shared.client = Some(client);
        result
    }

    /// Every later operation fails: the server that would perform it is no more.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Ends the session, if there is one: servers without a name stop.
    pub fn end(&self) {
        let client = self.lock().client.take();
        if let Some(mut client) = client {
            client.end();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(addresses: &[SocketAddr], program: Option<&str>) -> Result<Client, CallError> {
    let client = Client::connect(addresses)?;
    match program {
        Some(program) if program != client.program() => Err(CallError::ServerFailed(
            "the kernels of this cluster run another program, or another version of this one"
                .to_owned(),
        )),
        Some(_) | None => Ok(client),
    }
}
