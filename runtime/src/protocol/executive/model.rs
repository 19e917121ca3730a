//! What a model checker needs of a device: elections without a clock, and equal devices where nothing tells them apart.
//!
//! With a clock that stands still and every duration of the [`Config`](super::Config) zero, no patience lasts and nobody counts as heard lately: each
//! decision that depends on time falls one way, and no random number is drawn. What then remains of times and counts in a device decides nothing.

use super::election::Election;
use super::{Ballot, Executive, Mutant, Office};
use crate::clock::Time;
use crate::protocol::Output;

impl Executive {
    /// The time to stand has come, whatever the clock says and whoever leads.
    pub fn stand_now(&mut self, out: &mut Vec<Output>) {
        self.stand(out);
        self.end_step(false, out);
    }

    /// The highest ballot that it promised.
    #[must_use]
    pub fn promise(&self) -> Ballot {
        self.next_ballot
    }

    /// Writes what it would write with the next write, and forgets what decides nothing while time stands still: when and whom it heard,
    /// how often something happened, and numbers of writes and executions that are over.
    pub fn forget_incidentals(&mut self, out: &mut Vec<Output>) {
        self.stable.flush_lazy();
        self.stable.end_step(out);
        self.stable.forget_tokens();
        let highest_seen = self.election.highest_seen();
        self.election = Election::new(&self.config);
        self.election.saw(highest_seen);
        self.executor.forget_times();
        self.may_ask_again();
        (self.wake, self.garbage) = (Time::NEVER, 0);
        if let Office::Leading(leader) = &mut self.office
            && !self.config.planted.is(Mutant::M15)
        {
            leader.forget_counts();
        }
    }
}
