//! What takes bytes from outside, as targets that take any bytes: messages, disks, states, sources, command lines.
//!
//! A target panics only if something is wrong: with reading, which must answer with an error, or with what was read, which must be
//! written down and read again as the same. [`samples`] gives each target bytes that are right, [`changed`] makes wrong ones of them.
//! libFuzzer runs the same targets from `tests/fuzz/cargo-fuzz`.

mod mutate;
mod samples;
mod service;
mod targets;

pub use mutate::changed;
pub use samples::samples;
pub use service::print as printed_service;

/// Something that takes bytes from outside.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: also that of the folder of its seeds, and of the fuzzer's target.
    pub name: &'static str,
    /// Takes any bytes.
    pub run: fn(&[u8]),
    /// How many wrong texts a test run makes of each right one.
    pub variants: u64,
}

/// All of them.
pub const TARGETS: [Target; 9] = [
    Target::new("frames", targets::frames, 3_000),
    Target::new("peers", targets::peers, 3_000),
    Target::new("clients", targets::clients, 3_000),
    Target::new("directory", targets::directory, 3_000),
    Target::new("log", targets::log, 300),
    Target::new("recovery", targets::recovery, 3_000),
    Target::new("service", service::run, 1_000),
    Target::new("options", targets::options, 3_000),
    Target::new("source", targets::source, 40),
];

impl Target {
    const fn new(name: &'static str, run: fn(&[u8]), variants: u64) -> Target {
        Target {
            name,
            run,
            variants,
        }
    }

    /// The target of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Target> {
        TARGETS.into_iter().find(|target| target.name == name)
    }
}
