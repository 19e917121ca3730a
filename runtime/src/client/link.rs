//! A client's connections, driven on the thread that waits.
//!
//! Sends are one write on the calling thread, and a wait is one `poll` there: no other thread and no event loop takes
//! part in a call. Only dialing has threads of its own, because it may take long.

mod dial;
mod line;

use crate::clock::Time;
use crate::kernel::message::{FROM_CLIENT, ToClient, ToKernel};
use crate::thread;
use crate::transport::{Identity, Role};
use crate::wall::WallClock;
use crate::wire::{Wire, frame_with};
use dial::Dialed;
use line::Line;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Names one dialed address of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId(pub u32);

/// What happened on a link.
pub enum LinkEvent {
    /// It is connected.
    Up,
    /// The kernel says something.
    Message(ToClient),
    /// The connection broke; it is dialed again.
    Down,
    /// An attempt to connect failed, for this reason; the next one follows.
    Unreachable(String),
}

/// The connections of one client.
pub trait Links: Send {
    /// Keeps a connection to that address from now on.
    fn dial(&mut self, address: SocketAddr) -> LinkId;
    /// Ends a connection.
    fn hang_up(&mut self, id: LinkId);
    /// Sends, if the link is connected; what is lost is sent again by the session.
    fn send(&mut self, id: LinkId, message: &ToKernel);
    /// What happened since the last time.
    fn take(&mut self) -> VecDeque<(LinkId, LinkEvent)>;
    /// Waits until something happens, at most until `deadline`.
    fn wait(&mut self, deadline: Option<Time>);
}

/// A connection that is kept.
struct Link {
    address: SocketAddr,
    /// Absent while it is dialed.
    line: Option<Line>,
    /// Tells the dialer that nobody wants the connection any more.
    unwanted: Arc<AtomicBool>,
}

/// Connections through sockets.
pub(super) struct Sockets {
    links: BTreeMap<LinkId, Link>,
    events: VecDeque<(LinkId, LinkEvent)>,
    dialed: Receiver<(LinkId, Dialed)>,
    dialers: Sender<(LinkId, Dialed)>,
    /// Rings when something was dialed: the end that waits, and the one that dialers get.
    bell: (UnixStream, Arc<UnixStream>),
    role: Role,
    /// How this client introduces itself.
    name: String,
    next: u32,
    clock: WallClock,
}

impl Drop for Sockets {
    fn drop(&mut self) {
        for link in self.links.values() {
            link.unwanted.store(true, Ordering::Release);
        }
    }
}

impl Links for Sockets {
    fn dial(&mut self, address: SocketAddr) -> LinkId {
        let id = LinkId(self.next);
        self.next += 1;
        let link = Link {
            address,
            line: None,
            unwanted: Arc::default(),
        };
        self.start_dialer(id, &link);
        self.links.insert(id, link);
        id
    }

    fn hang_up(&mut self, id: LinkId) {
        if let Some(link) = self.links.remove(&id) {
            link.unwanted.store(true, Ordering::Release);
        }
        self.events.retain(|(of, _)| *of != id);
    }

    fn send(&mut self, id: LinkId, message: &ToKernel) {
        let Some(line) = self.links.get_mut(&id).and_then(|link| link.line.as_mut()) else {
            return;
        };
        if let Ok(bytes) = frame_with(FROM_CLIENT, |to| message.write(to))
            && line.send(&bytes).is_err()
        {
            self.lose(id);
        }
    }

    fn take(&mut self) -> VecDeque<(LinkId, LinkEvent)> {
        std::mem::take(&mut self.events)
    }

    fn wait(&mut self, deadline: Option<Time>) {
        let deadline = deadline.map(|time| self.clock.instant(time));
        loop {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            self.poll(left);
            if !self.events.is_empty() || deadline.is_some_and(|at| at <= Instant::now()) {
                return;
            }
        }
    }
}

impl Sockets {
    pub(super) fn new(role: Role, name: String, clock: WallClock) -> io::Result<Self> {
        let (dialers, dialed) = channel();
        let (waiting, ringing) = UnixStream::pair()?;
        waiting.set_nonblocking(true)?;
        ringing.set_nonblocking(true)?;
        Ok(Self {
            links: BTreeMap::new(),
            events: VecDeque::new(),
            dialed,
            dialers,
            bell: (waiting, Arc::new(ringing)),
            role,
            name,
            next: 0,
            clock,
        })
    }

