//! Executive Paxos in a model checker: three devices, a bounded number of ballots each, two commands, and a network that loses, doubles and reorders.
//!
//! The devices are the protocol's own code. Time and chance are out of it: every patience is zero and the clock stands still, so that a device stands
//! when the checker says so. A message that was sent stays on its way for ever, to be delivered at any time, any number of times or never; so nothing
//! need be sent again. What heartbeats tell of issued commands is a message as well. Disks are instant: what crashes between a write and a message do is
//! the business of the crashes at every effect.
//!
//! A device's step is a function of its state and of what happens to it. Both are numbered when they are first met, and each step is computed once: a state of
//! the whole is a few numbers, and most steps are found in a table.

mod device;
mod universe;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cmsl_runtime::protocol::executive::Planted;
use stateright::{Checker, HasDiscoveries, Model, Property};

pub use self::device::BROKEN;
use self::device::Event;
use self::universe::Universe;

/// How far the search goes.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Ballots that each device may begin.
    pub ballots: u8,
    /// Requests, each of a client of its own.
    pub requests: u8,
    /// Crashes in all, each with a restart from what is stable.
    pub restarts: u8,
    /// The search ends after about so many distinct states.
    pub states: usize,
}

/// What a search gave.
#[derive(Debug, Clone)]
pub struct Searched {
    /// Distinct states.
    pub states: usize,
    /// States with repetitions: steps taken.
    pub steps: usize,
    /// The longest path to a state.
    pub depth: usize,
    /// Distinct states of one device, and distinct messages.
    pub devices_and_messages: (usize, usize),
    /// Whether every reachable state was seen.
    pub exhausted: bool,
    /// The property that does not hold, and the way to where it does not.
    pub violation: Option<(&'static str, Vec<String>)>,
    /// Which of the states that must be reachable were reached.
    pub reached: Vec<&'static str>,
}

/// What the checker may let happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A message arrives.
    Deliver(u32),
    /// Something else happens to a device.
    Happen(usize, Event),
}

/// The state of the whole, in numbers of the universe.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    devices: [u32; DEVICES],
    /// What was sent, ascending.
    messages: Vec<u32>,
    restarts: u8,
}

/// How many devices there are.
pub const DEVICES: usize = 3;

/// No two devices issue different commands for a number.
const AGREEMENT: &str = "agreement";

/// Searches side by side.
const THREADS: usize = 2;

/// States that must be reachable, or the search shows nothing.
const REACHABLE: [&str; 3] = [
    "a command is issued by two devices",
    "the second command is proposed again",
    "a device leads after another",
];

/// Reached, by definition, once as many states were seen as were asked for: it ends the search.
const ENOUGH: &str = "enough states";

/// How often the states are counted.
const COUNTING: Duration = Duration::from_millis(20);

struct Group {
    bounds: Bounds,
    universe: Arc<Universe>,
    enough: Arc<AtomicBool>,
}

impl Group {
    fn step(&self, state: &State, device: usize, event: Event) -> Option<State> {
        let before = state.devices[device];
        let done = self.universe.step(before, event);
        let new = done
            .sent
            .iter()
            .any(|message| state.messages.binary_search(message).is_err());
        if done.device == before && !new {
            return None;
        }
        let mut next = state.clone();
        next.devices[device] = done.device;
        if new {
            next.messages.extend(done.sent.iter());
            next.messages.sort_unstable();
            next.messages.dedup();
        }
        Some(next)
    }
}

