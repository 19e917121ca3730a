//! A whole program, simulated: main, the methods of its servers, the kernels of all hosts, network and disks, on virtual time, from one seed.
//!
//! The program is the one that runs in production: only what its threads take from outside is the simulator's ([`crate::world`]). One thread runs
//! at a time, and the events of the queue say which; nothing depends on how the operating system schedules them.

mod agreement;
mod beyond;
mod drives;
mod events;
mod faults;
mod files;
mod kernel;
mod links;
mod network;
mod picture;
mod planted;
mod record;
mod shared;
mod sockets;
mod stage;
mod steps;
mod trouble;

pub use faults::{Fault, Kind, Strike};
pub use planted::Plant;
pub use sockets::Recordings;
pub use steps::{Moment, Steps};
use trouble::Ruin;
pub use trouble::{Struck, effects};

use crate::client::{Connector, LinkEvent};
use crate::clock::Time;
use crate::identity::{HostId, ServerId};
use crate::kernel::replica::ClientId;
use crate::program::{Program, Start};
use crate::protocol::executive::Random;
use beyond::Progress;
use events::{Event, ForKernel};
use kernel::SimulatedHost;
use picture::Scene;
use record::{Names, Record};
use shared::{Shared, SimulatedWorld};
use sockets::Sockets;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Runs begin at this time: some day of a year in which nobody expects anything.
const BEGIN: Time = Time::from_nanos(1_000_000_000_000_000_000);
/// After main and the last fault, the replicas have so long to become equal.
const SETTLING: Duration = Duration::from_secs(10);

/// The exit status of a main that embedding Rust code ended by a panic.
const PANICKED: i32 = 101;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// All that happens follows from it.
    pub seed: u64,
    /// How many hosts there are.
    pub hosts: u16,
    /// What fails.
    pub faults: Faults,
    /// Whether more may fail than the servers' tolerances promise to survive: then the program may stop, but not be wrong.
    pub beyond: bool,
    /// What is wrong with what is tested.
    pub plant: Plant,
    /// Main may take so long, in virtual time.
    pub at_most: Duration,
    /// The program's own arguments.
    pub arguments: Vec<String>,
    /// Whether the report has a picture.
    pub draws: bool,
    /// What stands for what is outside.
    pub outside: Recordings,
}

/// What fails in a run; never more at a time than the servers' tolerances promise to survive, unless that is asked for.
#[derive(Clone, Debug)]
pub enum Faults {
    /// Nothing.
    None,
    /// What the seed draws.
    Drawn,
    /// These.
    These(Vec<Strike>),
}

/// What a run showed.
#[derive(Clone, Debug)]
pub struct Report {
    /// How main ended; none if it did not.
    pub status: Option<i32>,
    /// What failed, when, and how often it met something.
    pub struck: Vec<Struck>,
    /// What should not have been.
    pub found: Option<String>,
    /// How the program stopped, where it may.
    pub stopped: Option<String>,
    /// Virtual time.
    pub lasted: Duration,
    /// Events.
    pub events: u64,
    /// Identifies what happened.
    pub trace: u64,
    /// The last seconds as SVG, if that was asked for.
    pub picture: Option<String>,
}

/// The director.
struct Play {
    program: &'static Program,
    options: Options,
    shared: Arc<Shared>,
    hosts: Vec<SimulatedHost>,
    struck: Vec<Struck>,
    /// Which of them last.
    failing: Vec<usize>,
    /// What there was to draw when main ended.
    ended: Option<(Record, Time)>,
    /// When the next fault is drawn.
    trouble: Time,
    /// Which disks are struck for good.
    ruin: Ruin,
    /// What draws them: of its own, so that the run is the same if they are given instead.
    chance: Random,
    progress: Progress,
    has_stopped: bool,
    /// The states that replicas had after which command, and which host's was seen first.
    seen: BTreeMap<(ServerId, u64), (HostId, [u8; 32])>,
    events: u64,
    trace: u64,
    tell: fn(&str),
    steps: Option<Steps>,
    /// What was issued since it last stopped.
    newly: Vec<(ServerId, u64)>,
}

