//! The only randomness of a device: a generator whose seed the driver passes in.

use std::time::Duration;

/// SplitMix64: small, and good enough to keep candidates apart.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The generator of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "nothing is below zero");
        // The bias of 2⁻⁶⁴ × bound does not matter for what this is used for.
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// True once in `n` draws, on average.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// A duration from `least` up to, but not including, `most` (or `least` itself if that range is empty).
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let width = u64::try_from(most.saturating_sub(least).as_nanos()).unwrap_or(u64::MAX);
        if width == 0 {
            return least;
        }
        least + Duration::from_nanos(self.below(width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of SplitMix64 for seed 0, as its authors' program gives them.
    #[test]
    fn the_generator_is_the_one_it_says() {
        let mut random = Random::new(0);
        let numbers = [(); 3].map(|()| random.bits());
        let expected = [
            0xe220_a839_7b1d_cdaf,
            0x6e78_9e6a_a1b9_65f4,
            0x06c4_5d18_8009_454f,
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn a_number_below_a_bound_is_as_likely_as_any_other() {
        let mut random = Random::new(7);
        let mut same = random.clone();
        assert_eq!(random.below(1 << 63), same.bits() >> 1);
        assert!(random.one_in(1));
        let rare = (0..1000).filter(|_| random.one_in(10)).count();
        assert!((50..200).contains(&rare), "{rare} of 1000");
    }
}
