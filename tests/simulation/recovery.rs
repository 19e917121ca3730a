//! How soon a group answers again, whichever links between its devices are cut, as long as one device has a quorum of them.
//!
//! Device 0 leads when links are cut, so that all ways of cutting are all that may happen to a leader. A message takes a millisecond, disks none.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use cmsl_runtime::clock::Time;
use cmsl_runtime::protocol::executive::{Config, Configuration, Executive, Random};
use cmsl_runtime::protocol::{
    Bytes, Device, Execution, Input, Output, Protocol, Request, RequestId, Role, Verdict,
};

/// What a message takes, and a step of time.
const STEP: Duration = Duration::from_millis(1);
/// A group that answers goes on answering for so long.
const AFTERWARDS: Duration = Duration::from_millis(1500);
/// An answer comes within so many of the longest times that an election may take to begin.
const ELECTIONS: u32 = 4;

/// The devices and what is on its way between them.
struct Group {
    devices: Vec<Executive>,
    wakes: Vec<Time>,
    links: Links,
    wires: VecDeque<Wired>,
    now: Time,
    answered: BTreeSet<u64>,
    election_max: Duration,
}

struct Wired {
    arrives: Time,
    from: usize,
    to: usize,
    message: Bytes,
}

/// Which devices hear which, by the positions of who speaks and who hears.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Links(Vec<Vec<bool>>);

impl Links {
    fn whole(devices: usize) -> Links {
        Links(vec![vec![true; devices]; devices])
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.0[from][to] = false;
    }

    fn cut_between(&mut self, one: usize, other: usize) {
        self.cut(one, other);
        self.cut(other, one);
    }

    fn cut_off(&mut self, device: usize) {
        (0..self.0.len()).for_each(|other| self.cut_between(device, other));
    }

    fn hold(&self, from: usize, to: usize) -> bool {
        self.0[from][to]
    }

    fn are_two_way(&self) -> bool {
        let devices = 0..self.0.len();
        let mut pairs = devices
            .clone()
            .flat_map(|one| devices.clone().map(move |other| (one, other)));
        pairs.all(|(one, other)| self.hold(one, other) == self.hold(other, one))
    }

    /// Whether some device and those that it hears and that hear it are a quorum.
    fn connect_a_quorum(&self) -> bool {
        let devices = self.0.len();
        (0..devices).any(|one| {
            let others = (0..devices).filter(|other| *other != one);
            let connected = others.filter(|other| self.hold(one, *other) && self.hold(*other, one));
            1 + connected.count() > devices / 2
        })
    }
}

/// All ways in which links may be cut in both directions.
fn cuts(devices: usize) -> impl Iterator<Item = Links> {
    let pairs: Vec<(usize, usize)> = (0..devices)
        .flat_map(|one| (one + 1..devices).map(move |other| (one, other)))
        .collect();
    (0..1_u64 << pairs.len()).map(move |cut| {
        let mut links = Links::whole(devices);
        for (bit, (one, other)) in pairs.iter().enumerate() {
            if cut >> bit & 1 == 1 {
                links.cut_between(*one, *other);
            }
        }
        links
    })
}

impl Group {
    fn new(devices: usize, seed: u64) -> Group {
        let positions = 0..u16::try_from(devices).unwrap();
        let configuration = Configuration::new(positions.clone().map(Device).collect()).unwrap();
        let now = Time::from_nanos(1);
        let config = |device| Config::new(Device(device), configuration.clone());
        let devices: Vec<Executive> = positions
            .map(|device| Executive::new(config(device), seed ^ u64::from(device) << 32, now))
            .collect();
        Group {
            wakes: vec![now; devices.len()],
            links: Links::whole(devices.len()),
            devices,
            wires: VecDeque::new(),
            now,
            answered: BTreeSet::new(),
            election_max: config(0).election_max,
        }
    }

    fn step(&mut self, index: usize, input: Input<'_>) {
        let mut out = Vec::new();
        self.devices[index].step(input, self.now, &mut out);
        for output in out {
            match output {
                Output::Send { to, message } => self.wires.push_back(Wired {
                    arrives: self.now + STEP,
                    from: index,
                    to: usize::from(to.0),
                    message,
                }),
                Output::Persist { token, .. } => self.step(index, Input::Durable { token }),
                Output::Execute { ticket, .. } => {
                    let execution = Execution {
                        delta: Bytes::from(&b"change"[..]),
                        reply: Bytes::from(&b"answer"[..]),
                        verdict: Verdict::Completed,
                    };
                    self.step(index, Input::Executed { ticket, execution });
                }
                Output::Reply { id, .. } => {
                    self.answered.insert(id.sequence);
                }
                Output::Wake { at } => self.wakes[index] = at,
                // The state is of no interest here.
                _ => {}
            }
        }
    }

