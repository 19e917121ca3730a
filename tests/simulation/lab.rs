//! A laboratory: devices that run the real protocol while a test decides which message arrives, who runs, and who crashes.
//!
//! Disks are instant. Heartbeats flow by themselves between the devices that run; every other message waits until the test delivers or loses it.

use std::collections::VecDeque;
use std::fmt::Write;
use std::time::Duration;

use cmsl_runtime::clock::Time;
use cmsl_runtime::protocol::executive::{
    Ballot, Command, Config, Configuration, Executive, Message, Record, Recovered,
};
use cmsl_runtime::protocol::{
    Bytes, Device, Execution, Input, Number, Output, Protocol, Request, RequestId, Verdict,
};
use cmsl_runtime::wire::Wire;

/// Amounts of goods in the warehouses A, B and C.
pub type Goods = [i64; 3];

/// One device of the laboratory.
struct Bench {
    config: Config,
    device: Option<Executive>,
    records: Vec<Bytes>,
    goods: Goods,
    undo: VecDeque<Goods>,
    issued: Vec<Command>,
}

/// A message on its way.
struct Wired {
    from: usize,
    to: usize,
    message: Message,
}

/// The devices, in the order of their names.
pub struct Lab {
    names: &'static [&'static str],
    benches: Vec<Bench>,
    wires: Vec<Wired>,
    now: Time,
    /// Devices that do not run: their clocks stand still.
    paused: Vec<bool>,
    /// Answers to clients.
    pub replies: Vec<(RequestId, Bytes)>,
}

