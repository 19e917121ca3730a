//! One device of the model: the protocol's own state machine, with a service, a disk that is instant, and what is judged of it from outside.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use cmsl_runtime::clock::Time;
use cmsl_runtime::protocol::executive::{
    Ballot, Checks, Command, CommandId, Config, Configuration, Executive, Frontier, Message,
    Planted, Record, Recovered,
};
use cmsl_runtime::protocol::{
    Bytes, Device, Execution, Input, Number, Output, Protocol, Request, RequestId, Role, Verdict,
};
use cmsl_runtime::wire::Wire;

use super::DEVICES;

/// What is judged of one device: the names of the properties.
pub const BROKEN: [&str; 4] = [
    "dependence",
    "promises kept",
    "exactly once",
    "one sequence",
];
const DEPENDENCE: usize = 0;
const PROMISES: usize = 1;
const ONCE: usize = 2;
const SEQUENCE: usize = 3;

/// What may happen to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// The message with this number arrives.
    Message(u32),
    /// A client's request arrives.
    Request(u8),
    /// Its patience is over: it stands.
    Stand,
    /// It crashes and comes back.
    Restart,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Envelope {
    pub from: usize,
    pub to: usize,
    pub message: Bytes,
}

/// One device with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Node {
    device: Executive,
    index: usize,
    /// Written records, if it may crash.
    disk: Option<Vec<Bytes>>,
    /// What the service did: for each execution whose it was and who ran it, as a nondeterministic method would show.
    service: Vec<u8>,
    /// So much of that is settled.
    settled: usize,
    /// The answers given at this event.
    answered: Vec<(RequestId, Bytes)>,
    /// For judging.
    judged: Judged,
    /// Ballots that it began.
    pub ballots: u8,
}

/// What a device has shown so far.
#[derive(Debug, Clone, Default)]
struct Judged {
    promised: Option<Ballot>,
    votes: BTreeMap<Number, (Ballot, CommandId)>,
    issued: Vec<Command>,
    has_led: bool,
    proposed_again: usize,
    broken: Option<(&'static str, String)>,
}

/// What is seen of a device from outside.
#[derive(Debug)]
pub struct Look {
    pub ballots: u8,
    pub takes_requests: bool,
    /// Digests of what it issued.
    pub issued: Vec<u64>,
    pub has_led: bool,
    /// The highest number that it proposed again in another ballot.
    pub proposed_again: usize,
    /// The first property that does not hold for it, and how.
    pub broken: Option<(&'static str, String)>,
}

/// The clock stands still.
const NOW: Time = Time::from_nanos(1);

fn config(index: usize, planted: Planted) -> Config {
    let devices = (0..DEVICES).map(|device| Device(device as u16)).collect();
    let configuration = Configuration::new(devices).expect("there are devices");
    let mut config = Config::new(Device(index as u16), configuration);
    config.heartbeat = Duration::ZERO;
    config.election_min = Duration::ZERO;
    config.election_max = Duration::ZERO;
    config.batch_delay = Duration::ZERO;
    config.group_delay = Duration::ZERO;
    config.batch_max = 1;
    config.checks = if planted == Planted::default() {
        Checks::Enforced
    } else {
        Checks::Off
    };
    config.planted = planted;
    config
}

impl Node {
    /// A device that starts for the first time.
    pub fn new(index: usize, restarts: bool, planted: Planted) -> Node {
        Node {
            device: Executive::new(config(index, planted), 0, NOW),
            index,
            disk: restarts.then(Vec::new),
            service: Vec::new(),
            settled: 0,
            answered: Vec::new(),
            judged: Judged::default(),
            ballots: 0,
        }
    }

