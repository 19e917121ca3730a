//! A whole program in the simulator: disks that are damaged or lost, more than tolerances promise to survive, and faults planted in what is tested.

use cmsl_runtime::sim::program::Plant;
use cmsl_tests::run;
use std::collections::BTreeMap;
use std::process::Command;

/// What a run of the ledger showed.
struct Showed {
    stdout: String,
    stderr: String,
    status: Option<i32>,
}

impl Showed {
    /// What was found, if something was.
    fn found(&self) -> Option<&str> {
        let line = self
            .stdout
            .lines()
            .find(|line| line.starts_with("-- found: "));
        assert_eq!(line.is_some(), self.status == Some(1), "{}", self.stdout);
        line
    }

    /// Nothing was found.
    fn holds(&self, of: &str) {
        assert_eq!(self.found(), None, "{of}: {}{}", self.stdout, self.stderr);
    }

    fn says(&self, what: &str) -> bool {
        self.stdout.contains(what)
    }

    /// How many faults of each kind met something.
    fn effects(&self) -> BTreeMap<String, u64> {
        let counts = self
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("-- faults that met something: "));
        let kinds = counts.into_iter().flat_map(|counts| counts.split(", "));
        kinds
            .map(|kind| {
                let met = kind.split_once(" of ").map_or(kind, |(met, _)| met);
                let (name, count) = met.rsplit_once(' ').unwrap();
                (name.to_owned(), count.parse().unwrap())
            })
            .collect()
    }
}

/// Books 3200 numbers, eight at a time; main fails if one that was acknowledged is missing or there twice.
fn book(seed: u64, words: &[&str]) -> Showed {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-program"));
    command.args(["sim", "--seed", &seed.to_string(), "--seconds", "600"]);
    command.args(words).args(["--", "book", "400"]);
    let outcome = run(command);
    Showed {
        stdout: outcome.stdout,
        stderr: outcome.stderr,
        status: outcome.status,
    }
}

/// Runs with these faults given.
fn with_faults(seed: u64, faults: &str, words: &[&str]) -> Showed {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("given.faults");
    std::fs::write(&file, faults).unwrap();
    book(
        seed,
        &[words, &["--faults", file.to_str().unwrap()]].concat(),
    )
}

/// Faults after which a host may be lost for good.
const RUINOUS: [(&str, &str); 5] = [
    (
        "flipped bit",
        "ends and is started again with a flipped bit on its disk",
    ),
    (
        "zeroed block",
        "ends and is started again with a block of zeros on its disk",
    ),
    (
        "corrupt block",
        "ends and is started again with a block of garbage on its disk",
    ),
    (
        "misdirected block",
        "ends and is started again with a misplaced block on its disk",
    ),
    ("lost disk", "loses its disk, and is given up"),
];

#[test]
fn a_program_outlives_a_disk_that_is_damaged_or_lost() {
    for (kind, words) in RUINOUS {
        let mut met = 0;
        for seed in 0..4 {
            let fault = format!("6.000000 s: host{} {words} after 0.500000 s", seed + 1);
            let showed = with_faults(seed, &fault, &[]);
            showed.holds(&fault);
            assert!(showed.says("\nbooked\n"), "{fault}: {}", showed.stdout);
            // Damage was met where the kernel said so and stopped; a bad mark does not matter.
            let refused = showed.says(" is given up: simulated/");
            let effects = showed.effects()[kind];
            assert_eq!(effects, u64::from(refused || kind == "lost disk"));
            met += effects;
        }
        assert!(met > 0, "no {kind} met anything");
    }
}

#[test]
fn among_faults_within_its_tolerance_a_program_comes_to_its_end() {
    for seed in 0..12 {
        let showed = book(seed, &[]);
        showed.holds(&format!("seed {seed}"));
        assert!(showed.says("\nbooked\n"), "seed {seed}: {}", showed.stdout);
    }
}

#[test]
fn beyond_its_tolerance_a_program_stops_and_is_never_wrong() {
    let (mut stopped, mut booked, mut ruined) = (0, 0, 0);
    for seed in 0..30 {
        let showed = book(seed, &["--beyond", "yes"]);
        showed.holds(&format!("seed {seed}"));
        let stops = showed.says("\nstopped: ") || showed.says("-- stopped, as it may: ");
        assert_ne!(
            stops,
            showed.says("\nbooked\n"),
            "seed {seed}: {}",
            showed.stdout
        );
        stopped += u64::from(stops);
        booked += u64::from(!stops);
        let effects = showed.effects();
        let kinds = RUINOUS.iter().filter_map(|(kind, _)| effects.get(*kind));
        ruined += kinds.sum::<u64>();
    }
    println!("{stopped} stopped, {booked} booked, {ruined} disks lost or damaged");
    assert!(
        stopped >= 5 && booked >= 5 && ruined >= 20,
        "{stopped} stopped, {booked} booked, {ruined} disks lost or damaged"
    );
}

/// Two of four hosts without a disk: nobody can tell what was acknowledged, so nothing is answered any more.
#[test]
fn a_program_whose_servers_are_lost_for_good_is_said_to_have_stopped() {
    let lost = |host: u64| {
        format!("{host}.000000 s: host{host} loses its disk, and is given up after 1.000000 s")
    };
    let faults: Vec<String> = (1..=4).map(lost).collect();
    let within = with_faults(0, &faults.join("\n"), &[]);
    assert!(
        within.says("\nbooked\n") && within.effects()["lost disk"] == 1,
        "{}",
        within.stdout
    );
    let beyond = with_faults(0, &faults.join("\n"), &["--beyond", "yes"]);
    beyond.holds("beyond");
    assert!(
        beyond.says("\nstopped: ") && beyond.effects()["lost disk"] == 4,
        "{}",
        beyond.stdout
    );
}

#[test]
fn what_failed_beyond_tolerance_can_be_given_instead_of_drawn() {
    let drawn = book(1, &["--beyond", "yes"]);
    assert!(
        drawn.effects().values().sum::<u64>() > 1,
        "{}",
        drawn.stdout
    );
    let faults = drawn
        .stdout
        .lines()
        .filter(|line| line.contains(" s: host"));
    let faults: Vec<&str> = faults.collect();
    let given = with_faults(1, &faults.join("\n"), &["--beyond", "yes"]);
    assert_eq!(given.stdout, drawn.stdout);
}

/// The seed that finds a planted fault, and how.
fn finds(plant: &str, words: &[&str], seeds: u64) -> (u64, String) {
    let words = [words, &["--plant", plant]].concat();
    let found = (0..seeds).find_map(|seed| {
        let showed = book(seed, &words);
        let found = showed.found()?.to_owned();
        Some((seed, found))
    });
    let found = found.unwrap_or_else(|| panic!("{plant} is not found in {seeds} seeds"));
    println!("{plant}: seed {}, {}", found.0, found.1);
    found
}

/// Those that the first seeds find; the command `campaign disks` has the others.
#[test]
fn faults_of_what_keeps_the_log_are_found() {
    for (_, name, _, beyond) in Plant::OF_THE_DISK {
        if !["M08", "M10"].contains(&name) {
            let words: &[&str] = if beyond { &["--beyond", "yes"] } else { &[] };
            finds(name, words, 100);
        }
    }
}

#[test]
fn faults_of_the_protocol_are_found_by_a_program() {
    for mutant in ["M16", "M30"] {
        finds(mutant, &[], 100);
    }
}
