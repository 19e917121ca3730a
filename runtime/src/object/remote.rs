//! Calls to servers as generated code makes them: call, invoke, accept, result, create, find, delete.
//!
//! Arguments and replies are copies. What the client reports becomes an exception at the caller's line.

use super::call::{Arguments, decode_reply, encode_arguments};
use super::class::Class;
use super::context::Context;
use super::exception::{Outcome, Predefined, Raised};
use super::graph::Encoder;
use super::reference::{Item, Ref, Server};
use super::{Damaged, Decoder, Host};
use crate::client::{CallError, Model, ServerSpec, Ticket};
use crate::identity::ServerId;
use crate::value::{Array, List, Text, Value};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The exception for what the client reports.
#[track_caller]
pub(crate) fn raising<T>(result: Result<T, CallError>) -> Outcome<T> {
    match result {
        Ok(value) => Ok(value),
        Err(CallError::Stopped) => Err(Raised::stopped()),
        Err(error) => {
            let kind = match &error {
                CallError::ResourceExhausted(_) | CallError::Invalid(_) => {
                    Predefined::ResourceExhausted
                }
                CallError::Reentrant(_) => Predefined::ReentrantCall,
                _ => Predefined::ServerFailed,
            };
            Err(Raised::predefined(kind, error.to_string()))
        }
    }
}

/// Calls method `number` of a server and waits for the reply.
///
/// # Errors
/// What the method raised, or `server_failed`, `reentrant_call`.
#[track_caller]
pub fn call<T: Value>(
    server: ServerId,
    number: u32,
    arguments: impl Arguments,
    cx: &mut Context,
) -> Outcome<T> {
    let arguments = encode_arguments(&arguments, cx)?;
    let connector = cx.connector()?.clone();
    let reply = raising(connector.with(|client| {
        let ticket = client.invoke(server, number, &arguments)?;
        let reply = client.reply(ticket);
        client.forget(ticket);
        reply
    }))?;
    decode_reply(&reply.body, cx)
}

/// `invoke object->method (arguments)`: sends the call of method `number` to a server and returns at once. On a local
/// object `locally` runs the method to its end.
///
/// # Errors
/// `null_reference`, `server_failed`, `reentrant_call`.
#[track_caller]
pub fn invoke<C, A: Arguments, T: Value>(
    object: &Ref<C>,
    number: u32,
    arguments: A,
    locally: impl FnOnce(&Ref<C>, A, &mut Context) -> Outcome<T>,
    cx: &mut Context,
) -> Outcome<Future<T>> {
    let Some(server) = object.server()? else {
        return Ok(Future::done(locally(object, arguments, cx)));
    };
    let arguments = encode_arguments(&arguments, cx)?;
    let ticket = raising(
        cx.connector()?
            .with(|client| client.invoke(server, number, &arguments)),
    )?;
    Ok(Future::with(State::Sent(ticket)))
}

/// `future<T>`: the ticket for one reply. Copies share it.
pub struct Future<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

impl<T> Clone for Future<T> {
    fn clone(&self) -> Future<T> {
        Future {
            shared: Arc::clone(&self.shared),
        }
    }
}

struct Shared<T> {
    state: State<T>,
    accepted: bool,
}

enum State<T> {
    Empty,
    Sent(Ticket),
    Done(Outcome<T>),
}

impl<T: Clone> Future<T> {
    /// What tells it from others in this process.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.shared).addr()
    }

    fn with(state: State<T>) -> Future<T> {
        Future {
            shared: Arc::new(Mutex::new(Shared {
                state,
                accepted: false,
            })),
        }
    }

    /// The future of a call that has ended already: one of a local object.
    #[must_use]
    pub fn done(outcome: Outcome<T>) -> Future<T> {
        Future::with(State::Done(outcome))
    }

    fn lock(&self) -> MutexGuard<'_, Shared<T>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Value> Future<T> {
    /// The reply, waiting for it if it is not there yet; the same each time.
    ///
    /// # Errors
    /// What the method raised; `null_reference` if nothing was invoked.
    #[track_caller]
    pub fn result(&self, cx: &mut Context) -> Outcome<T> {
        let mut shared = self.lock();
        if let State::Sent(ticket) = shared.state {
            let reply = cx.connector()?.with(|client| {
                let reply = client.reply(ticket);
                client.forget(ticket);
                reply
            });
            let outcome = raising(reply).and_then(|reply| decode_reply(&reply.body, cx));
            shared.state = State::Done(outcome);
        }
        match &shared.state {
            State::Done(outcome) => outcome.clone(),
            State::Sent(_) | State::Empty => Err(Raised::predefined(
                Predefined::NullReference,
                "a future of no invocation",
            )),
        }
    }
}

impl<T> Default for Future<T> {
    fn default() -> Future<T> {
        Future {
            shared: Arc::new(Mutex::new(Shared {
                state: State::Empty,
                accepted: false,
            })),
        }
    }
}

