//! A client's connections, driven on the thread that waits.
//!
//! The transport's tasks live on a runtime of one thread, which runs only while the client waits:
//! no other thread takes part in a call. Sends are one write on the calling thread.

use crate::kernel::message::{FROM_CLIENT, ToClient, ToKernel};
use crate::transport::tcp::Tcp;
use crate::transport::{Closed, Connection, Dialing, Handler, Identity, Role, Transport};
use crate::wire::{Frame, Wire, frame_with};
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Instant;
use tokio::runtime::Runtime;

/// How often a wait without time yields: to the network, then to the tasks that it woke.
const TURNS: usize = 3;

/// Names one dialed address of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkId(u32);

/// What happened on a link.
pub(super) enum LinkEvent {
    Up(Connection),
    Message(ToClient),
    Down,
    Unreachable(String),
}

#[derive(Default)]
struct Inbox {
    events: VecDeque<(LinkId, LinkEvent)>,
    waker: Option<Waker>,
}

struct LinkHandler {
    link: LinkId,
    inbox: Arc<Mutex<Inbox>>,
}

fn lock(inbox: &Mutex<Inbox>) -> MutexGuard<'_, Inbox> {
    inbox.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LinkHandler {
    fn tell(&self, events: impl Iterator<Item = LinkEvent>) {
        let mut inbox = lock(&self.inbox);
        inbox.events.extend(events.map(|event| (self.link, event)));
        if let Some(waker) = inbox.waker.take() {
            waker.wake();
        }
    }
}

impl Handler for LinkHandler {
    fn connected(&self, connection: &Connection) {
        self.tell([LinkEvent::Up(connection.clone())].into_iter());
    }

    fn received(&self, connection: &Connection, frames: &mut Vec<Frame>) {
        let mut messages = Vec::with_capacity(frames.len());
        for frame in frames.drain(..) {
            match ToClient::from_bytes(&frame.payload) {
                Ok(message) => messages.push(LinkEvent::Message(message)),
                Err(_) => {
                    connection.close();
                    break;
                }
            }
        }
        self.tell(messages.into_iter());
    }

    fn closed(&self, _connection: &Connection, _why: &Closed) {
        self.tell([LinkEvent::Down].into_iter());
    }

    fn unreachable(&self, _address: &str, why: &Closed) {
        self.tell([LinkEvent::Unreachable(why.to_string())].into_iter());
    }

    fn note(&self, _line: &str) {}
}

/// All connections of one client.
pub(super) struct Links {
    dialings: BTreeMap<LinkId, (Dialing, Option<Connection>)>,
    inbox: Arc<Mutex<Inbox>>,
    tcp: Tcp,
    role: Role,
    next: u32,
    /// Absent only while this is dropped.
    runtime: Option<Runtime>,
}

impl Drop for Links {
    /// A client may end on a thread that handles messages, where a runtime must not be waited for.
    fn drop(&mut self) {
        self.dialings.clear();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Links {
    pub(super) fn new(role: Role) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let tcp = Tcp::new(runtime.handle().clone());
        Ok(Self {
            dialings: BTreeMap::new(),
            inbox: Arc::default(),
            tcp,
            role,
            next: 0,
            runtime: Some(runtime),
        })
    }

    /// Keeps a connection to that address from now on.
    pub(super) fn dial(&mut self, address: SocketAddr) -> LinkId {
        let link = LinkId(self.next);
        self.next += 1;
        let handler = Arc::new(LinkHandler {
            link,
            inbox: Arc::clone(&self.inbox),
        });
        let identity = Identity {
            cluster: 0,
            role: self.role,
            host: "client".to_owned(),
        };
        let dialing = self.tcp.dial(&address.to_string(), None, identity, handler);
        self.dialings.insert(link, (dialing, None));
        link
    }

    /// Ends a connection.
    pub(super) fn hang_up(&mut self, link: LinkId) {
        self.dialings.remove(&link);
    }

    /// Sends, if the link is connected; what is lost is sent again by the session.
    pub(super) fn send(&self, link: LinkId, message: &ToKernel) {
        let Some((_, Some(connection))) = self.dialings.get(&link) else {
            return;
        };
        if let Ok(bytes) = frame_with(FROM_CLIENT, |to| message.write(to)) {
            // A full queue is like a lost message: the session sends it again.
            let _ = connection.send(&bytes);
        }
    }

    /// What happened since the last time.
    pub(super) fn take(&mut self) -> VecDeque<(LinkId, LinkEvent)> {
        let mut events = std::mem::take(&mut lock(&self.inbox).events);
        events.retain(|(link, _)| self.dialings.contains_key(link));
        for (link, event) in &events {
            let Some((_, connection)) = self.dialings.get_mut(link) else {
                continue;
            };
            match event {
                LinkEvent::Up(up) => *connection = Some(up.clone()),
                LinkEvent::Down => *connection = None,
                LinkEvent::Message(_) | LinkEvent::Unreachable(_) => {}
            }
        }
        events
    }

    /// Waits until something happens, at most until `deadline`.
    pub(super) fn wait(&mut self, deadline: Option<Instant>) {
        let inbox = &self.inbox;
        let something = poll_fn(|context| {
            let mut inbox = lock(inbox);
            if inbox.events.is_empty() {
                inbox.waker = Some(context.waker().clone());
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        });
        let Some(runtime) = &self.runtime else { return };
        runtime.block_on(async {
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                // Lets the network and the tasks have a turn, although there is no time to wait.
                for _ in 0..TURNS {
                    tokio::task::yield_now().await;
                }
            }
            match deadline {
                // Running out of time is no error: the caller looks at the clock.
                Some(deadline) => {
                    let _ = tokio::time::timeout_at(deadline.into(), something).await;
                }
                None => something.await,
            }
        });
    }
}
