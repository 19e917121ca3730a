//! The server that payouts call: it makes each call once, by its identity, and answers every repetition alike.

use super::*;

/// After so long a call is repeated.
const PATIENCE: Duration = Duration::from_millis(90);

/// A slow call takes no longer.
const SLOW_MAX: Duration = Duration::from_millis(900);

impl World {
    /// A method of this host calls.
    pub(super) fn call_outside(&mut self, host: usize, post: Post) {
        let Some(life) = self.hosts.get(host).map(|host| host.life) else {
            return;
        };
        let arrivals = self.network.pass(self.now, &mut self.random);
        for at in arrivals.into_iter().flatten() {
            self.at(at, Event::Call { host, life, post });
        }
        self.at(self.now + PATIENCE, Event::CallAgain { host, life, post });
    }

    /// Repeats a call that is still waited for.
    pub(super) fn call_again(&mut self, host: usize, post: Post) {
        if self.hosts.get(host).is_some_and(|host| host.calls(&post)) {
            self.call_outside(host, post);
        }
    }

    /// A call arrived.
    pub(super) fn outside_is_called(&mut self, host: usize, life: u64, post: Post) {
        let fresh = self.random.below(1_000) as i64;
        let (known, receipt) = *self.history.posts.entry(post.id).or_insert((post, fresh));
        if known != post {
            let property = "nested calls";
            let what = format!("{known:?} came again as {post:?}");
            self.violation = Some(Violation { property, what });
            return;
        }
        let id = post.id;
        // Now and then it takes its time, so that much can happen to who waits.
        let slow = self.random.one_in(6) && self.healed.is_none();
        let longest = if slow { SLOW_MAX } else { Duration::ZERO };
        let begin = self.now + self.random.between(Duration::ZERO, longest);
        let arrivals = self.network.pass(begin, &mut self.random);
        for at in arrivals.into_iter().flatten() {
            let event = Event::Called {
                host,
                life,
                id,
                receipt,
            };
            self.at(at, event);
        }
    }

    /// An answer arrived.
    pub(super) fn outside_answered(&mut self, index: usize, id: RequestId, receipt: i64) {
        let random = &mut self.random;
        let host = self.hosts.get_mut(index);
        let done = host.and_then(|host| host.called(id, receipt, random));
        self.go_on(index, done);
    }

    /// A method goes on.
    pub(super) fn go_on(&mut self, index: usize, done: Option<Done>) {
        match done {
            Some(Done::Input(input)) => self.drive(index, input),
            Some(Done::Call(post)) => self.call_outside(index, post),
            Some(Done::Settled(..) | Done::Damaged(_)) | None => {}
        }
    }
}
