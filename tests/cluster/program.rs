//! A program written by hand against the runtime, as the compiler would emit it: a ledger.
//!
//! Its server keeps the numbers that it was given, in order, so that a test sees what was lost,
//! doubled or reordered. Main is a command line for tests: one line of output a result.

use cmsl_runtime::client::{CallError, Client, Model, ServerSpec};
use cmsl_runtime::identity::{HostId, ServerId};
use cmsl_runtime::kernel::call::read_only;
use cmsl_runtime::object::{Damaged, Environment, Execution, Service, Verdict};
use cmsl_runtime::program::{Program, ServerClass, Start, run};
use cmsl_runtime::wire::{Wire, checksum};
use std::collections::VecDeque;
use std::time::Duration;

const CONSTRUCT: u32 = 0;
const APPEND: u32 = 1;
const COUNT: u32 = read_only(2);
const RAISE: u32 = 3;
const APPEND_SLOWLY: u32 = 4;
const ALL: u32 = read_only(5);
const FILL: u32 = 6;
const RELAY: u32 = 7;
const SCATTER: u32 = 8;
/// An append that claims to be a read.
const APPEND_UNNOTICED: u32 = read_only(10);

/// So many numbers are in a reply, which has a limit.
const PIECE: usize = 1 << 16;

static PROGRAM: Program = Program {
    name: "ledger",
    fingerprint: "1",
    classes: &[
        ServerClass {
            name: "ledger",
            calls_servers: false,
            calls_rust: false,
            unreplicable: false,
            blank: || Box::new(Ledger::default()),
            queries: &[],
            calls: &[],
        },
        ServerClass {
            name: "caller",
            calls_servers: true,
            calls_rust: false,
            unreplicable: false,
            blank: || Box::new(Ledger::default()),
            queries: &[],
            calls: &[],
        },
    ],
    main: start,
};

/// The command line.
pub fn main() {
    run(&PROGRAM)
}

/// The server.
#[derive(Default)]
struct Ledger {
    live: Vec<u64>,
    /// The lengths before each unsettled record.
    unsettled: VecDeque<usize>,
}

impl Ledger {
    fn settled(&self) -> &[u64] {
        let length = self.unsettled.front().copied().unwrap_or(self.live.len());
        &self.live[..length]
    }
}

impl Service for Ledger {
    fn execute(&mut self, call: &[u8], environment: &Environment) -> Execution {
        let method = u32::from_le_bytes(*call.first_chunk().unwrap());
        let arguments = &call[4..];
        self.unsettled.push_back(self.live.len());
        let completed = |delta: Vec<u8>, reply: Vec<u8>| Execution {
            delta,
            reply,
            verdict: Verdict::Completed,
        };
        let raised = |why: &str| Execution {
            delta: Vec::new(),
            reply: why.as_bytes().to_vec(),
            verdict: Verdict::Raised,
        };
        match method {
            CONSTRUCT if arguments == b"raise" => raised("construction refused"),
            CONSTRUCT => completed(Vec::new(), Vec::new()),
            APPEND | APPEND_SLOWLY | APPEND_UNNOTICED => {
                let number = u64::from_le_bytes(arguments[..8].try_into().unwrap());
                if method == APPEND_SLOWLY {
                    std::thread::sleep(Duration::from_millis(number));
                }
                self.live.push(number);
                completed(arguments[..8].to_vec(), (self.live.len() as u64).to_bytes())
            }
            // So many copies of a number: a delta of any size.
            FILL => {
                let count = u64::from_le_bytes(arguments[..8].try_into().unwrap());
                let delta = count.to_le_bytes().repeat(count.try_into().unwrap());
                self.live
                    .extend(std::iter::repeat_n(count, count.try_into().unwrap()));
                completed(delta, Vec::new())
            }
            // Appends numbers, drawn at random, to another ledger and then to this one.
            RELAY => match relay(arguments, environment) {
                Ok(numbers) => {
                    self.live.extend(&numbers);
                    let delta = numbers.iter().flat_map(|number| number.to_le_bytes());
                    completed(delta.collect(), numbers.to_bytes())
                }
                Err(error) => raised(&error.to_string()),
            },
            // Appends a number to other ledgers and waits for none of them.
            SCATTER => {
                let connector = environment.connector.as_ref().unwrap();
                let sent: Result<(), CallError> = connector.with(|client| {
                    for server in arguments.chunks(8) {
                        let server = ServerId(u64::from_le_bytes(server.try_into().unwrap()));
                        client.invoke(server, APPEND, &7_u64.to_le_bytes())?;
                    }
                    Ok(())
                });
                assert_eq!(sent, Ok(()));
                completed(Vec::new(), Vec::new())
            }
            COUNT => completed(Vec::new(), (self.live.len() as u64).to_bytes()),
            // From a place on, as many as a reply holds.
            ALL => {
                let place = u64::from_le_bytes(arguments[..8].try_into().unwrap());
                let piece = self.live.iter().skip(place.try_into().unwrap());
                let piece: Vec<u64> = piece.take(PIECE).copied().collect();
                completed(Vec::new(), piece.to_bytes())
            }
            RAISE => raised("raised"),
            _ => {
                let caller = environment.connector.as_ref().map(|connector| {
                    connector.with(|client| {
                        let server =
                            ServerId(u64::from_le_bytes(arguments[..8].try_into().unwrap()));
                        let ticket = client.invoke(server, COUNT, &[])?;
                        client.reply(ticket)
                    })
                });
                match caller {
                    Some(Ok(reply)) => completed(Vec::new(), reply.body.to_vec()),
                    Some(Err(error)) => raised(&error.to_string()),
                    None => raised("no connector"),
                }
            }
        }
    }

