//! `cargo run --release -p cmsl-tests --bin cluster-campaign -- --rounds N` injects each fault N times into real kernels, and prints what was
//! reached, a line of a table each; `--fault F11` injects one alone. A violation ends it with what it was and what the kernels said.
//! Network namespaces, small disks and failing system calls need root.

use std::process::ExitCode;
use std::time::Duration;

use cmsl_tests::cluster::campaigns::{Reached, cuts, disks, files, pauses, slowness, storms};
use cmsl_tests::same_executable;

/// A campaign of so many rounds; none where the machine lacks what it needs.
type Campaign = fn(u32) -> Option<Reached>;

/// How long leaders stand still.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

const CAMPAIGNS: &[(&str, Campaign)] = &[
    ("F1", |rounds| Some(storms::kills(rounds))),
    ("F3", |rounds| Some(files::cut(rounds))),
    ("F4", |rounds| Some(files::changed(rounds))),
    ("F6", |rounds| disks::failing(rounds, 1)),
    ("F6", |rounds| disks::failing(rounds, 3)),
    ("F7", |rounds| disks::full(rounds, 1)),
    ("F7", |rounds| disks::full(rounds, 3)),
    ("F8", |rounds| disks::slow(rounds, Duration::from_secs(3))),
    ("F11", cuts::sides),
    ("F12", |rounds| cuts::partial(rounds, 3)),
    ("F12", |rounds| cuts::partial(rounds, 5)),
    ("F14", |rounds| Some(pauses::run(rounds, &PAUSES))),
    ("F16", |rounds| {
        slowness::slow_link_at_rest(rounds, 2, Duration::from_millis(1))
    }),
    ("F16", |rounds| {
        let allowance = slowness::Allowance {
            factor: 2,
            more: Duration::from_millis(1),
            replaced_within: Duration::from_secs(5),
        };
        slowness::slow_link(rounds, allowance)
    }),
    ("F20", |rounds| Some(storms::restarts(rounds))),
    ("F21", |rounds| {
        let ten_seconds = Duration::from_secs(10);
        Some(slowness::overload(rounds, ten_seconds, ten_seconds))
    }),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1)
    };
    let Some(rounds) = after("--rounds").and_then(|rounds| rounds.parse().ok()) else {
        eprintln!("cluster-campaign --rounds N [--fault NAME]");
        return ExitCode::from(2);
    };
    same_executable("cluster-program");
    println!("| fault | rounds | effective | requests answered | away, median | away, longest |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let wanted = |name: &str| after("--fault").is_none_or(|fault| fault == name);
    for (_, campaign) in CAMPAIGNS.iter().filter(|(name, _)| wanted(name)) {
        match campaign(rounds) {
            Some(reached) => println!("{reached}"),
            None => println!("not tried: this fault needs root, nftables, tc and strace"),
        }
    }
    ExitCode::SUCCESS
}
