//! Who leads: heartbeats, connectivity, and when to stand.
//!
//! Every device tells the others what it promised, whom it hears, whether it leads or tries to, and how long ago it had word of a leader.
//! Two devices are connected if each hears the other. Only one that is connected to a quorum stands, and only when for a random time nobody whom it hears
//! knew of a leader that is itself connected to one. So one live link to a quorum is enough, whichever other links are cut, and a device
//! that hears the leader only through others does not disturb it. Safety depends on nothing in this file.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use super::command::Ballot;
use super::config::Config;
use super::configuration::{Configuration, Devices};
use super::message::{Heartbeat, Message, Stands};
use super::{Executive, Office};
use crate::clock::Time;
use crate::protocol::{Device, Output};

/// What a device knows of the others.
#[derive(Debug, Clone)]
pub(super) struct Election {
    configuration: Configuration,
    me: Device,
    /// In the order of the configuration.
    peers: Vec<Peer>,
    heartbeat_at: Time,
    /// When to stand, or to give up a ballot.
    election_at: Time,
    /// The last time at which somebody was known to lead or to try.
    evidence: Time,
    /// The last word of a leader from the leader itself.
    direct: Option<Time>,
    /// Evidence up to here is void: the leader was reported gone.
    suspected: Time,
    leader: Option<(Device, Ballot)>,
    last_leader: Option<Device>,
    leader_changes: u64,
    highest_seen: Ballot,
}

/// What a device knows of one other.
#[derive(Debug, Clone)]
struct Peer {
    heard: Option<Time>,
    hears_me: bool,
    stands: Stands,
    promised: Ballot,
}

/// Whether a device may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It may.
    Can,
    /// It is not connected to a quorum, or no voter.
    Cannot,
}

impl Election {
    /// Before anything was heard.
    pub(super) fn new(config: &Config) -> Election {
        let peer = Peer {
            heard: None,
            hears_me: false,
            stands: Stands::No,
            promised: Ballot::ZERO,
        };
        Election {
            configuration: config.configuration.clone(),
            me: config.device,
            peers: vec![peer; config.configuration.devices().len()],
            heartbeat_at: Time::ZERO,
            election_at: Time::ZERO,
            evidence: Time::ZERO,
            direct: None,
            suspected: Time::ZERO,
            leader: None,
            last_leader: None,
            leader_changes: 0,
            highest_seen: Ballot::ZERO,
        }
    }

    fn peer(&mut self, device: Device) -> Option<&mut Peer> {
        let position = self.configuration.position(device)?;
        self.peers.get_mut(position)
    }

    /// A message of this device arrived.
    pub(super) fn heard(&mut self, device: Device, now: Time) {
        if let Some(peer) = self.peer(device) {
            peer.heard = Some(now);
        }
    }

    /// Somebody told of a ballot.
    pub(super) fn saw(&mut self, ballot: Ballot) {
        self.highest_seen = self.highest_seen.max(ballot);
    }

    /// The highest ballot that anybody told of.
    pub(super) fn highest_seen(&self) -> Ballot {
        self.highest_seen
    }

    /// A device asked for a promise.
    pub(super) fn candidate_heard(&mut self, device: Device, now: Time) {
        self.evidence = now;
        if let Some(peer) = self.peer(device) {
            peer.stands = Stands::Tries;
        }
    }

    /// A leader proposed something.
    pub(super) fn leader_heard(&mut self, ballot: Ballot, now: Time) {
        self.evidence = now;
        self.direct = Some(now);
        self.saw(ballot);
        if self.leader.is_none_or(|(_, led)| led <= ballot) {
            self.leader = Some((ballot.device, ballot));
            self.count_leader(ballot.device);
        }
    }

    fn count_leader(&mut self, leader: Device) {
        if self.last_leader != Some(leader) {
            // The first leader replaces nobody.
            self.leader_changes += u64::from(self.last_leader.is_some());
            self.last_leader = Some(leader);
        }
    }

    /// This device leads, or nobody is known to.
    pub(super) fn leader_is(&mut self, leader: Option<Device>) {
        self.leader = leader.map(|device| (device, self.highest_seen));
        if let Some(device) = leader {
            self.count_leader(device);
            self.election_at = Time::NEVER;
        }
    }

