//! Chance that comes out the same each time: what a case is like follows from the seed and its serial number alone.

/// A stream of numbers (SplitMix64), good enough for made-up data and never for secrets.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream that belongs to a thing of the data set.
    pub const fn of(seed: u64, thing: u64) -> Self {
        Self(mix(seed ^ mix(thing)))
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below the bound, which is above zero.
    pub const fn below(&mut self, bound: u64) -> u64 {
        // A modulo's bias is far below anything that a figure shows.
        if bound == 0 { 0 } else { self.next() % bound }
    }

    /// As `below`, for counts of places and posts.
    pub fn below_u32(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(bound.into())).unwrap_or_default()
    }

    /// From 0 up to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a double has")]
    pub const fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// A choice among things of unequal weight.
#[derive(Debug, Clone)]
pub struct Weighted(Vec<f64>);

impl Weighted {
    /// Things with these weights, none negative.
    pub fn of(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let upper = weights.into_iter().map(|weight| {
            sum += weight;
            sum
        });
        Self(upper.collect())
    }

    /// Things of which each further one is rarer, as places and topics are (Zipf).
    pub fn skewed(count: u32, exponent: f64) -> Self {
        Self::of((1..=count).map(|rank| f64::from(rank).powf(-exponent)))
    }

    /// The place of the thing that chance falls on.
    pub fn choose(&self, chance: &mut Chance) -> usize {
        let at = chance.unit() * self.0.last().copied().unwrap_or(0.0);
        self.0.partition_point(|upper| *upper <= at).min(self.0.len().saturating_sub(1))
    }

    /// As `choose`, for counts of places and posts.
    pub fn choose_u32(&self, chance: &mut Chance) -> u32 {
        u32::try_from(self.choose(chance)).unwrap_or_default()
    }
}
