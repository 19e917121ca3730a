//! One simulated run: the events in the order of their times, and what they do.

mod agenda;
mod clients;
mod effects;
mod outside;
mod scripted;
mod trouble;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use agenda::{Agenda, Event};

use super::check::{self, Property, Violation};
use super::client::{Action, Client};
use super::faults::{self, Counts, Fault, Plan, Swarm};
use super::history::{History, Observation, Operation};
use super::host::{Done, Host};
use super::network::{Network, Traffic};
use super::payout::Post;
use super::scenario::{Moment, is_effect};
use crate::clock::Time;
use crate::protocol::executive::{Config, Configuration, Executive, Message, Random};
use crate::protocol::{
    Bytes, Device, Input, Number, Output, Protocol, Refusal, Request, RequestId, Role,
};
use crate::wire::Wire;

/// No run goes on longer with faults than this.
const FAULTY_MAX: Duration = Duration::from_secs(150);

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
    /// Requests in sequence that were answered.
    pub commands: u64,
    /// Reads that were answered.
    pub reads: u64,
    /// The last issued number.
    pub issued: u64,
    /// When the first request was made.
    pub asked: Option<Duration>,
    /// Virtual time.
    pub lasted: Duration,
    /// Identifies the trace.
    pub trace: u64,
    /// The effects of each device: what it sent, wrote, executed, applied, issued and answered, without heartbeats.
    pub effects: Vec<u64>,
    /// Whether the crash that was planned for an effect was made.
    pub crashed_as_planned: bool,
    /// The first property that did not hold.
    pub violation: Option<Violation>,
}

/// A device that stood still takes about so long to handle what came meanwhile.
const RESUMING: Duration = Duration::from_millis(1);

/// So many messages to a device are remembered, to come again.
const PAST_MAX: usize = 48;

struct World {
    plan: Plan,
    swarm: Swarm,
    random: Random,
    now: Time,
    events: Agenda,
    hosts: Vec<Host>,
    network: Network,
    /// When the links that are cut are whole again.
    mend_at: Time,
    clients: Vec<Client>,
    faults: Counts,
    commands: u64,
    reads: u64,
    history: History,
    properties: Vec<Box<dyn Property>>,
    violation: Option<Violation>,
    trace: u64,
    healed: Option<Time>,
    out: Vec<Output>,
    /// Methods that go on once the outputs at hand are performed.
    soon: VecDeque<(usize, Done)>,
    /// Requests in sequence that are issued, and those that are answered and were not seen issued: whoever knew has crashed.
    issued: BTreeSet<RequestId>,
    owed: BTreeSet<RequestId>,
    /// What happens instead of chance, if anything is scripted.
    scripted: Option<scripted::Scripted>,
    crashed_as_planned: bool,
}

pub use scripted::play;

/// Runs one seed.
#[must_use]
pub fn run(seed: u64, plan: &Plan) -> Report {
    record(seed, plan, check::all()).0
}

/// Runs one seed before these judges, and gives what happened in it, too.
#[must_use]
pub fn record(seed: u64, plan: &Plan, judges: Vec<Box<dyn Property>>) -> (Report, History) {
    let mut world = World::with(seed, plan, Swarm::draw);
    world.properties = judges;
    world.clients = (0..world.swarm.clients)
        .map(|index| Client::new(index, plan.devices, &world.swarm, &mut world.random))
        .collect();
    world.play();
    world.report(seed)
}

impl World {
    /// A world without clients.
    fn with(seed: u64, plan: &Plan, swarm: impl FnOnce(&mut Random) -> Swarm) -> World {
        let mut random = Random::new(seed ^ 0x5eed_0000_0000_0000);
        let swarm = swarm(&mut random);
        let mut network = Network::new(plan.devices);
        network.weather = swarm.weather;
        let hosts = (0..plan.devices)
            .map(|_| Host::new(Duration::from_millis(random.below(3_600_000))))
            .collect();
        let history = History {
            devices: plan.devices,
            window: swarm.window as u64,
            ..History::default()
        };
        World {
            plan: plan.clone(),
            swarm,
            random,
            now: Time::ZERO,
            events: Agenda::default(),
            hosts,
            network,
            mend_at: Time::ZERO,
            clients: Vec::new(),
            faults: Counts::default(),
            commands: 0,
            reads: 0,
            history,
            properties: check::all(),
            violation: None,
            trace: 0xcbf2_9ce4_8422_2325,
            healed: None,
            out: Vec::new(),
            soon: VecDeque::new(),
            issued: BTreeSet::new(),
            owed: BTreeSet::new(),
            scripted: None,
            crashed_as_planned: false,
        }
    }

    fn report(self, seed: u64) -> (Report, History) {
        let asked = self.history.operations.values();
        let asked = asked.map(|operation| operation.invoked).min();
        let report = Report {
            seed,
            faults: self.faults,
            traffic: self.network.traffic,
            commands: self.commands,
            reads: self.reads,
            issued: self.history.issued.len() as u64,
            asked: asked.map(|first| first.since(Time::ZERO)),
            lasted: self.now.since(Time::ZERO),
            trace: self.trace,
            effects: self.hosts.iter().map(|host| host.effects).collect(),
            crashed_as_planned: self.crashed_as_planned,
            violation: self.violation,
        };
        (report, self.history)
    }

    fn play(&mut self) {
        for host in 0..self.hosts.len() {
            self.restart(host);
        }
        for client in 0..self.clients.len() {
            self.client_event(client);
        }
        let first = if self.scripted.is_some() {
            Duration::ZERO
        } else {
            Duration::from_millis(300)
        };
        self.at(self.now + first, Event::Fault);
        while self.violation.is_none() && !self.is_over() {
            let Some((time, event)) = self.events.pop() else {
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
        self.events.push(time, event);
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
        if !self.owed.is_empty() || !self.clients.iter().all(Client::is_done) {
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
                    self.mark(digest(&message));
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
                Event::Call { host, life, post } => self.outside_is_called(host, life, post),
                Event::CallAgain { host, post, .. } => self.call_again(host, post),
                Event::Called {
                    host, id, receipt, ..
                } => self.outside_answered(host, id, receipt),
                Event::Restart { host } => self.restart(host),
                Event::Client { client } => self.client_turn(client),
                Event::Fault if self.scripted.is_some() => self.next_happening(),
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
            | Event::CallAgain { host, life, .. }
            | Event::Called { host, life, .. }
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
            // What came over different links meanwhile is there in any order.
            let late = self.random.between(Duration::ZERO, RESUMING);
            let until = host.paused_until + late;
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
            while let Some((index, done)) = self.soon.pop_front() {
                self.go_on(index, Some(done));
            }
        }
    }

    /// Performs outputs in order; a crash may come between any two.
    fn perform(&mut self, index: usize, out: &mut Vec<Output>) {
        for output in out.drain(..) {
            let counts = is_effect(&output);
            if counts && self.crashes_as_planned(index, Moment::Before) {
                return;
            }
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
            if self.violation.is_some() || counts && self.effect_is_done(index) {
                return;
            }
        }
    }
}

/// A few bits that depend on all bytes.
fn digest(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 1_000_003;
    let add = |sum: u64, byte: &u8| sum * 31 + u64::from(*byte);
    let Some((last, rest)) = bytes.split_last() else {
        return 0;
    };
    // Eight bytes cannot overflow what one division makes small.
    let eight = |sum, eight: &[u8]| eight.iter().fold(sum, add) % PRIME;
    rest.chunks(8).fold(0, eight) * 31 % PRIME + u64::from(*last)
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
