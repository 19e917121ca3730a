//! For tests: one device, whose others the test plays.

use super::command::{Ballot, Command};
use super::{CommandId, Config, Configuration, Executive, Frontier, Message, Office, Record};
use crate::clock::Time;
use crate::protocol::{
    Bytes, Device, Execution, Input, Number, Output, Protocol, Refusal, Request, RequestId, Ticket,
    Verdict,
};
use crate::wire::Wire;
use std::sync::Arc;
use std::time::Duration;

/// A device with a disk that is instant.
pub(super) struct Bench {
    pub(super) device: Executive,
    pub(super) now: Time,
}

pub(super) fn bytes(text: &str) -> Bytes {
    Bytes::from(text.as_bytes())
}

pub(super) fn id(sequence: u64) -> RequestId {
    RequestId {
        session: 1 << 64,
        sequence,
    }
}

pub(super) fn read(number: u64) -> RequestId {
    id(RequestId::READS + number)
}

pub(super) fn reply(id: RequestId, text: &str) -> Output {
    let reply = bytes(text);
    Output::Reply { id, reply }
}

pub(super) fn refused(id: RequestId, why: Refusal) -> Output {
    Output::Refused { id, why }
}

/// The command with this number in the sequence of commands by one leader, with nothing in it.
pub(super) fn command(number: u64) -> Arc<Command> {
    let ballot = Ballot::ZERO.above(Device(1));
    let id = |number| CommandId {
        ballot,
        number: Number(number),
    };
    Arc::new(Command {
        id: id(number),
        precedent: match number {
            1 => CommandId::NULL,
            _ => id(number - 1),
        },
        time: Time::ZERO,
        entries: Vec::new(),
    })
}

impl Bench {
    pub(super) fn new(devices: u16) -> Bench {
        let configuration = Configuration::new((0..devices).map(Device).collect()).unwrap();
        let config = Config::new(Device(0), configuration);
        Bench {
            device: Executive::new(config, 1, Time::ZERO),
            now: Time::ZERO,
        }
    }

    /// The first of so many, which stands.
    pub(super) fn trying(devices: u16) -> Bench {
        let mut bench = Bench::new(devices);
        let mut out = Vec::new();
        while out.is_empty() {
            bench.now = bench.now + Duration::from_millis(50);
            for other in 1..devices {
                bench.says(other, &bench.heartbeat());
            }
            out = bench.sent(Input::Tick, |message| {
                matches!(message, Message::NextBallot { .. })
            });
        }
        assert!(matches!(bench.device.office, Office::Trying(_)));
        bench
    }

    /// The first of three, which leads because the second promised its ballot.
    pub(super) fn leading() -> Bench {
        let mut bench = Bench::trying(3);
        bench.promises(1, frontier());
        assert!(matches!(bench.device.office, Office::Leading(_)));
        bench
    }

    /// Another, which knows so much to be issued, promises the ballot that is tried.
    pub(super) fn promises(&mut self, from: u16, frontier: Frontier) -> Vec<Output> {
        self.says(
            from,
            &Message::BallotInfo {
                ballot: self.ballot(),
                issued: Vec::new(),
                votes: Vec::new(),
                frontier,
            },
        )
    }

    pub(super) fn ballot(&self) -> Ballot {
        self.device.last_tried
    }

    pub(super) fn heartbeat(&self) -> Message {
        use crate::protocol::executive::{Heartbeat, Stands};
        Message::Heartbeat(Heartbeat {
            promised: Ballot::ZERO,
            alive: false,
            stands: Stands::No,
            connected: true,
            hears: 0b11,
            leader_age: None,
            frontier: frontier(),
        })
    }

    /// Hands in an event; gives everything that was asked for, with what followed from instant writes.
    pub(super) fn step(&mut self, input: Input<'_>) -> Vec<Output> {
        let (mut all, mut out) = (Vec::new(), Vec::new());
        self.device.step(input, self.now, &mut out);
        while !out.is_empty() {
            let tokens: Vec<_> = out
                .iter()
                .filter_map(|output| match output {
                    Output::Persist { token, .. } => Some(*token),
                    _ => None,
                })
                .collect();
            all.append(&mut out);
            for token in tokens {
                let durable = Input::Durable { token };
                self.device.step(durable, self.now, &mut out);
            }
        }
        all.retain(|output| !matches!(output, Output::Wake { .. } | Output::Persist { .. }));
        all
    }