    /// What happens at this event; gives what is sent.
    pub fn happen(
        &mut self,
        event: Event,
        envelope: Option<&Envelope>,
        planted: Planted,
    ) -> Vec<Envelope> {
        let mut sent = Vec::new();
        let mut outputs = Vec::new();
        let before = self.device.last_issued();
        match event {
            Event::Message(_) => {
                if let Some(Envelope { from, message, .. }) = envelope {
                    let from = Device(*from as u16);
                    self.device
                        .step(Input::Message { from, message }, NOW, &mut outputs);
                }
            }
            Event::Request(client) => {
                let request = Request {
                    id: RequestId {
                        session: u128::from(client),
                        sequence: 1,
                    },
                    acknowledged: 0,
                    call: Bytes::from([client]),
                };
                self.device.step(Input::Request(request), NOW, &mut outputs);
            }
            Event::Stand => {
                self.ballots += 1;
                self.device.stand_now(&mut outputs);
            }
            Event::Restart => self.restart(planted, &mut outputs),
        }
        self.perform(outputs, &mut sent);
        let mut outputs = Vec::new();
        self.device.forget_incidentals(&mut outputs);
        self.perform(outputs, &mut sent);
        self.judge_answers();
        self.tell_frontier(before, &mut sent);
        self.judged.has_led |= self.device.status().role == Role::Leading;
        sent
    }

    fn restart(&mut self, planted: Planted, outputs: &mut Vec<Output>) {
        let recovered = Recovered {
            snapshot: None,
            records: self.disk.clone().unwrap_or_default(),
        };
        (self.service, self.settled) = (Vec::new(), 0);
        self.judged.issued.clear();
        let config = config(self.index, planted);
        self.device = Executive::recover(config, 0, NOW, &recovered, outputs)
            .expect("it reads what it wrote");
    }

    /// Performs outputs in order, and what follows from them at once.
    fn perform(&mut self, outputs: Vec<Output>, sent: &mut Vec<Envelope>) {
        let mut queue = VecDeque::from(outputs);
        while let Some(output) = queue.pop_front() {
            let input = match output {
                Output::Persist { token, records } => {
                    self.write(records);
                    Input::Durable { token }
                }
                Output::Execute { ticket, call, .. } => {
                    let delta = [call.first().copied().unwrap_or(0), self.index as u8];
                    self.service.extend(delta);
                    let execution = Execution {
                        delta: Bytes::from(delta),
                        reply: Bytes::from(self.service.as_slice()),
                        verdict: Verdict::Completed,
                    };
                    Input::Executed { ticket, execution }
                }
                other => {
                    self.note(other, sent);
                    continue;
                }
            };
            let mut outputs = Vec::new();
            self.device.step(input, NOW, &mut outputs);
            queue.extend(outputs);
        }
    }

    fn note(&mut self, output: Output, sent: &mut Vec<Envelope>) {
        match output {
            Output::Send { to, message } => self.send(usize::from(to.0), &message, sent),
            Output::Apply { delta, .. } => self.service.extend(delta.iter()),
            Output::Undo => self.service.truncate(self.service.len().saturating_sub(2)),
            Output::Settle => self.settled += 2,
            Output::Issued { number } => self.issue(number),
            Output::Reply { id, reply } => self.answered.push((id, reply)),
            // No time passes, nothing is compacted, and no method calls another server.
            _ => {}
        }
    }

    /// What was answered at this event is issued, and with that answer.
    fn judge_answers(&mut self) {
        for (id, reply) in std::mem::take(&mut self.answered) {
            let entries = self.judged.issued.iter().flat_map(|command| command.done());
            let mut replies = entries.filter(|(entry, ..)| entry.id == id);
            let issued = replies.any(|(_, issued, _)| *issued == reply);
            drop(replies);
            if !issued {
                self.breaks(ONCE, format!("{id} was answered and not issued"));
            }
        }
    }

    fn write(&mut self, records: Vec<Bytes>) {
        for bytes in &records {
            if let Ok(Record::Voted(vote)) = Record::from_bytes(bytes) {
                let cast = (vote.ballot, vote.command.id);
                self.judged.votes.insert(vote.command.number(), cast);
                if vote.ballot.device == Device(self.index as u16)
                    && vote.command.id.ballot != vote.ballot
                {
                    let number = vote.command.number().0 as usize;
                    self.judged.proposed_again = self.judged.proposed_again.max(number);
                }
            }
        }
        if let Some(disk) = &mut self.disk {
            disk.extend(records);
        }
    }

