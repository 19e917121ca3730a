//! How long messages take, and which ways are cut.

use super::shared::Place;
use crate::clock::Time;
use crate::identity::HostId;
use crate::protocol::executive::Random;
use std::collections::BTreeMap;
use std::time::Duration;

/// One end of a way: a host, or the machine that main runs on.
type End = Option<HostId>;

/// The ways between hosts.
pub(super) struct Network {
    least: Duration,
    most: Duration,
    /// When the last message of each way arrives: none overtakes another.
    last: BTreeMap<(End, End), Time>,
    /// Hosts that hear nobody, until when.
    cut: BTreeMap<HostId, Time>,
}

/// The machine of a place.
pub(super) fn end(place: Place) -> End {
    place.map(|(host, _)| host)
}

impl Network {
    /// Delays are drawn once a run.
    pub(super) fn new(random: &mut Random) -> Self {
        let least = random.between(Duration::from_micros(20), Duration::from_micros(500));
        let width = random.between(Duration::from_micros(10), Duration::from_millis(4));
        Self {
            least,
            most: least + width,
            last: BTreeMap::new(),
            cut: BTreeMap::new(),
        }
    }

    /// When the ways between the two are whole again; none if they are.
    pub(super) fn cut_until(&self, from: End, to: End, now: Time) -> Option<Time> {
        if from == to {
            return None;
        }
        let ends = [from, to].into_iter().flatten();
        let until = ends.filter_map(|host| self.cut.get(&host)).max();
        until.copied().filter(|until| *until > now)
    }

    /// When a message that leaves now arrives; what meets a cut waits until that is over.
    pub(super) fn arrival(&mut self, from: End, to: End, now: Time, random: &mut Random) -> Time {
        let delay = if from == to {
            Duration::from_micros(5)
        } else {
            random.between(self.least, self.most)
        };
        let leaves = self.cut_until(from, to, now).unwrap_or(now);
        let last = self.last.entry((from, to)).or_insert(Time::ZERO);
        let arrival = (leaves + delay).max(*last + Duration::from_nanos(1));
        *last = arrival;
        arrival
    }

    /// A host hears nobody until then.
    pub(super) fn cut_off(&mut self, host: HostId, until: Time) {
        self.cut.insert(host, until);
    }
}
