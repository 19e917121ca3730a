//! The simulated network: every message may be lost, doubled, delayed past others, or held back by a cut.

use std::time::Duration;

use crate::clock::Time;
use crate::protocol::executive::Random;

/// How the network treats messages, in parts of a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// Lost.
    pub lost: u64,
    /// Delivered twice.
    pub doubled: u64,
    /// Delivered much later.
    pub late: u64,
    /// The most that a message is delayed in the ordinary way; more than the pace of sending reorders.
    pub delay: Duration,
}

/// What became of the messages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traffic {
    /// Handed to the network.
    pub sent: u64,
    /// Lost by chance.
    pub lost: u64,
    /// Doubled.
    pub doubled: u64,
    /// Late.
    pub late: u64,
    /// Sent again long after.
    pub replayed: u64,
    /// Held back by cuts.
    pub cut: u64,
}

/// Links, cuts and chance.
#[derive(Debug)]
pub struct Network {
    devices: usize,
    /// The current weather.
    pub weather: Weather,
    /// Whether the link from the row to the column is cut.
    cut: Vec<bool>,
    /// What happened so far.
    pub traffic: Traffic,
    /// Messages that the current cut held back.
    pub cut_now: u64,
}

impl Network {
    /// Fine weather between so many devices.
    #[must_use]
    pub fn new(devices: usize) -> Network {
        Network {
            devices,
            weather: Weather::default(),
            cut: vec![false; devices * devices],
            traffic: Traffic::default(),
            cut_now: 0,
        }
    }

    /// Cuts the link from one device to another, in this direction.
    pub fn cut(&mut self, from: usize, to: usize) {
        if let Some(link) = self.cut.get_mut(from * self.devices + to) {
            *link = true;
        }
    }

    /// Cuts both directions.
    pub fn cut_both(&mut self, one: usize, other: usize) {
        self.cut(one, other);
        self.cut(other, one);
    }

    /// Repairs all links.
    pub fn mend(&mut self) {
        self.cut.fill(false);
        self.cut_now = 0;
    }

    /// When a message that is sent now from one host to another arrives: never, once or twice.
    pub fn route(
        &mut self,
        from: usize,
        to: usize,
        now: Time,
        random: &mut Random,
    ) -> [Option<Time>; 2] {
        self.traffic.sent += 1;
        if self
            .cut
            .get(from * self.devices + to)
            .copied()
            .unwrap_or(false)
        {
            self.traffic.cut += 1;
            self.cut_now += 1;
            return [None, None];
        }
        self.pass(now, random)
    }

    /// As [`Network::route`] to and from servers elsewhere, which no cut separates from the hosts.
    pub fn pass(&mut self, now: Time, random: &mut Random) -> [Option<Time>; 2] {
        let chance = random.below(1_000);
        if chance < self.weather.lost {
            self.traffic.lost += 1;
            return [None, None];
        }
        let first = Some(now + self.delay(random));
        if chance >= 1_000 - self.weather.doubled {
            self.traffic.doubled += 1;
            return [first, Some(now + self.delay(random) * 4)];
        }
        [first, None]
    }

    fn delay(&mut self, random: &mut Random) -> Duration {
        let least = Duration::from_micros(50);
        if self.weather.late > 0 && random.below(1_000) < self.weather.late {
            self.traffic.late += 1;
            return random.between(Duration::from_millis(20), Duration::from_millis(1_500));
        }
        random.between(least, least + self.weather.delay)
    }
}
