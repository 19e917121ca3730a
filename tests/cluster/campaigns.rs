//! Campaigns of faults against real kernels: each fault for a number of rounds, under load, with the history of all clients checked.
//!
//! Whatever the fault: nothing acknowledged is lost or done twice, all that clients were told is explained by one order, which every replica
//! holds in the end, no kernel panics, and soon after the fault is gone new requests are answered. A fault that met nothing is none.
//! Each panics at what breaks that.

pub mod cuts;
pub mod disks;
pub mod files;
pub mod pauses;
pub mod slowness;
pub mod storms;

use std::fmt;
use std::time::Duration;

use cmsl_runtime::identity::ServerId;

use super::harness::{AWAY_MAX, Cluster, all, away, ledger, until};
use super::history::History;
use super::load::{Load, Manner, Recorder};
use super::network::Network;
use crate::Dice;

/// After a fault is gone, so many requests of each kind are answered in this time.
const NEW_REQUESTS: usize = 10;
const NEW_REQUESTS_WITHIN: Duration = Duration::from_secs(5);

/// What a campaign of one fault reached.
#[derive(Debug)]
pub struct Reached {
    /// The fault.
    pub fault: &'static str,
    /// How often it was injected.
    pub rounds: u32,
    /// How much of it met something, and what that is.
    pub effective: (u64, &'static str),
    /// Requests that were answered, all of them in checked histories.
    pub answered: usize,
    /// For how long requests were not answered, one time each round.
    pub away: Vec<Duration>,
}

impl Reached {
    /// Nothing yet of so many rounds; this is counted as effective.
    #[must_use]
    pub fn new(fault: &'static str, rounds: u32, counted: &'static str) -> Self {
        Self {
            fault,
            rounds,
            effective: (0, counted),
            answered: 0,
            away: Vec::new(),
        }
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, what) = self.effective;
        let mut away = self.away.clone();
        away.sort();
        let milliseconds = |at: usize| away.get(at).map_or(0, Duration::as_millis);
        write!(
            f,
            "| {} | {} | {count} {what} | {} | {} ms | {} ms |",
            self.fault,
            self.rounds,
            self.answered,
            milliseconds(away.len() / 2),
            milliseconds(away.len().saturating_sub(1)),
        )
    }
}

/// A cluster with a ledger and clients that use it.
pub struct Scene {
    /// The hosts.
    pub cluster: Cluster,
    /// Their network, if they have one of their own; gone after them.
    pub network: Option<Network>,
    /// The ledger, with a replica on each host.
    pub server: ServerId,
    /// The client that measures.
    pub probe: Recorder,
    hosts: usize,
    loads: Vec<Load>,
    past: History,
}

impl Scene {
    /// On loopback addresses.
    #[must_use]
    pub fn on_loopback(hosts: usize) -> Self {
        Self::with(Cluster::start(hosts), None, hosts)
    }

    /// Each host, and so many places for clients, with an address of its own; none where the machine gives no such network.
    #[must_use]
    pub fn on_network(hosts: usize, places: usize) -> Option<Self> {
        let network = Network::new(hosts + places)?;
        let cluster = Cluster::start_in(network.addresses(hosts), network.namespaces(hosts));
        Some(Self::with(cluster, Some(network), hosts))
    }

    /// A cluster that runs.
    #[must_use]
    pub fn with(cluster: Cluster, network: Option<Network>, hosts: usize) -> Self {
        let mut spec = ledger(u32::try_from(hosts).unwrap());
        // One that does not end with its session.
        spec.name = Some("ledger".to_owned());
        let server = cluster.client().create(&spec).unwrap()[0];
        let probe = Recorder::new(&cluster.addresses, server);
        Self {
            cluster,
            network,
            server,
            probe,
            hosts,
            loads: Vec::new(),
            past: History::default(),
        }
    }

    /// The network, where there is one.
    #[must_use]
    pub fn network(&self) -> &Network {
        self.network.as_ref().unwrap()
    }

    /// Adds clients that see all hosts.
    pub fn load(&mut self, manner: Manner) {
        let load = Load::start(&self.cluster.addresses, self.server, None, manner);
        self.loads.push(load);
    }

    /// Clients at a node of the network.
    #[must_use]
    pub fn load_at(&self, node: usize, manner: Manner) -> Load {
        let namespace = self.network().namespace(node);
        Load::start(
            &self.cluster.addresses,
            self.server,
            Some(&namespace),
            manner,
        )
    }

    /// A session that has never asked this host for anything, once another one leads.
    #[must_use]
    pub fn newcomer_beside(&self, host: usize) -> Recorder {
        until("another leader", || {
            let leader = self.cluster.view(self.server)?.leader?;
            (usize::from(leader.0) != host).then_some(())
        });
        let mut addresses = self.cluster.addresses.clone();
        addresses.remove(host);
        Recorder::new(&addresses, self.server)
    }

    /// Stops all clients.
    pub fn unload(&mut self) {
        let loads = std::mem::take(&mut self.loads);
        loads.into_iter().for_each(|load| self.ends(load.stop()));
    }

    /// These requests are judged with the others.
    pub fn ends(&mut self, history: History) {
        self.past.0.extend(history.0);
    }

    /// How many requests of the clients were answered by now.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.loads.iter().map(Load::answered).sum()
    }

    /// How long it takes until a request that is sent now is answered.
    pub fn away(&mut self) -> Duration {
        away(|| self.probe.append_and_count())
    }

    /// The same, which must not be long.
    pub fn soon_back(&mut self) -> Duration {
        let away = self.away();
        assert!(away < AWAY_MAX, "the service was away for {away:?}");
        away
    }

    /// Nothing is wrong any more: new requests are answered soon.
    pub fn is_healed(&mut self) {
        let took = away(|| (0..NEW_REQUESTS).for_each(|_| self.probe.append_and_count()));
        assert!(took < NEW_REQUESTS_WITHIN, "new requests took {took:?}");
        // What is cut next is to meet something.
        self.cluster.all_hear();
    }

    /// All replicas are there and equal once nobody asks for anything.
    pub fn is_level(&mut self) {
        self.unload();
        self.cluster.converged(self.server, self.hosts);
    }

    /// Judges everything; gives the number of requests that were answered.
    #[must_use]
    pub fn end(mut self) -> usize {
        self.is_healed();
        self.is_level();
        let held = all(&mut self.cluster.client(), self.server);
        for host in 0..self.hosts {
            let log = self.cluster.log(host);
            assert!(!log.contains("panicked"), "{log}");
        }
        let mut history = self.past;
        history.0.extend(self.probe.end().0);
        if let Err(why) = history.check(&held) {
            panic!("{why}");
        }
        history.answered()
    }
}

/// Waits a moment in which clients work.
pub fn work_for(duration: Duration) {
    std::thread::sleep(duration);
}

/// Which of so many a round takes: the same in each run.
#[must_use]
pub fn pick(round: u32, of: usize) -> usize {
    Dice::new(u64::from(round) + 1).below(of)
}
