//! Requests that wait at the leader, and the order in which it turns to them.
//!
//! The leader takes what waits as one *intake group*. Within it, a request whose precondition fails is tried again after the others;
//! its failure becomes final at the end of the group. The requests of one session are never reversed: a place in the queue belongs to the session, and
//! whoever's turn it is, the session's lowest number goes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::protocol::{Request, RequestId};

/// What waits.
#[derive(Debug, Clone, Default)]
pub struct Intake {
    /// Everything that waits, in the order of each session.
    waiting: BTreeMap<u128, BTreeMap<u64, Request>>,
    count: usize,
    /// Places of sessions in the order of arrival; there may be more than requests, never fewer than requests that can run.
    queue: VecDeque<u128>,
    /// The places of the group in progress.
    group: VecDeque<u128>,
    /// Places put off to the end of the group.
    deferred: Vec<u128>,
    deferred_sessions: BTreeSet<u128>,
    /// Sessions whose lowest request could not run when it was its turn, and that got no place since.
    stuck: BTreeSet<u128>,
    /// The group has come to its deferred requests: failures are final.
    second_round: bool,
}

impl Intake {
    /// How many requests wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether no place is left in any queue: nothing can run.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && !self.is_in_group()
    }

    /// Whether a group is in progress.
    #[must_use]
    pub fn is_in_group(&self) -> bool {
        !self.group.is_empty() || !self.deferred.is_empty()
    }

    /// Whether a failing precondition is final now.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.second_round
    }

    /// Adds a request at the end; a repetition replaces the one that waits, and gets a place because it may say that those before it were given up.
    /// Gives the requests that are dropped because their session has given them up: a late copy of one must not stand before the others.
    pub fn push(&mut self, request: Request) -> Vec<RequestId> {
        let id = request.id;
        let requests = self.waiting.entry(id.session).or_default();
        let waiting = requests.values().map(|request| request.acknowledged);
        let acknowledged = waiting.fold(request.acknowledged, u64::max);
        self.count += usize::from(requests.insert(id.sequence, request).is_none());
        let kept = requests.split_off(&acknowledged.saturating_add(1));
        let dropped = std::mem::replace(requests, kept);
        self.count -= dropped.len();
        if requests.is_empty() {
            self.waiting.remove(&id.session);
        }
        self.queue.push_back(id.session);
        self.stuck.remove(&id.session);
        dropped.into_values().map(|request| request.id).collect()
    }

    /// Gives a session another place, because one of its requests that could not run before can now.
    pub fn wake(&mut self, session: u128) {
        if self.waiting.contains_key(&session) {
            self.queue.push_back(session);
            self.stuck.remove(&session);
        }
    }

    /// Makes everything that has a place the next group.
    pub fn begin_group(&mut self) {
        assert!(!self.is_in_group(), "the group before is done");
        std::mem::swap(&mut self.group, &mut self.queue);
        self.deferred_sessions.clear();
        self.second_round = false;
    }

    /// Whether the group has only deferred requests left, and they are to be tried a last time.
    #[must_use]
    pub fn is_first_round_over(&self) -> bool {
        self.group.is_empty() && !self.deferred.is_empty()
    }

    /// Takes what has come since into the group; false if that is nothing.
    pub fn absorb(&mut self) -> bool {
        self.group.append(&mut self.queue);
        !self.group.is_empty()
    }

    /// Turns to the deferred requests: failures are final now.
    pub fn begin_second_round(&mut self) {
        assert!(self.is_first_round_over(), "the others have had their turn");
        self.group = std::mem::take(&mut self.deferred).into();
        self.deferred_sessions.clear();
        self.second_round = true;
    }

    /// The lowest request of the session whose turn it is, still waiting; none at the end of the round.
    pub fn next(&mut self) -> Option<&Request> {
        while let Some(session) = self.group.front().copied() {
            if self.deferred_sessions.contains(&session) {
                self.deferred.push(session);
            } else if self.waiting.contains_key(&session) {
                return self.waiting.get(&session)?.values().next();
            }
            self.group.pop_front();
        }
        None
    }

    /// Uses up the place at the front without running anything: its session's lowest request cannot run yet.
    pub fn skip(&mut self) {
        self.stuck.extend(self.group.pop_front());
    }

    /// Takes the request that [`Intake::next`] showed.
    pub fn take(&mut self) -> Option<Request> {
        let session = self.group.pop_front()?;
        let requests = self.waiting.get_mut(&session)?;
        let (_, request) = requests.pop_first()?;
        if requests.is_empty() {
            self.waiting.remove(&session);
        }
        self.count -= 1;
        Some(request)
    }

    /// Puts a request whose precondition failed off to the end of the group.
    pub fn defer(&mut self, request: Request) {
        assert!(!self.second_round, "a request is put off once");
        let session = request.id.session;
        self.waiting
            .entry(session)
            .or_default()
            .insert(request.id.sequence, request);
        self.count += 1;
        self.deferred.push(session);
        self.deferred_sessions.insert(session);
    }

    /// Whether this request waits.
    #[must_use]
    pub fn contains(&self, id: RequestId) -> bool {
        self.waiting
            .get(&id.session)
            .is_some_and(|requests| requests.contains_key(&id.sequence))
    }

    /// Takes out the requests of sessions that are stuck: they wait for one that comes before them and may never come.
    pub fn drain_stuck(&mut self) -> Vec<RequestId> {
        let sessions = std::mem::take(&mut self.stuck).into_iter();
        let requests = sessions.filter_map(|session| self.waiting.remove(&session));
        let stuck: Vec<RequestId> = requests
            .flat_map(BTreeMap::into_values)
            .map(|request| request.id)
            .collect();
        self.count -= stuck.len();
        stuck
    }

    /// Ends the group in progress where it stands; what waits goes on waiting.
    pub fn abandon_group(&mut self) {
        let mut places = std::mem::take(&mut self.group);
        places.extend(std::mem::take(&mut self.deferred));
        places.extend(std::mem::take(&mut self.queue));
        self.queue = places;
        self.deferred_sessions.clear();
        self.second_round = false;
    }

    /// Takes everything out.
    pub fn drain(&mut self) -> Vec<RequestId> {
        let all = std::mem::take(&mut self.waiting);
        *self = Intake::default();
        all.into_values()
            .flat_map(BTreeMap::into_values)
            .map(|request| request.id)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Bytes;

    fn request(session: u128, sequence: u64) -> Request {
        Request {
            id: RequestId { session, sequence },
            acknowledged: 0,
            call: Bytes::default(),
        }
    }

    fn ids(intake: &mut Intake) -> Vec<(u128, u64)> {
        let mut order = Vec::new();
        while intake.next().is_some() {
            let request = intake.take().unwrap();
            order.push((request.id.session, request.id.sequence));
        }
        order
    }

    #[test]
    fn requests_of_one_session_are_never_reversed() {
        let mut intake = Intake::default();
        for (session, sequence) in [(1, 2), (2, 1), (1, 1)] {
            intake.push(request(session, sequence));
        }
        intake.begin_group();
        assert_eq!(ids(&mut intake), [(1, 1), (2, 1), (1, 2)]);
        assert_eq!(intake.len(), 0);
    }

    #[test]
    fn a_failed_precondition_goes_behind_the_others_with_its_session() {
        let mut intake = Intake::default();
        for (session, sequence) in [(1, 1), (1, 2), (2, 1)] {
            intake.push(request(session, sequence));
        }
        intake.begin_group();
        assert_eq!(intake.next().unwrap().id.session, 1);
        let failed = intake.take().unwrap();
        intake.defer(failed);
        assert!(!intake.is_final());
        assert_eq!(ids(&mut intake), [(2, 1)]);
        assert!(intake.is_first_round_over());
        intake.begin_second_round();
        assert!(intake.is_final());
        assert_eq!(ids(&mut intake), [(1, 1), (1, 2)]);
        assert!(!intake.is_in_group());
    }

    #[test]
    fn a_late_copy_of_a_request_that_was_given_up_is_dropped() {
        let mut intake = Intake::default();
        intake.push(request(1, 2));
        let later = Request {
            acknowledged: 2,
            ..request(1, 3)
        };
        assert_eq!(intake.push(later), [request(1, 2).id]);
        assert_eq!(intake.push(request(1, 1)), [request(1, 1).id]);
        assert_eq!(intake.len(), 1);
        intake.begin_group();
        assert_eq!(ids(&mut intake), [(1, 3)]);
    }

    #[test]
    fn requests_without_a_place_can_be_cleared_out() {
        let mut intake = Intake::default();
        intake.push(request(1, 2));
        intake.push(request(2, 1));
        intake.begin_group();
        assert_eq!(intake.next().unwrap().id.sequence, 2);
        intake.skip();
        assert_eq!(intake.drain_stuck(), [request(1, 2).id]);
        assert_eq!(intake.len(), 1);
        assert_eq!(ids(&mut intake), [(2, 1)]);
    }

    #[test]
    fn requests_that_got_another_place_are_not_cleared_out() {
        let mut intake = Intake::default();
        intake.push(request(1, 2));
        intake.begin_group();
        intake.skip();
        intake.push(request(1, 1));
        assert_eq!(intake.drain_stuck(), []);
        assert!(intake.absorb());
        assert_eq!(ids(&mut intake), [(1, 1)]);
        intake.wake(1);
        assert_eq!(intake.drain_stuck(), []);
    }

    #[test]
    fn a_group_that_is_broken_off_goes_on_waiting() {
        let mut intake = Intake::default();
        for session in 1..=3 {
            intake.push(request(session, 1));
        }
        intake.begin_group();
        assert_eq!(intake.next().unwrap().id.session, 1);
        let failed = intake.take().unwrap();
        intake.defer(failed);
        intake.push(request(4, 1));
        intake.abandon_group();
        assert!(!intake.is_in_group() && !intake.is_idle());
        assert_eq!(intake.len(), 4);
        intake.begin_group();
        assert!(!intake.is_final());
        assert_eq!(ids(&mut intake), [(2, 1), (3, 1), (1, 1), (4, 1)]);
        assert!(intake.is_idle());
    }
}
