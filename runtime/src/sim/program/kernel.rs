//! The hosts: the kernel's core, its disks, and what it asks for.

mod says;

use super::drives::{Content, Drives};
use super::events::{Event, ForKernel};
use super::links::address;
use super::planted::Plant;
use super::record::Happened;
use super::shared::{Inner, Shared};
use crate::client::{LinkEvent, LinkId};
use crate::clock::Time;
use crate::identity::{HostId, ServerId};
use crate::kernel::host::{Effect, Event as KernelEvent, Host, HostOptions, Stored};
use crate::kernel::job::Job;
use crate::kernel::message::ToPeer;
use crate::kernel::replica::ClientId;
use crate::program::Program;
use crate::protocol::executive::Random;
use crate::storage::StorageError;
use crate::wire::Writer;
use says::note;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A server without a name ends when its program has been gone for so long.
const ORPHAN_AFTER: Duration = Duration::from_secs(60);
/// Opening a store takes so long.
const OPENING: Duration = Duration::from_millis(1);
/// What a slow host does takes so long.
const SLOW: (Duration, Duration) = (Duration::from_micros(100), Duration::from_millis(4));
/// A kernel that did not answer is dialed again after so long.
const DIAL_AGAIN: Duration = Duration::from_millis(50);

/// Why a kernel stops.
pub(super) enum Stop {
    /// The disk fails, or what it holds is not what was written.
    Disk(StorageError),
    /// It must not happen.
    Fault(String),
}

impl Stop {
    fn fault(why: &str) -> Self {
        Self::Fault(why.to_owned())
    }
}

/// One host.
pub(super) struct SimulatedHost {
    me: HostId,
    pub core: Option<Host>,
    pub life: u64,
    pub drives: Drives,
    pub clients: BTreeMap<ClientId, (u64, LinkId)>,
    /// The connections to other kernels.
    pub peers: BTreeMap<HostId, u64>,
    scheduled: Time,
    /// Nothing happens here before.
    pub paused_until: Time,
    /// Writes take that much longer until then.
    pub slow_disk: (Time, Duration),
    /// Until then whatever happens here takes time, and the next thing happens after that.
    pub slow_until: Time,
    pub busy_until: Time,
    /// How often the fault that it has met something.
    pub struck: u64,
    /// Its disk is not what it was: the number of the fault that did it.
    pub ruined: Option<usize>,
    /// It is not started again.
    pub is_gone: bool,
}

impl SimulatedHost {
    pub(super) fn new(me: HostId, random: &mut Random, plant: Plant) -> Self {
        Self {
            me,
            core: None,
            life: 0,
            drives: Drives::new(random, plant),
            clients: BTreeMap::new(),
            peers: BTreeMap::new(),
            scheduled: Time::NEVER,
            paused_until: Time::ZERO,
            slow_disk: (Time::ZERO, Duration::ZERO),
            slow_until: Time::ZERO,
            busy_until: Time::ZERO,
            struck: 0,
            ruined: None,
            is_gone: false,
        }
    }

    /// Starts the kernel; it finds what its disks keep.
    pub(super) fn start(&mut self, program: &'static Program, hosts: u16, shared: &Arc<Shared>) {
        let mut inner = shared.inner();
        self.life += 1;
        let kernels = (0..hosts).map(|step| address(HostId((self.me.0 + step) % hosts)));
        let options = HostOptions {
            me: self.me,
            peers: (0..hosts)
                .map(|host| (format!("host{}", host + 1), address(HostId(host))))
                .collect(),
            classes: program.classes,
            fingerprint: program.fingerprint,
            volatile: false,
            incarnation: inner.random.bits() | 1,
            orphan_after: ORPHAN_AFTER,
            kernels: kernels.collect(),
            configure: Arc::clone(&inner.configure),
        };
        let now = inner.now;
        let clock = inner.skew(Some((self.me, self.life))).local(now);
        self.core = Some(Host::new(options, clock));
        inner.record.mark(self.me, now, Happened::Started);
        self.scheduled = Time::NEVER;
        let what = ForKernel::Open(ServerId::DIRECTORY);
        inner.for_kernel(now + OPENING, (self.me, self.life), what);
        for other in (0..hosts).map(HostId).filter(|other| *other != self.me) {
            let pair = (self.me.min(other), self.me.max(other));
            inner.at(now, Event::Join { pair });
        }
    }

