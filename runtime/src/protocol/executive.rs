//! Executive Paxos: functions run once, at the leader, and replicas vote on and apply what they yielded.
//!
//! After US 10,135,929 B2 (Wojciechowski, Kobus, Kokociński); the steps 1 to 6 in the comments are the patent's, and so are the names
//! (`last_tried`, `next_ballot`, `prev_vote`, BallotInfo, InitHistProc). One [`Executive`] is one device.
//! Where things are:
//! - `candidate`: steps 1 and 3, `acceptor`: steps 2 and 4, `leader`: steps 3′, 3″ and 5, `learner`: step 6 and catch-up;
//! - `execution`: intake groups, the one execution in progress, batches; `journal`: methods that call other servers; `reads`: what is answered
//!   without a command; `election`: heartbeats and who leads;
//! - `snapshot`: compaction and full transfer, `recovery`: from stable storage.
//!
//! Not in here yet, and where it will go: reconfiguration (`configuration` becomes a function of the number), leases (`election` grants, `reads` saves the round).
//!
//! Invariants, asserted at the end of every step: the issued list is a contiguous dependent prefix; proposals follow it without a gap, each the
//! precedent of the next; a leader's ballot is the highest that it promised; the service is ahead of the issued list by exactly the unissued executions.

mod acceptor;
#[cfg(test)]
mod bench;
mod candidate;
mod command;
mod config;
mod configuration;
mod election;
mod execution;
mod history;
mod intake;
mod journal;
mod leader;
mod learner;
mod log;
mod message;
#[cfg(feature = "sim")]
mod model;
mod mutants;
mod random;
mod reads;
mod record;
mod recovery;
mod sessions;
mod snapshot;
mod stable;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use command::{Ballot, Command, CommandId, Entry, Vote, What};
pub use config::{Announce, Checks, Config};
pub use configuration::{Configuration, DEVICES_MAX, Devices};
pub use history::initial_history;
pub use message::{Frontier, Heartbeat, Message, Stands};
pub use mutants::{Mutant, Planted};
pub use random::Random;
pub use record::Record;
pub use recovery::{Damaged, Recovered};
pub use sessions::SessionLimits;

use self::candidate::Candidate;
use self::election::Election;
use self::execution::Executor;
use self::journal::Journal;
use self::leader::Leader;
use self::learner::CatchUp;
use self::log::Log;
use self::sessions::Sessions;
use self::snapshot::Snapshots;
use self::stable::{Held, Stable};
use crate::clock::Time;
use crate::protocol::{Bytes, Device, Input, Number, Output, Protocol, Role, Status};
use crate::wire::Wire;

/// One device of a group that runs the protocol.
#[derive(Debug, Clone)]
pub struct Executive {
    config: Config,
    random: Random,
    now: Time,
    /// The highest ballot of its own that it began (`lastTried`). Stable.
    last_tried: Ballot,
    /// The highest ballot that it promised (`nextBal`). Stable.
    next_ballot: Ballot,
    /// Its latest vote for each number that it does not know issued. Stable, and kept also when a leader dropped the command.
    prev_vote: BTreeMap<Number, Vote>,
    /// The issued list L. Stable, with the snapshot that it continues.
    log: Log,
    /// The exactly-once table after the last command of `log`.
    sessions: Sessions,
    /// The journal of nested calls after the same command.
    journal: Journal,
    stable: Stable,
    office: Office,
    executor: Executor,
    election: Election,
    catch_up: CatchUp,
    snapshots: Snapshots,
    /// Proposals that came before their precedents.
    early: BTreeMap<Number, (Ballot, Arc<Command>)>,
    /// When the driver was last asked to call.
    wake: Time,
    garbage: u64,
}

/// What the device is, with what it needs to be that.
#[derive(Debug, Clone)]
enum Office {
    Following,
    Trying(Candidate),
    Leading(Leader),
}

impl Executive {
    /// A device that starts for the first time. `seed` is its only source of randomness.
    #[must_use]
    pub fn new(config: Config, seed: u64, now: Time) -> Executive {
        let election = Election::new(&config);
        let mut device = Executive {
            random: Random::new(seed),
            now,
            last_tried: Ballot::ZERO,
            next_ballot: Ballot::ZERO,
            prev_vote: BTreeMap::new(),
            log: Log::starting_after(CommandId::NULL, Time::ZERO),
            sessions: Sessions::default(),
            journal: Journal::default(),
            stable: Stable::default(),
            office: Office::Following,
            executor: Executor::default(),
            election,
            catch_up: CatchUp::default(),
            snapshots: Snapshots::default(),
            early: BTreeMap::new(),
            wake: Time::NEVER,
            garbage: 0,
            config,
        };
        device.start_election_timer();
        device
    }