    pub(super) fn says(&mut self, from: u16, message: &Message) -> Vec<Output> {
        let (from, message) = (Device(from), message.to_bytes());
        self.step(Input::Message {
            from,
            message: &message,
        })
    }

    /// What it writes after this, and a heartbeat later.
    pub(super) fn writes(&mut self, from: u16, message: &Message) -> Vec<Record> {
        let (from, message) = (Device(from), message.to_bytes());
        let mut out = Vec::new();
        let input = Input::Message {
            from,
            message: &message,
        };
        self.device.step(input, self.now, &mut out);
        self.now = self.now + self.device.config.heartbeat;
        self.device.step(Input::Tick, self.now, &mut out);
        let records = out.iter().flat_map(|output| match output {
            Output::Persist { records, .. } => records.clone(),
            _ => Vec::new(),
        });
        records
            .map(|record| Record::from_bytes(&record).unwrap())
            .collect()
    }

    /// The messages of one kind that an event makes it send.
    pub(super) fn sent(
        &mut self,
        input: Input<'_>,
        which: impl Fn(&Message) -> bool,
    ) -> Vec<Message> {
        messages(self.step(input), which)
    }

    pub(super) fn ask(&mut self, id: RequestId) -> Vec<Output> {
        self.step(Input::Request(Request {
            id,
            acknowledged: 0,
            call: bytes("call"),
        }))
    }

    /// Performs the execution that was asked for.
    pub(super) fn executed(
        &mut self,
        asked: &[Output],
        delta: &str,
        verdict: Verdict,
    ) -> Vec<Output> {
        let ticket = ticket(asked);
        let execution = Execution {
            delta: bytes(delta),
            reply: bytes("answer"),
            verdict,
        };
        self.step(Input::Executed { ticket, execution })
    }

    pub(super) fn confirmed(&mut self, from: u16, round: u64) -> Vec<Output> {
        let ballot = self.ballot();
        self.says(from, &Message::Confirmed { ballot, round })
    }
}

pub(super) fn ticket(asked: &[Output]) -> Ticket {
    let mut tickets = asked.iter().filter_map(|output| match output {
        Output::Execute { ticket, .. } => Some(*ticket),
        _ => None,
    });
    tickets.next_back().unwrap()
}

pub(super) fn frontier() -> Frontier {
    Frontier {
        number: Number(0),
        id: CommandId::NULL,
    }
}

/// That all of these commands are issued, up to the one with this number.
pub(super) fn up_to(number: u64) -> Frontier {
    let id = command(number).id;
    Frontier {
        number: id.number,
        id,
    }
}

pub(super) fn messages(out: Vec<Output>, which: impl Fn(&Message) -> bool) -> Vec<Message> {
    out.into_iter()
        .filter_map(|output| match output {
            Output::Send { message, .. } => Message::from_bytes(&message).ok(),
            _ => None,
        })
        .filter(which)
        .collect()
}

/// To whom messages of one kind go.
pub(super) fn receivers(out: &[Output], which: impl Fn(&Message) -> bool) -> Vec<u16> {
    let sent = out.iter().filter_map(|output| match output {
        Output::Send { to, message } => Some((to.0, Message::from_bytes(message).ok()?)),
        _ => None,
    });
    let of_the_kind = sent.filter(|(_, message)| which(message));
    of_the_kind.map(|(to, _)| to).collect()
}

/// The commands that one of three devices proposes, each to both of the others.
pub(super) fn proposals(out: &[Output]) -> Vec<Arc<Command>> {
    let sent = messages(out.to_vec(), |message| {
        matches!(message, Message::BeginBallot { .. })
    });
    let commands = sent.into_iter().filter_map(|message| match message {
        Message::BeginBallot { command, .. } => Some(command),
        _ => None,
    });
    let commands: Vec<Arc<Command>> = commands.collect();
    let pairs = commands.chunks(2).map(|pair| match pair {
        [one, other] if one == other => Arc::clone(one),
        _ => panic!("a proposal goes to both"),
    });
    pairs.collect()
}

/// The requests that are to be executed.
pub(super) fn executes(out: &[Output]) -> Vec<RequestId> {
    let ids = out.iter().filter_map(|output| match output {
        Output::Execute { id, .. } => Some(*id),
        _ => None,
    });
    ids.collect()
}
