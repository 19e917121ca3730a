//! A client's connections in a simulated network.

use super::events::{Event, ForKernel};
use super::network::{Arrival, end};
use super::record;
use super::shared::{Inner, Place, Shared};
use super::stage::{Actor, Stage};
use crate::client::{LinkEvent, LinkId, Links};
use crate::clock::Time;
use crate::identity::HostId;
use crate::kernel::message::ToKernel;
use crate::kernel::replica::ClientId;
use crate::wire::Wire;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

const PAUSE_MIN: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_millis(200);
const PORT: u16 = 7400;
/// A look for messages takes so long.
const LOOK: Duration = Duration::from_micros(1);

/// The address of a host's kernel.
pub(super) fn address(host: HostId) -> SocketAddr {
    let [high, low] = host.0.to_be_bytes();
    (Ipv4Addr::new(10, 0, high, low), PORT).into()
}

fn host_at(address: SocketAddr) -> Option<HostId> {
    match address {
        SocketAddr::V4(v4) => {
            let [_, _, high, low] = v4.ip().octets();
            Some(HostId(u16::from_be_bytes([high, low])))
        }
        SocketAddr::V6(_) => None,
    }
}

/// One connection that is kept.
pub(super) struct Link {
    pub host: HostId,
    /// The kernel's name for it and the life of the kernel, while it is connected.
    pub connection: Option<(ClientId, u64)>,
    pause: Duration,
}

/// The client's side of its connections.
pub(super) struct Ends {
    pub place: Place,
    pub session: Option<u128>,
    pub links: BTreeMap<LinkId, Link>,
    next: u32,
    events: VecDeque<(LinkId, LinkEvent)>,
    waiter: Option<Actor>,
}

impl Ends {
    pub(super) fn new(place: Place, session: Option<u128>) -> Self {
        Self {
            place,
            session,
            links: BTreeMap::new(),
            next: 0,
            events: VecDeque::new(),
            waiter: None,
        }
    }
}

impl Inner {
    /// Something happened on a client's connection.
    pub(super) fn tell_client(&mut self, ends: u64, link: LinkId, what: LinkEvent) {
        let Some(known) = self.ends.get_mut(&ends) else {
            return;
        };
        known.events.push_back((link, what));
        if let Some(waiter) = known.waiter.take() {
            self.wake(waiter);
        }
    }

    /// A client that could not connect tries again.
    pub(super) fn dial_again(&mut self, ends: u64, link: LinkId) {
        let now = self.now;
        let Some(known) = self.link(ends, link) else {
            return;
        };
        let pause = known.pause;
        known.pause = (pause * 2).min(PAUSE_MAX);
        self.at(now + pause, Event::Dial { ends, link });
    }

    pub(super) fn link(&mut self, ends: u64, link: LinkId) -> Option<&mut Link> {
        self.ends.get_mut(&ends)?.links.get_mut(&link)
    }

    fn leave(&mut self, place: Place, link: &Link) {
        if let Some((client, life)) = link.connection {
            let (host, now) = (link.host, self.now);
            let Arrival { at, .. } =
                self.network
                    .arrival(end(place), Some(host), now, &mut self.random);
            self.for_kernel(at, (host, life), ForKernel::ClientLeft(client));
        }
    }
}

/// What a client holds of them.
pub(super) struct Simulated {
    shared: Arc<Shared>,
    ends: u64,
}

impl Simulated {
    pub(super) fn new(shared: Arc<Shared>, ends: u64) -> Self {
        Self { shared, ends }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let mut inner = self.shared.inner();
        if let Some(ends) = inner.ends.remove(&self.ends) {
            for link in ends.links.values() {
                inner.leave(ends.place, link);
            }
        }
    }
}

impl Links for Simulated {
    fn dial(&mut self, address: SocketAddr) -> LinkId {
        let mut inner = self.shared.inner();
        let now = inner.now;
        let Some(ends) = inner.ends.get_mut(&self.ends) else {
            return LinkId(0);
        };
        ends.next += 1;
        let link = LinkId(ends.next);
        if let Some(host) = host_at(address) {
            ends.links.insert(
                link,
                Link {
                    host,
                    connection: None,
                    pause: PAUSE_MIN,
                },
            );
            let ends = self.ends;
            inner.at(now, Event::Dial { ends, link });
        }
        link
    }

    fn hang_up(&mut self, id: LinkId) {
        let mut inner = self.shared.inner();
        if let Some(ends) = inner.ends.get_mut(&self.ends) {
            let place = ends.place;
            ends.events.retain(|(of, _)| *of != id);
            if let Some(link) = ends.links.remove(&id) {
                inner.leave(place, &link);
            }
        }
    }

    fn send(&mut self, id: LinkId, message: &ToKernel) {
        let mut inner = self.shared.inner();
        let inner = &mut *inner;
        let Some(ends) = inner.ends.get(&self.ends) else {
            return;
        };
        let from = end(ends.place);
        if let Some(link) = ends.links.get(&id)
            && let Some((client, life)) = link.connection
        {
            let (host, now) = (link.host, inner.now);
            let to = Some(host);
            let Arrival { at, struck } = inner.network.arrival(from, to, now, &mut inner.random);
            let content = |names: &_| record::of_client(message, names);
            let sent = inner.record.sent((from, to), now, struck, content);
            let message = message.to_bytes();
            let what = ForKernel::ClientSays {
                client,
                message,
                sent,
            };
            inner.for_kernel(at, (host, life), what);
        }
    }

    fn take(&mut self) -> VecDeque<(LinkId, LinkEvent)> {
        let mut inner = self.shared.inner();
        let ends = inner.ends.get_mut(&self.ends);
        ends.map(|ends| std::mem::take(&mut ends.events))
            .unwrap_or_default()
    }

    fn wait(&mut self, deadline: Option<Time>) {
        // Even a look takes time, so that others get their turns.
        let deadline = {
            let inner = self.shared.inner();
            let place = inner.ends.get(&self.ends).and_then(|ends| ends.place);
            let (clock, least) = (inner.skew(place), inner.now + LOOK);
            deadline.map(|at| clock.everywhere(at).max(least))
        };
        loop {
            {
                let mut inner = self.shared.inner();
                let now = inner.now;
                let Some(ends) = inner.ends.get_mut(&self.ends) else {
                    return;
                };
                if !ends.events.is_empty() || deadline.is_some_and(|at| at <= now) {
                    return;
                }
                ends.waiter = Some(Stage::me());
            }
            self.shared.wait(deadline);
        }
    }
}
