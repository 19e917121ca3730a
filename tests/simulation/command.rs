//! `cargo run --release -p cmsl-tests --bin campaign -- --minutes N` looks for faults in the protocol for so long: planted ones first, to see that they are
//! found, then all states of a small group, a crash at every effect, and seeds in the rest of the time. It prints the figures reached and
//! appends them to `docs/campaigns.md`. Parts of it by themselves, which print only:
//!
//! - `seeds FROM COUNT`: these seeds; a single one with its whole report;
//! - `mutants [SEEDS [MUTANT…]]`: the planted faults, or those named, and the checker that finds each;
//! - `disks [SEEDS]`: the faults planted in what keeps a log, and what a program shows of each;
//! - `sim …`: that program in the simulator;
//! - `exhaustive [STATES [MUTANT…]]`: all states within the bounds, up to so many; with a planted fault, the way to where it shows;
//! - `crashes`: a crash at every effect.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cmsl_runtime::protocol::executive::{Checks, Mutant, Planted};
use cmsl_runtime::sim::every_effect::{Crashes, crash_at_every_effect};
use cmsl_runtime::sim::program::Plant;
use cmsl_runtime::sim::{run, scenarios};
use cmsl_tests::laboratory::exhaustive::{Bounds, Searched, search};
use cmsl_tests::laboratory::seeds::{CANARY, SEEDS_FOR_A_MUTANT, Seeds, kill, plan, tenth};
use cmsl_tests::repository;

#[path = "../cluster/program.rs"]
mod ledger;

/// From so many minutes on a campaign is a long one: all planted faults instead of a tenth, and ten times the states.
const LONG: u64 = 30;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok());
    let found = match words.first().map(String::as_str) {
        Some("seeds") => seeds(number(1).unwrap_or(0), number(2).unwrap_or(1)),
        Some("mutants") => {
            let mutants = named(words.get(2..).unwrap_or_default());
            let table = mutants_table(&mutants, number(1).unwrap_or(SEEDS_FOR_A_MUTANT));
            table.survivors
        }
        Some("disks") => disks_table(number(1).unwrap_or(SEEDS_FOR_A_MUTANT)).survivors,
        Some("sim") => {
            ledger::main();
            0
        }
        Some("exhaustive") => {
            let mutants = words.get(2..).unwrap_or_default();
            exhaustive(number(1).unwrap_or(10_000_000) as usize, mutants)
        }
        Some("crashes") => tell(&crashes()).violations.len(),
        Some("--minutes") => campaign(number(1).unwrap_or(5)),
        _ => {
            eprintln!(
                "campaign --minutes N | seeds FROM COUNT | mutants [SEEDS [MUTANT…]] | disks [SEEDS] | exhaustive [STATES [MUTANT…]] | crashes | sim …"
            );
            1
        }
    };
    if found == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The mutants with these names; all if there is none.
fn named(names: &[String]) -> Vec<Mutant> {
    let mutants = Mutant::ALL.into_iter();
    mutants
        .filter(|mutant| names.is_empty() || names.contains(&format!("{mutant:?}")))
        .collect()
}

fn seeds(from: u64, count: u64) -> usize {
    if count == 1 {
        let report = run(from, &plan(from));
        println!("{report:#?}");
        return usize::from(report.violation.is_some());
    }
    let (mut all, begun) = (Seeds::default(), Instant::now());
    (from..from + count).for_each(|seed| all.add(seed, || begun.elapsed()));
    println!("{all:#?}");
    all.violations.len()
}

/// What became of the planted faults.
struct Table {
    planted: usize,
    survivors: usize,
    lines: String,
}

impl Table {
    fn add(&mut self, other: Table) {
        self.planted += other.planted;
        self.survivors += other.survivors;
        self.lines.push_str(&other.lines);
    }
}

fn mutants_table(mutants: &[Mutant], seeds: u64) -> Table {
    let mut table = Table {
        planted: mutants.len(),
        survivors: 0,
        lines: String::new(),
    };
    for mutant in mutants {
        let line = match kill(*mutant, seeds) {
            Some((seed, violation)) => format!("{mutant:?} {seed:>5}  {:14}", violation.property),
            None => {
                table.survivors += 1;
                format!("{mutant:?}     -  {:14}", "NOBODY")
            }
        };
        println!("{line} {}", mutant.what());
        let _ = writeln!(table.lines, "{line} {}", mutant.what());
    }
    println!(
        "{} of {} survived {seeds} seeds each",
        table.survivors, table.planted
    );
    table
}

/// What a program in the simulator shows of what is planted in the disks or in what keeps its logs there.
fn disks_table(seeds: u64) -> Table {
    let mut table = Table {
        planted: Plant::OF_THE_DISK.len(),
        survivors: 0,
        lines: String::new(),
    };
    for (_, name, what, beyond) in Plant::OF_THE_DISK {
        let found = (0..seeds).find_map(|seed| Some((seed, shown(seed, name, beyond)?)));
        table.survivors += usize::from(found.is_none());
        let line = match found {
            Some((seed, how)) => format!("{name:8} {seed:>3}  {what}: {how}"),
            None => format!("{name:8}   -  {what}: NOBODY"),
        };
        println!("{line}");
        let _ = writeln!(table.lines, "{line}");
    }
    table
}

/// What the ledger shows in a process of its own.
fn shown(seed: u64, plant: &str, beyond: bool) -> Option<String> {
    let mut itself = Command::new(std::env::current_exe().ok()?);
    itself.args(["sim", "--seed", &seed.to_string(), "--seconds", "600"]);
    itself.args(["--plant", plant]);
    itself.args(["--beyond", if beyond { "yes" } else { "no" }]);
    itself.args(["--", "book", "400"]);
    let output = itself.output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = said.lines();
    let found = lines.find_map(|line| line.strip_prefix("-- found: "));
    found.map(str::to_owned)
}

