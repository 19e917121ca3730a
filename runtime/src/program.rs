//! What a compiled program registers with the runtime: its name, its server classes and its main.
//!
//! Generated code has one `static PROGRAM: Program` and hands it to the runtime in `fn main`.

mod inspect;
mod lifeline;
mod local;
mod run;
#[cfg(feature = "sim")]
mod simulate;

pub(crate) use local::Local;
pub(crate) use run::addresses;
pub use run::{CLUSTER_VARIABLE, run};

use crate::client::Connector;
use crate::object::Service;

/// One compiled program.
pub struct Program {
    /// Its name, for logs and the status display.
    pub name: &'static str,
    /// Identifies the program text: kernels and clients of different texts refuse each other.
    pub fingerprint: &'static str,
    /// The server classes, each under its CMSL name.
    pub classes: &'static [ServerClass],
    /// Runs `main` and gives the exit status; reports an uncaught exception itself (status 101).
    pub main: fn(Start) -> i32,
}

/// A class whose objects may run as servers.
pub struct ServerClass {
    /// Its CMSL name, with its module path (`airspace::database`).
    pub name: &'static str,
    /// Its methods may call, create or delete other servers: then they run on threads of their own, and keep a journal.
    pub calls_servers: bool,
    /// Its methods may wait in embedding Rust code: in a simulation they run on threads of their own too.
    pub calls_rust: bool,
    /// Holds resources that no replica could copy (extern objects): then it has one replica only.
    pub unreplicable: bool,
    /// A replica without state: the constructor arrives as the first command.
    pub blank: fn() -> Box<dyn Service>,
    /// The numbers of the parameterless methods that return a string, by name: for looking into a
    /// replica's state from outside with [`inspect`](crate::object::inspect).
    pub queries: &'static [(&'static str, u32)],
    /// The names of its constructors and public methods, with the numbers under which they are called.
    pub calls: &'static [(&'static str, u32)],
}

impl Program {
    /// The class with this name.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<&'static ServerClass> {
        self.classes.iter().find(|class| class.name == name)
    }
}

/// What main starts with.
pub struct Start {
    /// The program's own arguments: what `args()` and main's parameter give.
    pub arguments: Vec<String>,
    /// Reaches the cluster, once a server is needed.
    pub connector: Connector,
    /// The seed of `random()`.
    pub seed: u64,
}
