//! `server C (…) properties`, in asynchronous Rust.

use super::cluster::Cluster;
use super::failure::Failure;
use super::served::Client;
use crate::client::Model;
use crate::object::{Context, Outcome, Ref, ServerOptions, host};
use crate::value::{List, Text};
use std::pin::Pin;

type Start<C> = Box<dyn FnOnce(ServerOptions, &mut Context) -> Outcome<Ref<C>> + Send>;

/// A server that is being asked for, with its properties; `.await` creates it and gives its client.
#[must_use = "nothing is created before `.await`"]
pub struct Creation<C: Client> {
    cluster: Cluster,
    options: ServerOptions,
    hosts: Vec<String>,
    start: Start<C::Class>,
}

impl<C: Client> Creation<C> {
    /// With what creates the servers; printed code calls this.
    pub fn new(
        cluster: &Cluster,
        start: impl FnOnce(ServerOptions, &mut Context) -> Outcome<Ref<C::Class>> + Send + 'static,
    ) -> Self {
        Self {
            cluster: cluster.clone(),
            options: ServerOptions::default(),
            hosts: Vec::new(),
            start: Box::new(start),
        }
    }

    /// `replicas (count)`: raised to what the tolerance needs.
    pub fn replicas(mut self, count: u16) -> Self {
        self.options.replicas = count.into();
        self
    }

    /// `tolerance (failures)`: how many replicas may fail.
    pub fn tolerance(mut self, failures: u16) -> Self {
        self.options.tolerance = failures.into();
        self
    }

    /// `model correct`, `crash`, `byzantine`: how failed replicas behave.
    pub fn model(mut self, model: Model) -> Self {
        self.options.model = model;
        self
    }

    /// `hosts (…)`: the hosts to prefer, by name or address, the first most.
    pub fn hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.hosts = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// `disjoint`: the servers of an array on different hosts, if possible.
    pub fn disjoint(mut self) -> Self {
        self.options.disjoint = true;
        self
    }

    /// `priority (p)`: a higher one runs first on a host.
    pub fn priority(mut self, priority: i16) -> Self {
        self.options.priority = priority.into();
        self
    }

    /// `name ("…")`: the server can be found by it, and stays when its creator ends.
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        self.options.name = Some(Text::from(name.as_ref()));
        self
    }

    /// `durable`: the state survives the restart of every host. By default it does unless the model is correct.
    pub fn durable(mut self, durable: bool) -> Self {
        self.options.durable = Some(durable);
        self
    }

    /// `server C (…)[size]`: creates several servers with the same properties.
    ///
    /// # Errors
    /// As `.await`.
    pub async fn array(mut self, size: u16) -> Result<Vec<C>, Failure> {
        self.options.size = Some(size.into());
        self.create().await
    }

    async fn create(self) -> Result<Vec<C>, Failure> {
        let Self {
            cluster,
            mut options,
            hosts,
            start,
        } = self;
        let servers = cluster.run(move |cx| {
            let mut preferred = List::new();
            for name in &hosts {
                preferred.append(host(&Text::from(name.as_str()), cx)?);
            }
            options.hosts = vec![preferred];
            start(options, cx)
        });
        let servers = servers.await?;
        let one = |item: &_| C::of(cluster.clone(), Ref::group(vec![Clone::clone(item)]));
        Ok(servers.items().iter().map(one).collect())
    }
}

impl<C: Client> IntoFuture for Creation<C> {
    type Output = Result<C, Failure>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async {
            let mut created = self.create().await?;
            created
                .pop()
                .ok_or_else(|| Failure::unreachable("no server was created"))
        })
    }
}
