//! Steps 1 and 3: beginning a ballot, and what a quorum's answers make of it.
//!
//! A candidate leads once a quorum has promised its ballot, itself included, *and* it stands at the highest frontier of those
//! who answered: only then is "the last issued command" the right place to begin InitHistProc.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::{Ballot, Command, Vote};
use super::configuration::Devices;
use super::election::Standing;
use super::history::initial_history;
use super::message::{Frontier, Message};
use super::record::Record;
use super::stable::Held;
use super::{Executive, Mutant, Office};
use crate::clock::Time;
use crate::protocol::{Device, Number, Output};

/// A device that has begun a ballot.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    ballot: Ballot,
    /// The first number whose command it did not know when it began.
    first: Number,
    /// Whether its own promise is stable, and the ballot thus begun.
    begun: bool,
    /// Who has promised, itself included.
    promised: Devices,
    infos: BTreeMap<Device, Info>,
    /// When it gives up, unless it makes progress.
    deadline: Time,
}

/// What one device said in its BallotInfo.
#[derive(Debug, Clone)]
struct Info {
    votes: Vec<Vote>,
    frontier: Frontier,
}

impl Candidate {
    /// The ballot that it tries.
    pub(super) fn ballot(&self) -> Ballot {
        self.ballot
    }

    /// When it gives up.
    pub(super) fn deadline(&self) -> Time {
        self.deadline
    }

    /// The first frontier above `number` that a promise named, and whose it is.
    fn ahead_of(&self, number: Number) -> Option<(Device, Frontier)> {
        let ahead = self
            .infos
            .iter()
            .filter(|(_, info)| info.frontier.number > number);
        ahead
            .max_by_key(|(_, info)| info.frontier.number)
            .map(|(device, info)| (*device, info.frontier))
    }
}

impl Executive {
    /// Step 1: begins a ballot above all that it has seen.
    pub(super) fn stand(&mut self, out: &mut Vec<Output>) {
        self.depose(out);
        let seen = self.next_ballot.max(self.election.highest_seen());
        let planted = self.config.planted;
        let ballot = if planted.is(Mutant::M22) {
            self.last_tried.above(self.config.device)
        } else if planted.is(Mutant::M05) {
            // What others promised is known again from them; what it tried itself is not.
            self.last_tried
                .max(self.next_ballot)
                .above(self.config.device)
        } else {
            self.last_tried.max(seen).above(self.config.device)
        };
        self.check(ballot > self.last_tried, "a ballot is tried once");
        self.last_tried = ballot;
        self.next_ballot = self.next_ballot.max(ballot);
        self.stable.write(&Record::Tried(ballot));
        self.stable.hold(Held::Begin(ballot));
        let patience = self
            .random
            .between(self.config.election_min, self.config.election_max);
        self.office = Office::Trying(Candidate {
            ballot,
            first: self.log.next(),
            begun: false,
            promised: Devices::default(),
            infos: BTreeMap::new(),
            deadline: self.now + patience,
        });
        self.election.leader_is(None);
    }

    /// The ballot's number is stable: it may be told, and the device's own promise counts.
    pub(super) fn begin_is_durable(&mut self, ballot: Ballot, out: &mut Vec<Output>) {
        let me = self.only_me();
        let Office::Trying(candidate) = &mut self.office else {
            return;
        };
        if candidate.ballot != ballot {
            return;
        }
        candidate.begun = true;
        candidate.promised = me;
        let first = candidate.first;
        self.broadcast(&Message::NextBallot { ballot, first }, out);
        self.try_to_lead(out);
    }

    /// Asks those again who have not answered.
    pub(super) fn ask_again(&mut self, out: &mut Vec<Output>) {
        let Office::Trying(candidate) = &self.office else {
            return;
        };
        if !candidate.begun {
            return;
        }
        let message = Message::NextBallot {
            ballot: candidate.ballot,
            first: candidate.first,
        };
        for (position, device) in self.configuration().devices().iter().enumerate() {
            if !candidate.promised.contains(position) {
                self.send(*device, &message, out);
            }
        }
    }

