//! Clients that append and count until they are stopped, and remember what they were told.

use std::collections::VecDeque;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cmsl_runtime::client::{Client, Ticket};
use cmsl_runtime::identity::ServerId;
use cmsl_runtime::wire::Wire;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::harness::{APPEND, COUNT};
use super::history::{Asked, History, Operation};

/// How often a client that waits looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(50);

/// One session whose requests and replies are remembered.
pub struct Recorder {
    client: Client,
    server: ServerId,
    /// The numbers that it appends.
    numbers: std::ops::RangeFrom<u64>,
    flying: VecDeque<(Ticket, Asked, Instant)>,
    /// What is known by now.
    pub history: History,
}

impl Recorder {
    /// A session with the cluster that has kernels at these addresses.
    #[must_use]
    pub fn new(addresses: &[SocketAddr], server: ServerId) -> Self {
        static SESSIONS: AtomicU64 = AtomicU64::new(1);
        let session = SESSIONS.fetch_add(1, Ordering::Relaxed);
        Self {
            client: Client::connect(addresses).unwrap(),
            server,
            numbers: session << 32..,
            flying: VecDeque::new(),
            history: History::default(),
        }
    }

    /// Sends one request.
    pub fn ask(&mut self, counts: bool) {
        let begun = Instant::now();
        let (asked, ticket) = if counts {
            (Asked::Count, self.client.invoke(self.server, COUNT, &[]))
        } else {
            let number = self.numbers.next().unwrap();
            let arguments = number.to_le_bytes();
            let ticket = self.client.invoke(self.server, APPEND, &arguments);
            (Asked::Append(number), ticket)
        };
        self.flying.push_back((ticket.unwrap(), asked, begun));
    }

    /// Waits for the reply to the oldest request, at most for so long; whether it is known now what became of it, as far as it can be.
    pub fn hear(&mut self, timeout: Option<Duration>) -> bool {
        let Some((ticket, asked, begun)) = self.flying.front().copied() else {
            return true;
        };
        if self.client.wait_any(&[ticket], timeout).unwrap().is_none() {
            return false;
        }
        self.flying.pop_front();
        // An error says that nobody answered for long: it may have been done.
        let told = self.client.reply(ticket).ok().map(|reply| {
            assert!(!reply.raised);
            (Instant::now(), u64::from_bytes(&reply.body).unwrap())
        });
        self.client.forget(ticket);
        self.history.0.push(Operation { asked, begun, told });
        true
    }

    /// Whether anything is not answered yet.
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.flying.is_empty()
    }

    /// Appends a number and counts; both must be answered.
    pub fn append_and_count(&mut self) {
        for counts in [false, true] {
            self.ask(counts);
            self.hear(None);
            assert!(
                self.history.0.last().unwrap().told.is_some(),
                "no answer to {:?}",
                self.history.0.last()
            );
        }
    }

    /// Everything, with what is still in flight as what nobody knows of.
    #[must_use]
    pub fn end(mut self) -> History {
        let unknown = self.flying.drain(..);
        self.history
            .0
            .extend(unknown.map(|(_, asked, begun)| Operation {
                asked,
                begun,
                told: None,
            }));
        self.history
    }
}

/// How the clients of a load behave.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How many there are.
    pub clients: usize,
    /// So many requests of each are in flight.
    pub depth: usize,
    /// Of so many requests one counts, the others append.
    pub counts_in: u64,
    /// What each waits after a reply.
    pub pause: Duration,
}

/// A few clients with a little to do.
pub const LIGHT: Manner = Manner {
    clients: 3,
    depth: 1,
    counts_in: 4,
    pause: Duration::from_millis(2),
};

/// Clients that change nothing.
pub const READERS: Manner = Manner {
    counts_in: 1,
    ..LIGHT
};

/// What clients are told to do.
#[derive(Default)]
struct Told {
    /// To ask for nothing more.
    stop: AtomicBool,
    /// Nor to wait for answers.
    leave: AtomicBool,
}

/// Clients at work.
pub struct Load {
    told: Arc<Told>,
    answered: Arc<AtomicU64>,
    threads: Vec<JoinHandle<History>>,
}

impl Load {
    /// Starts clients, in this network namespace if one is given; none works before each has been answered.
    #[must_use]
    pub fn start(
        addresses: &[SocketAddr],
        server: ServerId,
        namespace: Option<&str>,
        manner: Manner,
    ) -> Self {
        let (told, answered) = (Arc::<Told>::default(), Arc::<AtomicU64>::default());
        let (ready, started) = channel();
        let all_ready = Arc::new(Barrier::new(manner.clients));
        let threads = (0..manner.clients)
            .map(|_| {
                let (told, answered) = (Arc::clone(&told), Arc::clone(&answered));
                let (ready, addresses) = (ready.clone(), addresses.to_vec());
                let all_ready = Arc::clone(&all_ready);
                let namespace = namespace.map(str::to_owned);
                std::thread::spawn(move || {
                    if let Some(namespace) = namespace {
                        enter(&namespace);
                    }
                    let mut recorder = Recorder::new(&addresses, server);
                    recorder.append_and_count();
                    let _ = ready.send(());
                    drop(ready);
                    all_ready.wait();
                    work(&mut recorder, manner, &told, &answered);
                    recorder.end()
                })
            })
            .collect();
        drop(ready);
        assert_eq!(
            started.iter().count(),
            manner.clients,
            "a client could not start"
        );
        Self {
            told,
            answered,
            threads,
        }
    }

    /// How many requests were answered by now.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Stops the clients, once each has heard what became of what it asked.
    #[must_use]
    pub fn stop(self) -> History {
        self.end()
    }

    /// Stops the clients at once: what they asked and were not told is left to the servers.
    #[must_use]
    pub fn leave(self) -> History {
        self.told.leave.store(true, Ordering::Relaxed);
        self.end()
    }

    fn end(mut self) -> History {
        self.told.stop.store(true, Ordering::Relaxed);
        let threads = std::mem::take(&mut self.threads).into_iter();
        let histories = threads.map(|thread| thread.join().unwrap());
        History(histories.flat_map(|history| history.0).collect())
    }
}

impl Drop for Load {
    /// Nobody waits for the clients of a campaign that failed; they end by themselves.
    fn drop(&mut self) {
        self.told.stop.store(true, Ordering::Relaxed);
    }
}

/// This thread's sockets are those of a network namespace from now on.
fn enter(namespace: &str) {
    let file = File::open(Path::new("/run/netns").join(namespace)).unwrap();
    move_into_link_name_space(
        std::os::fd::AsFd::as_fd(&file),
        Some(LinkNameSpaceType::Network),
    )
    .unwrap();
}

fn work(recorder: &mut Recorder, manner: Manner, told: &Told, answered: &AtomicU64) {
    let mut asked = 0_u64;
    while !told.leave.load(Ordering::Relaxed) {
        let stops = told.stop.load(Ordering::Relaxed);
        while recorder.flying.len() < manner.depth && !stops {
            asked += 1;
            recorder.ask(asked.is_multiple_of(manner.counts_in));
        }
        if recorder.flying.is_empty() {
            return;
        }
        if recorder.hear(Some(LOOK)) {
            let last = recorder.history.0.last();
            let is_answered = last.is_some_and(|one| one.told.is_some());
            answered.fetch_add(u64::from(is_answered), Ordering::Relaxed);
            std::thread::sleep(manner.pause);
        }
    }
}
