//! One simulated run: the events in the order of their times, and what they do.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::check::{self, Property, Violation};
use super::client::{Action, Client};
use super::faults::{self, Counts, Fault, Plan, Swarm};
use super::history::{History, Observation, Operation};
use super::host::{Done, Host};
use super::network::{Network, Traffic};
use crate::clock::Time;
use crate::protocol::executive::{Config, Configuration, Executive, Message, Random};
use crate::protocol::{
    Bytes, Device, Input, Number, Output, Protocol, Refusal, Request, RequestId, Role,
};
use crate::wire::Wire;

/// No run goes on longer with faults than this.
const FAULTY_MAX: Duration = Duration::from_secs(60);

/// Within this time after the last fault all must be answered and equal.
const HEALING_MAX: Duration = Duration::from_secs(6);

/// Requests of each client after the faults.
const REQUESTS_AFTER: u32 = 2;

/// What a run showed.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// Faults that had an effect.
    pub faults: Counts,
    /// What the network did.
    pub traffic: Traffic,
    /// Requests that were answered.
    pub commands: u64,
    /// The last issued number.
    pub issued: u64,
    /// Virtual time.
    pub lasted: Duration,
    /// Identifies the trace.
    pub trace: u64,
    /// The first property that did not hold.
    pub violation: Option<Violation>,
}

/// So many messages to a device are remembered, to come again.
const PAST_MAX: usize = 48;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Message {
        to: usize,
        from: u16,
        message: Bytes,
    },
    Request {
        to: usize,
        client: usize,
        id: (u128, u64),
        acknowledged: u64,
        call: Bytes,
    },
    Reply {
        client: usize,
        sequence: u64,
        reply: Bytes,
    },
    Refused {
        client: usize,
        sequence: u64,
        hint: Option<Option<u16>>,
        bad: Option<u8>,
    },
    Wake {
        host: usize,
        life: u64,
    },
    Disk {
        host: usize,
        life: u64,
    },
    Service {
        host: usize,
        life: u64,
    },
    Restart {
        host: usize,
    },
    Client {
        client: usize,
    },
    Fault,
    Mend,
}

struct World {
    plan: Plan,
    swarm: Swarm,
    random: Random,
    now: Time,
    events: BinaryHeap<Reverse<(Time, u64, Event)>>,
    count: u64,
    hosts: Vec<Host>,
    network: Network,
    clients: Vec<Client>,
    faults: Counts,
    commands: u64,
    history: History,
    properties: Vec<Box<dyn Property>>,
    violation: Option<Violation>,
    trace: u64,
    healed: Option<Time>,
    out: Vec<Output>,
}

/// Runs one seed.
#[must_use]
pub fn run(seed: u64, plan: &Plan) -> Report {
    let mut world = World::new(seed, plan);
    world.play();
    Report {
        seed,
        faults: world.faults,
        traffic: world.network.traffic,
        commands: world.commands,
        issued: world.history.issued.len() as u64,
        lasted: world.now.since(Time::ZERO),
        trace: world.trace,
        violation: world.violation,
    }
}

impl World {
    fn new(seed: u64, plan: &Plan) -> World {
        let mut random = Random::new(seed ^ 0x5eed_0000_0000_0000);
        let swarm = Swarm::draw(&mut random);
        let mut network = Network::new(plan.devices);
        network.weather = swarm.weather;
        let hosts = (0..plan.devices)
            .map(|_| Host::new(Duration::from_millis(random.below(3_600_000))))
            .collect();
        let clients = (0..swarm.clients)
            .map(|index| Client::new(index, plan.devices, swarm.depth, &mut random))
            .collect();
        World {
            plan: plan.clone(),
            swarm,
            random,
            now: Time::ZERO,
            events: BinaryHeap::new(),
            count: 0,
            hosts,
            network,
            clients,
            faults: Counts::default(),
            commands: 0,
            history: History::default(),
            properties: check::all(),
            violation: None,
            trace: 0xcbf2_9ce4_8422_2325,
            healed: None,
            out: Vec::new(),
        }
    }

