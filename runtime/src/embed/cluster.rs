//! The cluster that a Rust program's clients talk to: named by the environment, or started on this machine.

use super::failure::Failure;
use super::pool::{Job, Pool};
use crate::object::{Code, Context, Outcome};
use crate::program::{CLUSTER_VARIABLE, Local, Program, addresses};
use crate::thread;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::oneshot;

/// How many calls run at once, unless the program says otherwise.
const SESSIONS_MAX: usize = 32;

/// A connection to a cluster that is being asked for; `.await` makes it.
#[must_use = "nothing is connected before `.await`"]
pub struct Connect {
    program: &'static Program,
    code: &'static Code,
    hosts: usize,
    at: Option<String>,
    sessions: usize,
}

impl Connect {
    /// For a program; printed code calls this.
    pub fn new(program: &'static Program, code: &'static Code) -> Self {
        Self {
            program,
            code,
            hosts: 1,
            at: None,
            sessions: SESSIONS_MAX,
        }
    }

    /// How many hosts to start on loopback addresses if `CMSL_CLUSTER` names none. They keep nothing: their data goes
    /// when they do.
    pub fn hosts(mut self, count: usize) -> Self {
        self.hosts = count;
        self
    }

    /// Where hosts listen, separated by commas, the nearest first: goes before `CMSL_CLUSTER`.
    pub fn at(mut self, addresses: impl Into<String>) -> Self {
        self.at = Some(addresses.into());
        self
    }

    /// How many calls may run at once; more wait. Each takes a thread and a connection, once it is needed.
    pub fn sessions(mut self, most: usize) -> Self {
        self.sessions = most;
        self
    }

    fn reach(self) -> Result<Cluster, String> {
        let list = self.at.or_else(|| std::env::var(CLUSTER_VARIABLE).ok());
        let (local, addresses) = match list {
            Some(list) => (None, addresses(&list)?),
            None => {
                let local = Local::start(self.hosts)?;
                let addresses = local.addresses();
                (Some(local), addresses)
            }
        };
        let pool = Pool::new(self.program, self.code, addresses, self.sessions);
        Ok(Cluster(Arc::new(Shared {
            pool: Arc::new(pool),
            _local: local,
        })))
    }

    async fn connect(self) -> Result<Cluster, Failure> {
        let (reached, answer) = oneshot::channel();
        // Starting hosts takes a while, and asynchronous code must not.
        thread::spawn("connect", move || {
            // Who no longer waits needs no cluster: it ends here.
            let _ = reached.send(self.reach());
        })
        .map_err(Failure::unreachable)?;
        let cluster = answer
            .await
            .map_err(Failure::unreachable)?
            .map_err(Failure::unreachable)?;
        cluster.run(|cx| cx.hosts()).await?;
        Ok(cluster)
    }
}

impl IntoFuture for Connect {
    type Output = Result<Cluster, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.connect())
    }
}

/// A cluster that is connected to; cheap to clone. With the last clone, those in clients included, the sessions end
/// in order: servers without a name stop, and so do hosts that were started for this.
#[derive(Clone)]
pub struct Cluster(Arc<Shared>);

struct Shared {
    pool: Arc<Pool>,
    /// Ends behind the sessions.
    _local: Option<Local>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.pool.close();
    }
}

impl Cluster {
    /// Where its hosts listen: what `cmsl status --cluster` takes.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        self.0.pool.addresses()
    }

    /// Runs something on a session's thread; printed clients call this. It runs to its end even if the future is
    /// dropped.
    ///
    /// # Errors
    /// What it raises.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Context) -> Outcome<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |cx| {
            let outcome = job(cx).map_err(|raised| Failure::of(&raised, cx));
            // Who no longer waits does not need it.
            let _ = reply.send(outcome);
        });
        self.0.pool.submit(job).map_err(Failure::unreachable)?;
        answer
            .await
            .unwrap_or_else(|_| Err(Failure::unreachable("the session panicked")))
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cluster").field(&self.addresses()).finish()
    }
}
