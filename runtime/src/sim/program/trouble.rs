//! What fails: drawn or given, if the tolerances of all servers allow it, done and mended.

use super::events::{Event, ForKernel};
use super::faults::{BUSY, Fault, Kind, QUIET, Strike};
use super::kernel::Stop;
use super::network::Ways;
use super::planted::Plant;
use super::shared::Skew;
use super::{BEGIN, Faults, Play};
use crate::identity::HostId;
use crate::kernel::host::Host;
use crate::kernel::status::HostStatus;
use crate::protocol::executive::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Something that failed in a run.
#[derive(Clone, Copy, Debug)]
pub struct Struck {
    /// What, and when.
    pub strike: Strike,
    /// Until when, since the beginning of the run.
    pub until: Duration,
    /// How often it met something: a cut that no message met was none.
    pub times: u64,
}

/// What decides which disks are struck for good: of its own, so that whatever else fails is the same with and without.
pub(super) struct Ruin {
    chance: Random,
    /// After so many other faults one strikes a disk.
    after: Option<u64>,
}

impl Ruin {
    /// At most one such fault a run, and in most runs none: not much else may fail after it.
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Random::new(seed.rotate_left(32) ^ 0xd15c);
        let after = chance.one_in(3).then(|| chance.below(6));
        Self { chance, after }
    }
}

/// Where more fails than tolerances promise to survive, one fault in so many strikes a disk for good.
const RUINOUS_ONE_IN: u64 = 12;

/// A wrong clock is up to so many nanoseconds off.
const SKEW: i64 = 3_600_000_000_000;

impl Play {
    /// Sees to it that something will fail.
    pub(super) fn begin_trouble(&mut self) {
        match &self.options.faults {
            Faults::None => {}
            Faults::Drawn => self.next_trouble(),
            Faults::These(strikes) => {
                let mut inner = self.shared.inner();
                for strike in strikes {
                    inner.at(BEGIN + strike.since, Event::Strike(*strike));
                }
            }
        }
    }

    fn next_trouble(&mut self) {
        let quiet = if self.options.beyond { BUSY } else { QUIET };
        self.trouble = self.trouble + Fault::quiet(quiet, &mut self.chance);
        self.shared.inner().at(self.trouble, Event::Trouble);
    }

    /// Draws a fault, and when the next one is drawn.
    pub(super) fn trouble(&mut self) -> Result<(), String> {
        let mut fault = Fault::draw(self.options.hosts, &mut self.chance);
        let since = self.trouble.since(BEGIN);
        if self.shared.inner().status.is_none() {
            self.next_trouble();
        }
        if self.options.beyond {
            if self.ruin.chance.one_in(RUINOUS_ONE_IN) {
                fault = fault.ruinous(&mut self.ruin.chance);
            }
        } else if self.ruin.after == Some(0) {
            fault = fault.ruinous(&mut self.ruin.chance);
            if self.is_allowed(fault) {
                self.ruin.after = None;
            }
        } else if let Some(after) = &mut self.ruin.after {
            *after -= 1;
        }
        self.strike(Strike { since, fault })
    }

    /// Something fails, if it may, and main still runs.
    pub(super) fn strike(&mut self, strike: Strike) -> Result<(), String> {
        self.check_agreement(false)?;
        let ended = self.shared.inner().status.is_some();
        if !ended && self.is_allowed(strike.fault) {
            self.fail(strike);
            (self.tell)(&format!("-- {strike}"));
        }
        Ok(())
    }

    /// Whether nothing else fails there, and every server survives it unless more was asked for.
    fn is_allowed(&mut self, fault: Fault) -> bool {
        let fails = self.failing().any(|other| other.host == fault.host);
        let is_gone = self.gone().any(|gone| gone == fault.host);
        !fails && !is_gone && (self.options.beyond || self.is_promised(fault))
    }

    /// Whether every server survives this fault, with those that last, as its tolerance promises.
    fn is_promised(&mut self, fault: Fault) -> bool {
        let failing: Vec<Fault> = self.failing().collect();
        let failing = failing.iter().chain([&fault]);
        let failing = failing.filter(|fault| fault.disables());
        let mut away: BTreeSet<HostId> = failing.map(|fault| fault.host).collect();
        // One whose disk is not what it was stays away once it looks.
        let hosts = self.hosts.iter().zip((0..).map(HostId));
        away.extend(
            hosts
                .filter(|(host, _)| host.ruined.is_some())
                .map(|(_, id)| id),
        );
        let statuses = self.statuses();
        let servers = statuses.iter().flat_map(|status| &status.servers);
        servers.into_iter().all(|server| {
            let lost = server.hosts.iter().filter(|host| away.contains(host));
            lost.count() <= server.tolerance as usize
        })
    }

