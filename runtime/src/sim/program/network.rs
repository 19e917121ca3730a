//! How long messages take, which ways are cut, and which are bad.

use super::shared::Place;
use crate::clock::Time;
use crate::identity::HostId;
use crate::protocol::executive::Random;
use std::collections::BTreeMap;
use std::time::Duration;

/// One end of a way: a host, or the machine that main runs on.
pub(super) type End = Option<HostId>;

/// Which ways a cut concerns.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ways {
    /// To and from a host.
    All(HostId),
    /// To it.
    To(HostId),
    /// From it.
    From(HostId),
    /// Between those two.
    Between(HostId, HostId),
}

impl Ways {
    fn concern(self, from: End, to: End) -> bool {
        match self {
            Ways::All(host) => from == Some(host) || to == Some(host),
            Ways::To(host) => to == Some(host),
            Ways::From(host) => from == Some(host),
            Ways::Between(one, other) => [(one, other), (other, one)]
                .iter()
                .any(|(a, b)| from == Some(*a) && to == Some(*b)),
        }
    }
}

/// The ways between hosts.
pub(super) struct Network {
    least: Duration,
    most: Duration,
    /// When the last message of each way arrives: none overtakes another.
    last: BTreeMap<(End, End), Time>,
    /// What is cut, until when.
    cuts: Vec<(Ways, Time)>,
    /// Hosts with bad ways to other hosts, until when.
    bad: BTreeMap<HostId, Time>,
    /// How many messages met a cut or were lost, doubled or late.
    pub struck: u64,
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
            cuts: Vec::new(),
            bad: BTreeMap::new(),
            struck: 0,
        }
    }

    /// When the way is whole again; none if it is.
    pub(super) fn cut_until(&self, from: End, to: End, now: Time) -> Option<Time> {
        let cuts = self.cuts.iter().filter(|(ways, _)| ways.concern(from, to));
        let until = cuts.map(|(_, until)| *until).max()?;
        (from != to && until > now).then_some(until)
    }

    /// Whether a connection between the two cannot be made.
    pub(super) fn is_cut(&self, one: End, other: End, now: Time) -> bool {
        self.cut_until(one, other, now).is_some() || self.cut_until(other, one, now).is_some()
    }

    /// When a message that leaves now arrives; what meets a cut waits until that is over.
    pub(super) fn arrival(&mut self, from: End, to: End, now: Time, random: &mut Random) -> Time {
        let delay = if from == to {
            Duration::from_micros(5)
        } else {
            random.between(self.least, self.most)
        };
        let cut = self.cut_until(from, to, now);
        self.struck += u64::from(cut.is_some());
        let last = self.last.entry((from, to)).or_insert(Time::ZERO);
        let arrival = (cut.unwrap_or(now) + delay).max(*last + Duration::from_nanos(1));
        *last = arrival;
        arrival
    }

    /// When the copies of a message between two kernels arrive: one, but where the way is bad.
    pub(super) fn arrivals(
        &mut self,
        from: HostId,
        to: HostId,
        now: Time,
        random: &mut Random,
    ) -> [Option<Time>; 2] {
        let arrival = self.arrival(Some(from), Some(to), now, random);
        let is_bad = |host: &HostId| self.bad.get(host).is_some_and(|until| *until > now);
        if !is_bad(&from) && !is_bad(&to) {
            return [Some(arrival), None];
        }
        let late = arrival + random.between(Duration::ZERO, self.most * 20);
        let arrivals = match random.below(8) {
            0 => [None, None],
            1 => [Some(arrival), Some(late)],
            2 => [Some(late), None],
            _ => return [Some(arrival), None],
        };
        self.struck += 1;
        arrivals
    }

    /// These ways are cut until then.
    pub(super) fn cut(&mut self, ways: Ways, until: Time, now: Time) {
        self.cuts.retain(|(_, until)| *until > now);
        self.cuts.push((ways, until));
    }

    /// The ways between this host and others are bad until then.
    pub(super) fn spoil(&mut self, host: HostId, until: Time) {
        self.bad.insert(host, until);
    }
}
