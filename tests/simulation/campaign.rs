//! Two thousand seeds, of three and five devices in turn: at least 200 commands and ten effective faults each, and no violation.

use cmsl_runtime::sim::{Counts, Plan, run};

/// Runs `count` seeds from `from` on and asserts that nothing is wrong with any.
fn campaign(from: u64, count: u64) {
    let mut faults = Counts::default();
    let (mut commands, mut messages, mut lost, mut seconds) = (0, 0, 0, 0.0);
    for seed in from..from + count {
        let devices = if seed % 2 == 0 { 3 } else { 5 };
        let report = run(seed, &Plan::usual(devices));
        assert_eq!(report.violation, None, "seed {seed} of {devices} devices");
        assert!(
            report.commands >= 200,
            "seed {seed}: {} commands",
            report.commands
        );
        assert!(
            report.faults.total() >= 10,
            "seed {seed}: {:?}",
            report.faults
        );
        if seed % 100 == 0 {
            assert_eq!(
                report.trace,
                run(seed, &Plan::usual(devices)).trace,
                "seed {seed} gives one trace"
            );
        }
        faults.add(&report.faults);
        commands += report.commands;
        messages += report.traffic.sent;
        lost += report.traffic.lost;
        seconds += report.lasted.as_secs_f64();
    }
    println!(
        "{count} seeds from {from}: {commands} commands, {} effective faults ({faults:?}), {messages} messages of which {lost} were lost, {seconds:.0} s of virtual time, 0 violations",
        faults.total()
    );
}

#[test]
fn seeds_0_to_499_hold() {
    campaign(0, 500);
}

#[test]
fn seeds_500_to_999_hold() {
    campaign(500, 500);
}

#[test]
fn seeds_1000_to_1499_hold() {
    campaign(1_000, 500);
}

#[test]
fn seeds_1500_to_1999_hold() {
    campaign(1_500, 500);
}