    /// The last number that it knows issued.
    #[must_use]
    pub fn last_issued(&self) -> Number {
        self.log.last().number
    }

    /// The command issued under a number, if it knows it and has not compacted it.
    #[must_use]
    pub fn issued(&self, number: Number) -> Option<&Arc<Command>> {
        self.log.command(number)
    }

    /// The configuration that governs this number. The same for all numbers until reconfiguration is a command.
    fn configuration(&self) -> &Configuration {
        &self.config.configuration
    }

    /// Whether this many devices are a quorum.
    fn is_quorum(&self, devices: Devices) -> bool {
        let configuration = self.configuration();
        configuration.is_quorum(devices) || self.config.planted.is_half(devices, configuration)
    }

    /// A set with the device itself.
    fn only_me(&self) -> Devices {
        let mut devices = Devices::default();
        if let Some(position) = self.configuration().position(self.config.device) {
            devices.insert(position);
        }
        devices
    }

    /// Asserts an invariant, unless the checks are off.
    #[track_caller]
    fn check(&self, holds: bool, invariant: &str) {
        if self.config.checks == Checks::Enforced {
            assert!(holds, "device {}: {invariant}", self.config.device);
        }
    }

    /// Sends a message that depends on nothing that is not yet stable.
    fn send(&self, to: Device, message: &Message, out: &mut Vec<Output>) {
        let message = Bytes::from(message.to_bytes());
        out.push(Output::Send { to, message });
    }

    /// Sends such a message to all others, encoded once.
    fn broadcast(&self, message: &Message, out: &mut Vec<Output>) {
        let message = Bytes::from(message.to_bytes());
        for to in self.configuration().devices() {
            if *to != self.config.device {
                out.push(Output::Send {
                    to: *to,
                    message: Bytes::clone(&message),
                });
            }
        }
    }

    /// Sends a message once everything that this device has written is stable.
    fn send_when_stable(&mut self, to: Device, message: &Message) {
        let message = Bytes::from(message.to_bytes());
        self.stable.hold(Held::Send { to, message });
    }

    fn handle_message(&mut self, from: Device, bytes: &[u8], out: &mut Vec<Output>) {
        let known = from != self.config.device && self.configuration().position(from).is_some();
        let Ok(message) = Message::from_bytes(bytes) else {
            self.garbage += 1;
            return;
        };
        if !known {
            self.garbage += 1;
            return;
        }
        self.election.heard(from, self.now);
        match message {
            Message::NextBallot { ballot, first } => {
                self.handle_next_ballot(from, ballot, first, out)
            }
            Message::BallotInfo {
                ballot,
                issued,
                votes,
                frontier,
            } => self.handle_ballot_info(from, ballot, issued, votes, frontier, out),
            Message::MyNextBallot { ballot, alive } => {
                self.handle_my_next_ballot(ballot, alive, out)
            }
            Message::BeginBallot {
                ballot,
                command,
                frontier,
            } => self.handle_begin_ballot(from, ballot, command, frontier, out),
            Message::Voted { ballot, id } => self.handle_voted(from, ballot, id, out),
            Message::Success { frontier } => self.handle_success(from, frontier, out),
            Message::Confirm { ballot, round } => self.handle_confirm(from, ballot, round, out),
            Message::Confirmed { ballot, round } => self.handle_confirmed(from, ballot, round, out),
            Message::Commands { commands, frontier } => {
                self.handle_commands(from, commands, frontier, out);
            }
            Message::Heartbeat(heartbeat) => self.handle_heartbeat(from, &heartbeat, out),
            Message::CatchUp { first } => self.handle_catch_up(from, first, out),
            Message::Snapshot {
                number,
                offset,
                total,
                piece,
            } => self.handle_snapshot(from, number, offset, total, &piece, out),
            Message::MoreSnapshot { number, offset } => {
                self.handle_more_snapshot(from, number, offset, out);
            }
        }
    }

    fn handle_durable(&mut self, out: &mut Vec<Output>) {
        while let Some(held) = self.stable.release() {
            match held {
                Held::Send { to, message } => out.push(Output::Send { to, message }),
                Held::Begin(ballot) => self.begin_is_durable(ballot, out),
                Held::OwnVote { ballot, number } => self.own_vote_is_durable(ballot, number, out),
            }
        }
    }