impl<T> PartialEq for Future<T> {
    fn eq(&self, other: &Future<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

/// Futures stay in their process.
impl<T: Clone + Send + 'static> Value for Future<T> {
    fn write(&self, out: &mut Encoder) {
        out.refuse("a future");
    }

    fn read(_: &mut Decoder<'_>) -> Result<Future<T>, Damaged> {
        Ok(Future::default())
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a future")
    }
}

/// `f->result`: the reply, waiting for it if it is not there yet; the same each time.
///
/// # Errors
/// What the method raised; `null_reference` if nothing was invoked.
#[track_caller]
pub fn result<T: Value>(future: &Future<T>, cx: &mut Context) -> Outcome<T> {
    future.result(cx)
}

/// What `accept` takes: one future, an array or a list of them.
pub trait Futures<T: Value> {
    /// All of them in order.
    fn all(&self) -> List<Future<T>>;
}

impl<T: Value> Futures<T> for Future<T> {
    fn all(&self) -> List<Future<T>> {
        List::from_iter([self.clone()])
    }
}

impl<T: Value> Futures<T> for List<Future<T>> {
    fn all(&self) -> List<Future<T>> {
        self.clone()
    }
}

impl<T: Value> Futures<T> for Array<Future<T>> {
    fn all(&self) -> List<Future<T>> {
        self.elements()
    }
}

/// `accept (futures, count)`: the index of the next reply among the first `count` futures.
///
/// # Errors
/// `no_such_element` when none is left; `index_out_of_range` if there are fewer than `count`.
#[track_caller]
pub fn accept<T: Value>(futures: &impl Futures<T>, count: i64, cx: &mut Context) -> Outcome<i32> {
    or_timeout(next_reply(&futures.all(), count, None, cx))
}

/// `accept (futures, count) timeout (seconds)`: `None` when the time is over.
///
/// # Errors
/// As [`accept`].
#[track_caller]
pub fn accept_within<T: Value>(
    futures: &impl Futures<T>,
    count: i64,
    seconds: f64,
    cx: &mut Context,
) -> Outcome<Option<i32>> {
    next_reply(&futures.all(), count, Some(seconds), cx)
}

/// A timeout as an exception.
///
/// # Errors
/// `timeout_expired` for `None`.
#[track_caller]
pub fn or_timeout(reply: Outcome<Option<i32>>) -> Outcome<i32> {
    match reply? {
        Some(place) => Ok(place),
        None => Err(Raised::predefined(
            Predefined::TimeoutExpired,
            "no reply within the time given",
        )),
    }
}

#[track_caller]
fn next_reply<T: Value>(
    futures: &List<Future<T>>,
    count: i64,
    timeout: Option<f64>,
    cx: &mut Context,
) -> Outcome<Option<i32>> {
    if count < 0 || count > i64::from(futures.length()) {
        return Err(Raised::index(count, futures.length().into()));
    }
    let mut tickets = Vec::new();
    let mut waiting = Vec::new();
    for (place, future) in (0i32..).zip(futures.iter()) {
        if i64::from(place) >= count {
            break;
        }
        let mut shared = future.lock();
        match shared.state {
            State::Done(_) if !shared.accepted => {
                shared.accepted = true;
                return Ok(Some(place));
            }
            State::Sent(ticket) if !shared.accepted => {
                tickets.push(ticket);
                waiting.push((place, future));
            }
            State::Empty | State::Done(_) | State::Sent(_) => {}
        }
    }
    if tickets.is_empty() {
        return Err(Raised::no_such_element("no future is left to accept"));
    }
    let limit =
        timeout.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO));
    let ready = raising(
        cx.connector()?
            .with(|client| client.wait_any(&tickets, limit)),
    )?;
    let Some((place, future)) = ready.and_then(|ready| waiting.get(ready)) else {
        return Ok(None);
    };
    future.lock().accepted = true;
    Ok(Some(*place))
}

/// The properties of a `server` expression.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// `server C[size]`
    pub size: Option<i64>,
    /// `replicas (n)`
    pub replicas: i64,
    /// `tolerance (t)`
    pub tolerance: i64,
    /// `model`
    pub model: Model,
    /// `hosts (…)`, each a list, in order of preference.
    pub hosts: Vec<List<Host>>,
    /// `disjoint`
    pub disjoint: bool,
    /// `priority (p)`
    pub priority: i64,
    /// `name ("…")`
    pub name: Option<Text>,
    /// `durable`; `None` is off under `correct` and on otherwise.
    pub durable: Option<bool>,
}

impl Default for ServerOptions {
    fn default() -> ServerOptions {
        ServerOptions {
            size: None,
            replicas: 1,
            tolerance: 0,
            model: Model::Correct,
            hosts: Vec::new(),
            disjoint: false,
            priority: 0,
            name: None,
            durable: None,
        }
    }
}

