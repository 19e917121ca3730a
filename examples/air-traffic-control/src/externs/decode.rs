//! Mode S extended squitters to what the database wants to know: identity, position, velocity, squawk.
//!
//! The bits are rs1090's business. Here stands what a surveillance sensor adds: only squitters with a
//! right checksum count (DF 17 and 18), positions come from an even and an odd half at most ten
//! seconds apart of which the newer decides, and none farther than 300 NM from the antenna is believed.

use super::frame::Message;
use super::sbs::SbsMessage;
use rs1090::decode::bds::bds09::AirborneVelocitySubType;
use rs1090::decode::bds::bds61::AircraftStatusType;
use rs1090::decode::cpr::{CPRFormat, airborne_position};
use rs1090::decode::crc::modes_checksum;
use rs1090::prelude::{AirbornePosition, DekuContainerRead, ME};
use std::collections::{BTreeMap, BTreeSet};

/// The longest time between the two halves of a position, in microseconds.
const PAIR_MICROSECONDS_MAX: i64 = 10_000_000;

/// A position farther from the antenna is an error of the air, in nautical miles.
const RANGE_NM_MAX: f64 = 300.0;

/// One thing learnt from a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Where the aircraft is: degrees, and feet where the message says so.
    Fix {
        latitude: f64,
        longitude: f64,
        altitude: Option<i32>,
    },
    /// What it is called.
    Identity(String),
    /// Knots over ground, degrees, feet a minute.
    Velocity { speed: f64, angle: f64, climb: i32 },
    /// Its transponder code, the four octal digits read as a decimal number.
    Squawk(i32),
}

/// What the feed held, counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Valid extended squitters.
    pub squitters: i64,
    /// Position fixes.
    pub fixes: i64,
    /// Addresses with a squitter.
    pub addresses: BTreeSet<u32>,
    /// Addresses with a callsign.
    pub callsigns: BTreeSet<u32>,
    /// Addresses with a fix.
    pub aircraft: BTreeSet<u32>,
}

type Half = Option<(i64, AirbornePosition)>;

/// The decoder of one feed.
pub struct Decoder {
    antenna: (f64, f64),
    halves: BTreeMap<u32, [Half; 2]>,
    /// What the feed held so far.
    pub counts: Counts,
}

impl Decoder {
    /// A decoder for an antenna at this latitude and longitude.
    pub fn new(antenna: (f64, f64)) -> Self {
        Self {
            antenna,
            halves: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// What a message heard at `time` (microseconds) says about which address.
    pub fn decode(&mut self, time: i64, message: &Message) -> Option<(u32, Fact)> {
        match message {
            Message::ModeS(frame) => self.squitter(time, frame),
            Message::Sbs(message) => self.decoded(message),
            Message::Other => None,
        }
    }

    fn squitter(&mut self, time: i64, frame: &[u8]) -> Option<(u32, Fact)> {
        let [first, a, b, c, body @ .., _, _, _] = frame else {
            return None;
        };
        let is_squitter = frame.len() == 14 && matches!(first >> 3, 17 | 18);
        if !is_squitter || modes_checksum(frame, 112) != Ok(0) {
            return None;
        }
        let address = u32::from_be_bytes([0, *a, *b, *c]);
        self.counts.squitters += 1;
        self.counts.addresses.insert(address);
        let (_, message) = ME::from_bytes((body, 0)).ok()?;
        let fact = match message {
            ME::BDS08 { inner, .. } => {
                let callsign = printable(&inner.callsign)?;
                self.counts.callsigns.insert(address);
                Fact::Identity(callsign)
            }
            ME::BDS05 { inner, .. } => self.position(time, address, inner)?,
            ME::BDS09(velocity) => match velocity.velocity {
                AirborneVelocitySubType::GroundSpeedDecoding(ground) => Fact::Velocity {
                    speed: ground.groundspeed,
                    angle: ground.track,
                    climb: velocity.vertical_rate.map_or(0, i32::from),
                },
                _ => return None,
            },
            ME::BDS61(status) if status.subtype == AircraftStatusType::EmergencyPriorityStatus => {
                Fact::Squawk(octal_digits(status.squawk.0)?)
            }
            _ => return None,
        };
        Some((address, fact))
    }

    fn position(&mut self, time: i64, address: u32, half: AirbornePosition) -> Option<Fact> {
        let [even, odd] = self.halves.entry(address).or_default();
        let (same, other) = match half.parity {
            CPRFormat::Even => (even, odd),
            CPRFormat::Odd => (odd, even),
        };
        *same = Some((time, half));
        let (paired, other) = other.as_ref()?;
        if !(0..=PAIR_MICROSECONDS_MAX).contains(&(time - paired)) {
            return None;
        }
        let place = airborne_position(other, &half)?;
        self.fix(address, (place.latitude, place.longitude), half.alt)
    }

    fn fix(&mut self, address: u32, place: (f64, f64), altitude: Option<i32>) -> Option<Fact> {
        if distance_nm(self.antenna, place) > RANGE_NM_MAX {
            return None;
        }
        self.counts.fixes += 1;
        self.counts.aircraft.insert(address);
        Some(Fact::Fix {
            latitude: place.0,
            longitude: place.1,
            altitude,
        })
    }

    /// A message that the receiver decoded: types 1 to 4 are extended squitters.
    fn decoded(&mut self, message: &SbsMessage) -> Option<(u32, Fact)> {
        let address = message.address;
        if (1..=4).contains(&message.kind) {
            self.counts.squitters += 1;
            self.counts.addresses.insert(address);
        }
        let fact = match message.kind {
            1 => {
                let callsign = printable(message.callsign.as_deref()?)?;
                self.counts.callsigns.insert(address);
                Fact::Identity(callsign)
            }
            3 => self.fix(address, message.place?, message.altitude)?,
            4 => Fact::Velocity {
                speed: message.speed?,
                angle: message.angle?,
                climb: message.climb.unwrap_or(0),
            },
            6 => Fact::Squawk(message.squawk?),
            _ => return None,
        };
        Some((address, fact))
    }
}

/// A callsign without its padding and without what no callsign holds.
fn printable(callsign: &str) -> Option<String> {
    let text: String = callsign
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(8)
        .collect();
    (!text.is_empty()).then_some(text)
}

/// 0x7700 as 7700; `None` for no code.
fn octal_digits(code: u16) -> Option<i32> {
    let digits = [12, 8, 4, 0].map(|shift| i32::from((code >> shift) & 0xf));
    let number = digits.iter().fold(0, |sum, digit| sum * 10 + digit);
    (number > 0).then_some(number)
}

/// The distance on a sphere between two places (degrees), in nautical miles.
pub fn distance_nm(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (lat1, lat2) = (from.0.to_radians(), to.0.to_radians());
    let (north, east) = (lat2 - lat1, (to.1 - from.1).to_radians());
    let a = (north / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (east / 2.0).sin().powi(2);
    2.0 * a.sqrt().min(1.0).asin().to_degrees() * 60.0
}

/// The bearing (degrees from north) of one place from another.
pub fn bearing_deg(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (lat1, lat2) = (from.0.to_radians(), to.0.to_radians());
    let east = (to.1 - from.1).to_radians();
    let y = east.sin() * lat2.cos();
    let x = lat1.cos() * lat2.sin() - lat1.sin() * lat2.cos() * east.cos();
    y.atan2(x).to_degrees().rem_euclid(360.0)
}