    fn play(&mut self) {
        for host in 0..self.hosts.len() {
            self.restart(host);
        }
        for client in 0..self.clients.len() {
            self.at(self.now, Event::Client { client });
        }
        self.at(self.now + Duration::from_millis(300), Event::Fault);
        while self.violation.is_none() && !self.is_over() {
            let Some(Reverse((time, _, event))) = self.events.pop() else {
                break;
            };
            self.now = self.now.max(time);
            self.mark(self.now.nanos() as u64);
            self.handle(event);
        }
        if self.violation.is_none() {
            let issued: Vec<(Device, Number)> = (0..self.hosts.len())
                .filter_map(|host| {
                    self.hosts
                        .get(host)?
                        .device
                        .as_ref()
                        .map(|device| device.status())
                })
                .map(|status| (status.device, status.issued))
                .collect();
            self.observe(&Observation::Ended { issued: &issued });
        }
    }

    fn at(&mut self, time: Time, event: Event) {
        self.count += 1;
        self.events.push(Reverse((time, self.count, event)));
    }

    fn mark(&mut self, bits: u64) {
        self.trace = (self.trace ^ bits)
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(17);
    }

    fn observe(&mut self, observation: &Observation<'_>) {
        observe(
            &mut self.properties,
            &self.history,
            observation,
            &mut self.violation,
        );
    }

    /// Whether nothing is left to see: healed, all answered, all devices equal; or the time for that is over.
    fn is_over(&self) -> bool {
        let Some(healed) = self.healed else {
            return false;
        };
        if self.now.since(healed) > HEALING_MAX {
            return true;
        }
        if !self.clients.iter().all(Client::is_done) {
            return false;
        }
        let last = self
            .history
            .issued
            .keys()
            .next_back()
            .copied()
            .unwrap_or_default();
        self.hosts.iter().all(|host| {
            host.device
                .as_ref()
                .is_some_and(|device| device.last_issued() == last)
                && host.busy(self.now).is_none()
        })
    }

    fn handle(&mut self, event: Event) {
        if let Some(event) = self.put_off(event) {
            match event {
                Event::Message { to, from, message } => {
                    self.mark(
                        message
                            .iter()
                            .fold(0, |sum, byte| sum * 31 % 1_000_003 + u64::from(*byte)),
                    );
                    self.drive(
                        to,
                        Input::Message {
                            from: Device(from),
                            message: &message,
                        },
                    );
                }
                Event::Request {
                    to,
                    id,
                    acknowledged,
                    call,
                    ..
                } => {
                    let id = RequestId {
                        session: id.0,
                        sequence: id.1,
                    };
                    self.drive(
                        to,
                        Input::Request(Request {
                            id,
                            acknowledged,
                            call,
                        }),
                    );
                }
                Event::Reply {
                    client,
                    sequence,
                    reply,
                } => self.answer(client, sequence, &reply),
                Event::Refused {
                    client,
                    sequence,
                    hint,
                    bad,
                } => self.refuse(client, sequence, hint, bad),
                Event::Wake { host, .. } => self.drive(host, Input::Tick),
                Event::Disk { host, .. } => self.sync(host),
                Event::Service { host, .. } => self.work(host),
                Event::Restart { host } => self.restart(host),
                Event::Client { client } => self.client_turn(client),
                Event::Fault => self.next_fault(),
                Event::Mend => self.mend(),
            }
        }
    }

    /// Drops what is for an earlier life, and puts off what is for a paused host.
    fn put_off(&mut self, event: Event) -> Option<Event> {
        let (host, life) = match &event {
            Event::Message { to, .. } | Event::Request { to, .. } => (*to, None),
            Event::Wake { host, life }
            | Event::Disk { host, life }
            | Event::Service { host, life } => (*host, Some(*life)),
            _ => return Some(event),
        };
        let now = self.now;
        let host = self.hosts.get_mut(host)?;
        host.device.as_ref()?;
        if life.is_some_and(|life| life != host.life) {
            return None;
        }
        if matches!(event, Event::Wake { .. }) && now < host.wake {
            return None;
        }
        if host.paused_until > now {
            if !host.pause_noticed {
                host.pause_noticed = true;
                self.faults.pauses += 1;
            }
            let until = host.paused_until;
            self.at(until, event);
            return None;
        }
        Some(event)
    }

    /// Hands an event to a device and performs what it asks for.
    fn drive(&mut self, index: usize, input: Input<'_>) {
        let mut out = std::mem::take(&mut self.out);
        let now = self.now;
        if let Some(host) = self.hosts.get_mut(index)
            && let Some(device) = &mut host.device
        {
            device.step(input, now + host.offset, &mut out);
            self.perform(index, &mut out);
            self.out = out;
            self.work(index);
        }
    }