/// Runs a program; `tell` gets a line for each fault, and `steps` stop it.
#[must_use]
pub fn run(
    program: &'static Program,
    options: &Options,
    tell: fn(&str),
    steps: Option<Steps>,
) -> Report {
    let shared = Arc::new(Shared::new(options.seed, BEGIN, options.plant));
    let names = Names::of(program);
    shared.inner().record = Record::new(options.draws || steps.is_some(), names);
    shared.inner().sockets = Sockets::new(options.hosts, options.outside.clone());
    crate::world::enter(Arc::new(SimulatedWorld {
        shared: Arc::clone(&shared),
        place: None,
    }));
    let hosts = (0..options.hosts)
        .map(|host| SimulatedHost::new(HostId(host), &mut shared.inner().random, options.plant))
        .collect();
    let mut play = Play {
        program,
        options: options.clone(),
        hosts,
        shared,
        struck: Vec::new(),
        failing: Vec::new(),
        ended: None,
        trouble: BEGIN,
        ruin: Ruin::new(options.seed),
        chance: Random::new(!options.seed),
        progress: Progress::NONE,
        has_stopped: false,
        seen: BTreeMap::new(),
        events: 0,
        trace: 0xcbf2_9ce4_8422_2325,
        tell,
        steps,
        newly: Vec::new(),
    };
    let played = AssertUnwindSafe(|| play.begin().and_then(|()| play.go_on()));
    let broken = || Err("an assertion of the runtime failed".to_owned());
    let violation = catch_unwind(played).unwrap_or_else(|_| broken()).err();
    play.count_effects();
    let (status, now) = {
        let inner = play.shared.inner();
        (inner.status, inner.now)
    };
    let stopped = play.how_it_stopped();
    let to_the_end = violation.is_some();
    let found = violation.or_else(|| {
        let status = status.filter(|status| *status != 0 && stopped.is_none())?;
        Some(format!("main ended with status {status}"))
    });
    play.stop_at_the_end(match &found {
        Some(found) => format!("the run is over; found: {found}"),
        None => "the run is over; nothing was found".to_owned(),
    });
    Report {
        picture: options
            .draws
            .then(|| play.picture(to_the_end, found.clone())),
        status,
        stopped: stopped.filter(|_| found.is_none()),
        found,
        lasted: now.since(BEGIN),
        events: play.events,
        trace: play.trace,
        struck: play.struck,
    }
}

impl Play {
    fn begin(&mut self) -> Result<(), String> {
        for host in &mut self.hosts {
            host.start(self.program, self.options.hosts, &self.shared);
        }
        let (program, after) = (self.program, Arc::clone(&self.shared));
        let addresses = (0..self.options.hosts).map(|host| links::address(HostId(host)));
        let connector = Connector::new(addresses.collect()).expecting(program.fingerprint);
        let start = Start {
            arguments: self.options.arguments.clone(),
            connector: connector.clone(),
            seed: self.shared.inner().random.bits(),
        };
        self.shared
            .start(None, move || {
                let main = AssertUnwindSafe(|| (program.main)(start));
                let status = catch_unwind(main).unwrap_or(PANICKED);
                connector.end();
                after.inner().status = Some(status);
            })
            .map_err(|error| format!("no thread for main: {error}"))?;
        self.begin_trouble();
        self.begin_to_look();
        Ok(())
    }

    /// Performs events until main has ended and all is settled.
    fn go_on(&mut self) -> Result<(), String> {
        let end = BEGIN + self.options.at_most;
        let mut settled = None;
        loop {
            let (event, now, status) = {
                let mut inner = self.shared.inner();
                let event = inner.next_event();
                (event, inner.now, inner.status)
            };
            let Some(event) = event else {
                return Err("nothing is left to happen, and main has not ended".to_owned());
            };
            if self.options.beyond && status.is_none() && (self.has_stopped || now > end) {
                return self.check_agreement(false);
            }
            if status.is_none() && now > end {
                let at_most = self.options.at_most.as_secs_f64();
                return Err(format!("main has not ended after {at_most} s"));
            }
            if status.is_some() {
                if self.ended.is_none() && self.options.draws {
                    self.ended = Some((self.shared.inner().record.clone(), now));
                }
                let until = *settled.get_or_insert_with(|| now + SETTLING);
                if now > until {
                    return self.check_agreement(!self.options.beyond);
                }
            }
            if !matches!(event, Event::Trouble | Event::Strike(_) | Event::Look) {
                self.events += 1;
                self.mark(now.nanos().unsigned_abs());
            }
            self.perform(event)?;
            if self.steps.is_some() {
                self.stop_for_steps();
            }
        }
    }

    fn mark(&mut self, bits: u64) {
        self.trace = (self.trace ^ bits)
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(17);
    }

    fn host(&mut self, host: HostId) -> Option<&mut SimulatedHost> {
        self.hosts.get_mut(usize::from(host.0))
    }

