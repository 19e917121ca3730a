//! Which hosts are heard: failure detection by heartbeats.
//!
//! Every message of a host counts as a sign of life, and heartbeats make sure that there is one
//! every [`HEARTBEAT`]. A host that was silent for [`SUSPICION`] is suspected; a suspicion may be
//! wrong, and nothing but speed and placement depends on it. When this process itself was stopped
//! for a while, the others get that time on top: it was not they who were silent.

use crate::clock::Time;
use crate::identity::HostId;
use std::time::Duration;

/// How often a host says that it lives.
pub const HEARTBEAT: Duration = Duration::from_millis(50);
/// Silence after which a host is suspected.
pub const SUSPICION: Duration = Duration::from_millis(250);

/// What is known of one host.
#[derive(Clone, Copy, Debug)]
struct Peer {
    heard: Option<Time>,
    alive: bool,
    incarnation: u64,
}

/// What one host knows of all.
#[derive(Debug)]
pub struct Membership {
    me: HostId,
    peers: Vec<Peer>,
    beat_due: Time,
}

impl Membership {
    /// Nobody but `me` is heard yet.
    #[must_use]
    pub fn new(me: HostId, hosts: usize, incarnation: u64, now: Time) -> Self {
        let mut peers = vec![
            Peer {
                heard: None,
                alive: false,
                incarnation: 0
            };
            hosts
        ];
        if let Some(own) = peers.get_mut(usize::from(me.0)) {
            *own = Peer {
                heard: Some(now),
                alive: true,
                incarnation,
            };
        }
        Self {
            me,
            peers,
            beat_due: now,
        }
    }

    /// A message of that host arrived; whether it was not heard before.
    pub fn heard(&mut self, host: HostId, now: Time) -> bool {
        let Some(peer) = self.peers.get_mut(usize::from(host.0)) else {
            return false;
        };
        peer.heard = Some(now);
        !std::mem::replace(&mut peer.alive, true)
    }

    /// That host says in which life it is; whether that is news.
    pub fn lives(&mut self, host: HostId, incarnation: u64) -> bool {
        let Some(peer) = self.peers.get_mut(usize::from(host.0)) else {
            return false;
        };
        std::mem::replace(&mut peer.incarnation, incarnation) != incarnation
    }

    /// The connection to that host was closed by its end; whether it was heard before.
    pub fn lost(&mut self, host: HostId) -> bool {
        match self.peers.get_mut(usize::from(host.0)) {
            Some(peer) if host != self.me => std::mem::replace(&mut peer.alive, false),
            _ => false,
        }
    }

    /// Whether it is time for heartbeats; suspects who was silent, and says whether anybody was.
    pub fn tick(&mut self, now: Time) -> (bool, bool) {
        if now < self.beat_due {
            return (false, false);
        }
        let late = now.since(self.beat_due);
        self.beat_due = now + HEARTBEAT;
        let mut changed = false;
        for (peer, index) in self.peers.iter_mut().zip(0u16..) {
            if index == self.me.0 || !peer.alive {
                continue;
            }
            let Some(heard) = peer.heard else { continue };
            if late > HEARTBEAT {
                peer.heard = Some(heard + late);
            } else if now.since(heard) > SUSPICION {
                peer.alive = false;
                changed = true;
            }
        }
        (true, changed)
    }

    /// When the next heartbeat is due.
    #[must_use]
    pub fn due(&self) -> Time {
        self.beat_due
    }

    /// Whether that host is heard.
    #[must_use]
    pub fn is_alive(&self, host: HostId) -> bool {
        self.peers
            .get(usize::from(host.0))
            .is_some_and(|peer| peer.alive)
    }

    /// The life that host was last heard in; 0 if it never was.
    #[must_use]
    pub fn incarnation(&self, host: HostId) -> u64 {
        self.peers
            .get(usize::from(host.0))
            .map_or(0, |peer| peer.incarnation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::ZERO + Duration::from_millis(ms)
    }

    #[test]
    fn silence_is_suspected_and_a_message_clears_it() {
        let mut membership = Membership::new(HostId(0), 2, 1, at(0));
        assert!(membership.heard(HostId(1), at(0)));
        for ms in (0..=250).step_by(50) {
            assert_eq!(membership.tick(at(ms)), (true, false), "at {ms} ms");
        }
        assert_eq!(membership.tick(at(300)), (true, true));
        assert!(!membership.is_alive(HostId(1)));
        assert!(membership.heard(HostId(1), at(301)));
        assert!(membership.is_alive(HostId(1)));
    }

    #[test]
    fn a_stopped_observer_does_not_suspect_the_others() {
        let mut membership = Membership::new(HostId(0), 2, 1, at(0));
        membership.tick(at(0));
        membership.heard(HostId(1), at(40));
        assert_eq!(membership.tick(at(5000)), (true, false));
        assert!(membership.is_alive(HostId(1)));
    }

    #[test]
    fn a_closed_connection_is_suspected_at_once() {
        let mut membership = Membership::new(HostId(0), 2, 1, at(0));
        membership.heard(HostId(1), at(0));
        assert!(membership.lost(HostId(1)));
        assert!(!membership.lost(HostId(1)));
        assert!(!membership.lost(HostId(0)));
    }
}
