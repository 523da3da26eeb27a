//! Chance from one seed: a tree of generators.
//!
//! Every draw has a place of its own in the tree (`patience`, contact 17), so one more draw in one
//! place does not shift the others: two runs that differ in a router alone meet the same customers,
//! with the same patience and the same matters (common random numbers).

/// The increment of the reference implementation.
const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;

/// PCG XSL RR 128/64 of O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
/// Algorithms for Random Number Generation" (2014). The stream never changes.
#[derive(Clone, Debug)]
pub struct Pcg {
    state: u128,
    increment: u128,
}

impl Pcg {
    /// Creates a generator as `pcg64_srandom_r` of the reference implementation does.
    pub const fn new(state: u128, stream: u128) -> Self {
        let mut pcg = Self { state: 0, increment: (stream << 1) | 1 };
        pcg.step();
        pcg.state = pcg.state.wrapping_add(state);
        pcg.step();
        pcg
    }

    const fn step(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }

    /// Returns the next 64 bits.
    pub const fn roll(&mut self) -> u64 {
        self.step();
        let folded = ((self.state >> 64) as u64) ^ (self.state as u64);
        folded.rotate_right((self.state >> 122) as u32)
    }

    /// Returns a number over 0.0 and at most 1.0, all multiples of 2^-53 alike.
    pub fn share(&mut self) -> f64 {
        ((self.roll() >> 11) + 1) as f64 / 9_007_199_254_740_992.0
    }

    /// Returns a number below `limit`, or 0 if that is 0. The bias is under `limit` / 2^64.
    pub const fn below(&mut self, limit: u64) -> u64 {
        ((self.roll() as u128 * limit as u128) >> 64) as u64
    }

    /// Returns whether something of this probability (0.0 to 1.0) happens. Always draws once.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.share() <= probability
    }
}

/// A place in the tree of generators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seed {
    high: u64,
    low: u64,
}

/// The finaliser of splitmix64.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Seed {
    /// The root of the tree.
    pub const fn new(seed: u64) -> Self {
        Self { high: mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)), low: mix(!seed) }
    }

    /// The branch of this number.
    #[must_use]
    pub const fn leaf(self, number: u64) -> Self {
        let low = mix(self.low.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ number);
        Self { high: mix(self.high.wrapping_add(low).wrapping_add(0xd1b5_4a32_d192_ed03)), low }
    }

    /// The branch of this name.
    #[must_use]
    pub fn branch(self, name: &str) -> Self {
        let words = name
            .as_bytes()
            .chunks(8)
            .map(|word| word.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte)));
        words.fold(self.leaf(name.len() as u64), Self::leaf)
    }

    /// The generator of this place.
    pub const fn pcg(self) -> Pcg {
        Pcg::new(((self.high as u128) << 64) | self.low as u128, mix(self.high ^ self.low) as u128)
    }
}

#[cfg(test)]
mod tests;