    pub(super) fn statuses(&mut self) -> Vec<HostStatus> {
        self.hosts
            .iter_mut()
            .filter_map(|host| host.core.as_mut())
            .map(Host::status)
            .collect()
    }

    /// What fails at this moment.
    pub(super) fn failing(&self) -> impl Iterator<Item = Fault> {
        let struck = self
            .failing
            .iter()
            .filter_map(|number| self.struck.get(*number));
        struck.map(|struck| struck.strike.fault)
    }

    fn fail(&mut self, strike: Strike) {
        let Strike { fault, .. } = strike;
        let now = self.shared.inner().now;
        let over = now + fault.lasts;
        let number = self.struck.len();
        self.shared.inner().at(over, Event::Mend(number));
        self.failing.push(number);
        self.struck.push(Struck {
            strike,
            until: over.since(BEGIN),
            times: 0,
        });
        let me = fault.host;
        if let Some(host) = self.host(me) {
            host.struck = 0;
        }
        let cut = |ways| self.shared.inner().network.cut(ways, over, number, now);
        match fault.kind {
            Kind::Crash | Kind::Clock => return self.end_kernel(me, false),
            Kind::Power => return self.end_kernel(me, true),
            Kind::Flip | Kind::Zeroed | Kind::Corrupt | Kind::Misdirected | Kind::LostDisk => {
                return self.ruin(fault, number);
            }
            Kind::Cut => return cut(Ways::All(me)),
            Kind::Deaf => return cut(Ways::To(me)),
            Kind::Mute => return cut(Ways::From(me)),
            Kind::Apart(other) => return cut(Ways::Between(me, other)),
            Kind::Lossy => return self.shared.inner().network.spoil(me, over, number),
            Kind::Reset => cut(Ways::All(me)),
            Kind::Pause | Kind::Slow | Kind::SlowDisk | Kind::BadDisk | Kind::FullDisk => {}
        }
        let shared = Arc::clone(&self.shared);
        let Some(host) = self.host(me) else { return };
        match fault.kind {
            Kind::Reset => host.reset(&shared),
            Kind::Pause => host.paused_until = over,
            Kind::Slow => host.slow_until = over,
            Kind::SlowDisk => host.slow_disk = (over, fault.lasts / 8),
            Kind::BadDisk => {
                host.drives.begin_to_fail(&mut shared.inner().random);
                shared.inner().files_begin_to_fail(me);
            }
            Kind::FullDisk => {
                host.drives.fill();
                shared.inner().files_are_full(me);
            }
            _ => {}
        }
    }

    /// Counts what the faults that last have met so far.
    pub(super) fn count_effects(&mut self) {
        for number in self.failing.clone() {
            let Some(host) = self
                .struck
                .get(number)
                .map(|struck| struck.strike.fault.host)
            else {
                continue;
            };
            let there = self.host(host).map_or(0, |host| host.struck);
            let on_the_way = self.shared.inner().network.struck(number);
            if let Some(struck) = self.struck.get_mut(number) {
                struck.times = there + on_the_way;
            }
        }
    }

    /// A kernel has stopped: as it should, if its disk was made to fail.
    pub(super) fn stopped(&mut self, me: HostId, why: Stop) -> Result<(), String> {
        let ruined = self.host(me).and_then(|host| host.ruined);
        let disk = |fault: &Fault| matches!(fault.kind, Kind::BadDisk | Kind::FullDisk);
        let expected = self.failing().any(|fault| fault.host == me && disk(&fault));
        match (why, ruined) {
            // What it keeps is not what it wrote. It says so, and nobody starts it again.
            (Stop::Disk(error), Some(number)) if !expected => {
                (self.tell)(&format!("-- host{} is given up: {error}", me.0 + 1));
                if let Some(struck) = self.struck.get_mut(number) {
                    struck.times += 1;
                }
                self.end_kernel(me, false);
                if let Some(host) = self.host(me) {
                    host.is_gone = true;
                }
                Ok(())
            }
            (Stop::Disk(_), _) if expected => {
                self.end_kernel(me, false);
                Ok(())
            }
            (Stop::Disk(error), _) => Err(format!("the kernel of host{} stops: {error}", me.0 + 1)),
            (Stop::Fault(why), _) => Err(format!("the kernel of host{} stops: {why}", me.0 + 1)),
        }
    }

