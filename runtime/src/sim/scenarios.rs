//! The scenarios in which a device crashes at each of its effects. What happens in one is said by its name.
//!
//! Device 0 leads from about 100 ms on, clients begin at 200 ms, and an election takes 150 to 300 ms.

use std::time::Duration;

use super::{Asked, Call, Happening, Scenario, Script};

/// When clients begin.
const BEGIN: u64 = 200;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A client on a host that asks for one after the other.
fn client(home: usize, calls: &[Call]) -> Script {
    Script {
        home,
        begins: ms(BEGIN),
        pace: ms(2),
        depth: 1,
        calls: calls
            .iter()
            .map(|call| (*call, Asked::InSequence))
            .collect(),
    }
}

/// A client on a host that has so many requests under way.
fn hasty(home: usize, depth: usize, calls: &[Call]) -> Script {
    Script {
        pace: Duration::ZERO,
        depth,
        ..client(home, calls)
    }
}

/// A client that reads.
fn reader(home: usize, reads: &[u8]) -> Script {
    Script {
        calls: reads
            .iter()
            .map(|account| (Call::Balance(*account), Asked::AsRead))
            .collect(),
        ..client(home, &[])
    }
}

fn deposits(count: i64) -> Vec<Call> {
    (1..=count)
        .map(|amount| Call::Deposit((amount % 3) as u8, amount))
        .collect()
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Scenario> {
    let mut scenarios = requests();
    scenarios.extend(elections());
    scenarios.extend(nested_calls());
    scenarios.extend(transfers());
    scenarios
}

fn requests() -> Vec<Scenario> {
    let calm = Scenario::calm;
    vec![
        Scenario {
            clients: vec![client(1, &deposits(1))],
            lasts: ms(BEGIN),
            ..calm("the first election")
        },
        Scenario {
            clients: vec![client(1, &[Call::Deposit(0, 5)])],
            ..calm("the first command")
        },
        Scenario {
            clients: vec![
                client(1, &[Call::Deposit(0, 5), Call::Lottery(1)]),
                client(2, &[Call::Deposit(0, 7), Call::Transfer(0, 1, 6)]),
            ],
            ..calm("two clients at once")
        },
        Scenario {
            clients: vec![hasty(1, 4, &deposits(6))],
            window: 2,
            batch_max: 1,
            sync: ms(2),
            ..calm("a full window")
        },
        Scenario {
            clients: vec![hasty(1, 3, &deposits(4)), hasty(2, 3, &deposits(4))],
            window: 1,
            sync: ms(3),
            ..calm("commands with several executions")
        },
        Scenario {
            clients: vec![
                client(1, &[Call::Transfer(0, 1, 5)]),
                Script {
                    begins: ms(BEGIN + 1),
                    ..client(2, &[Call::Deposit(0, 9)])
                },
            ],
            ..calm("a transfer that waits for the deposit it needs")
        },
        Scenario {
            clients: vec![client(1, &[Call::Fail(0), Call::Transfer(0, 1, 5)])],
            ..calm("a method that raises and one that cannot be")
        },
        Scenario {
            clients: vec![client(1, &deposits(4)), reader(2, &[0, 1, 2, 0])],
            ..calm("reads between changes")
        },
        Scenario {
            clients: vec![client(1, &[Call::Lottery(0), Call::Lottery(0)])],
            slow_methods: true,
            ..calm("methods that take their time")
        },
        Scenario {
            clients: vec![client(1, &deposits(3))],
            happenings: vec![(ms(BEGIN), Happening::Stall(0, ms(300)))],
            lasts: ms(700),
            ..calm("a leader whose disk stalls")
        },
        Scenario {
            clients: vec![client(1, &deposits(2))],
            happenings: vec![
                (ms(BEGIN), Happening::Cut(0, 1)),
                (ms(BEGIN + 250), Happening::Mend),
            ],
            lasts: ms(600),
            ..calm("answers that are lost and asked for again")
        },
        Scenario {
            devices: 1,
            clients: vec![client(0, &deposits(3))],
            ..calm("one device alone")
        },
        Scenario {
            devices: 2,
            clients: vec![client(1, &deposits(3))],
            ..calm("two devices")
        },
    ]
}

fn elections() -> Vec<Scenario> {
    let calm = Scenario::calm;
    let isolated = |device, from, to| {
        vec![
            (ms(from), Happening::Isolate(device)),
            (ms(to), Happening::Mend),
        ]
    };
    vec![
        Scenario {
            clients: vec![hasty(1, 2, &deposits(3))],
            happenings: vec![
                (ms(BEGIN), Happening::Cut(1, 0)),
                (ms(BEGIN), Happening::Cut(2, 0)),
                (ms(900), Happening::Mend),
            ],
            lasts: ms(1_100),
            ..calm("an election in the middle, and proposals that are proposed again")
        },
        Scenario {
            clients: vec![
                client(0, &[Call::Lottery(0)]),
                client(1, &[Call::Lottery(1)]),
            ],
            happenings: vec![
                (ms(BEGIN), Happening::Cut(0, 1)),
                (ms(BEGIN), Happening::Cut(0, 2)),
                (ms(900), Happening::Mend),
            ],
            lasts: ms(1_100),
            ..calm("a proposal that reaches nobody")
        },
        Scenario {
            clients: vec![client(0, &[Call::Lottery(0), Call::Lottery(0)])],
            happenings: vec![
                (ms(BEGIN), Happening::Cut(0, 1)),
                (ms(BEGIN), Happening::Cut(1, 0)),
                (ms(BEGIN), Happening::Cut(2, 0)),
                (ms(900), Happening::Mend),
            ],
            lasts: ms(1_100),
            ..calm("a vote that the leader does not hear of")
        },
        Scenario {
            clients: vec![client(1, &deposits(2))],
            happenings: vec![
                (ms(300), Happening::Isolate(0)),
                (ms(750), Happening::Mend),
                (ms(900), Happening::Isolate(1)),
                (ms(1_400), Happening::Mend),
            ],
            lasts: ms(1_500),
            ..calm("two elections")
        },
        Scenario {
            clients: vec![client(1, &deposits(2))],
            happenings: isolated(0, 0, 500),
            lasts: ms(700),
            ..calm("promises to two who stand at once")
        },
        Scenario {
            clients: vec![hasty(1, 2, &deposits(2)), reader(0, &[0, 1])],
            happenings: vec![(ms(BEGIN), Happening::Pause(0, ms(500)))],
            lasts: ms(900),
            ..calm("a leader that stood still and does not know")
        },
        Scenario {
            clients: vec![client(2, &deposits(3))],
            happenings: vec![
                (ms(BEGIN), Happening::Cut(0, 1)),
                (ms(BEGIN), Happening::Cut(1, 0)),
                (ms(700), Happening::Mend),
            ],
            lasts: ms(800),
            ..calm("devices in a row")
        },
        Scenario {
            clients: vec![client(1, &deposits(3))],
            happenings: (0..3)
                .map(|device| (ms(300), Happening::Crash(device, ms(20))))
                .collect(),
            lasts: ms(800),
            ..calm("all crash at once")
        },
        Scenario {
            devices: 5,
            clients: vec![client(1, &deposits(3))],
            happenings: vec![
                (ms(BEGIN), Happening::Isolate(3)),
                (ms(BEGIN), Happening::Isolate(4)),
                (ms(500), Happening::Mend),
            ],
            lasts: ms(700),
            ..calm("five devices of which two are cut off")
        },
    ]
}

fn nested_calls() -> Vec<Scenario> {
    let calm = Scenario::calm;
    let payouts = [Call::Deposit(0, 500), Call::Payout(0), Call::Payout(0)];
    vec![
        Scenario {
            clients: vec![client(1, &payouts)],
            ..calm("nested calls")
        },
        Scenario {
            clients: vec![client(1, &[Call::Payout(3)]), client(2, &deposits(2))],
            ..calm("a nested call for more than there is, and others that wait")
        },
        Scenario {
            clients: vec![client(1, &payouts)],
            happenings: vec![
                (ms(BEGIN + 3), Happening::Isolate(0)),
                (ms(800), Happening::Mend),
            ],
            sync: ms(2),
            lasts: ms(1_000),
            ..calm("an election in the middle of a nested call")
        },
        Scenario {
            clients: vec![client(1, &payouts), client(2, &deposits(3))],
            happenings: vec![(ms(150), Happening::Isolate(2)), (ms(500), Happening::Mend)],
            snapshot_bytes: 100,
            log_keep: 0,
            lasts: ms(800),
            ..calm("a snapshot in the middle of a nested call")
        },
    ]
}

fn transfers() -> Vec<Scenario> {
    let calm = Scenario::calm;
    let away = || vec![(ms(150), Happening::Isolate(2)), (ms(400), Happening::Mend)];
    vec![
        Scenario {
            clients: vec![client(1, &deposits(5))],
            snapshot_bytes: 300,
            log_keep: 2,
            ..calm("snapshots")
        },
        Scenario {
            clients: vec![client(1, &deposits(6))],
            happenings: away(),
            snapshot_bytes: 300,
            log_keep: 0,
            lasts: ms(600),
            ..calm("a transfer of the state")
        },
        Scenario {
            clients: vec![client(1, &deposits(6))],
            happenings: away(),
            lasts: ms(600),
            ..calm("a transfer of commands")
        },
        Scenario {
            clients: vec![client(1, &deposits(6))],
            happenings: [(150, 2), (200, 0)]
                .map(|(at, device)| (ms(at), Happening::Crash(device, ms(250))))
                .to_vec(),
            snapshot_bytes: 300,
            log_keep: 0,
            lasts: ms(800),
            ..calm("a restart from a snapshot")
        },
    ]
}
