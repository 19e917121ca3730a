//! Crashes, restarts, the faults of the plan, and the healing.

use super::*;
use crate::sim::faults::Cut;
use crate::sim::scenario::Unsynced;

/// A leader has noticed by then that nobody hears it.
const NOTICED: Duration = Duration::from_millis(700);

impl World {
    pub(super) fn config(&self, index: usize) -> Option<Config> {
        let devices = (0..self.hosts.len())
            .map(|device| Device(device as u16))
            .collect();
        let mut config = Config::new(Device(index as u16), Configuration::new(devices)?);
        config.window = self.swarm.window;
        config.batch_max = self.swarm.batch_max;
        config.snapshot_bytes = self.swarm.snapshot_bytes;
        config.log_keep = self.swarm.log_keep;
        // A snapshot goes to a peer in several pieces.
        config.piece_bytes = (config.snapshot_bytes / 64).max(16);
        config.checks = self.plan.checks;
        config.planted = self.plan.planted;
        Some(config)
    }

    pub(super) fn restart(&mut self, index: usize) {
        let Some(config) = self.config(index) else {
            return;
        };
        let (seed, now) = (self.random.bits(), self.now);
        let Some(host) = self.hosts.get_mut(index) else {
            return;
        };
        if host.device.is_some() {
            return;
        }
        let mut out = Vec::new();
        let recovered = host.disk.recovered();
        match Executive::recover(config, seed, now + host.offset, &recovered, &mut out) {
            Ok(device) => host.device = Some(device),
            Err(error) => {
                let what = error.to_string();
                self.violation = Some(Violation {
                    property: "recovery",
                    what,
                });
                return;
            }
        }
        let device = Device(index as u16);
        self.observe(&Observation::Restarted { device });
        self.perform(index, &mut out);
        self.work(index);
        self.drive(index, Input::Tick);
    }

    pub(super) fn crash(&mut self, index: usize) {
        if self
            .hosts
            .get(index)
            .is_none_or(|host| host.device.is_none())
        {
            return;
        }
        let down = self
            .random
            .between(Duration::from_millis(5), self.swarm.lasting);
        self.fall(index, Unsynced::Chance, down);
    }

    /// Crashes a device that is up, for so long.
    pub(super) fn fall(&mut self, index: usize, unsynced: Unsynced, down: Duration) {
        let Some(host) = self.hosts.get_mut(index) else {
            return;
        };
        if host.device.is_none() {
            return;
        }
        self.faults.crashes += 1;
        if host.crash(unsynced, &mut self.random) {
            self.faults.writes_lost += 1;
        }
        self.at(self.now + down, Event::Restart { host: index });
    }

    /// The device that a fault is for: often the one that leads.
    pub(super) fn victim(&mut self) -> usize {
        let chance = self.random.below(self.hosts.len() as u64) as usize;
        if !self.random.one_in(self.swarm.leader_one_in) {
            return chance;
        }
        self.leader().unwrap_or(chance)
    }

    /// The device that leads in the highest ballot.
    fn leader(&self) -> Option<usize> {
        let leads = |host: &Host| {
            host.device
                .as_ref()
                .map(|device| device.status())
                .filter(|status| status.role == Role::Leading)
        };
        let leader = self
            .hosts
            .iter()
            .enumerate()
            .filter_map(|(index, host)| Some((leads(host)?.round, index)))
            .max();
        leader.map(|(_, index)| index)
    }

    pub(super) fn next_fault(&mut self) {
        if self.healed.is_some() {
            return;
        }
        let enough = self.commands >= self.plan.commands && self.faults.total() >= self.plan.faults;
        if enough || self.now.since(Time::ZERO) > FAULTY_MAX {
            self.heal();
            return;
        }
        let fault = self.swarm.fault(&mut self.random);
        let done = self.strike(fault);
        // A schedule that leaves no room for requests relents in time, so that every run has its commands.
        let mercy = 1 + u32::try_from(self.now.since(Time::ZERO).as_secs() / 4).unwrap_or(0);
        let pause = self
            .random
            .between(Duration::from_millis(20), self.swarm.pause * 2);
        self.at(done.max(self.now + pause * mercy), Event::Fault);
    }

    /// Makes a fault happen; until the time that it gives, nothing else shall.
    fn strike(&mut self, fault: Fault) -> Time {
        let victim = self.victim();
        let lasting = self
            .random
            .between(Duration::from_millis(5), self.swarm.lasting);
        let until = self.now + lasting;
        match fault {
            Fault::Crash { effects } => {
                let effects = self.random.below(effects);
                if let Some(host) = self.hosts.get_mut(victim) {
                    host.crash_in = Some(effects);
                }
            }
            Fault::CrashAll => (0..self.hosts.len()).for_each(|host| self.crash(host)),
            Fault::Cut(kind) => self.cut(kind, victim, until),
            Fault::Depose => {
                let victim = self.leader().unwrap_or(victim);
                let until = self.now + self.random.between(NOTICED / 2, NOTICED);
                self.cut(Cut::Isolated, victim, until);
                return until;
            }
            Fault::Pause => {
                if let Some(host) = self.hosts.get_mut(victim) {
                    host.paused_until = until;
                    host.pause_noticed = false;
                }
            }
            Fault::Stall => {
                if let Some(host) = self.hosts.get_mut(victim) {
                    host.stalled_until = until;
                    host.stall_noticed = false;
                }
            }
        }
        self.now
    }

    fn cut(&mut self, kind: Cut, victim: usize, until: Time) {
        let devices = self.plan.devices;
        self.network.mend();
        faults::cut(kind, victim, devices, &mut self.network, &mut self.random);
        self.mend_at = until;
        self.at(until, Event::Mend);
    }

    /// The time has come that was set when links were cut; if others were cut since, theirs has not.
    pub(super) fn mend(&mut self) {
        if self.now >= self.mend_at {
            self.network.mend();
        }
    }

    /// Ends all faults: from now on everything has to come right.
    pub(super) fn heal(&mut self) {
        self.healed = Some(self.now);
        self.network.mend();
        self.network.weather.lost = 0;
        self.network.weather.late = 0;
        for host in &mut self.hosts {
            host.crash_in = None;
            host.paused_until = host.paused_until.min(self.now);
            host.stalled_until = host.stalled_until.min(self.now);
        }
        for index in 0..self.hosts.len() {
            self.restart(index);
        }
        for client in 0..self.clients.len() {
            if let Some(asker) = self.clients.get_mut(client) {
                asker.limit(REQUESTS_AFTER);
            }
            self.client_event(client);
        }
    }
}