    /// Step 3, at p: one answer.
    pub(super) fn handle_ballot_info(
        &mut self,
        from: Device,
        ballot: Ballot,
        issued: Vec<Arc<Command>>,
        votes: Vec<Vote>,
        frontier: Frontier,
        out: &mut Vec<Output>,
    ) {
        let Some(position) = self.configuration().position(from) else {
            return;
        };
        let any_ballot = self.config.planted.is(Mutant::M14);
        let deadline = self.now + self.config.election_min;
        let Office::Trying(candidate) = &mut self.office else {
            return;
        };
        if candidate.ballot != ballot && !any_ballot {
            return;
        }
        candidate.promised.insert(position);
        candidate.infos.insert(from, Info { votes, frontier });
        candidate.deadline = candidate.deadline.max(deadline);
        // Adopt D. This may complete what the candidate waited for.
        self.learn_all(issued, out);
        // Send what X asks for.
        if frontier.number < self.log.last().number {
            self.send_issued(from, frontier.number.next(), out);
        }
        self.try_to_lead(out);
    }

    /// A candidate that makes progress in catching up goes on.
    pub(super) fn candidate_progresses(&mut self, out: &mut Vec<Output>) {
        let deadline = self.now + self.config.election_min;
        if let Office::Trying(candidate) = &mut self.office {
            candidate.deadline = candidate.deadline.max(deadline);
            self.try_to_lead(out);
        }
    }

    /// Step 3, once a quorum has answered and nothing issued is missing.
    fn try_to_lead(&mut self, out: &mut Vec<Output>) {
        let Office::Trying(candidate) = &self.office else {
            return;
        };
        if !candidate.begun || !self.is_quorum(candidate.promised) {
            return;
        }
        if let Some((device, _)) = candidate.ahead_of(self.log.last().number) {
            self.ask_for_issued(device, out);
            return;
        }
        let ballot = candidate.ballot;
        let first = self.log.next();
        let votes: Vec<&Vote> = candidate
            .infos
            .values()
            .flat_map(|info| &info.votes)
            .chain(self.prev_vote.values())
            .filter(|vote| vote.command.number() >= first)
            .collect();
        let history = self.init_hist_proc(&votes);
        self.lead(ballot, history, out);
    }

    /// InitHistProc over the votes of a quorum.
    fn init_hist_proc(&self, votes: &[&Vote]) -> Vec<Arc<Command>> {
        let last = self.log.last();
        #[cfg(feature = "mutants")]
        if let Some(planted) = super::history::planted_history(self.config.planted, last, votes) {
            return planted;
        }
        let history = initial_history(last, votes);
        let first = history.first();
        self.check(
            first.is_none_or(|command| command.precedent == last),
            "the initial history continues the issued list",
        );
        let end = history.last().map_or(last, |command| command.id);
        self.check(
            end.number.0 - last.number.0 == history.len() as u64,
            "the initial history has no gap",
        );
        history
    }

    /// Gives up a ballot that did not succeed.
    pub(super) fn abandon(&mut self, out: &mut Vec<Output>) {
        self.check(
            matches!(self.office, Office::Trying(_)),
            "only a candidate abandons",
        );
        self.office = Office::Following;
        self.refuse_waiting(out);
        self.start_election_timer();
    }

    /// Steps 2 and 3, at p: somebody promised a higher ballot.
    pub(super) fn handle_my_next_ballot(
        &mut self,
        ballot: Ballot,
        alive: bool,
        out: &mut Vec<Output>,
    ) {
        self.election.saw(ballot);
        if ballot <= self.last_tried || matches!(self.office, Office::Following) {
            // A stale one.
            return;
        }
        self.depose(out);
        if alive {
            // Its owner is at it: give it the time to succeed.
            self.start_election_timer();
        } else if self.standing() == Standing::Can {
            self.stand(out);
        }
    }
}
