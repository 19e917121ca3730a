//! One replica: a protocol's state machine and the service that it replicates.
//!
//! Messages, writes and replies leave as soon as the machine asks for them. What concerns the
//! service is queued and performed strictly in the order given; while a method runs somewhere else,
//! the queue waits and the machine goes on.

mod show;
mod work;

use show::Shown;
use work::Work;

use super::call::{Call, is_read_only};
use super::directory::Entry;
use super::host::Effect;
use super::job::{Finished, Quickness, StepGate};
use super::message::{Refusal, RequestName, ToClient};
use super::status::ReplicaStatus;
use crate::client::Connector;
use crate::clock::Time;
use crate::identity::{HostId, ServerId};
use crate::object::Service;
use crate::protocol::{
    self, Bytes, Device, Execution, Input, Number, Output, Protocol, Request, RequestId, Role,
    Ticket,
};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Names a client's connection to this kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

/// What a replica needs of its host while it handles an event.
pub(super) struct Surroundings<'a> {
    pub me: HostId,
    pub now: Time,
    /// Seeds of `random()`, one an execution.
    pub seeds: &'a mut Seeds,
    pub effects: &'a mut Vec<Effect>,
}

/// A sequence of seeds that follows from the first (splitmix64).
#[derive(Debug)]
pub struct Seeds(pub u64);

impl Seeds {
    /// The next one.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// What happened inside while work was performed.
enum Inner {
    Executed(Ticket, Execution),
    SnapshotTaken(Number, Bytes),
    Durable(protocol::Token),
    Construct,
}

/// One replica of one server.
pub struct Replica {
    /// What the directory says of it.
    pub(super) entry: Arc<Entry>,
    machine: Box<dyn Protocol>,
    /// Absent while a method runs.
    service: Option<Box<dyn Service>>,
    work: VecDeque<Work>,
    outputs: Vec<Output>,
    waiting: BTreeMap<RequestId, ClientId>,
    wake: Time,
    issued: u64,
    /// The hash of the state after the command of that number.
    hash: Option<(u64, [u8; 32])>,
    volatile: bool,
    /// How often the store reported that something is durable.
    syncs: u64,
    /// Methods may block: they never run on a thread that handles messages.
    may_block: bool,
    /// They may wait in embedding Rust code.
    pub(super) calls_rust: bool,
    /// How its methods reach other servers; its own, because a method may wait on it for long.
    connector: Connector,
    constructing: bool,
    quickness: Quickness,
    /// The state that somebody is being shown.
    shown: Option<Shown>,
    /// Where the method that runs waits for its steps.
    gate: Option<(Ticket, Arc<StepGate>)>,
}

/// The session of the one request that a server sends to itself: its construction.
fn construction(server: ServerId) -> RequestId {
    RequestId {
        session: u128::from(server.0),
        sequence: 1,
    }
}

impl Replica {
    pub(super) fn new(
        entry: Arc<Entry>,
        machine: Box<dyn Protocol>,
        service: Box<dyn Service>,
        volatile: bool,
        may_block: bool,
        connector: Connector,
    ) -> Self {
        Self {
            entry,
            machine,
            service: Some(service),
            work: VecDeque::new(),
            outputs: Vec::new(),
            waiting: BTreeMap::new(),
            wake: Time::NEVER,
            issued: 0,
            hash: None,
            volatile,
            syncs: 0,
            may_block,
            calls_rust: false,
            connector,
            constructing: false,
            quickness: Quickness::default(),
            shown: None,
            gate: None,
        }
    }

    /// The machine wanted a tick now.
    pub(super) fn tick(&mut self, around: &mut Surroundings<'_>) -> Result<(), String> {
        // Unless it asks anew it wants none.
        self.wake = Time::NEVER;
        self.step(Input::Tick, around)
    }

    /// When the machine wants a tick.
    pub(super) fn wake(&self) -> Time {
        self.wake
    }

    /// Takes what recovery left to be done.
    pub(super) fn begin(
        &mut self,
        recovered: Vec<Output>,
        around: &mut Surroundings<'_>,
    ) -> Result<(), String> {
        self.outputs = recovered;
        let mut inner = VecDeque::new();
        self.distribute(around, &mut inner);
        self.perform(around, &mut inner)?;
        self.drain(inner, around)
    }

    /// Hands one event to the machine and performs what follows.
    pub(super) fn step(
        &mut self,
        input: Input<'_>,
        around: &mut Surroundings<'_>,
    ) -> Result<(), String> {
        let mut inner = VecDeque::new();
        if matches!(input, Input::Durable { .. }) {
            self.syncs += 1;
        }
        self.machine.step(input, around.now, &mut self.outputs);
        self.distribute(around, &mut inner);
        self.perform(around, &mut inner)?;
        if self.must_construct() {
            inner.push_back(Inner::Construct);
        }
        self.drain(inner, around)
    }