    /// Writes what is to be written, sends what need not wait for that, and says when to call again.
    fn end_step(&mut self, ticked: bool, out: &mut Vec<Output>) {
        self.stable.end_step(out);
        // What need not wait for a write leaves in the same step.
        self.handle_durable(out);
        self.stable.end_step(out);
        self.set_wake(ticked, out);
        self.invariants();
    }

    fn handle_tick(&mut self, out: &mut Vec<Output>) {
        self.tick_execution(out);
        self.tick_election(out);
    }

    /// Asks to be called at the next deadline, if that has changed or the last call is used up.
    fn set_wake(&mut self, ticked: bool, out: &mut Vec<Output>) {
        let execution = match &self.office {
            // What a read holds up goes on when it is executed.
            Office::Leading(leader) if !leader.reads.is_executing() => {
                let room = leader.has_room(&self.config);
                self.executor.deadline(&self.config, room)
            }
            Office::Leading(_) | Office::Following | Office::Trying(_) => Time::NEVER,
        };
        let at = self.election.deadline().min(execution);
        if at != self.wake || ticked {
            self.wake = at;
            out.push(Output::Wake { at });
        }
    }

    /// What must hold after every step; constant time.
    fn invariants(&self) {
        self.check(self.log.is_sound(), "the issued list is contiguous");
        self.check(
            self.prev_vote
                .keys()
                .next()
                .is_none_or(|number| *number > self.log.last().number),
            "votes are kept for unissued numbers only",
        );
        self.check(
            self.last_tried <= self.next_ballot,
            "what was tried was promised",
        );
        match &self.office {
            Office::Following => {
                self.check(
                    self.executor.unissued() == 0,
                    "a follower's service holds issued commands only",
                );
            }
            Office::Trying(candidate) => {
                self.check(
                    candidate.ballot() == self.last_tried,
                    "a candidate tries its last ballot",
                );
                self.check(
                    candidate.ballot() == self.next_ballot,
                    "a candidate promised no higher ballot",
                );
                self.check(
                    self.executor.unissued() == 0,
                    "a candidate executes nothing",
                );
            }
            Office::Leading(leader) => {
                self.check(
                    leader.ballot() == self.last_tried,
                    "a leader leads in its last ballot",
                );
                self.check(
                    leader.ballot() == self.next_ballot,
                    "a leader promised no higher ballot",
                );
                self.check(
                    leader.continues(self.log.last()),
                    "proposals follow the issued list and depend on it",
                );
            }
        }
    }
}

impl Protocol for Executive {
    fn step(&mut self, input: Input<'_>, now: Time, out: &mut Vec<Output>) {
        self.now = self.now.max(now);
        let ticked = matches!(input, Input::Tick);
        match input {
            Input::Message { from, message } => self.handle_message(from, message, out),
            Input::Request(request) if request.id.is_read() => self.handle_read(request, out),
            Input::Request(request) => self.handle_request(request, out),
            Input::Executed { ticket, execution } => {
                if !self.handle_read_executed(ticket, &execution, out) {
                    self.handle_executed(ticket, execution, out);
                }
            }
            Input::Journal { ticket, step } => {
                self.note_step_of_read(ticket);
                self.handle_journal(ticket, step, out);
            }
            Input::Durable { token } => {
                self.stable.durable(token);
                if self.config.planted.is(Mutant::M13) {
                    self.stable.all_is_durable();
                }
            }
            Input::SnapshotTaken { number, state } => {
                self.handle_snapshot_taken(number, &state, out)
            }
            Input::Tick => self.handle_tick(out),
            Input::Reachable { devices } => self.handle_reachable(&devices),
        }
        self.end_step(ticked, out);
    }

    fn status(&self) -> Status {
        let connected = self.election.connected(&self.config, self.now);
        let devices = self.configuration().devices();
        let at = |position: &usize| connected.contains(*position);
        let reads = match &self.office {
            Office::Leading(leader) => leader.reads.len(),
            Office::Following | Office::Trying(_) => 0,
        };
        Status {
            device: self.config.device,
            role: match self.office {
                Office::Following => Role::Following,
                Office::Trying(_) => Role::Trying,
                Office::Leading(_) => Role::Leading,
            },
            leader: self.leader_hint(),
            round: self.next_ballot.round,
            issued: self.log.last().number,
            leader_changes: self.election.leader_changes(),
            connected: (0..devices.len())
                .filter(at)
                .filter_map(|position| devices.get(position).copied())
                .collect(),
            quorum_connected: self.is_quorum(connected),
            devices: devices.to_vec(),
            waiting: self.executor.waiting() + reads,
            garbage: self.garbage,
        }
    }
}