    /// Performs outputs in order; a crash may come between any two.
    fn perform(&mut self, index: usize, out: &mut Vec<Output>) {
        for output in out.drain(..) {
            let Some(host) = self.hosts.get_mut(index) else {
                return;
            };
            if let Some(left) = &mut host.crash_in {
                if *left == 0 {
                    self.crash(index);
                    return;
                }
                *left -= 1;
            }
            let issued = match &output {
                Output::Issued { number } => Some(*number),
                _ => None,
            };
            let installed = match &output {
                Output::Install { number, .. } => Some(*number),
                _ => None,
            };
            let device = Device(index as u16);
            if let Some(number) = installed {
                self.observe(&Observation::Installed { device, number });
            }
            if let Some(number) = issued {
                self.note_issued(index, number);
            }
            let Some(host) = self.hosts.get_mut(index) else {
                return;
            };
            if let Some(output) = host.take(output) {
                self.effect(index, output);
            }
            if self.violation.is_some() {
                return;
            }
        }
    }

    fn note_issued(&mut self, index: usize, number: Number) {
        let device = self.hosts.get(index).and_then(|host| host.device.as_ref());
        let Some(command) = device.and_then(|device| device.issued(number)).cloned() else {
            let property = "dependence";
            let what = format!("device {index} issued {number} after a gap");
            self.violation = Some(Violation { property, what });
            return;
        };
        let device = Device(index as u16);
        self.observe(&Observation::Issued {
            device,
            command: &command,
        });
        self.history
            .issued
            .entry(command.number())
            .or_insert(command);
    }

    fn effect(&mut self, index: usize, output: Output) {
        match output {
            Output::Send { to, message } => self.send(index, to, message),
            Output::Persist { token, records } => {
                let done = self.sync_time(index);
                if let Some(host) = self.hosts.get_mut(index) {
                    host.disk.append(token, records, done);
                }
                self.disk_event(index);
            }
            Output::SaveSnapshot {
                token, snapshot, ..
            } => {
                let done = self.sync_time(index);
                if let Some(host) = self.hosts.get_mut(index) {
                    host.disk.save(token, snapshot, done);
                }
                self.disk_event(index);
            }
            Output::Reply { id, reply } => {
                if let Some(client) = self.client_of(id) {
                    for at in self
                        .network
                        .pass(self.now, &mut self.random)
                        .into_iter()
                        .flatten()
                    {
                        let reply = Bytes::clone(&reply);
                        self.at(
                            at,
                            Event::Reply {
                                client,
                                sequence: id.sequence,
                                reply,
                            },
                        );
                    }
                }
            }
            Output::Refused { id, why } => self.send_refusal(id, why),
            Output::Wake { at } => {
                if let Some(host) = self.hosts.get_mut(index) {
                    host.wake = at - host.offset;
                    let (time, life) = (host.wake.max(self.now), host.life);
                    self.at(time, Event::Wake { host: index, life });
                }
            }
            // The rest is for the service, which has taken it.
            Output::Execute { .. }
            | Output::Apply { .. }
            | Output::Undo
            | Output::Settle
            | Output::Issued { .. }
            | Output::Install { .. }
            | Output::TakeSnapshot { .. } => {}
        }
    }

    fn send(&mut self, index: usize, to: Device, message: Bytes) {
        let from = Device(index as u16);
        if let Some(host) = self.hosts.get(index)
            && let Some(device) = &host.device
            && message.first() != Some(&Message::HEARTBEAT)
        {
            match Message::from_bytes(&message) {
                Ok(message) => {
                    let issued = device.last_issued();
                    let disk = &host.disk;
                    let sent = Observation::Sent {
                        from,
                        message: &message,
                        disk,
                        issued,
                    };
                    observe(
                        &mut self.properties,
                        &self.history,
                        &sent,
                        &mut self.violation,
                    );
                }
                Err(error) => {
                    let property = "encoding";
                    self.violation = Some(Violation {
                        property,
                        what: error.to_string(),
                    });
                }
            }
        }
        let before = self.network.cut_now;
        let arrivals = self
            .network
            .route(index, usize::from(to.0), self.now, &mut self.random);
        if before == 0 && self.network.cut_now > 0 {
            self.faults.cuts += 1;
        }
        for at in arrivals.into_iter().flatten() {
            let message = Bytes::clone(&message);
            self.at(
                at,
                Event::Message {
                    to: usize::from(to.0),
                    from: from.0,
                    message,
                },
            );
        }
        if message.first() != Some(&Message::HEARTBEAT) {
            self.replay(usize::from(to.0), from.0, Bytes::clone(&message));
            // Whoever begins a ballot has begun others before, whose answers may still come.
            let begins = message.first() == Some(&Message::NEXT_BALLOT);
            if begins && self.random.one_in((self.swarm.replay_one_in / 20).max(1)) {
                self.replay_old(index);
            }
        }
    }

