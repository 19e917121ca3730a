//! What fails in a simulated run: values that can be printed, read again and left out one by one.

use crate::identity::HostId;
use crate::protocol::executive::Random;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Between two faults.
pub(super) const QUIET: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(4));
/// The same where several are to last at a time.
pub(super) const BUSY: (Duration, Duration) = (Duration::from_millis(1), Duration::from_secs(1));
/// How long one lasts.
const LASTS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(3));

/// Something that fails for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub host: HostId,
    /// What.
    pub kind: Kind,
    /// For how long.
    pub lasts: Duration,
}

/// What can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The kernel ends, and is started again.
    Crash,
    /// The host loses its power, and with it all that was not on the disk.
    Power,
    /// The kernel ends, and is started again by a clock that is up to an hour wrong.
    Clock,
    /// Nothing that the host sends arrives, and nothing arrives there.
    Cut,
    /// Nothing arrives there.
    Deaf,
    /// Nothing that it sends arrives.
    Mute,
    /// It and that other host do not hear each other.
    Apart(HostId),
    /// Its connections break, with all that is under way on them, and it can make no new ones.
    Reset,
    /// Of its messages to other kernels and of theirs to it some are lost, some arrive twice and some late.
    Lossy,
    /// The kernel stands still.
    Pause,
    /// Whatever the kernel does takes it milliseconds.
    Slow,
    /// The disk takes as much longer for each write as an eighth of the time that this lasts.
    SlowDisk,
    /// The disk fails after a few more operations, and the kernel with it; it is started again with a sound one.
    BadDisk,
    /// The disk is full, so that the kernel ends; it is started again when there is room.
    FullDisk,
    /// The kernel ends, and a bit of what its disk keeps is another one when it is started again.
    Flip,
    /// The same, and a block of what its disk keeps is zeros.
    Zeroed,
    /// The same, and a block of what its disk keeps is anything.
    Corrupt,
    /// The same, and a block stands in the place of another one, and zeros where it should.
    Misdirected,
    /// The kernel ends, the disk is lost, and the host with it.
    LostDisk,
}

/// Each of them, with the words for it; of those that concern two hosts, one.
const KINDS: [(Kind, &str); 19] = [
    (Kind::Crash, "ends and is started again after"),
    (Kind::Power, "loses its power, and has it again after"),
    (
        Kind::Clock,
        "ends and is started again with a wrong clock after",
    ),
    (Kind::Cut, "is cut off for"),
    (Kind::Deaf, "hears nobody for"),
    (Kind::Mute, "is heard by nobody for"),
    (Kind::Apart(HostId(0)), "do not hear each other for"),
    (
        Kind::Reset,
        "loses its connections, and makes no new ones for",
    ),
    (Kind::Lossy, "has a bad network for"),
    (Kind::Pause, "stands still for"),
    (Kind::Slow, "is slow for"),
    (Kind::SlowDisk, "has a slow disk for"),
    (Kind::BadDisk, "has a failing disk, and a sound one after"),
    (Kind::FullDisk, "has a full disk, and room again after"),
    (
        Kind::Flip,
        "ends and is started again with a flipped bit on its disk after",
    ),
    (
        Kind::Zeroed,
        "ends and is started again with a block of zeros on its disk after",
    ),
    (
        Kind::Corrupt,
        "ends and is started again with a block of garbage on its disk after",
    ),
    (
        Kind::Misdirected,
        "ends and is started again with a misplaced block on its disk after",
    ),
    (Kind::LostDisk, "loses its disk, and is given up after"),
];

/// So many of them pass; the hosts that the others strike may be lost for good.
const PASSING: usize = 14;