impl Lab {
    /// Devices with these names; the first election timeouts are those given, so that the test knows who stands.
    pub fn new(
        names: &'static [&'static str],
        timeouts: &[Duration],
        settings: impl Fn(&mut Config),
    ) -> Lab {
        let devices = (0..names.len())
            .map(|device| Device(device as u16))
            .collect();
        let configuration = Configuration::new(devices).unwrap();
        let benches = timeouts.iter().enumerate().map(|(index, timeout)| {
            let mut config = Config::new(Device(index as u16), configuration.clone());
            config.election_min = *timeout;
            config.election_max = *timeout + Duration::from_millis(10);
            settings(&mut config);
            Bench {
                config,
                device: None,
                records: Vec::new(),
                goods: [0; 3],
                undo: VecDeque::new(),
                issued: Vec::new(),
            }
        });
        Lab {
            names,
            benches: benches.collect(),
            wires: Vec::new(),
            now: Time::from_nanos(1),
            paused: vec![false; names.len()],
            replies: Vec::new(),
        }
    }

    /// Lets a device have this on its disk before it starts.
    pub fn write(&mut self, name: &str, record: &Record) {
        let index = self.index(name);
        self.benches[index]
            .records
            .push(Bytes::from(record.to_bytes()));
    }

    /// Starts all devices.
    pub fn start(&mut self) {
        for index in 0..self.benches.len() {
            self.recover(index);
        }
    }

    fn index(&self, name: &str) -> usize {
        self.names.iter().position(|known| *known == name).unwrap()
    }

    fn recover(&mut self, index: usize) {
        let bench = &mut self.benches[index];
        let recovered = Recovered {
            snapshot: None,
            records: bench.records.clone(),
        };
        (bench.goods, bench.undo, bench.issued) = ([0; 3], VecDeque::new(), Vec::new());
        let mut out = Vec::new();
        let device = Executive::recover(bench.config.clone(), 7, self.now, &recovered, &mut out);
        bench.device = Some(device.unwrap());
        self.perform(index, out);
    }

    /// A device crashes; what it has written stays.
    pub fn crash(&mut self, name: &str) {
        let index = self.index(name);
        self.benches[index].device = None;
    }

    /// A device comes back.
    pub fn restart(&mut self, name: &str) {
        let index = self.index(name);
        self.recover(index);
    }

    /// A device stands still from now on, though messages can still be delivered to it by name.
    pub fn pause(&mut self, name: &str) {
        let index = self.index(name);
        self.paused[index] = true;
    }

    fn step(&mut self, index: usize, input: Input<'_>) {
        let mut out = Vec::new();
        if let Some(device) = &mut self.benches[index].device {
            device.step(input, self.now, &mut out);
        }
        self.perform(index, out);
    }

    fn perform(&mut self, index: usize, out: Vec<Output>) {
        for output in out {
            let bench = &mut self.benches[index];
            match output {
                Output::Send { to, message } => {
                    let (from, to) = (index, usize::from(to.0));
                    let message = Message::from_bytes(&message).unwrap();
                    self.wires.push(Wired { from, to, message });
                }
                Output::Persist { token, records } => {
                    bench.records.extend(records);
                    self.step(index, Input::Durable { token });
                }
                Output::Execute { ticket, call, .. } => {
                    let execution = bench.execute(&call);
                    self.step(index, Input::Executed { ticket, execution });
                }
                Output::Apply { delta, .. } => {
                    bench.undo.push_back(bench.goods);
                    bench.set(&delta);
                }
                Output::Undo => bench.goods = bench.undo.pop_back().unwrap(),
                Output::Settle => {
                    bench.undo.pop_front().unwrap();
                }
                Output::Issued { number } => {
                    let device = bench.device.as_ref();
                    let issued = device.and_then(|device| device.issued(number)).cloned();
                    bench
                        .issued
                        .extend(issued.map(|command| Command::clone(&command)));
                }
                Output::Reply { id, reply } => self.replies.push((id, reply)),
                Output::Refused { .. } | Output::Wake { .. } | Output::Cancel { .. } => {}
                Output::Journaled { .. }
                | Output::Install { .. }
                | Output::TakeSnapshot { .. }
                | Output::SaveSnapshot { .. } => {
                    panic!("nothing is compacted, and no other server called, here")
                }
            }
        }
    }

    /// Lets time pass, with heartbeats between the devices that run, until this device has sent something else.
    pub fn run_until_sends(&mut self, name: &str) {
        let index = self.index(name);
        for _ in 0..100_000 {
            if self.wires.iter().any(|wired| wired.from == index) {
                return;
            }
            self.pass_time();
        }
        panic!("{name} never sends anything");
    }

    /// Lets a moment pass.
    pub fn pass_time(&mut self) {
        self.now = self.now + Duration::from_millis(1);
        for index in 0..self.benches.len() {
            if !self.paused[index] {
                self.step(index, Input::Tick);
            }
        }
        self.deliver_heartbeats();
    }

    fn deliver_heartbeats(&mut self) {
        let (beats, rest) = std::mem::take(&mut self.wires)
            .into_iter()
            .partition(|wired| matches!(wired.message, Message::Heartbeat(_)));
        self.wires = rest;
        let beats: Vec<Wired> = beats;
        for beat in beats {
            if !self.paused[beat.from] && !self.paused[beat.to] {
                let bytes = beat.message.to_bytes();
                let from = Device(beat.from as u16);
                self.step(
                    beat.to,
                    Input::Message {
                        from,
                        message: &bytes,
                    },
                );
            }
        }
        self.wires
            .retain(|wired| !matches!(wired.message, Message::Heartbeat(_)));
    }

    /// Delivers the messages that wait from one device to another; gives them as text.
    pub fn deliver(&mut self, from: &str, to: &str) -> String {
        self.deliver_matching(from, to, |_| true)
    }

    /// Delivers those whose text is accepted.
    pub fn deliver_matching(
        &mut self,
        from: &str,
        to: &str,
        accept: impl Fn(&str) -> bool,
    ) -> String {
        let (from, to) = (self.index(from), self.index(to));
        let wires = std::mem::take(&mut self.wires);
        let (chosen, rest): (Vec<Wired>, Vec<Wired>) = wires.into_iter().partition(|wired| {
            wired.from == from && wired.to == to && accept(&self.show(&wired.message))
        });
        self.wires = rest;
        let mut text = String::new();
        for wired in chosen {
            if matches!(wired.message, Message::Heartbeat(_)) {
                continue;
            }
            if !text.is_empty() {
                text.push_str(", ");
            }
            let _ = write!(text, "{}", self.show(&wired.message));
            let bytes = wired.message.to_bytes();
            let from = Device(from as u16);
            self.step(
                to,
                Input::Message {
                    from,
                    message: &bytes,
                },
            );
        }
        text
    }

    /// Delivers this message, whoever would send it.
    pub fn tell(&mut self, from: &str, to: &str, message: &Message) {
        let (from, to) = (self.index(from), self.index(to));
        let (from, bytes) = (Device(from as u16), message.to_bytes());
        self.step(
            to,
            Input::Message {
                from,
                message: &bytes,
            },
        );
    }

    /// Loses every message that waits.
    pub fn lose_the_rest(&mut self) {
        self.wires.clear();
    }

    /// Loses every message that waits, but those from one device to another.
    pub fn lose_the_rest_but(&mut self, from: &str, to: &str) {
        let (from, to) = (self.index(from), self.index(to));
        self.wires
            .retain(|wired| wired.from == from && wired.to == to);
    }

    /// Loses every message that waits, but those of one device.
    pub fn lose_the_rest_from_others(&mut self, from: &str) {
        let from = self.index(from);
        self.wires.retain(|wired| wired.from == from);
    }

    /// A client's request reaches a device; each session makes one.
    pub fn request(&mut self, name: &str, session: u128, call: &str) {
        let index = self.index(name);
        let request = Request {
            id: RequestId {
                session,
                sequence: 1,
            },
            acknowledged: 0,
            call: Bytes::from(call.as_bytes()),
        };
        self.step(index, Input::Request(request));
    }

    /// The amounts at a device, unissued executions included.
    pub fn goods(&self, name: &str) -> Goods {
        self.benches[self.index(name)].goods
    }

    /// What a device has issued.
    pub fn issued(&self, name: &str) -> &[Command] {
        &self.benches[self.index(name)].issued
    }

    /// The number of the last command that it knows issued.
    pub fn last(&self, name: &str) -> Number {
        self.benches[self.index(name)]
            .device
            .as_ref()
            .unwrap()
            .last_issued()
    }

    /// A message as the patent writes it.
    fn show(&self, message: &Message) -> String {
        match message {
            Message::NextBallot { ballot, first } => {
                format!("NextBallot({}, {first})", ballot.round)
            }
            Message::BallotInfo {
                ballot,
                issued,
                votes,
                frontier,
            } => {
                let d: Vec<String> = issued.iter().map(|command| show_command(command)).collect();
                let v: Vec<String> = votes
                    .iter()
                    .map(|vote| {
                        format!(
                            "({}, {}, {})",
                            vote.command.number(),
                            vote.ballot.round,
                            show_command(&vote.command)
                        )
                    })
                    .collect();
                format!(
                    "BallotInfo({}, {{{}}}, {{{}}}, frontier {})",
                    ballot.round,
                    d.join(", "),
                    v.join(", "),
                    frontier.number
                )
            }
            Message::MyNextBallot { ballot, .. } => format!("MyNextBal({})", ballot.round),
            Message::BeginBallot {
                ballot, command, ..
            } => {
                format!(
                    "BeginBallot({}, {}, {})",
                    command.number(),
                    ballot.round,
                    show_command(command)
                )
            }
            Message::Voted { ballot, id } => format!("Voted({}, {})", id.number, ballot.round),
            Message::Success { frontier } => format!("Success({})", frontier.number),
            Message::Commands { commands, .. } => {
                let all: Vec<String> = commands
                    .iter()
                    .map(|command| {
                        format!("Success({}, {})", command.number(), show_command(command))
                    })
                    .collect();
                all.join(", ")
            }
            other => format!("{other:?}"),
        }
    }
}