    /// Remembers a message, and now and then sends an old one again, however long ago it was.
    fn replay(&mut self, to: usize, from: u16, message: Bytes) {
        let Some(host) = self.hosts.get_mut(to) else {
            return;
        };
        host.past.push_back((from, message));
        if host.past.len() > PAST_MAX {
            host.past.pop_front();
        }
        if self.random.one_in(self.swarm.replay_one_in) {
            self.replay_old(to);
        }
    }

    /// Sends a device some of its past again.
    fn replay_old(&mut self, to: usize) {
        if self.healed.is_some() {
            return;
        }
        for _ in 0..4 {
            let past = self.hosts.get(to).map_or(0, |host| host.past.len() as u64);
            if past == 0 {
                return;
            }
            let which = self.random.below(past) as usize;
            let old = self
                .hosts
                .get(to)
                .and_then(|host| host.past.get(which))
                .cloned();
            if let Some((from, message)) = old {
                self.network.traffic.replayed += 1;
                let at = self.now
                    + self
                        .random
                        .between(Duration::ZERO, Duration::from_millis(3));
                self.at(at, Event::Message { to, from, message });
            }
        }
    }

    fn client_of(&self, id: RequestId) -> Option<usize> {
        self.clients
            .iter()
            .position(|client| client.session() == id.session)
    }

    fn send_refusal(&mut self, id: RequestId, why: Refusal) {
        let Some(client) = self.client_of(id) else {
            return;
        };
        let (hint, bad) = match why {
            Refusal::NotLeader { hint } => (Some(hint.map(|device| device.0)), None),
            Refusal::Busy => (None, None),
            Refusal::Trimmed => (None, Some(0)),
            Refusal::UnknownSession => (None, Some(1)),
            Refusal::TooLarge => (None, Some(2)),
        };
        for at in self
            .network
            .pass(self.now, &mut self.random)
            .into_iter()
            .flatten()
        {
            self.at(
                at,
                Event::Refused {
                    client,
                    sequence: id.sequence,
                    hint,
                    bad,
                },
            );
        }
    }

    fn sync_time(&mut self, index: usize) -> Time {
        let took = self.random.between(Duration::ZERO, self.swarm.sync);
        let now = self.now;
        let Some(host) = self.hosts.get_mut(index) else {
            return now;
        };
        if host.stalled_until > now && !host.stall_noticed {
            host.stall_noticed = true;
            self.faults.stalls += 1;
        }
        (now + took).max(host.stalled_until)
    }

    fn disk_event(&mut self, index: usize) {
        if let Some(host) = self.hosts.get(index)
            && let Some(at) = host.disk.next_done()
        {
            let life = host.life;
            self.at(at.max(self.now), Event::Disk { host: index, life });
        }
    }

    fn sync(&mut self, index: usize) {
        let now = self.now;
        let token = self
            .hosts
            .get_mut(index)
            .and_then(|host| host.disk.sync(now));
        if let Some(token) = token {
            self.drive(index, Input::Durable { token });
        }
        self.disk_event(index);
    }

    /// Lets a host's service work off what it has to do.
    fn work(&mut self, index: usize) {
        let mut inputs: VecDeque<Input<'static>> = VecDeque::new();
        loop {
            let (now, slow) = (self.now, self.swarm.slow_one_in);
            let Some(host) = self.hosts.get_mut(index) else {
                return;
            };
            match host.work(now, slow, &mut self.random) {
                Some(Some(Done::Input(input))) => inputs.push_back(input),
                Some(Some(Done::Settled(number, hash))) => {
                    let device = Device(index as u16);
                    self.observe(&Observation::Settled {
                        device,
                        number,
                        hash,
                    });
                }
                Some(Some(Done::Damaged(what))) => {
                    self.violation = Some(Violation {
                        property: "service",
                        what,
                    });
                }
                Some(None) => {}
                None => {
                    let Some(input) = inputs.pop_front() else {
                        break;
                    };
                    self.step(index, input);
                }
            }
            if self.violation.is_some() {
                return;
            }
        }
        if let Some(host) = self.hosts.get(index)
            && let Some(at) = host.busy(self.now)
        {
            let life = host.life;
            self.at(at, Event::Service { host: index, life });
        }
    }

