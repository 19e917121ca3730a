//! Planted faults of a leader.

use super::{Leader, Proposal};
use crate::protocol::Output;
use crate::protocol::executive::{Executive, Mutant, Office};

impl Proposal {
    /// One more message brought a vote, whoever sent it.
    pub(super) fn count_message(&mut self) {
        self.votes_counted += 1;
    }
}

impl Executive {
    /// Whether a planted fault takes the proposal for chosen.
    pub(super) fn seems_chosen(&self, leader: &Leader, proposal: &Proposal) -> bool {
        let planted = self.config.planted;
        let again = proposal.command.id.ballot < leader.ballot;
        let enough = proposal.votes_counted >= self.configuration().quorum();
        again && planted.is(Mutant::M23) || enough && planted.is(Mutant::M15)
    }

    /// A planted fault: the second proposal, if it is chosen, is issued and takes the place of the first.
    pub(super) fn issue_out_of_order(&mut self, out: &mut Vec<Output>) {
        if !self.config.planted.is(Mutant::M24) || !self.is_chosen(1) {
            return;
        }
        let Office::Leading(leader) = &mut self.office else {
            return;
        };
        leader.proposals.pop_front();
        leader.begun = leader.begun.saturating_sub(1);
        self.issue_first(out);
    }
}