    fn start_dialer(&mut self, id: LinkId, link: &Link) {
        let identity = Identity {
            cluster: 0,
            role: self.role,
            host: self.name.clone(),
        };
        let (dialers, bell) = (self.dialers.clone(), Arc::clone(&self.bell.1));
        let tell = move |dialed| {
            // A client that is gone needs no news, and a bell that is full rings already.
            let _ = dialers.send((id, dialed));
            let _ = io::Write::write(&mut &*bell, &[1]);
        };
        let (address, unwanted) = (link.address, Arc::clone(&link.unwanted));
        let started = thread::spawn("dial", move || {
            dial::run(address, &identity, &unwanted, tell)
        });
        if let Err(error) = started {
            let why = format!("no thread for it: {error}");
            self.events.push_back((id, LinkEvent::Unreachable(why)));
        }
    }

    /// The connection is broken: it is dialed again.
    fn lose(&mut self, id: LinkId) {
        let Some(mut link) = self.links.remove(&id) else {
            return;
        };
        if link.line.take().is_some() {
            self.events.push_back((id, LinkEvent::Down));
            self.start_dialer(id, &link);
        }
        self.links.insert(id, link);
    }

    /// Reads what a connection has.
    fn receive(&mut self, id: LinkId) {
        let Some(line) = self.links.get_mut(&id).and_then(|link| link.line.as_mut()) else {
            return;
        };
        let events = &mut self.events;
        let received = line.receive(|message| events.push_back((id, LinkEvent::Message(message))));
        if received.is_err() {
            self.lose(id);
        }
    }

    /// Waits for any connection, and for what is being dialed.
    fn poll(&mut self, left: Option<Duration>) {
        let timeout = left
            .filter(|_| self.events.is_empty())
            .or((!self.events.is_empty()).then_some(Duration::ZERO))
            .and_then(|left| Timespec::try_from(left).ok());
        let mut ids = Vec::with_capacity(self.links.len());
        let mut waited = vec![PollFd::new(&self.bell.0, PollFlags::IN)];
        for (id, link) in &self.links {
            if let Some(line) = &link.line {
                ids.push(*id);
                let flags = if line.is_sending() {
                    PollFlags::IN | PollFlags::OUT
                } else {
                    PollFlags::IN
                };
                waited.push(PollFd::new(line, flags));
            }
        }
        // An interruption or a failure is a wait without result.
        let _ = poll(&mut waited, timeout.as_ref());
        let ready: Vec<PollFlags> = waited.iter().map(PollFd::revents).collect();
        for (id, ready) in ids.into_iter().zip(ready.iter().skip(1)) {
            if ready.contains(PollFlags::OUT) {
                self.send_rest(id);
            }
            if ready.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
                self.receive(id);
            }
        }
        if ready.first().is_some_and(|bell| !bell.is_empty()) {
            self.answer_bell();
        }
    }

    fn send_rest(&mut self, id: LinkId) {
        let line = self.links.get_mut(&id).and_then(|link| link.line.as_mut());
        if line.is_some_and(|line| line.send(&[]).is_err()) {
            self.lose(id);
        }
    }

    fn answer_bell(&mut self) {
        let mut rings = [0; 64];
        while matches!((&self.bell.0).read(&mut rings), Ok(1..)) {}
        while let Ok((id, dialed)) = self.dialed.try_recv() {
            let Some(link) = self.links.get_mut(&id) else {
                continue;
            };
            match dialed {
                Ok(line) => {
                    link.line = Some(line);
                    self.events.push_back((id, LinkEvent::Up));
                    // The kernel may have spoken right after its introduction.
                    self.receive_read(id);
                }
                Err(why) => {
                    let why = LinkEvent::Unreachable(why.to_string());
                    self.events.push_back((id, why));
                }
            }
        }
    }

    /// Takes the messages that came with the introduction.
    fn receive_read(&mut self, id: LinkId) {
        let Some(line) = self.links.get_mut(&id).and_then(|link| link.line.as_mut()) else {
            return;
        };
        let events = &mut self.events;
        let messages = line.messages(|message| events.push_back((id, LinkEvent::Message(message))));
        if messages.is_err() {
            self.lose(id);
        }
    }
}
