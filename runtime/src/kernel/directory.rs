//! The directory: a replicated service over all hosts that knows every running server.
//!
//! It is a [`Service`] like any other, run by the same protocol. Where servers are placed is decided
//! by its leader, which sees which hosts are heard; the other replicas apply the decision. Kernels
//! act on the **settled** catalogue alone, which is the same everywhere in the end: a replica is
//! started or stopped only when its creation or deletion is issued.

mod call;
mod catalogue;
mod placement;

pub use call::{DirectoryCall, DirectoryReply};
pub use catalogue::{Catalogue, Change, Entry};
pub use placement::{HostLoad, TooFew, Wanted, place};

use crate::client::{Model, ServerSpec};
use crate::identity::{HostId, ServerId};
use crate::object::{Damaged, Environment, Execution, Service, Verdict};
use crate::program::ServerClass;
use crate::wire::Wire;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// No more servers than this in one `server C[n]`.
pub const SERVERS_PER_CREATION_MAX: u32 = 4096;

/// What the directory and the kernel around it show each other.
#[derive(Debug, Default)]
pub struct Shared {
    /// For the directory: which hosts are heard, and in which life.
    pub hosts: Vec<HostLife>,
    /// For the kernel: the settled catalogue.
    pub settled: Catalogue,
    /// Grows whenever `settled` changes.
    pub generation: u64,
}

/// A host and the life it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostLife {
    /// Which host.
    pub id: HostId,
    /// Whether it is heard.
    pub alive: bool,
    /// Drawn anew at each start of its kernel; 0 until it was heard.
    pub incarnation: u64,
}

/// One replica of the directory.
pub struct Directory {
    live: Catalogue,
    unsettled: VecDeque<Record>,
    classes: &'static [ServerClass],
    shared: Arc<Mutex<Shared>>,
}

struct Record {
    change: Change,
    inverse: Change,
    next_before: u64,
}