    fn apply(&mut self, delta: &[u8]) -> Result<(), Damaged> {
        self.unsettled.push_back(self.live.len());
        for number in delta.chunks(8) {
            let number = u64::from_bytes(number).map_err(|_| Damaged::new("delta"))?;
            self.live.push(number);
        }
        Ok(())
    }

    fn undo(&mut self) {
        let length = self.unsettled.pop_back().unwrap();
        self.live.truncate(length);
    }

    fn settle(&mut self) {
        self.unsettled.pop_front().unwrap();
    }

    fn snapshot(&self) -> Vec<u8> {
        self.settled().to_vec().to_bytes()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), Damaged> {
        self.live = Vec::from_bytes(snapshot).map_err(|_| Damaged::new("snapshot"))?;
        self.unsettled.clear();
        Ok(())
    }

    fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash[..4].copy_from_slice(&checksum(&[&self.snapshot()]).to_le_bytes());
        hash
    }
}

/// Appends so many random numbers to another ledger, two at a time, with pauses.
fn relay(arguments: &[u8], environment: &Environment) -> Result<Vec<u64>, CallError> {
    let argument = |at: usize| u64::from_le_bytes(arguments[at..at + 8].try_into().unwrap());
    let (server, count, pause) = (ServerId(argument(0)), argument(8), argument(16));
    let connector = environment.connector.as_ref().unwrap();
    let mut numbers = Vec::new();
    for round in 0..count {
        let first = environment.seed.rotate_left(round as u32) ^ round;
        std::thread::sleep(Duration::from_millis(pause));
        connector.with(|client| {
            let both = [first, !first].map(|number| number.to_le_bytes());
            let tickets = [
                client.invoke(server, APPEND, &both[0])?,
                client.invoke(server, APPEND, &both[1])?,
            ];
            client.wait_any(&tickets, None)?;
            for ticket in tickets {
                assert!(!client.reply(ticket)?.raised);
                client.forget(ticket);
            }
            Ok(())
        })?;
        numbers.extend([first, !first]);
    }
    Ok(numbers)
}

/// Runs one command a line of arguments: see each arm.
fn start(start: Start) -> i32 {
    let words: Vec<&str> = start.arguments.iter().map(String::as_str).collect();
    match start.connector.with(|client| command(client, &words)) {
        Ok(()) => 0,
        Err(error) => {
            println!("error: {error}");
            1
        }
    }
}

fn spec(class: &str, replicas: u32, name: &str, durable: bool) -> ServerSpec {
    ServerSpec {
        class: class.to_owned(),
        args: CONSTRUCT.to_le_bytes().to_vec(),
        replicas,
        model: Model::Crash,
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        durable,
        ..ServerSpec::default()
    }
}

fn call(
    client: &mut Client,
    server: ServerId,
    method: u32,
    arguments: &[u8],
) -> Result<Vec<u8>, CallError> {
    let ticket = client.invoke(server, method, arguments)?;
    let reply = client.reply(ticket)?;
    client.forget(ticket);
    if reply.raised {
        return Err(CallError::Raised(reply.body.to_vec()));
    }
    Ok(reply.body.to_vec())
}

fn named(client: &mut Client, name: &str) -> Result<ServerId, CallError> {
    match client.find(&["ledger"], name)? {
        Some((_, server)) => Ok(server),
        None => Err(CallError::Invalid(format!("no ledger {name}"))),
    }
}