    fn drain(
        &mut self,
        mut inner: VecDeque<Inner>,
        around: &mut Surroundings<'_>,
    ) -> Result<(), String> {
        while let Some(event) = inner.pop_front() {
            let input = match event {
                Inner::Executed(ticket, execution) => Input::Executed { ticket, execution },
                Inner::SnapshotTaken(number, state) => Input::SnapshotTaken { number, state },
                Inner::Durable(token) => Input::Durable { token },
                Inner::Construct => {
                    self.constructing = true;
                    let call = Call::encode(&[], &[&self.entry.args]).into();
                    Input::Request(Request {
                        id: construction(self.entry.id),
                        acknowledged: 0,
                        call,
                    })
                }
            };
            self.machine.step(input, around.now, &mut self.outputs);
            self.distribute(around, &mut inner);
            self.perform(around, &mut inner)?;
        }
        Ok(())
    }

    /// A new server's first leader sends it its constructor call.
    fn must_construct(&mut self) -> bool {
        if self.issued > 0 || self.entry.id == ServerId::DIRECTORY {
            return false;
        }
        let leads = self.machine.status().role == Role::Leading;
        if !leads {
            self.constructing = false;
        }
        leads && !self.constructing
    }

    fn distribute(&mut self, around: &mut Surroundings<'_>, inner: &mut VecDeque<Inner>) {
        let server = self.entry.id;
        let mut outputs = std::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            match output {
                Output::Send { to, message } => {
                    around.effects.push(Effect::ToPeer {
                        to: HostId(to.0),
                        server,
                        message,
                    });
                }
                Output::Persist { token, .. } | Output::SaveSnapshot { token, .. }
                    if self.volatile =>
                {
                    inner.push_back(Inner::Durable(token));
                }
                Output::Persist { token, records } => {
                    around.effects.push(Effect::Persist {
                        server,
                        token,
                        records,
                    });
                }
                Output::SaveSnapshot {
                    token,
                    number,
                    snapshot,
                } => {
                    around.effects.push(Effect::SaveSnapshot {
                        server,
                        token,
                        number,
                        snapshot,
                    });
                }
                Output::Execute {
                    ticket,
                    call,
                    time,
                    journaled,
                    ..
                } => self.work.push_back(Work::Execute {
                    ticket,
                    call,
                    time,
                    journaled,
                }),
                Output::Journaled { ticket } => {
                    if let Some(gate) = self.gate_of(ticket) {
                        gate.open();
                    }
                }
                Output::Cancel { ticket } => {
                    if let Some(gate) = self.gate_of(ticket) {
                        gate.close();
                    }
                }
                Output::Apply { delta, .. } => self.work.push_back(Work::Apply(delta)),
                Output::Undo => self.work.push_back(Work::Undo),
                Output::Settle => self.work.push_back(Work::Settle),
                Output::Issued { number } => self.work.push_back(Work::Issued(number)),
                Output::Install { number, state } => {
                    self.work.push_back(Work::Install { number, state });
                }
                Output::TakeSnapshot { number } => self.work.push_back(Work::TakeSnapshot(number)),
                Output::Reply { id, reply } => {
                    let name = name(server, id);
                    self.answer(
                        id,
                        ToClient::Reply {
                            name,
                            reply: reply.to_vec(),
                        },
                        around,
                    );
                }
                Output::Refused { id, why } => {
                    let message = self.refusal(id, why);
                    self.answer(id, message, around);
                }
                Output::Wake { at } => self.wake = at,
            }
        }
        // Its memory serves the next step.
        self.outputs = outputs;
    }

    fn gate_of(&self, ticket: Ticket) -> Option<&StepGate> {
        let (waiting, gate) = self.gate.as_ref()?;
        (*waiting == ticket).then_some(gate)
    }

    fn refusal(&self, id: RequestId, why: protocol::Refusal) -> ToClient {
        let name = name(self.entry.id, id);
        match why {
            protocol::Refusal::NotLeader { hint } => ToClient::Redirect {
                name,
                leader: hint.map(|device| HostId(device.0)),
                hosts: self.entry.hosts.clone(),
            },
            protocol::Refusal::Trimmed | protocol::Refusal::UnknownSession => ToClient::Refused {
                name,
                why: Refusal::Forgotten,
            },
            protocol::Refusal::Busy => ToClient::Unknown { name },
            protocol::Refusal::TooLarge => ToClient::Refused {
                name,
                why: Refusal::TooLarge,
            },
            protocol::Refusal::NeedsCommand => ToClient::Refused {
                name,
                why: Refusal::NeedsCommand,
            },
        }
    }