    fn step(&mut self, index: usize, input: Input<'static>) {
        let mut out = std::mem::take(&mut self.out);
        let now = self.now;
        if let Some(host) = self.hosts.get_mut(index)
            && let Some(device) = &mut host.device
        {
            device.step(input, now + host.offset, &mut out);
            self.perform(index, &mut out);
        }
        out.clear();
        self.out = out;
    }

    fn answer(&mut self, client: usize, sequence: u64, reply: &Bytes) {
        let now = self.now;
        let Some(asker) = self.clients.get_mut(client) else {
            return;
        };
        if !asker.answered(sequence) {
            return;
        }
        let id = RequestId {
            session: asker.session(),
            sequence,
        };
        if let Some(operation) = self.history.operations.get_mut(&id) {
            operation.answered = Some((now, Bytes::clone(reply)));
        }
        self.commands += 1;
        self.observe(&Observation::Answered { id, reply });
        self.client_event(client);
    }

    fn refuse(&mut self, client: usize, sequence: u64, hint: Option<Option<u16>>, bad: Option<u8>) {
        let why = match (hint, bad) {
            (Some(hint), _) => Refusal::NotLeader {
                hint: hint.map(Device),
            },
            (None, None) => Refusal::Busy,
            (None, Some(0)) => Refusal::Trimmed,
            (None, Some(1)) => Refusal::UnknownSession,
            (None, Some(_)) => Refusal::TooLarge,
        };
        let Some(asker) = self.clients.get_mut(client) else {
            return;
        };
        if asker.refused(sequence, why, self.now, &mut self.random) {
            let property = "exactly once";
            let what = format!("request {sequence} of client {client} was refused: {why}");
            self.violation = Some(Violation { property, what });
        }
        self.client_event(client);
    }

    fn client_event(&mut self, client: usize) {
        if let Some(asker) = self.clients.get(client)
            && asker.deadline() < Time::NEVER
        {
            let at = asker.deadline().max(self.now);
            self.at(at, Event::Client { client });
        }
    }

    fn client_turn(&mut self, client: usize) {
        let mut actions = Vec::new();
        let now = self.now;
        let Some(asker) = self.clients.get_mut(client) else {
            return;
        };
        if asker.deadline() > now {
            return;
        }
        asker.turn(now, &mut self.random, &mut actions);
        for action in actions {
            match action {
                Action::Invoke(id, call) => {
                    let operation = Operation {
                        call,
                        invoked: now,
                        answered: None,
                        given_up: false,
                    };
                    self.history.operations.insert(id, operation);
                }
                Action::Send(to, request) => {
                    for at in self
                        .network
                        .pass(now, &mut self.random)
                        .into_iter()
                        .flatten()
                    {
                        let event = Event::Request {
                            to: usize::from(to.0),
                            client,
                            id: (request.id.session, request.id.sequence),
                            acknowledged: request.acknowledged,
                            call: Bytes::clone(&request.call),
                        };
                        self.at(at, event);
                    }
                }
                Action::GiveUp(id) => {
                    if let Some(operation) = self.history.operations.get_mut(&id) {
                        operation.given_up = true;
                    }
                }
            }
        }
        self.client_event(client);
    }

    fn config(&self, index: usize) -> Option<Config> {
        let devices = (0..self.hosts.len())
            .map(|device| Device(device as u16))
            .collect();
        let mut config = Config::new(Device(index as u16), Configuration::new(devices)?);
        config.window = self.swarm.window;
        config.batch_max = self.swarm.batch_max;
        config.snapshot_bytes = self.swarm.snapshot_bytes;
        config.log_keep = self.swarm.log_keep;
        config.checks = self.plan.checks;
        config.planted = self.plan.planted;
        Some(config)
    }

