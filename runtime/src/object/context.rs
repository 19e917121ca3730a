//! What generated code runs in: its objects, and its view of the world.
//!
//! Every generated function takes a `&mut Context` as its last parameter. One context belongs to main or to one
//! replica, and to one thread at a time.

use super::class::{Class, ClassInfo};
use super::exception::{Outcome, Position, Raised};
use super::heap::Heap;
use super::reference::Ref;
use super::remote::raising;
use super::stack::Stack;
use super::{Environment, Host};
use crate::client::Connector;
use crate::identity::{HostId, ServerId};
use crate::value::{List, Text, Timestamp};
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the runtime must know of a program's generated code.
pub struct Code {
    /// All classes, in the order of their numbers.
    pub classes: &'static [ClassInfo],
    /// For each line of generated code that can raise, in ascending order, its position in the source.
    pub positions: &'static [(u32, &'static str)],
}

impl Code {
    /// Where in the source a line of generated code comes from; the nearest earlier line that is known.
    #[must_use]
    pub fn position(&self, line: u32) -> Option<&'static str> {
        let after = self.positions.partition_point(|(known, _)| *known <= line);
        let (_, position) = self.positions.get(after.checked_sub(1)?)?;
        Some(position)
    }
}

/// The world and the objects of running code.
pub struct Context {
    heap: Heap,
    code: &'static Code,
    connector: Option<Connector>,
    now: Option<i64>,
    host: Option<HostId>,
    random: u64,
    arguments: List<Text>,
    globals: Option<super::reference::Handle>,
    stack: Stack,
}

impl Context {
    /// The context of a main program.
    #[must_use]
    pub fn of_main(
        code: &'static Code,
        arguments: &[String],
        connector: Connector,
        seed: u64,
    ) -> Context {
        Context {
            connector: Some(connector),
            random: seed,
            arguments: arguments
                .iter()
                .map(|text| Text::from(text.as_str()))
                .collect(),
            ..Context::of_replica(code)
        }
    }

    /// The context of a replica; each execution brings its environment.
    #[must_use]
    pub(crate) fn of_replica(code: &'static Code) -> Context {
        Context {
            heap: Heap::new(code.classes),
            code,
            connector: None,
            now: None,
            host: None,
            random: 0,
            stack: Stack::begin(),
            arguments: List::new(),
            globals: None,
        }
    }

    pub(crate) fn enter(&mut self, environment: &Environment) {
        self.connector.clone_from(&environment.connector);
        // A method that calls servers takes time, and sees it pass.
        self.now = environment.connector.is_none().then_some(environment.now);
        self.host = Some(environment.host);
        let server = environment.server;
        let served = (server != ServerId::DIRECTORY).then_some(server);
        self.heap.belong_to(served);
        self.random = environment.seed;
        self.stack = Stack::begin();
    }

    pub(super) fn classes(&self) -> &'static [ClassInfo] {
        self.code.classes
    }

    pub(super) fn stack(&self) -> Stack {
        self.stack
    }

    pub(crate) fn heap(&self) -> &Heap {
        &self.heap
    }

    pub(crate) fn heap_mut(&mut self) -> &mut Heap {
        &mut self.heap
    }

    /// Adds an object and gives the reference to it.
    pub fn create<T: Class>(&mut self, object: T) -> Ref<T> {
        self.heap.collect_if_due();
        Ref::local(self.heap.create(Box::new(object)))
    }

    /// How many objects there are, garbage included.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.heap.count()
    }

    /// The object that holds the program's variables, made at the first use.
    ///
    /// # Errors
    /// None.
    pub fn globals<T: Class>(&mut self) -> Outcome<Ref<T>> {
        if let Some(handle) = &self.globals {
            return Ok(Ref::local(std::sync::Arc::clone(handle)));
        }
        let globals: Ref<T> = self.create(T::default());
        self.globals = Some(std::sync::Arc::clone(globals.handle()?));
        Ok(globals)
    }

    #[track_caller]
    pub(crate) fn connector(&self) -> Outcome<&Connector> {
        match &self.connector {
            Some(connector) => Ok(connector),
            None => Err(Raised::server_failed("there are no other servers here")),
        }
    }

    pub(crate) fn position_text(&self, raised: &Raised) -> String {
        match raised.position() {
            Position::Source(text) => text.clone(),
            Position::Code(location) => self
                .code
                .position(location.line())
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

impl Context {
    /// `now ()`
    #[must_use]
    pub fn now(&self) -> Timestamp {
        if let Some(now) = self.now {
            return Timestamp(now);
        }
        let live = || {
            if let Some(world) = crate::world::here() {
                return world.now().nanos();
            }
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.map_or(0, |since| {
                i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
            })
        };
        let drawn = self
            .connector
            .as_ref()
            .and_then(|connector| connector.drawn(live).ok());
        Timestamp(drawn.unwrap_or_else(live))
    }

    /// `random ()`: the next double in [0, 1) of the seed's sequence (SplitMix64).
    pub fn random(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `args ()`
    #[must_use]
    pub fn args(&self) -> List<Text> {
        self.arguments.clone()
    }

    /// `hosts ()`
    ///
    /// # Errors
    /// `server_failed` if the cluster cannot be reached.
    #[track_caller]
    pub fn hosts(&mut self) -> Outcome<List<Host>> {
        let hosts = raising(self.connector()?.with(crate::client::Client::hosts))?;
        Ok(hosts.iter().map(Host::of).collect())
    }

    /// `my_host ()`
    ///
    /// # Errors
    /// `server_failed` if the cluster cannot be reached.
    #[track_caller]
    pub fn my_host(&mut self) -> Outcome<Host> {
        if self.connector.is_none() {
            return Ok(Host::with_id(self.host.unwrap_or(HostId(0))));
        }
        let id = match self.host {
            Some(id) => id,
            None => raising(self.connector()?.with(crate::client::Client::my_host))?,
        };
        let known = self.hosts()?.into_iter().find(|host| host.id == id);
        Ok(known.unwrap_or_else(|| Host::with_id(id)))
    }
}

/// `sleep (seconds)`: negative ones and NaN do not wait.
pub fn sleep(seconds: f64, cx: &mut Context) {
    // What was invoked goes on meanwhile.
    if let Some(connector) = &cx.connector {
        connector.let_leave();
    }
    if let Ok(duration) = Duration::try_from_secs_f64(seconds) {
        crate::world::sleep(duration);
    }
}

/// `print`
pub fn print(text: impl std::fmt::Display, _: &mut Context) {
    // A reader that has gone away is no business of the program's.
    let mut stdout = std::io::stdout().lock();
    let _ = write!(stdout, "{text}").and_then(|()| stdout.flush());
}

/// `println`
pub fn println(text: impl std::fmt::Display, _: &mut Context) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{text}");
}

/// `host (name)`
///
/// # Errors
/// `no_such_element` if no host has this name or address.
#[track_caller]
pub fn host(name: &Text, cx: &mut Context) -> Outcome<Host> {
    let all = raising(cx.connector()?.with(crate::client::Client::hosts))?;
    let named = all.iter().find(|host| {
        host.name == **name
            || host.address.to_string() == **name
            || host.address.ip().to_string() == **name
    });
    match named {
        Some(host) => Ok(Host::of(host)),
        None => Err(Raised::no_such_element(format!("no host \"{name}\""))),
    }
}