    fn send(&mut self, to: usize, bytes: &Bytes, sent: &mut Vec<Envelope>) {
        let Ok(message) = Message::from_bytes(bytes) else {
            return;
        };
        let message = match message {
            Message::Heartbeat(_) => return,
            // Whether somebody is alive decides how soon one stands, and here the checker does.
            Message::MyNextBallot { ballot, .. } => Message::MyNextBallot {
                ballot,
                alive: false,
            },
            other => other,
        };
        match &message {
            Message::BallotInfo { ballot, .. } => self.promise(*ballot),
            Message::Voted { ballot, id } => {
                self.promise(*ballot);
                let before = Number(id.number.0 - 1);
                let vote = self.judged.votes.get(&before);
                let knows = before <= self.device.last_issued()
                    || vote.is_some_and(|(voted, _)| voted >= ballot);
                if !knows {
                    self.breaks(DEPENDENCE, format!("a vote for {id} without its precedent"));
                }
            }
            _ => {}
        }
        sent.push(Envelope {
            from: self.index,
            to,
            message: Bytes::from(message.to_bytes()),
        });
    }

    fn promise(&mut self, ballot: Ballot) {
        if let Some(promised) = self.judged.promised.filter(|promised| *promised > ballot) {
            self.breaks(PROMISES, format!("{ballot} after a promise of {promised}"));
        }
        self.judged.promised = self.judged.promised.max(Some(ballot));
    }

    fn issue(&mut self, number: Number) {
        let Some(command) = self.device.issued(number).cloned() else {
            self.breaks(DEPENDENCE, format!("{number} was issued after a gap"));
            return;
        };
        let issued = self.judged.issued.clone();
        let last = issued.last().map_or(CommandId::NULL, |last| last.id);
        if command.precedent != last {
            self.breaks(
                DEPENDENCE,
                format!("{} was issued after {last}", command.id),
            );
        }
        let mut state: Vec<u8> = issued
            .iter()
            .flat_map(|command| command.done().flat_map(|(_, _, delta)| delta.to_vec()))
            .collect();
        for (entry, reply, delta) in command.done() {
            let earlier = self
                .judged
                .issued
                .iter()
                .flat_map(|command| &command.entries);
            if earlier.filter(|other| other.id == entry.id).count() > 0 {
                self.breaks(ONCE, format!("{} was issued twice", entry.id));
            }
            state.extend(delta.iter());
            if **reply != *state {
                let what = format!("{} answered {reply:?} on the way to {state:?}", entry.id);
                self.breaks(SEQUENCE, what);
            }
        }
        if self.service.get(..self.settled) != Some(&state) {
            let what = format!("the state is {:?}, not {state:?}", self.service);
            self.breaks(SEQUENCE, what);
        }
        self.judged.issued.push(Command::clone(&command));
    }

    fn breaks(&mut self, which: usize, what: String) {
        let device = self.index;
        self.judged
            .broken
            .get_or_insert((BROKEN[which], format!("device {device}: {what}")));
    }

    /// What a heartbeat would tell the others of a newly issued command.
    fn tell_frontier(&mut self, before: Number, sent: &mut Vec<Envelope>) {
        let number = self.device.last_issued();
        let Some(command) = self.device.issued(number).filter(|_| number > before) else {
            return;
        };
        let id = command.id;
        let message = Message::Success {
            frontier: Frontier { number, id },
        };
        let message = Bytes::from(message.to_bytes());
        sent.extend(
            (0..DEVICES)
                .filter(|to| *to != self.index)
                .map(|to| Envelope {
                    from: self.index,
                    to,
                    message: Bytes::clone(&message),
                }),
        );
    }

    /// What is seen of it.
    pub fn look(&self, digest: impl Fn(&Command) -> u64) -> Look {
        Look {
            ballots: self.ballots,
            takes_requests: self.device.status().role != Role::Following,
            issued: self.judged.issued.iter().map(digest).collect(),
            has_led: self.judged.has_led,
            proposed_again: self.judged.proposed_again,
            broken: self.judged.broken.clone(),
        }
    }
}