/// What a command sets.
fn show_command(command: &Command) -> String {
    let sets: Vec<String> = command
        .done()
        .map(|(_, _, delta)| String::from_utf8_lossy(delta).into_owned())
        .collect();
    format!("<{}>", sets.join("; "))
}

/// The ballot of this round that a device owns.
pub fn ballot(round: u64, device: u16) -> Ballot {
    Ballot {
        round,
        device: Device(device),
    }
}

impl Bench {
    /// Runs `inbound A 500`, `outbound A 10` or `transfer A B 100`.
    fn execute(&mut self, call: &[u8]) -> Execution {
        let text = String::from_utf8(call.to_vec()).unwrap();
        let words: Vec<&str> = text.split(' ').collect();
        let place = |name: &str| usize::from(name.as_bytes()[0] - b'A');
        let mut goods = self.goods;
        let mut delta = String::new();
        let holds = match words[..] {
            ["inbound", at, amount] => {
                goods[place(at)] += amount.parse::<i64>().unwrap();
                let _ = write!(delta, "{at}={}", goods[place(at)]);
                true
            }
            ["transfer", from, to, amount] => {
                let amount: i64 = amount.parse().unwrap();
                goods[place(from)] -= amount;
                goods[place(to)] += amount;
                let _ = write!(
                    delta,
                    "{from}={} {to}={}",
                    goods[place(from)],
                    goods[place(to)]
                );
                goods[place(from)] >= 0
            }
            _ => panic!("no such function: {text}"),
        };
        self.undo.push_back(self.goods);
        if !holds {
            return Execution {
                delta: Bytes::default(),
                reply: Bytes::from(*b"insufficient"),
                verdict: Verdict::PreconditionFailed,
            };
        }
        self.goods = goods;
        Execution {
            reply: Bytes::from(delta.as_bytes()),
            delta: Bytes::from(delta.into_bytes()),
            verdict: Verdict::Completed,
        }
    }

    fn set(&mut self, delta: &[u8]) {
        for set in String::from_utf8(delta.to_vec())
            .unwrap()
            .split_whitespace()
        {
            let (name, amount) = set.split_once('=').unwrap();
            self.goods[usize::from(name.as_bytes()[0] - b'A')] = amount.parse().unwrap();
        }
    }
}