    fn perform(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Resume { actor, wait } => self.resume(actor, wait),
            Event::Kernel { host, life, what } => return self.kernel(host, life, what),
            Event::Join { pair } => self.join(pair),
            Event::Dial { ends, link } => self.dial(ends, link),
            Event::Client {
                ends,
                link,
                connection,
                what,
                sent,
            } => self.client(ends, link, connection, (what, sent)),
            Event::Socket(what) => self.shared.inner().socket(what),
            Event::Trouble => return self.trouble(),
            Event::Strike(strike) => return self.strike(strike),
            Event::Look => self.look(),
            Event::Mend(strike) => self.mend(strike),
        }
        Ok(())
    }

    fn resume(&mut self, actor: stage::Actor, wait: u64) {
        let place = self.shared.inner().threads.get(&actor).map(|t| t.place);
        if let Some(Some((host, _))) = place
            && let Some(until) = self.pause_of(host)
        {
            self.shared.inner().at(until, Event::Resume { actor, wait });
            return;
        }
        let resumes = self.shared.inner().resumes(actor, wait);
        if resumes {
            self.shared.stage.let_run(actor);
        }
    }

    /// Until when a host stands still.
    fn pause_of(&mut self, host: HostId) -> Option<Time> {
        let now = self.shared.inner().now;
        let host = self.host(host)?;
        host.struck += u64::from(host.paused_until > now);
        let until = host.paused_until.max(host.busy_until);
        (until > now).then_some(until)
    }

    fn kernel(&mut self, at: HostId, life: u64, what: ForKernel) -> Result<(), String> {
        if let Some(until) = self.pause_of(at) {
            let host = at;
            let event = Event::Kernel { host, life, what };
            self.shared.inner().at(until, event);
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let Some(host) = self.host(at) else {
            return Ok(());
        };
        // What came over the network belongs to a connection instead.
        if host.core.is_none() || (life != 0 && life != host.life) {
            let mut inner = shared.inner();
            let now = inner.now;
            inner.record.lost(what.sent(), now);
            return Ok(());
        }
        match host.handle(what, &shared) {
            Ok(()) => Ok(()),
            Err(why) => self.stopped(at, why),
        }
    }

    fn join(&mut self, pair: (HostId, HostId)) {
        let shared = Arc::clone(&self.shared);
        let mut inner = shared.inner();
        let now = inner.now;
        let is_cut = inner.network.is_cut(Some(pair.0), Some(pair.1), now);
        let up = |host: HostId| {
            self.hosts
                .get(usize::from(host.0))
                .is_some_and(|h| h.core.is_some())
        };
        let known = |a: HostId, b: HostId| {
            self.hosts
                .get(usize::from(a.0))
                .is_some_and(|host| host.peers.contains_key(&b))
        };
        if !up(pair.0) || !up(pair.1) {
            // Who starts dials.
            return;
        }
        if is_cut || known(pair.0, pair.1) || known(pair.1, pair.0) {
            if is_cut || known(pair.0, pair.1) != known(pair.1, pair.0) {
                inner.at(kernel::dial_again(now), Event::Join { pair });
            }
            return;
        }
        let connection = inner.number();
        drop(inner);
        for (host, other) in [pair, (pair.1, pair.0)] {
            if let Some(host) = self.host(host) {
                host.peers.insert(other, connection);
                host.greet(other, &shared);
            }
        }
    }

    fn dial(&mut self, ends: u64, link: crate::client::LinkId) {
        let shared = Arc::clone(&self.shared);
        let mut inner = shared.inner();
        let now = inner.now;
        let Some((from, session)) = inner
            .ends
            .get(&ends)
            .map(|ends| (network::end(ends.place), ends.session))
        else {
            return;
        };
        let Some(to) = inner.link(ends, link).map(|link| link.host) else {
            return;
        };
        let is_cut = inner.network.is_cut(from, Some(to), now);
        let client = ClientId(inner.number());
        let Some(host) = self.hosts.get_mut(usize::from(to.0)) else {
            return;
        };
        if host.core.is_none() || is_cut {
            let why = LinkEvent::Unreachable("nobody answers".to_owned());
            inner.tell_client(ends, link, why);
            inner.dial_again(ends, link);
            return;
        }
        let life = host.life;
        host.clients.insert(client, (ends, link));
        if let Some(known) = inner.link(ends, link) {
            known.connection = Some((client, life));
        }
        inner.tell_client(ends, link, LinkEvent::Up);
        inner.for_kernel(now, (to, life), ForKernel::ClientJoined { client, session });
    }

    fn client(
        &mut self,
        ends: u64,
        link: crate::client::LinkId,
        connection: Option<ClientId>,
        (what, sent): (LinkEvent, u64),
    ) {
        let mut inner = self.shared.inner();
        let now = inner.now;
        let known = inner.link(ends, link).filter(|known| {
            connection.is_none() || known.connection.map(|(client, _)| client) == connection
        });
        let Some(known) = known else {
            inner.record.lost(sent, now);
            return;
        };
        let is_down = matches!(what, LinkEvent::Down);
        if is_down {
            known.connection = None;
        }
        inner.record.arrived(sent, now);
        inner.tell_client(ends, link, what);
        if is_down {
            inner.dial_again(ends, link);
        }
    }

    /// The last seconds: until main ended, unless something else was found later.
    fn picture(&mut self, to_the_end: bool, found: Option<String>) -> String {
        let live = |shared: &Shared| {
            let inner = shared.inner();
            (inner.record.clone(), inner.now)
        };
        let ended = self.ended.take().filter(|_| !to_the_end);
        let (record, end) = ended.unwrap_or_else(|| live(&self.shared));
        let Options { seed, hosts, .. } = self.options;
        let scene = Scene {
            record,
            struck: &self.struck,
            hosts,
            end,
            title: format!("{}, seed {seed}, {hosts} hosts", self.program.name),
            found,
        };
        scene.draw()
    }
}
