//! Where moments are drawn: in their order, further apart the more time lies between them, but not by as much.

use crate::clock::Time;
use std::collections::BTreeMap;

/// Ticks are at least so far apart.
const TICK: f64 = 34.0;

/// The places of moments.
pub(super) struct Axis {
    places: BTreeMap<Time, f64>,
}

impl Axis {
    /// An axis for those of these moments that lie between the two.
    pub(super) fn new(mut moments: Vec<Time>, from: Time, end: Time) -> Self {
        moments.retain(|at| *at >= from && *at <= end);
        moments.sort_unstable();
        moments.dedup();
        let mut places = BTreeMap::new();
        let (mut y, mut last) = (0.0, from);
        for at in moments {
            let micros = at.since(last).as_secs_f64() * 1e6;
            y += (micros / 60.0).ln_1p() * 3.2;
            places.insert(at, y);
            last = at;
        }
        Self { places }
    }

    /// The place of a moment; between two known ones in proportion.
    pub(super) fn y(&self, at: Time) -> f64 {
        let before = self.places.range(..=at).next_back();
        let after = self.places.range(at..).next();
        match (before, after) {
            (Some((a, low)), Some((b, high))) if a != b => {
                let part = at.since(*a).as_secs_f64() / b.since(*a).as_secs_f64();
                low + (high - low) * part
            }
            (Some((_, y)), _) | (None, Some((_, y))) => *y,
            (None, None) => 0.0,
        }
    }

    /// Moments to name, with their places.
    pub(super) fn ticks(&self) -> Vec<(Time, f64)> {
        let mut ticks: Vec<(Time, f64)> = Vec::new();
        for (at, y) in &self.places {
            if ticks.last().is_none_or(|(_, last)| y - last >= TICK) {
                ticks.push((*at, *y));
            }
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn moments_keep_their_order_and_long_pauses_are_short() {
        let at = |millis| Time::ZERO + Duration::from_millis(millis);
        let moments = [1, 2, 3, 5_000, 5_001, 9_999].map(at).to_vec();
        let axis = Axis::new(moments, at(1), at(5_001));
        let places: Vec<f64> = [1, 2, 3, 4_000, 5_000, 5_001, 9_999]
            .map(|millis| axis.y(at(millis)))
            .to_vec();
        assert!(places.is_sorted(), "{places:?}");
        assert!(places[1] > places[0] && places[3] > places[2]);
        assert!(places[6] <= places[5], "what comes after is not drawn");
        assert!(places[4] - places[2] < 20.0 * (places[1] - places[0]));
        let ticks = axis.ticks();
        assert!(ticks.windows(2).all(|two| two[1].1 - two[0].1 >= TICK));
    }
}