impl Fault {
    /// Any fault that passes.
    pub(super) fn draw(hosts: u16, random: &mut Random) -> Fault {
        let mut any = |below: u16| u16::try_from(random.below(u64::from(below))).unwrap_or(0);
        let host = any(hosts);
        let other = (host + 1 + any((hosts - 1).max(1))) % hosts;
        let kinds = u16::try_from(PASSING).unwrap_or(1);
        let kind = match KINDS.get(usize::from(any(kinds))) {
            // Alone it has main to be cut off from.
            Some((Kind::Apart(_), _)) if hosts < 2 => Kind::Cut,
            Some((Kind::Apart(_), _)) => Kind::Apart(HostId(other)),
            Some((kind, _)) => *kind,
            None => Kind::Crash,
        };
        let lasts = random.between(LASTS.0, LASTS.1);
        Fault {
            host: HostId(host),
            kind,
            lasts: micros(lasts),
        }
    }

    /// There and as long, but one of those after which the host may be lost for good.
    pub(super) fn ruinous(self, random: &mut Random) -> Fault {
        let kinds = KINDS.get(PASSING..).unwrap_or(&[]);
        let place = random.below((kinds.len() as u64).max(1));
        let drawn = usize::try_from(place)
            .ok()
            .and_then(|place| kinds.get(place));
        Fault {
            kind: drawn.map_or(Kind::LostDisk, |(kind, _)| *kind),
            ..self
        }
    }

    /// How long it is quiet before the next one.
    pub(super) fn quiet((least, most): (Duration, Duration), random: &mut Random) -> Duration {
        micros(random.between(least, most))
    }

    /// Whether the host's replicas may be away meanwhile.
    pub(super) fn disables(self) -> bool {
        !matches!(self.kind, Kind::SlowDisk | Kind::Slow | Kind::Lossy)
    }

    /// Whether the kernel is started again when it is over.
    pub(super) fn restarts(self) -> bool {
        matches!(
            self.kind,
            Kind::Crash | Kind::Power | Kind::Clock | Kind::BadDisk | Kind::FullDisk
        ) || self.kind.damages()
    }
}

/// As exact as it is printed.
fn micros(duration: Duration) -> Duration {
    Duration::from_micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}

impl Kind {
    /// Whether the disk keeps something else than was written.
    pub(super) fn damages(self) -> bool {
        matches!(
            self,
            Kind::Flip | Kind::Zeroed | Kind::Corrupt | Kind::Misdirected
        )
    }

    /// One word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Crash => "crash",
            Kind::Power => "power",
            Kind::Clock => "clock",
            Kind::Cut => "cut",
            Kind::Deaf => "deaf",
            Kind::Mute => "mute",
            Kind::Apart(_) => "apart",
            Kind::Reset => "reset",
            Kind::Lossy => "lossy",
            Kind::Pause => "pause",
            Kind::Slow => "slow",
            Kind::SlowDisk => "slow disk",
            Kind::BadDisk => "bad disk",
            Kind::FullDisk => "full disk",
            Kind::Flip => "flipped bit",
            Kind::Zeroed => "zeroed block",
            Kind::Corrupt => "corrupt block",
            Kind::Misdirected => "misdirected block",
            Kind::LostDisk => "lost disk",
        }
    }

    fn words(self) -> &'static str {
        let same = |kind: Kind| std::mem::discriminant(&kind) == std::mem::discriminant(&self);
        let known = KINDS.iter().find(|(kind, _)| same(*kind));
        known.map_or("", |(_, words)| words)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host{} ", self.host.0 + 1)?;
        if let Kind::Apart(other) = self.kind {
            write!(f, "and host{} ", other.0 + 1)?;
        }
        write!(f, "{} {:.6} s", self.kind.words(), self.lasts.as_secs_f64())
    }
}

impl FromStr for Fault {
    type Err = String;

    /// Reads what is printed.
    fn from_str(text: &str) -> Result<Fault, String> {
        let wrong = || format!("\"{text}\" is no fault");
        let (host, rest) = host(text).ok_or_else(wrong)?;
        let (other, rest) = match rest.strip_prefix("and ") {
            Some(rest) => host_and(rest).ok_or_else(wrong)?,
            None => (None, rest),
        };
        KINDS
            .iter()
            .find_map(|(kind, words)| {
                let lasts = seconds(rest.strip_prefix(words)?.strip_prefix(' ')?)?;
                let kind = match (kind, other) {
                    (Kind::Apart(_), Some(other)) => Kind::Apart(other),
                    (Kind::Apart(_), None) | (_, Some(_)) => return None,
                    (kind, None) => *kind,
                };
                Some(Fault { host, kind, lasts })
            })
            .ok_or_else(wrong)
    }
}

