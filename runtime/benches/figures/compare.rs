//! The figures of replicated calls: measured alternately with what they are compared with.

use std::path::Path;

use crate::cluster::{Called, Cluster, Keeping};
use crate::etcd::{self, EtcdCluster};
use crate::load::Load;
use crate::options::Options;
use crate::raw;
use crate::report::{Bar, Report, median};

const CLIENTS: usize = 64;
const FAIL_OVERS: usize = 10;

/// A replicated call without disk, against a raw round trip.
pub fn latency(options: &Options, folder: &Path, report: &mut Report) -> Result<(), String> {
    let cluster = Cluster::start(Keeping::Volatile(&folder.join("latency")))?;
    let (mut calls, mut trips) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        trips.push(raw::round_trip()?);
        let load = cluster.load(Called::Change, 1, options.load)?;
        calls.push(load.median_microseconds);
        report.line(&format!(
            "  replicated call {:.1} µs (99 %: {:.1}), raw round trip {:.1} µs",
            load.median_microseconds,
            load.slow_microseconds,
            trips.last().copied().unwrap_or(f64::NAN)
        ));
    }
    let ratio = median(&calls) / median(&trips);
    report.figure("replicated_over_rtt", ratio, Bar::AtMost(4.0));
    Ok(())
}

/// Durable replicated calls of many clients, against etcd's puts.
pub fn durable(options: &Options, folder: &Path, report: &mut Report) -> Result<(), String> {
    let cluster = Cluster::start(Keeping::Durable(&folder.join("cmsl")))?;
    let peer = match etcd::installed() {
        Some(program) => Some(EtcdCluster::start(&program, &folder.join("etcd"))?),
        None => {
            report.warn(
                "etcd is not installed (Debian: etcd-server): durable_over_etcd_64 is absent",
            );
            None
        }
    };
    let (mut calls, mut puts, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        let before = cluster.issued_and_syncs()?;
        let load = cluster.load(Called::Change, CLIENTS, options.load)?;
        let after = cluster.issued_and_syncs()?;
        calls.push(load.calls_a_second);
        shares.push((after.0 - before.0) as f64 / (after.1 - before.1).max(1) as f64);
        report.line(&format!(
            "  durable replicated calls, {CLIENTS} clients: {:.0} a second, median {:.0} µs",
            load.calls_a_second, load.median_microseconds
        ));
        if let Some(peer) = &peer {
            let load = peer.load(CLIENTS, options.load)?;
            puts.push(load.calls_a_second);
            report.line(&format!(
                "  etcd puts, {CLIENTS} clients: {:.0} a second, median {:.0} µs",
                load.calls_a_second, load.median_microseconds
            ));
        }
    }
    if !puts.is_empty() {
        let ratio = median(&calls) / median(&puts);
        report.figure("durable_over_etcd_64", ratio, Bar::AtLeast(1.0));
    }
    report.figure("commands_per_fsync_64", median(&shares), Bar::AtLeast(2.0));
    Ok(())
}

/// Calls that only read, against durable changes of the same server: the time of one, and how many a second for many clients.
pub fn reads(options: &Options, folder: &Path, report: &mut Report) -> Result<(), String> {
    let cluster = Cluster::start(Keeping::Durable(&folder.join("reads")))?;
    for (clients, name) in [(1, "read_over_change"), (CLIENTS, "reads_over_changes_64")] {
        let (mut reads, mut changes) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds {
            for (called, loads) in [(Called::Read, &mut reads), (Called::Change, &mut changes)] {
                loads.push(cluster.load(called, clients, options.load)?);
            }
            let (Some(read), Some(change)) = (reads.last(), changes.last()) else {
                continue;
            };
            report.line(&format!(
                "  {clients} client(s): {:.0} reads a second, median {:.1} µs; {:.0} durable changes, median {:.1} µs",
                read.calls_a_second,
                read.median_microseconds,
                change.calls_a_second,
                change.median_microseconds
            ));
        }
        let of = |loads: &[Load], what: fn(&Load) -> f64| {
            median(&loads.iter().map(what).collect::<Vec<_>>())
        };
        let (what, bar): (fn(&Load) -> f64, _) = if clients == 1 {
            (|load| load.median_microseconds, Bar::AtMost(1.0))
        } else {
            (|load| load.calls_a_second, Bar::AtLeast(1.0))
        };
        report.figure(name, of(&reads, what) / of(&changes, what), bar);
    }
    Ok(())
}

/// The longest interruption when the leader's kernel is killed.
pub fn fail_over(folder: &Path, report: &mut Report) -> Result<(), String> {
    let mut cluster = Cluster::start(Keeping::Durable(&folder.join("failover")))?;
    let mut worst: f64 = 0.0;
    for _ in 0..FAIL_OVERS {
        let seconds = cluster.fail_over()?.as_secs_f64();
        report.line(&format!(
            "  interruption after the leader was killed: {seconds:.3} s"
        ));
        worst = worst.max(seconds);
    }
    report.figure("failover_worst_s", worst, Bar::AtMost(2.0));
    Ok(())
}