fn bounds(states: usize) -> Bounds {
    Bounds {
        ballots: 2,
        requests: 2,
        restarts: 0,
        states,
    }
}

fn exhaustive(states: usize, mutants: &[String]) -> usize {
    if mutants.is_empty() {
        let searched = search(bounds(states), Planted::default());
        println!("{searched:#?}");
        return usize::from(searched.violation.is_some());
    }
    let mut missed = 0;
    for mutant in named(mutants) {
        let searched = search(bounds(states), Planted::one(mutant));
        match &searched.violation {
            Some((property, way)) => println!(
                "{mutant:?} {property} after {} steps, {} states: {}",
                way.len() - 1,
                searched.states,
                mutant.what()
            ),
            None => {
                missed += 1;
                println!(
                    "{mutant:?} NOBODY in {} states: {}",
                    searched.states,
                    mutant.what()
                );
            }
        }
    }
    missed
}

fn crashes() -> Crashes {
    crash_at_every_effect(&scenarios::all(), Checks::Enforced, Planted::default())
}

fn tell(crashes: &Crashes) -> &Crashes {
    println!("{crashes:#?}");
    crashes
}

/// The whole of it; gives how much was found.
fn campaign(minutes: u64) -> usize {
    // What runs, whatever is committed meanwhile.
    let (begun, commit) = (Instant::now(), commit());
    let end = Duration::from_secs(minutes * 60);
    let canary = kill(CANARY, 50).is_none();
    if canary {
        println!("{CANARY:?} is not found: this campaign sees nothing");
        return 1;
    }
    let long = minutes >= LONG;
    let states = if long { 10_000_000 } else { 1_000_000 };
    let searched = search(bounds(states), Planted::default());
    let crashes = crashes();
    // A short campaign takes a tenth, another one each day.
    let mutants = if long {
        Mutant::ALL.to_vec()
    } else {
        tenth(today().0)
    };
    let mut table = mutants_table(&mutants, SEEDS_FOR_A_MUTANT);
    if long {
        table.add(disks_table(SEEDS_FOR_A_MUTANT));
    }
    let mut all = Seeds::default();
    // The tests have the first seeds; a campaign of another day takes others.
    let mut seed = 1_000_000 * (today().0 % 10_000);
    while begun.elapsed() < end && all.violations.len() < 10 {
        all.add(seed, || begun.elapsed());
        seed += 1;
    }
    let page = page(minutes, &commit, seed, &searched, &crashes, &table, &all);
    println!("{page}");
    append(&page);
    usize::from(searched.violation.is_some())
        + crashes.violations.len()
        + table.survivors
        + all.violations.len()
}

/// The figures as a section of the page.
fn page(
    minutes: u64,
    commit: &str,
    seed: u64,
    searched: &Searched,
    crashes: &Crashes,
    table: &Table,
    all: &Seeds,
) -> String {
    let (_, date) = today();
    let mut text = format!("\n## {date}, {minutes} minutes, at {commit}\n\n");
    text.push_str("| figure | reached | asked of the short form |\n| --- | --- | --- |\n");
    let mut row = |figure: &str, reached: String, asked: &str| {
        let _ = writeln!(text, "| {figure} | {reached} | {asked} |");
    };
    for [figure, reached, asked] in all.rows() {
        row(&figure, reached, &asked);
    }
    row(
        "crash at every effect",
        format!(
            "{} scenarios, {} effects, {} of {} crashes made",
            crashes.scenarios,
            crashes.effects,
            crashes.made,
            crashes.due()
        ),
        "20 scenarios, all",
    );
    let (devices, messages) = searched.devices_and_messages;
    let whole = if searched.exhausted { "all" } else { "not all" };
    row(
        "exhaustive search",
        format!(
            "{} states ({whole}), {} steps, {devices} states of a device, {messages} messages",
            searched.states, searched.steps
        ),
        "1,000,000 states",
    );
    let killed = table.planted - table.survivors;
    row(
        "planted faults found",
        format!("{killed} of {}, and the canary", table.planted),
        "a tenth, all of them",
    );
    let _ = writeln!(
        text,
        "\nSeeds up to {}. Planted faults:\n\n```\n{}```\n",
        seed - 1,
        table.lines
    );
    let way = searched.violation.iter().flat_map(|(property, way)| {
        std::iter::once(format!("exhaustive search: {property}")).chain(way.iter().cloned())
    });
    let found: Vec<String> = way
        .chain(crashes.violations.iter().cloned())
        .chain(all.violations.iter().cloned())
        .collect();
    if found.is_empty() {
        text.push_str("Nothing was found.\n");
    } else {
        text.push_str("Found:\n\n");
        found.iter().for_each(|what| {
            let _ = writeln!(text, "- {what}");
        });
    }
    text
}

/// Appends to the page of the campaigns.
fn append(section: &str) {
    let path = repository().join("docs/campaigns.md");
    let page = std::fs::OpenOptions::new().append(true).open(&path);
    let written = page.and_then(|mut page| page.write_all(section.as_bytes()));
    if let Err(error) = written {
        println!("{}: {error}", path.display());
    }
}

/// What is being tested.
fn commit() -> String {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty"])
        .current_dir(repository());
    let said = git.output().ok().filter(|output| output.status.success());
    said.map_or_else(
        || "an unknown commit".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// Days since 1970, and the date.
fn today() -> (u64, String) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let days = since.map_or(0, |since| since.as_secs() / 86_400);
    // Years that begin in March, in eras of 400 of them.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    (days, format!("{year}-{month:02}-{day:02}"))
}
