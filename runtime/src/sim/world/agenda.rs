//! What is to happen, in the order of the times, and of being planned at equal times.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::clock::Time;
use crate::protocol::{Bytes, RequestId};
use crate::sim::payout::Post;

/// Something that happens at a time.
#[derive(Debug)]
pub(super) enum Event {
    Message {
        to: usize,
        from: u16,
        message: Bytes,
    },
    Request {
        to: usize,
        id: (u128, u64),
        acknowledged: u64,
        call: Bytes,
    },
    Reply {
        client: usize,
        sequence: u64,
        reply: Bytes,
    },
    Refused {
        client: usize,
        sequence: u64,
        hint: Option<Option<u16>>,
        bad: Option<u8>,
    },
    Wake {
        host: usize,
        life: u64,
    },
    Disk {
        host: usize,
        life: u64,
    },
    Service {
        host: usize,
        life: u64,
    },
    Call {
        host: usize,
        life: u64,
        post: Post,
    },
    CallAgain {
        host: usize,
        life: u64,
        post: Post,
    },
    Called {
        host: usize,
        life: u64,
        id: RequestId,
        receipt: i64,
    },
    Restart {
        host: usize,
    },
    Client {
        client: usize,
    },
    Fault,
    Mend,
}

/// The events to come. They lie still while their places in the order move, as they are much larger.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    order: BinaryHeap<Reverse<(Time, u64, usize)>>,
    events: Vec<Option<Event>>,
    free: Vec<usize>,
    count: u64,
}

impl Agenda {
    /// Plans an event.
    pub(super) fn push(&mut self, time: Time, event: Event) {
        self.count += 1;
        let at = self.free.pop().unwrap_or_else(|| {
            self.events.push(None);
            self.events.len() - 1
        });
        if let Some(place) = self.events.get_mut(at) {
            *place = Some(event);
        }
        self.order.push(Reverse((time, self.count, at)));
    }

    /// The next event.
    pub(super) fn pop(&mut self) -> Option<(Time, Event)> {
        let Reverse((time, _, at)) = self.order.pop()?;
        self.free.push(at);
        let event = self.events.get_mut(at)?.take()?;
        Some((time, event))
    }
}