    /// The process is gone, and what was not synced with it if the power failed.
    pub(super) fn crash(&mut self, power: bool, shared: &Arc<Shared>) {
        // Its clients hang up, which takes the lock.
        self.core = None;
        self.struck += 1;
        let mut inner = shared.inner();
        let inner = &mut *inner;
        inner.record.mark(self.me, inner.now, Happened::Ended);
        (self.paused_until, self.busy_until) = (Time::ZERO, Time::ZERO);
        self.drives.crash(power, &mut inner.random);
        inner.sockets_end(self.me);
        if power {
            inner.files_lose_power(self.me);
        }
        let me = self.me;
        inner
            .threads
            .retain(|_, thread| thread.place.is_none_or(|(host, _)| host != me));
        // Those who were connected learn it, over the network, from the operating system.
        for (client, (ends, link)) in std::mem::take(&mut self.clients) {
            self.say(inner, (client, ends, link), LinkEvent::Down);
        }
        inner
            .ends
            .retain(|_, ends| ends.place.is_none_or(|(host, _)| host != me));
        self.peers.clear();
    }

    /// The kernel handles something, and what it asks for is done.
    ///
    /// # Errors
    /// If it stops, with the reason.
    pub(super) fn handle(&mut self, what: ForKernel, shared: &Arc<Shared>) -> Result<(), Stop> {
        let Some(core) = &mut self.core else {
            return Ok(());
        };
        let (now, clock) = {
            let mut inner = shared.inner();
            let now = inner.now;
            if now < self.slow_until {
                self.struck += 1;
                self.busy_until = now + inner.random.between(SLOW.0, SLOW.1);
            }
            (now, inner.skew(Some((self.me, self.life))).local(now))
        };
        let mut effects = Vec::new();
        match what {
            ForKernel::Message {
                from,
                connection,
                message,
                sent,
            } => {
                let arrives = self.peers.get(&from) == Some(&connection);
                note(shared, sent, arrives);
                if arrives {
                    let message = &message;
                    core.handle(KernelEvent::FromPeer { from, message }, clock, &mut effects);
                }
            }
            ForKernel::PeerLost { from, connection } => {
                if self.peers.get(&from) == Some(&connection) {
                    self.peers.remove(&from);
                    core.handle(KernelEvent::PeerLost(from), clock, &mut effects);
                }
            }
            ForKernel::ClientJoined { client, session } => {
                core.handle(
                    KernelEvent::ClientJoined { client, session },
                    clock,
                    &mut effects,
                );
            }
            ForKernel::ClientSays {
                client,
                message,
                sent,
            } => {
                let message = &message;
                let arrives = self.clients.contains_key(&client);
                note(shared, sent, arrives);
                if arrives {
                    core.handle(
                        KernelEvent::FromClient { client, message },
                        clock,
                        &mut effects,
                    );
                }
            }
            ForKernel::ClientLeft(client) => {
                self.clients.remove(&client);
                core.handle(KernelEvent::ClientLeft(client), clock, &mut effects);
            }
            ForKernel::Tick => {
                self.scheduled = Time::NEVER;
                core.handle(KernelEvent::Tick, clock, &mut effects);
            }
            ForKernel::Disk(server) => {
                if let Some(token) = self.drives.sync(server, now).map_err(Stop::Disk)? {
                    core.handle(KernelEvent::Durable { server, token }, clock, &mut effects);
                }
            }
            ForKernel::Open(server) => {
                let stored = if core.keeps_in_memory(server) {
                    Stored::default()
                } else {
                    let recovered = self.drives.open(server).map_err(Stop::Disk)?;
                    Stored {
                        snapshot: recovered.snapshot,
                        records: recovered.records,
                    }
                };
                core.handle(KernelEvent::Opened { server, stored }, clock, &mut effects);
            }
            ForKernel::Run(job) => return self.run(*job, shared),
            ForKernel::Executed { finished, took } => {
                let finished = *finished;
                core.handle(
                    KernelEvent::Executed { finished, took },
                    clock,
                    &mut effects,
                );
            }
            ForKernel::Journal {
                server,
                ticket,
                step,
            } => core.handle(
                KernelEvent::Journal {
                    server,
                    ticket,
                    step,
                },
                clock,
                &mut effects,
            ),
        }
        if let Some(core) = &self.core
            && shared.inner().record.on
        {
            let standings = core.standings();
            let mut inner = shared.inner();
            for effect in &effects {
                if let Effect::Persist {
                    server, records, ..
                } = effect
                {
                    inner.record.writes(*server, records);
                }
            }
            inner.record.look(self.me, now, &standings);
        }
        for effect in effects {
            self.perform(effect, shared)?;
        }
        self.schedule(shared);
        Ok(())
    }