fn host_and(text: &str) -> Option<(Option<HostId>, &str)> {
    host(text).map(|(other, rest)| (Some(other), rest))
}

/// A host's name, and what follows it.
fn host(text: &str) -> Option<(HostId, &str)> {
    let (number, rest) = text.strip_prefix("host")?.split_once(' ')?;
    let number: u16 = number.parse().ok()?;
    Some((HostId(number.checked_sub(1)?), rest))
}

/// A time as it is printed: seconds with six decimals, and the unit.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, decimals) = text.strip_suffix(" s")?.split_once('.')?;
    let micros = (decimals.len() == 6).then(|| decimals.parse().ok())??;
    Duration::from_secs(whole.parse().ok()?).checked_add(Duration::from_micros(micros))
}

/// When something fails, since the beginning of the run, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strike {
    /// When.
    pub since: Duration,
    /// What.
    pub fault: Fault,
}

impl Strike {
    /// The hosts that it names.
    pub fn hosts(&self) -> impl Iterator<Item = HostId> + use<> {
        let other = match self.fault.kind {
            Kind::Apart(other) => Some(other),
            _ => None,
        };
        [Some(self.fault.host), other].into_iter().flatten()
    }
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6} s: {}", self.since.as_secs_f64(), self.fault)
    }
}

impl FromStr for Strike {
    type Err = String;

    fn from_str(text: &str) -> Result<Strike, String> {
        let (since, fault) = text
            .split_once(": ")
            .ok_or_else(|| format!("\"{text}\" is no fault"))?;
        let since = seconds(since).ok_or_else(|| format!("\"{since}\" is no time"))?;
        Ok(Strike {
            since,
            fault: fault.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        let mut random = Random::new(1);
        let mut kinds = std::collections::BTreeSet::new();
        for since in 0..500 {
            let mut fault = Fault::draw(5, &mut random);
            let ruins = |fault: Fault| fault.kind == Kind::LostDisk || fault.kind.damages();
            assert!(!ruins(fault));
            if random.one_in(3) {
                fault = fault.ruinous(&mut random);
                assert!(ruins(fault));
            }
            kinds.insert(fault.kind.name());
            let strike = Strike {
                since: Duration::from_micros(since * 1_234_567),
                fault,
            };
            assert_eq!(strike.to_string().parse(), Ok(strike));
        }
        assert_eq!(kinds.len(), KINDS.len());
    }

    #[test]
    fn a_host_that_is_alone_is_not_parted_from_itself() {
        let mut random = Random::new(1);
        let drawn: Vec<Fault> = (0..200).map(|_| Fault::draw(1, &mut random)).collect();
        assert!(drawn.iter().any(|fault| fault.kind == Kind::Cut));
        for Fault { host, kind, .. } in drawn {
            assert!(host == HostId(0) && !matches!(kind, Kind::Apart(_)));
        }
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for text in [
            "",
            "1.000000 s",
            "1.000000 s: ",
            "1.000000 s: host0 is cut off for 1.000000 s",
            "1.000000 s: host1 is cut off for 1 s",
            "1.000000 s: host1 and host2 is cut off for 1.000000 s",
            "1.000000 s: host1 do not hear each other for 1.000000 s",
            "1.0 s: host1 is cut off for 1.000000 s",
            "18446744073709551616.000000 s: host1 is cut off for 1.000000 s",
            "1.000000 s: host1 is cut off for 18446744073709551616.000000 s",
        ] {
            assert!(text.parse::<Strike>().is_err(), "{text}");
        }
    }
}