impl Directory {
    /// An empty directory of servers of these classes.
    #[must_use]
    pub fn new(classes: &'static [ServerClass], shared: Arc<Mutex<Shared>>) -> Self {
        Self {
            live: Catalogue::default(),
            unsettled: VecDeque::new(),
            classes,
            shared,
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&mut self, change: Change) {
        let next_before = self.live.next();
        let inverse = self.live.apply(&change);
        self.unsettled.push_back(Record {
            change,
            inverse,
            next_before,
        });
    }

    fn decide(&self, call: &DirectoryCall) -> (DirectoryReply, Change) {
        let nothing = Change::default();
        match call {
            DirectoryCall::Create {
                spec,
                patient,
                owner,
            } => match self.create(spec, *patient, *owner) {
                Ok(change) => {
                    let servers = change.begin.iter().map(|entry| entry.id).collect();
                    (DirectoryReply::Created(servers), change)
                }
                Err(reply) => (reply, nothing),
            },
            DirectoryCall::Find { classes, name } => {
                let mut classes = classes.iter().zip(0..);
                let found =
                    classes.find_map(|(class, place)| Some((place, self.live.named(class, name)?)));
                (DirectoryReply::Found(found), nothing)
            }
            DirectoryCall::Delete(servers) => (
                DirectoryReply::Deleted,
                Change {
                    begin: Vec::new(),
                    end: servers.clone(),
                },
            ),
        }
    }

    fn create(
        &self,
        spec: &ServerSpec,
        patient: bool,
        owner: Option<u128>,
    ) -> Result<Change, DirectoryReply> {
        let replicas = self.check(spec)?;
        let hosts = self.shared().hosts.clone();
        let loads: Vec<HostLoad> = hosts
            .iter()
            .map(|host| HostLoad {
                id: host.id,
                alive: host.alive,
                replicas: self.live.load(host.id),
            })
            .collect();
        let wanted = Wanted {
            servers: spec.count.max(1) as usize,
            replicas: replicas as usize,
            preferred: &spec.hosts,
            disjoint: spec.disjoint,
            alive_only: !spec.durable,
        };
        let placed = place(wanted, &loads);
        let starting = |id: &HostId| {
            hosts
                .iter()
                .any(|host| host.id == *id && host.incarnation == 0)
        };
        let may_improve = match &placed {
            Ok(_) => spec.hosts.iter().any(starting),
            Err(_) => hosts.len() >= replicas as usize,
        };
        if patient && may_improve {
            return Err(DirectoryReply::Wait);
        }
        let sets = placed.map_err(|few| exhausted(spec, few))?;
        let begin = sets.into_iter().zip(self.live.next()..).map(|(set, id)| {
            let lives = set
                .iter()
                .map(|id| hosts.iter().find(|host| host.id == *id));
            let incarnations = lives
                .map(|life| life.map_or(0, |life| life.incarnation))
                .collect();
            Arc::new(Entry {
                id: ServerId(id),
                class: spec.class.clone(),
                args: spec.args.clone(),
                name: spec.name.clone(),
                owner,
                tolerance: spec.tolerance,
                priority: spec.priority,
                durable: spec.durable,
                hosts: set,
                incarnations: if spec.durable {
                    Vec::new()
                } else {
                    incarnations
                },
            })
        });
        Ok(Change {
            begin: begin.collect(),
            end: Vec::new(),
        })
    }

    /// How many replicas the server needs, if it can be made at all.
    fn check(&self, spec: &ServerSpec) -> Result<u32, DirectoryReply> {
        let invalid = |why: String| Err(DirectoryReply::Invalid(why));
        let class = &spec.class;
        let Some(about) = self.classes.iter().find(|known| known.name == class) else {
            return invalid(format!("the kernels know no server class {class}"));
        };
        if spec.model == Model::Byzantine {
            let why = format!("server {class}: model byzantine is not available yet");
            return Err(DirectoryReply::Exhausted(why));
        }
        if spec.count > SERVERS_PER_CREATION_MAX {
            return invalid(format!(
                "server {class}: at most {SERVERS_PER_CREATION_MAX} at once"
            ));
        }
        let replicas = spec
            .replicas
            .max(spec.tolerance.saturating_mul(2).saturating_add(1));
        if replicas > 1 && about.unreplicable {
            return invalid(format!(
                "server {class}: a class that holds resources can have one replica only, not {replicas}"
            ));
        }
        if let Some(name) = &spec.name {
            if spec.count > 1 {
                return invalid(format!(
                    "server {class}: several servers cannot share a name"
                ));
            }
            if self.live.named(class, name).is_some() {
                return invalid(format!(
                    "a server {class} with the name \"{name}\" runs already"
                ));
            }
        }
        Ok(replicas)
    }
}

fn exhausted(spec: &ServerSpec, few: TooFew) -> DirectoryReply {
    let TooFew { needed, available } = few;
    let class = &spec.class;
    DirectoryReply::Exhausted(format!(
        "server {class}: {needed} hosts are needed, {available} available"
    ))
}

impl Service for Directory {
    fn execute(&mut self, call: &[u8], _environment: &Environment) -> Execution {
        let (reply, change) = match DirectoryCall::from_bytes(call) {
            Ok(call) => self.decide(&call),
            Err(error) => (
                DirectoryReply::Invalid(error.to_string()),
                Change::default(),
            ),
        };
        let delta = if change.is_empty() {
            Vec::new()
        } else {
            change.to_bytes()
        };
        self.push(change);
        Execution {
            delta,
            reply: reply.to_bytes(),
            verdict: Verdict::Completed,
        }
    }

    fn apply(&mut self, delta: &[u8]) -> Result<(), Damaged> {
        let change = if delta.is_empty() {
            Change::default()
        } else {
            Change::from_bytes(delta).map_err(|error| Damaged::new(error.to_string()))?
        };
        self.push(change);
        Ok(())
    }

    fn undo(&mut self) {
        if let Some(record) = self.unsettled.pop_back() {
            self.live.undo(&record.inverse, record.next_before);
        }
    }

    fn settle(&mut self) {
        if let Some(record) = self.unsettled.pop_front()
            && !record.change.is_empty()
        {
            let mut shared = self.shared();
            shared.settled.apply(&record.change);
            shared.generation += 1;
        }
    }

    fn snapshot(&self) -> Vec<u8> {
        self.shared().settled.to_bytes()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), Damaged> {
        let catalogue =
            Catalogue::from_bytes(snapshot).map_err(|error| Damaged::new(error.to_string()))?;
        self.unsettled.clear();
        self.live = catalogue.clone();
        let mut shared = self.shared();
        shared.settled = catalogue;
        shared.generation += 1;
        Ok(())
    }

    fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.snapshot()).as_bytes()
    }
}