    fn answer(&mut self, id: RequestId, message: ToClient, around: &mut Surroundings<'_>) {
        if let Some(client) = self.waiting.remove(&id) {
            around.effects.push(Effect::ToClient {
                to: client,
                message,
            });
        }
    }

    /// A method came back.
    pub(super) fn finished(
        &mut self,
        finished: Finished,
        took: std::time::Duration,
        around: &mut Surroundings<'_>,
    ) -> Result<(), String> {
        self.quickness.note(finished.method, took);
        self.gate = None;
        self.service = Some(finished.service);
        let Finished {
            ticket, execution, ..
        } = finished;
        self.step(Input::Executed { ticket, execution }, around)
    }

    /// A client's request arrived.
    pub(super) fn request(
        &mut self,
        client: ClientId,
        request: Request,
        around: &mut Surroundings<'_>,
    ) -> Result<(), String> {
        let id = request.id;
        if id.is_read() && !self.only_reads(&request) {
            let message = self.refusal(id, protocol::Refusal::NeedsCommand);
            around.effects.push(Effect::ToClient {
                to: client,
                message,
            });
            return Ok(());
        }
        let blank = self.issued == 0 && self.entry.id != ServerId::DIRECTORY;
        if blank && (id.is_read() || !self.constructing) {
            // Nothing may come before the construction, and a read is not behind it in the queue.
            let message = ToClient::Redirect {
                name: name(self.entry.id, id),
                leader: self.leader(),
                hosts: self.entry.hosts.clone(),
            };
            around.effects.push(Effect::ToClient {
                to: client,
                message,
            });
            return Ok(());
        }
        self.waiting.insert(id, client);
        self.step(Input::Request(request), around)
    }

    /// Whether it calls a method that only reads.
    fn only_reads(&self, request: &Request) -> bool {
        self.entry.id != ServerId::DIRECTORY
            && Call::decode(&request.call).is_ok_and(|call| is_read_only(call.method()))
    }

    /// A client asks after its request.
    pub(super) fn probe(&mut self, client: ClientId, id: RequestId, around: &mut Surroundings<'_>) {
        let status = self.machine.status();
        let name = name(self.entry.id, id);
        let message = match self.waiting.get(&id) {
            None => ToClient::Unknown { name },
            Some(_) if status.role == Role::Leading && status.quorum_connected => {
                ToClient::Working { name }
            }
            Some(_) if status.role == Role::Leading => return,
            Some(_) => ToClient::Redirect {
                name,
                leader: status.leader.map(|device| HostId(device.0)),
                hosts: self.entry.hosts.clone(),
            },
        };
        around.effects.push(Effect::ToClient {
            to: client,
            message,
        });
    }

    /// A client is gone: nobody waits for its replies.
    pub(super) fn forget(&mut self, client: ClientId) {
        self.waiting.retain(|_, waiting| *waiting != client);
    }

    /// The server was deleted.
    pub(super) fn end(self, effects: &mut Vec<Effect>) {
        self.connector.stop();
        if let Some((_, gate)) = &self.gate {
            gate.close();
        }
        for (id, client) in self.waiting {
            let name = name(self.entry.id, id);
            let message = ToClient::Refused {
                name,
                why: Refusal::Deleted,
            };
            effects.push(Effect::ToClient {
                to: client,
                message,
            });
        }
    }

    /// Who leads, as far as is known here.
    pub(super) fn leader(&self) -> Option<HostId> {
        self.machine.status().leader.map(|device| HostId(device.0))
    }

    /// A look from outside.
    pub(super) fn status(&mut self) -> ReplicaStatus {
        let state_hash = self.state_hash();
        ReplicaStatus {
            state_hash,
            ..self.standing()
        }
    }

    /// The same but for what it takes time to compute: without the hash.
    pub(super) fn standing(&self) -> ReplicaStatus {
        let status = self.machine.status();
        ReplicaStatus {
            server: self.entry.id,
            leads: status.role == Role::Leading,
            ballot: status.round,
            issued: self.issued,
            leader_changes: status.leader_changes,
            syncs: self.syncs,
            state_hash: None,
        }
    }

    /// The hash of the issued state, unless a method is running; computed once a state.
    fn state_hash(&mut self) -> Option<[u8; 32]> {
        let service = self.service.as_ref()?;
        match self.hash {
            Some((issued, hash)) if issued == self.issued => Some(hash),
            Some(_) | None => {
                let hash = service.hash();
                self.hash = Some((self.issued, hash));
                Some(hash)
            }
        }
    }

    /// The devices of the group.
    pub(super) fn devices(&self) -> impl Iterator<Item = Device> + '_ {
        self.entry.hosts.iter().map(|host| Device(host.0))
    }
}

fn name(server: ServerId, id: RequestId) -> RequestName {
    RequestName {
        server,
        session: id.session,
        seq: id.sequence,
    }
}