    /// How often the leader changed after the first.
    pub(super) fn leader_changes(&self) -> u64 {
        self.leader_changes
    }

    /// The next time at which something is due.
    pub(super) fn deadline(&self) -> Time {
        self.heartbeat_at.min(self.election_at)
    }

    /// The devices that were heard lately, this one included.
    fn hears(&self, silence: Duration, now: Time) -> Devices {
        self.devices(|peer| peer.heard.is_some_and(|heard| now.since(heard) < silence))
    }

    /// The devices to which there is a connection both ways, this one included.
    pub(super) fn connected(&self, config: &Config, now: Time) -> Devices {
        self.devices(|peer| {
            peer.hears_me
                && peer
                    .heard
                    .is_some_and(|heard| now.since(heard) < config.election_min)
        })
    }

    fn devices(&self, which: impl Fn(&Peer) -> bool) -> Devices {
        let mut devices = Devices::default();
        for (position, peer) in self.peers.iter().enumerate() {
            if self.configuration.devices().get(position) == Some(&self.me) || which(peer) {
                devices.insert(position);
            }
        }
        devices
    }
}

impl Executive {
    /// Draws the time after which this device stands if it hears of no leader.
    pub(super) fn start_election_timer(&mut self) {
        let (min, max) = (self.config.election_min, self.config.election_max);
        let alone = self.configuration().devices().len() == 1;
        let fresh = self.next_ballot == Ballot::ZERO;
        let first = self.configuration().position(self.config.device) == Some(0);
        let beat = self.config.heartbeat;
        let delay = match (alone, fresh && first) {
            (true, _) => Duration::ZERO,
            // Nobody can be leading yet, as far as this device can know; the others leave it the first ballot,
            // so that a group does not begin with a duel.
            (false, true) => self.random.between(beat, beat * 2),
            (false, false) => self.random.between(min, max),
        };
        self.election.election_at = self.now + delay;
    }

    /// Draws it anew, because there was word of a leader.
    pub(super) fn restart_election_timer(&mut self) {
        if matches!(self.office, Office::Following) {
            let (min, max) = (self.config.election_min, self.config.election_max);
            self.election.election_at = self.election.evidence + self.random.between(min, max);
        }
    }

    /// Whether this device may stand now.
    pub(super) fn standing(&self) -> Standing {
        let connected = self.election.connected(&self.config, self.now);
        if self.config.voter && self.configuration().is_quorum(connected) {
            Standing::Can
        } else {
            Standing::Cannot
        }
    }

    /// Who leads, as far as this device knows.
    pub(super) fn leader_hint(&self) -> Option<Device> {
        if matches!(self.office, Office::Leading(_)) {
            return Some(self.config.device);
        }
        // Word through others says that somebody leads, and not who: the leader known here may be one of old.
        let direct = self.election.direct?;
        let fresh = self.now.since(direct) < self.config.election_max;
        let (leader, _) = self.election.leader.filter(|_| fresh)?;
        (leader != self.config.device).then_some(leader)
    }

    /// Whether the owner of the ballot that this device promised was lately heard to lead or to try.
    pub(super) fn owner_is_alive(&self) -> bool {
        let owner = self.next_ballot.device;
        if owner == self.config.device {
            return !matches!(self.office, Office::Following);
        }
        let silence = self.config.election_min;
        let position = self.configuration().position(owner);
        position
            .and_then(|position| self.election.peers.get(position))
            .is_some_and(|peer| {
                peer.stands != Stands::No
                    && peer
                        .heard
                        .is_some_and(|heard| self.now.since(heard) < silence)
            })
    }

    fn heartbeat(&self) -> Heartbeat {
        let connected = self.election.connected(&self.config, self.now);
        let connected = self.configuration().is_quorum(connected);
        let stands = match self.office {
            Office::Following => Stands::No,
            Office::Trying(_) => Stands::Tries,
            Office::Leading(_) => Stands::Leads,
        };
        let leader_age = match self.office {
            Office::Leading(_) => connected.then_some(Duration::ZERO),
            Office::Following | Office::Trying(_) => {
                self.election.direct.map(|direct| self.now.since(direct))
            }
        };
        Heartbeat {
            promised: self.next_ballot,
            alive: self.owner_is_alive(),
            stands,
            connected,
            hears: self.election.hears(self.config.election_min, self.now).0,
            leader_age,
            frontier: self.log.frontier(),
        }
    }