    /// Sees to it that the kernel is woken when it wants to be.
    fn schedule(&mut self, shared: &Arc<Shared>) {
        let Some(core) = &self.core else { return };
        let place = (self.me, self.life);
        let mut inner = shared.inner();
        let wake = inner.skew(Some(place)).everywhere(core.wake());
        if wake < self.scheduled {
            self.scheduled = wake;
            inner.for_kernel(wake, place, ForKernel::Tick);
        }
    }

    /// Runs a method: on a thread of its own if it may wait for others.
    fn run(&mut self, job: Job, shared: &Arc<Shared>) -> Result<(), Stop> {
        let place = (self.me, self.life);
        if !job.may_wait() {
            {
                let mut inner = shared.inner();
                (inner.slept, inner.inline) = (Duration::ZERO, Some(place));
            }
            let finished = Box::new(job.run());
            let mut inner = shared.inner();
            inner.inline = None;
            let work = Duration::from_micros(2);
            let took = work + inner.slept + inner.random.between(Duration::ZERO, work * 20);
            let done = inner.now + took;
            inner.for_kernel(done, place, ForKernel::Executed { finished, took });
            return Ok(());
        }
        let post = Arc::clone(shared);
        job.post_with(move |server, ticket, step| {
            let mut inner = post.inner();
            let now = inner.now;
            inner.for_kernel(
                now,
                place,
                ForKernel::Journal {
                    server,
                    ticket,
                    step,
                },
            );
        });
        let after = Arc::clone(shared);
        shared
            .start(Some(place), move || {
                let begun = after.inner().now;
                let finished = Box::new(job.run());
                let mut inner = after.inner();
                let now = inner.now;
                let took = now.since(begun);
                inner.for_kernel(now, place, ForKernel::Executed { finished, took });
            })
            .map_err(|error| Stop::Fault(format!("no thread for a method: {error}")))
    }

    fn perform(&mut self, effect: Effect, shared: &Arc<Shared>) -> Result<(), Stop> {
        let mut inner = shared.inner();
        let inner = &mut *inner;
        let (now, place) = (inner.now, (self.me, self.life));
        match effect {
            Effect::ToPeer {
                to,
                server,
                message,
            } => {
                let mut bytes = Writer::new();
                let message = &message;
                ToPeer::Group { server, message }.write(&mut bytes);
                self.send(to, bytes.into_bytes(), inner);
            }
            Effect::Heartbeat(message) => {
                for to in self.peers.keys().copied().collect::<Vec<_>>() {
                    self.send(to, message.clone(), inner);
                }
            }
            Effect::ToClient { to, message } => self.tell(to, message, inner),
            Effect::DropClient(_) => return Err(Stop::fault("a client's message was none")),
            Effect::DropPeer(_) => return Err(Stop::fault("another kernel's message was none")),
            Effect::Persist {
                server,
                token,
                records,
            } => {
                let done = now + self.write_time(inner);
                let content = Content::Records(records);
                if let Some(done) = self.drives.write(server, token, content, done) {
                    inner.for_kernel(done, place, ForKernel::Disk(server));
                }
            }
            Effect::SaveSnapshot {
                server,
                token,
                snapshot,
                ..
            } => {
                let done = now + self.write_time(inner) * 4;
                let content = Content::Snapshot(snapshot);
                if let Some(done) = self.drives.write(server, token, content, done) {
                    inner.for_kernel(done, place, ForKernel::Disk(server));
                }
            }
            Effect::Open(server) => {
                inner.for_kernel(now + OPENING, place, ForKernel::Open(server));
            }
            Effect::Remove(server) => {
                self.drives.remove(server);
            }
            Effect::Run(job) => inner.for_kernel(now, place, ForKernel::Run(job)),
            Effect::Fail(why) => return Err(Stop::Fault(why)),
        }
        Ok(())
    }

    fn write_time(&mut self, inner: &mut Inner) -> Duration {
        let (until, slow) = self.slow_disk;
        let more = if inner.now < until {
            self.struck += 1;
            slow
        } else {
            Duration::ZERO
        };
        let usual = (Duration::from_micros(80), Duration::from_millis(2));
        inner.random.between(usual.0, usual.1) + more
    }
}

/// When two kernels that could not connect try again.
pub(super) fn dial_again(now: Time) -> Time {
    now + DIAL_AGAIN
}