/// `server C (arguments) options`: when it returns, the servers accept commands.
///
/// # Errors
/// `resource_exhausted` for too few hosts, what the constructor raises, `server_failed`.
#[track_caller]
pub fn start_server<T: Class, A: Arguments>(
    constructor: u32,
    arguments: A,
    options: ServerOptions,
    cx: &mut Context,
) -> Outcome<Ref<T>> {
    let mut args = constructor.to_le_bytes().to_vec();
    args.extend(encode_arguments(&arguments, cx)?);
    let hosts = options.hosts.iter().flat_map(List::iter);
    let durable_by_model = options.model != Model::Correct;
    let spec = ServerSpec {
        class: T::INFO.name.to_owned(),
        args,
        count: size(options.size)?,
        replicas: property("replicas", options.replicas, 1)?,
        tolerance: property("tolerance", options.tolerance, 0)?,
        model: options.model,
        hosts: hosts.map(|host| host.id).collect(),
        disjoint: options.disjoint,
        priority: priority(options.priority)?,
        name: options.name.map(|name| name.to_string()),
        durable: options.durable.unwrap_or(durable_by_model),
    };
    if spec.count == 0 {
        return Ok(Ref::group(Vec::new()));
    }
    let connector = cx.connector()?.clone();
    match connector.with(|client| client.create(&spec)) {
        Err(CallError::Raised(body)) => {
            decode_reply::<()>(&body, cx)?;
            Err(Raised::server_failed(
                "the constructor raised nothing that can be read",
            ))
        }
        other => {
            let servers = raising(other)?.into_iter();
            let class = class_number::<T>(cx)?;
            let item = |id| Item::Server(Server { id, class });
            Ok(Ref::group(servers.map(item).collect()))
        }
    }
}

/// How many servers `server C [size]` makes.
#[track_caller]
fn size(size: Option<i64>) -> Outcome<u32> {
    let size = size.unwrap_or(1);
    match u32::try_from(size) {
        Ok(0) | Err(_) => Err(Raised::no_objects(size)),
        Ok(size) => Ok(size),
    }
}

#[track_caller]
fn priority(value: i64) -> Outcome<i32> {
    match i32::try_from(value) {
        Ok(priority) => Ok(priority),
        Err(_) => Err(impossible("priority", value)),
    }
}

/// The value of a property that counts.
#[track_caller]
fn property(name: &str, value: i64, least: u32) -> Outcome<u32> {
    match u32::try_from(value) {
        Ok(count) if count >= least => Ok(count),
        _ => Err(impossible(name, value)),
    }
}

#[track_caller]
fn impossible(name: &str, value: i64) -> Raised {
    let message = format!("`{name} ({value})` is impossible");
    Raised::predefined(Predefined::ArithmeticError, message)
}

/// `find<C> (name)`
///
/// # Errors
/// `no_such_element` if no server of the class has this name.
#[track_caller]
pub fn find_server<T: Class>(name: &Text, cx: &mut Context) -> Outcome<Ref<T>> {
    match running_server(name, cx)? {
        Some(server) => Ok(server),
        None => Err(Raised::no_such_element(format!(
            "no {} is named \"{name}\"",
            T::INFO.name
        ))),
    }
}

/// The same, without an exception if there is none.
#[track_caller]
pub(crate) fn running_server<T: Class>(name: &Text, cx: &mut Context) -> Outcome<Option<Ref<T>>> {
    let derived = cx
        .classes()
        .iter()
        .filter(|class| class.derives_from::<T>());
    let mut classes: Vec<&str> = derived.map(|class| class.name).collect();
    // One of the class itself comes before those of derived classes.
    classes.sort_by_key(|class| *class != T::INFO.name);
    let found = raising(cx.connector()?.with(|client| client.find(&classes, name)))?;
    let Some((class, id)) = found else {
        return Ok(None);
    };
    let Some(class) = classes
        .get(class)
        .and_then(|class| cx.heap().class_number(class))
    else {
        return Err(Raised::server_failed(
            "the directory answers with another class",
        ));
    };
    Ok(Some(match cx.heap().served() {
        Some((root, own)) if own.id == id => Ref::local(Arc::clone(root)),
        Some(_) | None => Ref::running(Server { id, class }),
    }))
}

/// The number of a class in this program.
#[track_caller]
fn class_number<T: Class>(cx: &Context) -> Outcome<u32> {
    let name = T::INFO.name;
    match cx.heap().class_number(name) {
        Some(number) => Ok(number),
        None => Err(Raised::server_failed(format!(
            "class {name} is not registered"
        ))),
    }
}

/// `delete s`: stops the servers that the reference names; of local objects it does nothing.
///
/// # Errors
/// `null_reference`, `server_failed`.
#[track_caller]
pub fn delete<T>(reference: &Ref<T>, cx: &mut Context) -> Outcome<()> {
    if reference.is_null() {
        return Err(Raised::null());
    }
    let own = cx.heap().served();
    let servers: Vec<ServerId> = reference
        .items()
        .iter()
        .filter_map(|item| match item {
            Item::Server(server) => Some(server.id),
            Item::Local(handle) => {
                let own = own.filter(|(root, _)| root.id == handle.id);
                own.map(|(_, server)| server.id)
            }
            Item::Null => None,
        })
        .collect();
    if servers.is_empty() {
        return Ok(());
    }
    raising(cx.connector()?.with(|client| client.delete(&servers)))
}