    /// Tells everybody at once that this device leads.
    pub(super) fn announce_leadership(&mut self, out: &mut Vec<Output>) {
        self.broadcast(&Message::Heartbeat(self.heartbeat()), out);
    }

    /// A heartbeat arrived.
    pub(super) fn handle_heartbeat(
        &mut self,
        from: Device,
        heartbeat: &Heartbeat,
        out: &mut Vec<Output>,
    ) {
        let me = self.configuration().position(self.config.device);
        let now = self.now;
        if let Some(peer) = self.election.peer(from) {
            peer.hears_me = me.is_some_and(|me| Devices(heartbeat.hears).contains(me));
            peer.stands = heartbeat.stands;
            peer.promised = heartbeat.promised;
        }
        if heartbeat.connected && heartbeat.stands == Stands::Leads {
            self.election.leader_heard(heartbeat.promised, now);
        }
        let word = match (heartbeat.connected, heartbeat.stands, heartbeat.leader_age) {
            (true, Stands::Leads | Stands::Tries, _) => Some(now),
            (_, _, Some(age)) => Some(now - age),
            _ => None,
        };
        if let Some(at) =
            word.filter(|at| *at > self.election.suspected && *at >= self.election.evidence)
        {
            self.election.evidence = at;
            self.restart_election_timer();
        }
        self.handle_my_next_ballot(heartbeat.promised, heartbeat.alive, out);
        self.handle_success(from, heartbeat.frontier, out);
    }

    /// The host's failure detector speaks.
    pub(super) fn handle_reachable(&mut self, devices: &BTreeSet<Device>) {
        let leader = self.election.leader.map(|(leader, _)| leader);
        for device in self.config.configuration.devices() {
            if *device == self.config.device || devices.contains(device) {
                continue;
            }
            let Some(peer) = self.election.peer(*device) else {
                continue;
            };
            if peer.heard.take().is_none() {
                continue;
            }
            peer.stands = Stands::No;
            if leader == Some(*device) && matches!(self.office, Office::Following) {
                // Time for the others to say that they still hear it.
                let beat = self.config.heartbeat;
                let delay = self.random.between(beat, beat * 2);
                self.election.suspected = self.now;
                self.election.direct = None;
                self.election.election_at = self.election.election_at.min(self.now + delay);
            }
        }
    }

    /// Does what is due.
    pub(super) fn tick_election(&mut self, out: &mut Vec<Output>) {
        if self.now >= self.election.heartbeat_at {
            self.election.heartbeat_at = self.now + self.config.heartbeat;
            self.broadcast(&Message::Heartbeat(self.heartbeat()), out);
            self.stable.flush_lazy();
            self.ask_again(out);
            self.begin_again(out);
            self.confirm_again(out);
            self.notice_loneliness(out);
        }
        if self.now < self.election.election_at {
            return;
        }
        match &self.office {
            Office::Following if self.standing() == Standing::Can => self.stand(out),
            Office::Following => {
                let beat = self.config.heartbeat;
                self.election.election_at = self.now + self.random.between(beat / 2, beat * 3 / 2);
            }
            Office::Trying(candidate) if self.now >= candidate.deadline() => self.abandon(out),
            Office::Trying(candidate) => self.election.election_at = candidate.deadline(),
            Office::Leading(_) => self.election.election_at = Time::NEVER,
        }
    }

    /// A leader without a quorum stops serving.
    fn notice_loneliness(&mut self, out: &mut Vec<Output>) {
        let lonely = self.standing() == Standing::Cannot;
        let (now, patience) = (self.now, self.config.election_max);
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        if !lonely {
            leader.lonely_since = None;
        } else if now.since(*leader.lonely_since.get_or_insert(now)) >= patience {
            self.step_down(out);
        }
    }
}
