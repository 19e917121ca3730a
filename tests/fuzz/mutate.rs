//! Wrong bytes out of right ones, the same in each run.

/// Numbers that look random and are the same in each run.
pub struct Dice(u64);

/// What readers take for lengths, counts and ends.
const TELLING: [u8; 8] = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, b'\n'];

impl Dice {
    /// The dice of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below a limit, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit
    }

    /// A place in the bytes, or behind them.
    fn place(&mut self, bytes: &[u8]) -> usize {
        self.below(bytes.len() + 1)
    }

    /// One to four changes; `other` is another right text to take a piece of.
    #[must_use]
    pub fn changed(&mut self, right: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = right.to_vec();
        for _ in 0..=self.below(4) {
            self.change(&mut bytes, other);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.place(bytes);
        let end = at + self.below(bytes.len() - at + 1).min(40);
        match self.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.insert(at, TELLING[self.below(TELLING.len())]),
            3 => {
                let piece = bytes[at..end].to_vec();
                let to = self.place(bytes);
                bytes.splice(to..to, piece);
            }
            4 => {
                let from = self.place(other);
                let to = from + self.below(other.len() - from + 1).min(40);
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            5 => bytes.splice(at..end, [0xff; 10]).for_each(drop),
            6 if at < bytes.len() => bytes[at] = TELLING[self.below(TELLING.len())],
            _ if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            _ => bytes.push(self.below(256) as u8),
        }
    }
}