    /// The kernel ends, and what its disk keeps is not what it wrote.
    fn ruin(&mut self, fault: Fault, number: usize) {
        self.end_kernel(fault.host, false);
        let shared = Arc::clone(&self.shared);
        let returns = self.options.plant == Plant::M06;
        let Some(host) = self.host(fault.host) else {
            return;
        };
        if fault.kind == Kind::LostDisk {
            host.drives.lose();
            shared.inner().files_are_lost(fault.host);
            host.is_gone = !returns;
        } else {
            host.drives.damage(fault.kind, &mut shared.inner().random);
            // It counts once the kernel has met it.
            host.struck = 0;
        }
        host.ruined = (fault.kind != Kind::LostDisk || !returns).then_some(number);
    }

    fn end_kernel(&mut self, me: HostId, power: bool) {
        let shared = Arc::clone(&self.shared);
        if let Some(host) = self.host(me) {
            host.crash(power, &shared);
        }
        self.tell_peers_lost(me);
    }

    /// The operating system of a host whose kernel is gone closes its connections.
    fn tell_peers_lost(&mut self, gone: HostId) {
        let mut inner = self.shared.inner();
        let inner = &mut *inner;
        for (host, me) in self.hosts.iter().zip((0..).map(HostId)) {
            if let Some(connection) = host.peers.get(&gone).copied() {
                let (now, random) = (inner.now, &mut inner.random);
                let arrival = inner.network.arrival(Some(gone), Some(me), now, random);
                let from = gone;
                inner.for_kernel(
                    arrival.at,
                    (me, 0),
                    ForKernel::PeerLost { from, connection },
                );
            }
        }
    }

    /// A fault is over.
    pub(super) fn mend(&mut self, number: usize) {
        self.count_effects();
        self.failing.retain(|failing| *failing != number);
        let Some(Struck { strike, .. }) = self.struck.get(number).copied() else {
            return;
        };
        let fault = strike.fault;
        let returns = fault.kind == Kind::LostDisk && self.options.plant == Plant::M06;
        if !fault.restarts() && !returns {
            return;
        }
        let (program, hosts) = (self.program, self.options.hosts);
        let shared = Arc::clone(&self.shared);
        let Some(host) = self.host(fault.host) else {
            return;
        };
        host.drives.mend(&mut shared.inner().random);
        shared.inner().files_mend(fault.host);
        if fault.kind == Kind::Clock {
            let mut inner = shared.inner();
            let nanos = inner.random.below(2 * SKEW.unsigned_abs());
            let skew = i64::try_from(nanos).unwrap_or(SKEW) - SKEW;
            inner.clocks.insert(fault.host, Skew(skew));
        }
        if host.core.is_none() && !host.is_gone {
            host.start(program, hosts, &shared);
        }
    }
}

/// How many faults of each kind there were, and how many of them met something, by name.
#[must_use]
pub fn effects(struck: &[Struck]) -> BTreeMap<&'static str, (usize, usize)> {
    let mut counts = BTreeMap::<_, (usize, usize)>::new();
    for Struck { strike, times, .. } in struck {
        let (all, effective) = counts.entry(strike.fault.kind.name()).or_default();
        *all += 1;
        *effective += usize::from(*times > 0);
    }
    counts
}

/// A file of faults may say what run they are of; these words begin such lines.
const SETTINGS: [&str; 7] = [
    "program:",
    "seed:",
    "hosts:",
    "for:",
    "beyond:",
    "outside:",
    "argument:",
];

impl Faults {
    /// Those strikes, one a line; what begins with `#` is a comment, and what says which run it was is for others.
    ///
    /// # Errors
    /// Which line is none.
    pub fn of_text(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(str::trim).zip(1..);
        let strikes = lines
            .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
            .filter(|(line, _)| !SETTINGS.iter().any(|word| line.starts_with(word)))
            .map(|(line, number)| {
                let line = line.strip_prefix("-- ").unwrap_or(line);
                let strike: Result<Strike, String> = line.parse();
                strike.map_err(|why| format!("line {number}: {why}"))
            });
        strikes.collect::<Result<_, _>>().map(Faults::These)
    }
}
