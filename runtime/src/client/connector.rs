//! How a context gets its client.

use super::{CallError, Client, Nested};
use crate::identity::ServerId;
use crate::wire::Wire;
use crate::world;
use std::any::Any;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// How to reach a cluster, and the client that does once it is needed: cheap to clone, `Send`.
///
/// `Environment` carries one; a context calls [`Connector::with`] at its first remote operation, so
/// a program that creates no server never opens a connection.
#[derive(Clone)]
pub struct Connector {
    shared: Arc<Mutex<Shared>>,
    chain: Arc<[ServerId]>,
    stopped: Arc<AtomicBool>,
    /// The execution of a method that may be repeated, which uses this.
    nested: Option<Arc<Mutex<Option<Nested>>>>,
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
    /// A thread sends again what methods invoked and did not wait for.
    looked_after: bool,
    keep: Option<Box<dyn Any + Send>>,
}

impl Connector {
    /// Reaches the cluster through any of `addresses`.
    #[must_use]
    pub fn new(addresses: Vec<SocketAddr>) -> Self {
        Self::of(Shared {
            program: None,
            find: None,
            addresses,
            client: None,
            looked_after: false,
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
            looked_after: false,
            keep: None,
        })
    }

    fn of(shared: Shared) -> Self {
        Self {
            shared: Arc::new(Mutex::new(shared)),
            chain: Arc::new([]),
            stopped: Arc::default(),
            nested: None,
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
            nested: self.nested.clone(),
        }
    }

    /// The same client, for an execution that may be repeated.
    #[must_use]
    pub fn for_execution(self, nested: Nested) -> Self {
        Self {
            nested: Some(Arc::new(Mutex::new(Some(nested)))),
            ..self
        }
    }

    /// A value that could be another one when the method is executed again, and must not be.
    ///
    /// # Errors
    /// If it learnt something else here before, or the value is too large.
    pub fn drawn<T: Wire>(&self, live: impl FnOnce() -> T) -> Result<T, CallError> {
        let Some(nested) = &self.nested else {
            return Ok(live());
        };
        let repeated = lock(nested).as_mut().map_or(Ok(None), Nested::repeated)?;
        if let Some(value) = repeated {
            return Ok(value);
        }
        let value = live();
        if let Some(nested) = lock(nested).as_mut() {
            nested.keep(&value)?;
        }
        Ok(value)
    }

    /// Whether the method may be executed again, and takes its draws from the journal then.
    #[must_use]
    pub fn is_journaled(&self) -> bool {
        self.nested.is_some()
    }

    /// What the method invoked leaves, if it has not.
    pub fn let_leave(&self) {
        let nested = self.nested.as_deref().map(lock);
        let left = nested.is_some_and(|nested| nested.as_ref().is_some_and(Nested::has_left_calls));
        if left {
            // If the method is of no use any more, it does not.
            let _ = self.with(Client::let_leave);
        }
    }

    /// The method ends. What it invoked and did not wait for is sent until it is answered.
    pub fn finish(&self) {
        if self.lock().client.is_none() {
            return;
        }
        // If the method is of no use any more, what it invoked is dropped.
        let _ = self.with(Client::let_go);
        let mut shared = self.lock();
        let waits = shared.client.as_ref().is_some_and(Client::has_unanswered);
        if waits && !std::mem::replace(&mut shared.looked_after, true) {
            let after = Self {
                nested: None,
                ..self.clone()
            };
            // Without a thread it is looked after when the next method calls.
            let started = world::spawn("invocations", move || after.look_after());
            shared.looked_after = started.is_ok();
        }
    }

    fn look_after(&self) {
        loop {
            let mut shared = self.lock();
            let stopped = self.stopped.load(Ordering::Relaxed);
            let client = shared.client.as_mut().filter(|_| !stopped);
            if !client.is_some_and(Client::look_after) {
                shared.looked_after = false;
                return;
            }
            drop(shared);
            // A method that wants the client gets it.
            world::sleep(LOOK_AFTER_PAUSE);
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
            return Err(CallError::Stopped);
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
        let Some(nested) = &self.nested else {
            let result = operation(&mut client);
            shared.client = Some(client);
            return result;
        };
        let mut nested = lock(nested);
        let result = client.within(&mut nested, operation);
        // The requests of an execution that is of no use are not repeated.
        if !nested.as_ref().is_some_and(Nested::is_closed) {
            shared.client = Some(client);
        }
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
        loop {
            match self.shared.try_lock() {
                Ok(shared) => return shared,
                // In a world of its own a thread that waits must say so.
                Err(TryLockError::WouldBlock) if world::here().is_some() => {
                    world::sleep(LOOK_AFTER_PAUSE);
                }
                Err(_) => return lock(&self.shared),
            }
        }
    }
}

/// Between two looks after requests that nobody waits for.
const LOOK_AFTER_PAUSE: Duration = Duration::from_millis(2);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
