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

/// One cut.
struct Cut {
    ways: Ways,
    until: Time,
    /// Which fault it is, in the order of the run.
    strike: usize,
}

/// When a message arrives.
#[derive(Clone, Copy)]
pub(super) struct Arrival {
    pub at: Time,
    /// It met a fault.
    pub struck: bool,
}

/// When the copies of a message arrive.
pub(super) struct Copies {
    pub at: [Option<Time>; 2],
    /// It met a fault.
    pub struck: bool,
}

/// The ways between hosts.
pub(super) struct Network {
    least: Duration,
    most: Duration,
    /// When the last message of each way arrives: none overtakes another.
    last: BTreeMap<(End, End), Time>,
    cuts: Vec<Cut>,
    /// Hosts with bad ways to other hosts, until when, and by which fault.
    bad: BTreeMap<HostId, (Time, usize)>,
    /// How many messages and attempts to connect met each fault.
    struck: BTreeMap<usize, u64>,
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
            struck: BTreeMap::new(),
        }
    }

    /// When the way is whole again, for something that wants to go there now; none if it is.
    fn meet_cut(&mut self, from: End, to: End, now: Time) -> Option<Time> {
        let cuts = self.cuts.iter().filter(|cut| cut.ways.concern(from, to));
        let last = cuts.max_by_key(|cut| cut.until)?;
        if from == to || last.until <= now {
            return None;
        }
        *self.struck.entry(last.strike).or_default() += 1;
        Some(last.until)
    }

    /// Whether a connection between the two, who try, cannot be made.
    pub(super) fn is_cut(&mut self, one: End, other: End, now: Time) -> bool {
        self.meet_cut(one, other, now).is_some() || self.meet_cut(other, one, now).is_some()
    }

    /// How often a fault met something so far.
    pub(super) fn struck(&self, strike: usize) -> u64 {
        self.struck.get(&strike).copied().unwrap_or(0)
    }

    /// When a message that leaves now arrives; what meets a cut waits until that is over.
    pub(super) fn arrival(
        &mut self,
        from: End,
        to: End,
        now: Time,
        random: &mut Random,
    ) -> Arrival {
        let delay = if from == to {
            Duration::from_micros(5)
        } else {
            random.between(self.least, self.most)
        };
        let cut = self.meet_cut(from, to, now);
        let last = self.last.entry((from, to)).or_insert(Time::ZERO);
        let arrival = (cut.unwrap_or(now) + delay).max(*last + Duration::from_nanos(1));
        *last = arrival;
        Arrival {
            at: arrival,
            struck: cut.is_some(),
        }
    }

    /// When the copies of a message between two kernels arrive: one, but where the way is bad.
    pub(super) fn arrivals(
        &mut self,
        from: HostId,
        to: HostId,
        now: Time,
        random: &mut Random,
    ) -> Copies {
        let Arrival { at, struck } = self.arrival(Some(from), Some(to), now, random);
        let one = Copies {
            at: [Some(at), None],
            struck,
        };
        let ends = [from, to];
        let mut bad = ends.iter().filter_map(|host| self.bad.get(host));
        let Some((_, strike)) = bad.find(|(until, _)| *until > now).copied() else {
            return one;
        };
        let late = at + random.between(Duration::ZERO, self.most * 20);
        let copies = match random.below(8) {
            0 => [None, None],
            1 => [Some(at), Some(late)],
            2 => [Some(late), None],
            _ => return one,
        };
        *self.struck.entry(strike).or_default() += 1;
        Copies {
            at: copies,
            struck: true,
        }
    }

    /// These ways are cut until then.
    pub(super) fn cut(&mut self, ways: Ways, until: Time, strike: usize, now: Time) {
        self.cuts.retain(|cut| cut.until > now);
        self.cuts.push(Cut {
            ways,
            until,
            strike,
        });
    }

    /// The ways between this host and others are bad until then.
    pub(super) fn spoil(&mut self, host: HostId, until: Time, strike: usize) {
        self.bad.insert(host, (until, strike));
    }
}