fn command(client: &mut Client, words: &[&str]) -> Result<(), CallError> {
    match words {
        // Creates a ledger of so many replicas under a name.
        ["create", replicas, name, kind] => {
            let replicas = replicas.parse().unwrap();
            let servers = client.create(&spec("ledger", replicas, name, *kind == "durable"))?;
            println!("created {}", servers[0].0);
        }
        // Appends the numbers FROM..TO, each acknowledged before the next.
        ["append", name, from, to] => {
            let server = named(client, name)?;
            for number in from.parse::<u64>().unwrap()..to.parse().unwrap() {
                call(client, server, APPEND, &number.to_le_bytes())?;
                println!("acknowledged {number}");
            }
        }
        // Appends so many bursts of numbers and looks now and then: everything that was acknowledged is there, once and in
        // order. A ledger that cannot be reached is no mistake.
        ["book", bursts] => match book(client, bursts.parse().unwrap()) {
            Err(CallError::ServerFailed(why)) => println!("stopped: {why}"),
            booked => booked?,
        },
        // Measures calls: the median in microseconds.
        ["measure", name, rounds] => {
            let server = named(client, name)?;
            let mut took = Vec::new();
            for number in 0..rounds.parse::<u64>().unwrap() {
                let start = std::time::Instant::now();
                call(client, server, APPEND, &number.to_le_bytes())?;
                took.push(start.elapsed());
            }
            took.sort();
            println!(
                "p50 {:?} p99 {:?}",
                took[took.len() / 2],
                took[took.len() * 99 / 100]
            );
        }
        // Prints what the ledger holds, in order.
        ["all", name] => {
            let server = named(client, name)?;
            let numbers =
                Vec::<u64>::from_bytes(&call(client, server, ALL, &0_u64.to_le_bytes())?).unwrap();
            println!("{numbers:?}");
        }
        ["count", name] => {
            let server = named(client, name)?;
            let count = u64::from_bytes(&call(client, server, COUNT, &[])?).unwrap();
            println!("{count}");
        }
        ["delete", name] => {
            let server = named(client, name)?;
            client.delete(&[server])?;
            println!("{:?}", call(client, server, COUNT, &[]));
        }
        // Several replies, by accepting whichever comes next.
        ["accept"] => accept(client)?,
        ["nested"] => nested(client)?,
        ["raise"] => {
            let mut refused = spec("ledger", 1, "", false);
            refused.args.extend_from_slice(b"raise");
            println!("{:?}", client.create(&refused));
            let server = client.create(&spec("ledger", 1, "", false))?[0];
            println!("{:?}", call(client, server, RAISE, &[]));
        }
        ["unknown"] => println!("{:?}", client.create(&spec("nothing", 1, "", false))),
        ["hosts"] => {
            for host in client.hosts()? {
                println!("{} {}", host.name, host.alive);
            }
        }
        _ => return Err(CallError::Invalid(format!("unknown command {words:?}"))),
    }
    Ok(())
}

fn book(client: &mut Client, bursts: u64) -> Result<(), CallError> {
    const AT_ONCE: u64 = 8;
    let wrong = |what: &str| {
        Err(CallError::Invalid(format!(
            "numbers are missing or there twice: {what}"
        )))
    };
    let spec = ServerSpec {
        tolerance: 1,
        ..spec("ledger", 3, "", true)
    };
    let server = client.create(&spec)?[0];
    for burst in 0..bursts {
        let numbers = burst * AT_ONCE..(burst + 1) * AT_ONCE;
        let invoke = |number: u64| client.invoke(server, APPEND, &number.to_le_bytes());
        let tickets: Result<Vec<_>, _> = numbers.clone().map(invoke).collect();
        for (ticket, number) in tickets?.into_iter().zip(numbers) {
            let length = u64::from_bytes(&client.reply(ticket)?.body).unwrap();
            client.forget(ticket);
            if length != number + 1 {
                return wrong(&format!("{number} is at place {length}"));
            }
        }
        if burst % 16 == 15 {
            let all =
                Vec::<u64>::from_bytes(&call(client, server, ALL, &0_u64.to_le_bytes())?).unwrap();
            if !all.iter().copied().eq(0..(burst + 1) * AT_ONCE) {
                return wrong(&format!("{all:?}"));
            }
        }
        cmsl_runtime::world::sleep(Duration::from_millis(burst * 37 % 50));
    }
    println!("booked");
    Ok(())
}

fn accept(client: &mut Client) -> Result<(), CallError> {
    let servers = client.create(&ServerSpec {
        count: 2,
        disjoint: true,
        hosts: vec![HostId(0), HostId(1)],
        ..spec("ledger", 1, "", false)
    })?;
    let slow = client.invoke(servers[0], APPEND_SLOWLY, &300_u64.to_le_bytes())?;
    let quick = client.invoke(servers[1], APPEND, &1_u64.to_le_bytes())?;
    println!(
        "{:?}",
        client.wait_any(&[slow], Some(Duration::from_millis(20)))?
    );
    println!("{:?}", client.wait_any(&[slow, quick], None)?);
    println!("{:?}", client.wait_any(&[slow], None)?);
    Ok(())
}

fn nested(client: &mut Client) -> Result<(), CallError> {
    let ledger = client.create(&spec("ledger", 3, "", false))?[0];
    let caller = client.create(&spec("caller", 1, "", false))?[0];
    call(client, ledger, APPEND, &1_u64.to_le_bytes())?;
    println!("{:?}", call(client, caller, 9, &ledger.0.to_le_bytes()));
    println!("{:?}", call(client, caller, 9, &caller.0.to_le_bytes()));
    let replicated = client.create(&spec("caller", 3, "", false))?[0];
    println!("{:?}", call(client, replicated, 9, &ledger.0.to_le_bytes()));
    Ok(())
}