impl Model for Group {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            devices: std::array::from_fn(|device| self.universe.first(device)),
            messages: Vec::new(),
            restarts: 0,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (device, id) in state.devices.iter().enumerate() {
            let look = self.universe.look(*id);
            if look.ballots < self.bounds.ballots {
                actions.push(Action::Happen(device, Event::Stand));
            }
            if look.takes_requests {
                let requests = 1..=self.bounds.requests;
                actions
                    .extend(requests.map(|client| Action::Happen(device, Event::Request(client))));
            }
            if state.restarts < self.bounds.restarts {
                actions.push(Action::Happen(device, Event::Restart));
            }
        }
        actions.extend(state.messages.iter().copied().map(Action::Deliver));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        match action {
            Action::Deliver(message) => {
                let to = self.universe.receiver(message);
                self.step(state, to, Event::Message(message))
            }
            Action::Happen(device, event) => {
                let mut next = self.step(state, device, event)?;
                next.restarts += u8::from(event == Event::Restart);
                Some(next)
            }
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(AGREEMENT, |group: &Group, state: &State| {
                let looks = state.devices.map(|id| group.universe.look(id));
                let agree = |one: usize, other: usize| {
                    let both = looks[one].issued.iter().zip(&looks[other].issued);
                    both.into_iter().all(|(one, other)| one == other)
                };
                agree(0, 1) && agree(0, 2) && agree(1, 2)
            }),
            Property::always(BROKEN[0], |group: &Group, state: &State| {
                holds(group, state, 0)
            }),
            Property::always(BROKEN[1], |group: &Group, state: &State| {
                holds(group, state, 1)
            }),
            Property::always(BROKEN[2], |group: &Group, state: &State| {
                holds(group, state, 2)
            }),
            Property::always(BROKEN[3], |group: &Group, state: &State| {
                holds(group, state, 3)
            }),
            Property::sometimes(REACHABLE[0], |group: &Group, state: &State| {
                let looks = state.devices.iter().map(|id| group.universe.look(*id));
                looks.filter(|look| !look.issued.is_empty()).count() > 1
            }),
            Property::sometimes(REACHABLE[1], |group: &Group, state: &State| {
                let mut looks = state.devices.iter().map(|id| group.universe.look(*id));
                looks.any(|look| look.proposed_again > 1)
            }),
            Property::sometimes(REACHABLE[2], |group: &Group, state: &State| {
                let looks = state.devices.iter().map(|id| group.universe.look(*id));
                looks.filter(|look| look.has_led).count() > 1
            }),
            Property::sometimes(ENOUGH, |group: &Group, _: &State| {
                group.enough.load(Ordering::Relaxed)
            }),
        ]
    }
}

/// Whether this property of single devices holds for each.
fn holds(group: &Group, state: &State, property: usize) -> bool {
    let mut looks = state.devices.iter().map(|id| group.universe.look(*id));
    looks.all(|look| {
        look.broken
            .as_ref()
            .is_none_or(|(which, _)| *which != BROKEN[property])
    })
}

/// Searches the states within these bounds, until one is found in which a property does not hold.
#[must_use]
pub fn search(bounds: Bounds, planted: Planted) -> Searched {
    let universe = Arc::new(Universe::new(bounds.restarts > 0, planted));
    let enough = Arc::new(AtomicBool::new(false));
    let group = Group {
        bounds,
        universe: Arc::clone(&universe),
        enough: Arc::clone(&enough),
    };
    let ends: BTreeSet<&'static str> = BROKEN.into_iter().chain([AGREEMENT, ENOUGH]).collect();
    let checker = group
        .checker()
        .threads(THREADS)
        .finish_when(HasDiscoveries::AnyOf(ends))
        .spawn_bfs();
    while !checker.is_done() {
        let counted = checker.unique_state_count() >= bounds.states;
        enough.store(counted, Ordering::Relaxed);
        std::thread::sleep(COUNTING);
    }
    let checker = checker.join();
    let discoveries = checker.discoveries();
    let violation = discoveries
        .iter()
        .find(|(name, _)| **name == AGREEMENT || BROKEN.contains(name))
        .map(|(name, path)| {
            let last = path.last_state().clone();
            let actions = path.clone().into_actions().into_iter();
            let told = actions.map(|action| universe.tell(action));
            (*name, told.chain(universe.broken(&last.devices)).collect())
        });
    Searched {
        states: checker.unique_state_count(),
        steps: checker.state_count(),
        depth: checker.max_depth(),
        devices_and_messages: universe.sizes(),
        exhausted: violation.is_none() && checker.unique_state_count() < bounds.states,
        violation,
        reached: REACHABLE
            .into_iter()
            .filter(|name| discoveries.contains_key(name))
            .collect(),
    }
}
