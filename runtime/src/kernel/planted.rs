//! Faults for tests of real kernels, in no product.
//!
//! `CMSL_PLANT=M36` plants that mutant of the protocol in every replica of a kernel. The other one is of replies that leave between propose and issue:
//!
//! `CMSL_PLANT=NUMBER:FILE` plants it in a cluster. The kernel whose replica first leads a replicated server
//! beyond that number, and so makes the file, answers from then on as soon as a command is proposed, while no
//! proposal leaves it. It ends once two clients have shown by their next request that they took such an answer for
//! good. So whatever the timing, what was answered early is known to nobody who lives on.

use crate::clock::Time;
use crate::identity::ServerId;
use crate::protocol::executive::{Checks, Config, Message, Mutant, Planted};
use crate::protocol::{Bytes, Input, Output, Protocol, RequestId, Role, Status, Ticket};
use crate::wire::Wire;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;

const VARIABLE: &str = "CMSL_PLANT";
/// Two, so that one of them is not on the host that ends.
const CLIENTS: usize = 2;

/// The settings, with the mutant that the environment names, and without the assertions that might see it.
pub(super) fn configure(config: &mut Config) {
    let wish = std::env::var(VARIABLE).unwrap_or_default();
    let mut mutants = Mutant::ALL.into_iter();
    if let Some(mutant) = mutants.find(|mutant| format!("{mutant:?}") == wish) {
        config.planted = Planted::one(mutant);
        config.checks = Checks::Off;
    }
}

/// The machine, with the fault if the environment asks for it.
pub(super) fn planted(server: ServerId, machine: Box<dyn Protocol>) -> Box<dyn Protocol> {
    let wish = std::env::var(VARIABLE).unwrap_or_default();
    let (Some((number, file)), false) = (wish.split_once(':'), server == ServerId::DIRECTORY)
    else {
        return machine;
    };
    let Ok(number) = number.parse() else {
        return machine;
    };
    Box::new(EarlyReplies {
        machine,
        fault: Fault::Possible {
            number,
            file: file.into(),
        },
        executing: None,
        executed: Vec::new(),
        answered: BTreeMap::new(),
        trusting: BTreeSet::new(),
    })
}

enum Fault {
    Possible { number: u64, file: PathBuf },
    Here,
    Elsewhere,
}

struct EarlyReplies {
    machine: Box<dyn Protocol>,
    fault: Fault,
    executing: Option<(Ticket, RequestId)>,
    /// Executed and not yet proposed.
    executed: Vec<(RequestId, Bytes)>,
    /// The first early answer of each session.
    answered: BTreeMap<u128, u64>,
    /// The sessions that acknowledged theirs.
    trusting: BTreeSet<u128>,
}

impl EarlyReplies {
    fn is_here(&mut self) -> bool {
        if let Fault::Possible { number, file } = &self.fault {
            let Status {
                role,
                issued,
                devices,
                ..
            } = self.machine.status();
            if role == Role::Leading && issued.0 >= *number && devices.len() > 1 {
                self.fault = match File::create_new(file) {
                    Ok(_) => Fault::Here,
                    Err(_) => Fault::Elsewhere,
                };
            }
        }
        matches!(self.fault, Fault::Here)
    }

    fn watch(&mut self, input: &Input<'_>) {
        match input {
            Input::Request(request) => {
                let session = request.id.session;
                let answered = self.answered.get(&session);
                if answered.is_some_and(|number| *number <= request.acknowledged) {
                    self.trusting.insert(session);
                }
                if self.trusting.len() >= CLIENTS {
                    eprintln!("planted: replies left before issue, and this kernel ends");
                    std::process::exit(1);
                }
            }
            Input::Executed { ticket, execution } => {
                let id = self.executing.take_if(|(executing, _)| executing == ticket);
                // What changed nothing could not be lost.
                if let Some((_, id)) = id
                    && !execution.delta.is_empty()
                {
                    self.executed.push((id, Bytes::clone(&execution.reply)));
                }
            }
            _ => {}
        }
    }

    /// Keeps proposals here and answers what they hold.
    fn alter(&mut self, out: &mut Vec<Output>) {
        let mut proposed = false;
        out.retain(|output| {
            let Output::Send { message, .. } = output else {
                return true;
            };
            let begins = matches!(
                Message::from_bytes(message),
                Ok(Message::BeginBallot { .. })
            );
            proposed |= begins;
            message.first() == Some(&Message::HEARTBEAT)
        });
        if proposed {
            for (id, reply) in std::mem::take(&mut self.executed) {
                self.answered.entry(id.session).or_insert(id.sequence);
                out.push(Output::Reply { id, reply });
            }
        }
    }
}

impl Protocol for EarlyReplies {
    fn step(&mut self, input: Input<'_>, now: Time, out: &mut Vec<Output>) {
        let here = self.is_here();
        if here {
            self.watch(&input);
        }
        let mut produced = Vec::new();
        self.machine.step(input, now, &mut produced);
        if here {
            self.alter(&mut produced);
        }
        for output in &produced {
            if let Output::Execute { ticket, id, .. } = output {
                self.executing = Some((*ticket, *id));
            }
        }
        out.append(&mut produced);
    }

    fn status(&self) -> Status {
        self.machine.status()
    }
}
