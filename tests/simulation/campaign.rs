//! The short form of a campaign: a day of simulated time among faults, with the figures that must be reached, and the planted faults whose turn it is.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cmsl_tests::laboratory::seeds::{CANARY, SEEDS_FOR_A_MUTANT, Seeds, kill, tenth};

/// So many seeds are a day.
const SEEDS: u64 = 5_300;

/// Runs these seeds on all processors.
fn run(seeds: u64) -> Seeds {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let begun = Instant::now();
    let part = |first: usize| {
        let mut part = Seeds::default();
        (0..seeds)
            .skip(first)
            .step_by(threads)
            .for_each(|seed| part.add(seed, || begun.elapsed()));
        part
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || part(first)))
            .collect();
        let parts = parts.into_iter().map(|part| part.join().unwrap());
        parts.fold(Seeds::default(), Seeds::and)
    })
}

#[test]
fn a_day_among_faults_holds() {
    let all = run(SEEDS);
    for [figure, reached, asked] in all.rows() {
        println!("| {figure} | {reached} | {asked} |");
    }
    assert_eq!(all.violations, [] as [&str; 0]);
    assert!(all.seconds >= 86_400.0);
    assert!(all.operations_a_second() >= 20.0);
    assert!(all.seconds_a_fault() <= 5.0);
    assert!(all.commands >= 1_000_000);
    assert!(all.repeated * 100 >= all.count);
    let [whole, by_account, undecided] = all.searched;
    assert!(
        (whole + by_account) * 20 >= all.count,
        "{undecided} not decided"
    );
    assert!(whole >= by_account);
    let faults = all.faults;
    for (kind, count, least) in [
        ("crashes", faults.crashes, 50_000),
        ("lost writes", faults.writes_lost, 1_000),
        ("cuts", faults.cuts, 80_000),
        ("pauses", faults.pauses, 8_000),
        ("stalls", faults.stalls, 2_000),
    ] {
        assert!(count >= least, "{count} {kind}");
    }
    let kinds = ["lost", "doubled", "late", "replayed"];
    for (kind, count) in kinds.into_iter().zip(all.messages) {
        assert!(count >= 1_000_000, "{count} messages {kind}");
    }
}

#[test]
fn the_planted_faults_of_the_day_are_found() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mutants = tenth(since.as_secs() / 86_400);
    for mutant in std::iter::once(CANARY).chain(mutants) {
        let found = kill(mutant, SEEDS_FOR_A_MUTANT);
        println!("{mutant:?} {}: {found:?}", mutant.what());
        assert!(found.is_some(), "{mutant:?} survives");
    }
}