    /// Lets a moment pass.
    fn pass(&mut self) {
        self.now = self.now + STEP;
        while let Some(wired) = self.wires.pop_front_if(|wired| wired.arrives <= self.now) {
            if self.links.hold(wired.from, wired.to) {
                let from = Device(u16::try_from(wired.from).unwrap());
                let message = &wired.message;
                self.step(wired.to, Input::Message { from, message });
            }
        }
        for index in 0..self.devices.len() {
            if self.wakes[index] <= self.now {
                self.step(index, Input::Tick);
            }
        }
    }

    /// The next request is asked of whoever leads until it is answered; says how long that takes, if it is not too long.
    fn answers(&mut self) -> Option<Duration> {
        let begun = self.now;
        let sequence = self.answered.last().copied().unwrap_or(0) + 1;
        let id = RequestId {
            session: 1,
            sequence,
        };
        while !self.answered.contains(&sequence) {
            if self.now.since(begun) > self.election_max * ELECTIONS {
                return None;
            }
            for index in 0..self.devices.len() {
                if self.devices[index].status().role == Role::Leading {
                    let request = Request {
                        id,
                        acknowledged: sequence - 1,
                        call: Bytes::default(),
                    };
                    self.step(index, Input::Request(request));
                }
            }
            self.pass();
        }
        Some(self.now.since(begun))
    }
}

/// How long a group is without an answer after links are cut; `behind` was cut off while something was issued before. Nothing if it is too long.
fn away(links: &Links, behind: Option<usize>, seed: u64) -> Option<Duration> {
    let mut group = Group::new(links.0.len(), seed);
    for _ in 0..20 {
        group.answers()?;
    }
    if let Some(device) = behind {
        group.links.cut_off(device);
        for _ in 0..20 {
            group.answers()?;
        }
    }
    group.links = links.clone();
    let (begun, mut longest) = (group.now, Duration::ZERO);
    let mut round = None;
    while group.now.since(begun) < AFTERWARDS {
        longest = longest.max(group.answers()?);
        let statuses = group.devices.iter().map(Protocol::status);
        let highest = statuses.map(|status| status.round).max();
        if group.now.since(begun) > AFTERWARDS / 2 && links.are_two_way() {
            // Whoever leads then is not disturbed by those who do not hear it.
            let before = round.replace(highest).unwrap_or(highest);
            assert_eq!(before, highest, "another leads: {links:?}");
        }
    }
    Some(longest)
}

/// Links of which chance cuts some, at most so many, each with `cut`.
fn some_cuts(
    devices: usize,
    most: u64,
    cut: fn(&mut Links, usize, usize),
) -> impl FnMut() -> Links {
    let mut random = Random::new(1);
    move || {
        let mut links = Links::whole(devices);
        for _ in 0..=random.below(most) {
            let [one, other] = [(); 2].map(|()| random.below(devices as u64));
            cut(&mut links, one as usize, other as usize);
        }
        links
    }
}

/// In each of these cases that leave a quorum connected, links and who is behind, there is an answer soon.
fn answer_soon(cases: impl Iterator<Item = (Links, Option<usize>)>) {
    let connected = cases.filter(|(links, _)| links.connect_a_quorum());
    let times: Vec<Duration> = connected
        .zip(0..)
        .map(|((links, behind), seed)| {
            let time = away(&links, behind, seed);
            time.unwrap_or_else(|| {
                panic!("seed {seed}: too long without {links:?}, {behind:?} behind")
            })
        })
        .collect();
    let longest = times.iter().max().unwrap();
    let count = times.len();
    println!("{count} ways of cutting, at most {longest:?} without an answer");
}

#[test]
fn three_devices_answer_soon_whatever_is_cut() {
    let behind = [None, Some(0), Some(1), Some(2)];
    let cases = behind
        .into_iter()
        .flat_map(|behind| cuts(3).map(move |links| (links, behind)));
    let cases: Vec<_> = cases.collect();
    answer_soon((0..20).flat_map(|_| cases.clone()));
}

#[test]
fn five_devices_answer_soon_whatever_is_cut() {
    answer_soon(cuts(5).map(|links| (links, None)));
}

/// Each of those that do not lead lacks, in turn, what was issued last, and may be the one that has the links.
#[test]
fn five_devices_answer_soon_although_one_is_behind() {
    let cases = cuts(5).zip((1..5).cycle());
    answer_soon(cases.map(|(links, behind)| (links, Some(behind))));
}

#[test]
fn seven_devices_answer_soon_whatever_is_cut() {
    let mut links = some_cuts(7, 14, Links::cut_between);
    answer_soon((0..300).map(|_| (links(), None)));
}

/// Links that are cut in one direction only.
#[test]
fn five_devices_answer_soon_although_some_are_deaf_or_mute() {
    let mut links = some_cuts(5, 12, Links::cut);
    answer_soon((0..1_000).map(|_| (links(), None)));
}
