//! What clients measure while they load a server.

use std::time::Duration;

/// Time before a measurement begins, for connections and caches.
pub const WARM_UP: Duration = Duration::from_secs(1);

/// What the clients of one load generator did together.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Calls that were answered, a second.
    pub calls_a_second: f64,
    /// The median time of a call, in microseconds.
    pub median_microseconds: f64,
    /// The time that one call in a hundred exceeds, in microseconds.
    pub slow_microseconds: f64,
}

impl Load {
    /// From the time of each call, in microseconds, and the time of the measurement.
    pub fn new(mut times: Vec<f64>, duration: Duration) -> Self {
        times.sort_by(f64::total_cmp);
        let at = |hundredths: usize| times.get(times.len() * hundredths / 100).copied();
        Self {
            calls_a_second: times.len() as f64 / duration.as_secs_f64(),
            median_microseconds: at(50).unwrap_or(f64::NAN),
            slow_microseconds: at(99).unwrap_or(f64::NAN),
        }
    }

    /// As [`Load::from_numbers`] reads it.
    pub fn print(&self) {
        let Self {
            calls_a_second,
            median_microseconds,
            slow_microseconds,
        } = self;
        println!("{calls_a_second} {median_microseconds} {slow_microseconds}");
    }

    /// What [`Load::print`] printed.
    pub fn from_numbers(numbers: [f64; 3]) -> Self {
        let [calls_a_second, median_microseconds, slow_microseconds] = numbers;
        Self {
            calls_a_second,
            median_microseconds,
            slow_microseconds,
        }
    }
}