    fn restart(&mut self, index: usize) {
        let Some(config) = self.config(index) else {
            return;
        };
        let (seed, now) = (self.random.bits(), self.now);
        let Some(host) = self.hosts.get_mut(index) else {
            return;
        };
        if host.device.is_some() {
            return;
        }
        let mut out = Vec::new();
        let recovered = host.disk.recovered();
        match Executive::recover(config, seed, now + host.offset, &recovered, &mut out) {
            Ok(device) => host.device = Some(device),
            Err(error) => {
                let what = error.to_string();
                self.violation = Some(Violation {
                    property: "recovery",
                    what,
                });
                return;
            }
        }
        let device = Device(index as u16);
        self.observe(&Observation::Restarted { device });
        self.perform(index, &mut out);
        self.work(index);
        self.drive(index, Input::Tick);
    }

    fn crash(&mut self, index: usize) {
        let Some(host) = self.hosts.get_mut(index) else {
            return;
        };
        if host.device.is_none() {
            return;
        }
        self.faults.crashes += 1;
        if host.crash(&mut self.random) {
            self.faults.writes_lost += 1;
        }
        let down = self
            .random
            .between(Duration::from_millis(5), self.swarm.lasting);
        self.at(self.now + down, Event::Restart { host: index });
    }

    /// The device that a fault is for: often the one that leads.
    fn victim(&mut self) -> usize {
        let chance = self.random.below(self.hosts.len() as u64) as usize;
        if !self.random.one_in(self.swarm.leader_one_in) {
            return chance;
        }
        let leads = |host: &Host| {
            host.device
                .as_ref()
                .map(|device| device.status())
                .filter(|status| status.role == Role::Leading)
        };
        let leader = self
            .hosts
            .iter()
            .enumerate()
            .filter_map(|(index, host)| Some((leads(host)?.round, index)))
            .max();
        leader.map_or(chance, |(_, index)| index)
    }

    fn next_fault(&mut self) {
        if self.healed.is_some() {
            return;
        }
        let enough = self.commands >= self.plan.commands && self.faults.total() >= self.plan.faults;
        if enough || self.now.since(Time::ZERO) > FAULTY_MAX {
            self.heal();
            return;
        }
        let fault = self.swarm.fault(&mut self.random);
        let victim = self.victim();
        let lasting = self
            .random
            .between(Duration::from_millis(5), self.swarm.lasting);
        let until = self.now + lasting;
        match fault {
            Fault::Crash { effects } => {
                let effects = self.random.below(effects);
                if let Some(host) = self.hosts.get_mut(victim) {
                    host.crash_in = Some(effects);
                }
            }
            Fault::CrashAll => (0..self.hosts.len()).for_each(|host| self.crash(host)),
            Fault::Cut(kind) => {
                self.network.mend();
                faults::cut(
                    kind,
                    victim,
                    self.plan.devices,
                    &mut self.network,
                    &mut self.random,
                );
                self.at(until, Event::Mend);
            }
            Fault::Pause => {
                if let Some(host) = self.hosts.get_mut(victim) {
                    host.paused_until = until;
                    host.pause_noticed = false;
                }
            }
            Fault::Stall => {
                if let Some(host) = self.hosts.get_mut(victim) {
                    host.stalled_until = until;
                    host.stall_noticed = false;
                }
            }
        }
        // A schedule that leaves no room for requests relents in time, so that every run has its commands.
        let mercy = 1 + u32::try_from(self.now.since(Time::ZERO).as_secs() / 4).unwrap_or(0);
        let pause = self
            .random
            .between(Duration::from_millis(20), self.swarm.pause * 2);
        self.at(self.now + pause * mercy, Event::Fault);
    }

    fn mend(&mut self) {
        self.network.mend();
    }

    /// Ends all faults: from now on everything has to come right.
    fn heal(&mut self) {
        self.healed = Some(self.now);
        self.network.mend();
        self.network.weather.lost = 0;
        self.network.weather.late = 0;
        for host in &mut self.hosts {
            host.crash_in = None;
            host.paused_until = host.paused_until.min(self.now);
            host.stalled_until = host.stalled_until.min(self.now);
        }
        for index in 0..self.hosts.len() {
            self.restart(index);
        }
        for client in 0..self.clients.len() {
            if let Some(asker) = self.clients.get_mut(client) {
                asker.limit(REQUESTS_AFTER);
            }
            self.client_event(client);
        }
    }
}

fn observe(
    properties: &mut [Box<dyn Property>],
    history: &History,
    observation: &Observation<'_>,
    violation: &mut Option<Violation>,
) {
    for property in properties {
        if violation.is_some() {
            return;
        }
        if let Err(what) = property.observe(observation, history) {
            *violation = Some(Violation {
                property: property.name(),
                what,
            });
        }
    }
}
