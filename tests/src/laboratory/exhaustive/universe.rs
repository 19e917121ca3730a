//! Everything that the search meets, numbered: states of devices, messages, and the steps from one to the other.

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, RwLock};

use cmsl_runtime::protocol::executive::{Message, Planted};
use cmsl_runtime::wire::Wire;

use super::device::{Envelope, Event, Look, Node};
use super::{Action, DEVICES};

/// The numbers.
pub struct Universe {
    planted: Planted,
    nodes: RwLock<Numbered<(Arc<Node>, Arc<Look>)>>,
    envelopes: RwLock<Numbered<Arc<Envelope>>>,
    steps: RwLock<HashMap<(u32, Event), Arc<Step>>>,
}

/// What an event makes of a device.
#[derive(Debug)]
pub struct Step {
    /// The device after it.
    pub device: u32,
    /// What it sent.
    pub sent: Vec<u32>,
}

/// Things, and the numbers of what identifies them.
struct Numbered<T> {
    things: Vec<T>,
    numbers: HashMap<u128, u32>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self {
            things: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl<T> Numbered<T> {
    fn number(&mut self, identity: u128, thing: impl FnOnce() -> T) -> u32 {
        *self.numbers.entry(identity).or_insert_with(|| {
            self.things.push(thing());
            (self.things.len() - 1) as u32
        })
    }
}

/// Two hashes of a text that need not be in memory at once.
struct Identity(DefaultHasher, DefaultHasher);

impl Write for Identity {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        self.1.write(text.as_bytes());
        Ok(())
    }
}

impl Identity {
    fn new() -> Identity {
        let mut second = DefaultHasher::new();
        second.write_u8(1);
        Identity(DefaultHasher::new(), second)
    }

    fn get(&self) -> u128 {
        u128::from(self.0.finish()) << 64 | u128::from(self.1.finish())
    }
}

impl Universe {
    /// Only the devices as they start.
    pub fn new(restarts: bool, planted: Planted) -> Universe {
        let universe = Universe {
            planted,
            nodes: RwLock::default(),
            envelopes: RwLock::default(),
            steps: RwLock::default(),
        };
        for device in 0..DEVICES {
            universe.number_node(Node::new(device, restarts, planted));
        }
        universe
    }

    /// A device as it starts.
    pub fn first(&self, device: usize) -> u32 {
        device as u32
    }

    fn number_node(&self, node: Node) -> u32 {
        let mut identity = Identity::new();
        let written = write!(identity, "{node:?}");
        assert!(written.is_ok(), "hashing does not fail");
        let look = Arc::new(node.look(|command| {
            let mut hasher = DefaultHasher::new();
            command.to_bytes().hash(&mut hasher);
            hasher.finish()
        }));
        let node = (Arc::new(node), look);
        self.nodes.write().unwrap().number(identity.get(), || node)
    }

    /// What is seen of a device.
    pub fn look(&self, id: u32) -> Arc<Look> {
        Arc::clone(&self.nodes.read().unwrap().things[id as usize].1)
    }

    /// Who gets a message.
    pub fn receiver(&self, message: u32) -> usize {
        self.envelopes.read().unwrap().things[message as usize].to
    }

    /// What this event makes of this device; the same for each call.
    pub fn step(&self, id: u32, event: Event) -> Arc<Step> {
        if let Some(step) = self.steps.read().unwrap().get(&(id, event)) {
            return Arc::clone(step);
        }
        let mut node = Node::clone(&self.nodes.read().unwrap().things[id as usize].0);
        let envelope = match event {
            Event::Message(message) => Some(Arc::clone(
                &self.envelopes.read().unwrap().things[message as usize],
            )),
            _ => None,
        };
        let sent = node.happen(event, envelope.as_deref(), self.planted);
        let step = Step {
            device: self.number_node(node),
            sent: sent
                .into_iter()
                .map(|envelope| self.number_envelope(envelope))
                .collect(),
        };
        let mut steps = self.steps.write().unwrap();
        Arc::clone(steps.entry((id, event)).or_insert_with(|| Arc::new(step)))
    }

    fn number_envelope(&self, envelope: Envelope) -> u32 {
        let mut identity = Identity::new();
        envelope.hash(&mut identity.0);
        envelope.hash(&mut identity.1);
        self.envelopes
            .write()
            .unwrap()
            .number(identity.get(), || Arc::new(envelope))
    }

    /// How many states of one device and how many messages there are.
    pub fn sizes(&self) -> (usize, usize) {
        let nodes = self.nodes.read().unwrap().things.len();
        (nodes, self.envelopes.read().unwrap().things.len())
    }

    /// An action in words.
    pub fn tell(&self, action: Action) -> String {
        match action {
            Action::Deliver(message) => {
                let envelopes = self.envelopes.read().unwrap();
                let envelope = &envelopes.things[message as usize];
                let text = Message::from_bytes(&envelope.message)
                    .map_or_else(|error| error.to_string(), |message| format!("{message:?}"));
                format!("{} → {}: {text}", envelope.from, envelope.to)
            }
            Action::Happen(device, event) => format!("{device}: {event:?}"),
        }
    }

    /// How the first device that breaks a property does.
    pub fn broken(&self, devices: &[u32]) -> Option<String> {
        devices
            .iter()
            .find_map(|id| self.look(*id).broken.clone())
            .map(|(_, how)| how)
    }
}
