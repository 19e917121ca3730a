//! What a host's kernel says: to other kernels and to clients, over connections that may break.

use super::super::events::{Event, ForKernel};
use super::super::network::{Arrival, Copies, end};
use super::super::record;
use super::super::shared::{Inner, Shared};
use super::{SimulatedHost, dial_again};
use crate::client::{LinkEvent, LinkId};
use crate::identity::HostId;
use crate::kernel::message::ToClient;
use crate::kernel::replica::ClientId;
use crate::wire::Wire;
use std::sync::Arc;

impl SimulatedHost {
    /// Its connections break; what was under way on them is lost.
    pub(in crate::sim::program) fn reset(&mut self, shared: &Arc<Shared>) {
        let mut inner = shared.inner();
        let inner = &mut *inner;
        let (now, life) = (inner.now, self.life);
        self.struck += inner.sockets_reset(self.me);
        for (client, (ends, link)) in self.clients.clone() {
            self.struck += 1;
            let what = LinkEvent::Down;
            let connection = Some(client);
            inner.at(
                now,
                Event::Client {
                    ends,
                    link,
                    connection,
                    what,
                    sent: 0,
                },
            );
            inner.for_kernel(now, (self.me, life), ForKernel::ClientLeft(client));
        }
        for (from, connection) in self.peers.clone() {
            self.struck += 1;
            let lost = |from| ForKernel::PeerLost { from, connection };
            inner.for_kernel(now, (self.me, 0), lost(from));
            inner.for_kernel(now, (from, 0), lost(self.me));
            let pair = (self.me.min(from), self.me.max(from));
            inner.at(dial_again(now), Event::Join { pair });
        }
    }

    pub(super) fn send(&self, to: HostId, message: Vec<u8>, inner: &mut Inner) {
        let Some(connection) = self.peers.get(&to).copied() else {
            return;
        };
        let (from, now, random) = (self.me, inner.now, &mut inner.random);
        let Copies { at, struck } = inner.network.arrivals(from, to, now, random);
        let content = |names: &_| record::of_peer(&message, names);
        let ends = (Some(from), Some(to));
        let sent = inner.record.sent(ends, now, struck, content);
        if at == [None, None] {
            inner.record.lost(sent, now);
        }
        for arrival in at.into_iter().flatten() {
            let message = message.clone();
            let what = ForKernel::Message {
                from,
                connection,
                message,
                sent,
            };
            inner.for_kernel(arrival, (to, 0), what);
        }
    }

    pub(super) fn tell(&self, to: ClientId, message: ToClient, inner: &mut Inner) {
        let Some((ends, link)) = self.clients.get(&to).copied() else {
            return;
        };
        // What is written is read again, as over a real network.
        let what = ToClient::from_bytes(&message.to_bytes())
            .map(LinkEvent::Message)
            .unwrap_or(LinkEvent::Down);
        self.say(inner, (to, ends, link), what);
    }

    /// Something for a client leaves over its connection.
    pub(super) fn say(
        &self,
        inner: &mut Inner,
        (client, ends, link): (ClientId, u64, LinkId),
        what: LinkEvent,
    ) {
        let Some(to) = inner.ends.get(&ends).map(|ends| end(ends.place)) else {
            return;
        };
        let (now, random) = (inner.now, &mut inner.random);
        let from = Some(self.me);
        let Arrival { at, struck } = inner.network.arrival(from, to, now, random);
        let content = |names: &_| record::of_link(&what, names);
        let sent = inner.record.sent((from, to), now, struck, content);
        let connection = Some(client);
        inner.at(
            at,
            Event::Client {
                ends,
                link,
                connection,
                what,
                sent,
            },
        );
    }

    /// Says to a kernel that has just connected that this one lives.
    pub(in crate::sim::program) fn greet(&self, to: HostId, shared: &Arc<Shared>) {
        if let Some(core) = &self.core {
            self.send(to, core.heartbeat(), &mut shared.inner());
        }
    }
}

/// Notes that a message is there, or came over a connection that is not.
pub(super) fn note(shared: &Arc<Shared>, sent: u64, arrives: bool) {
    if sent == 0 {
        return;
    }
    let mut inner = shared.inner();
    let now = inner.now;
    if arrives {
        inner.record.arrived(sent, now);
    } else {
        inner.record.lost(sent, now);
    }
}
