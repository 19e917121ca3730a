//! Frames over TCP, on a tokio runtime that the caller owns.
//!
//! What matters here is the time of one hop: a send is one `write` on the caller's
//! thread while the socket takes it; only the rest goes through a task. Connections between
//! kernels are read by threads of their own, the many others by tasks.

mod dial;
mod link;
mod listen;
mod thread;

pub(crate) use thread::{DO_NOT_WAIT, Driven};

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::local;
use super::{Dialing, Guard, Handler, Identity, ListenError, Listening, Transport};

/// The introduction must be over after this.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections that one listener has at most, and those of them that are not introduced yet.
pub const CONNECTIONS_MAX: usize = 10_000;
/// How many may be introducing themselves at the same time.
pub const HANDSHAKES_MAX: usize = 256;

/// The transport over TCP.
#[derive(Clone, Debug)]
pub struct Tcp {
    runtime: Handle,
}

impl Tcp {
    /// A transport whose tasks run on this runtime, which needs its I/O and time drivers.
    #[must_use]
    pub fn new(runtime: Handle) -> Self {
        Self { runtime }
    }
}

impl Transport for Tcp {
    fn listen(
        &self,
        address: &str,
        identity: Identity,
        handler: Arc<dyn Handler>,
    ) -> Result<Listening, ListenError> {
        let _context = self.runtime.enter();
        let (listener, address) = listen::bind(address).map_err(|why| ListenError {
            address: address.to_owned(),
            why,
        })?;
        // Where there is no short way, TCP is the way.
        let short = local::listen(&address, identity.clone(), Arc::clone(&handler)).ok();
        let task = self.runtime.spawn(listen::run(listener, identity, handler));
        let stop = move || {
            let _ = &short;
            task.abort();
        };
        Ok(Listening {
            address,
            _guard: Guard(Box::new(stop)),
        })
    }

    fn dial(
        &self,
        address: &str,
        host: Option<&str>,
        identity: Identity,
        handler: Arc<dyn Handler>,
    ) -> Dialing {
        let target = dial::Target {
            address: address.to_owned(),
            host: host.map(str::to_owned),
        };
        let current = Arc::new(dial::Current::default());
        let task = self
            .runtime
            .spawn(dial::run(target, identity, handler, Arc::clone(&current)));
        let stop = move || {
            task.abort();
            current.stop();
        };
        Dialing {
            _guard: Guard(Box::new(stop)),
        }
    }
}
