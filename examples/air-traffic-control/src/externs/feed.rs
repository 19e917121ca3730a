//! A sensor's view of a feed: numbered reports, each at its time.
//!
//! The same file gives the same reports with the same numbers, whoever reads it and however fast.
//! That is what lets two sensors watch one feed, and a sensor take up the work of one that died.
//! A frame of a file without times is heard at its line's number divided by the rate.

use super::decode::{Decoder, Fact, bearing_deg, distance_nm};
use super::frame::{Format, Frame, Splitter};
use super::source::{Piece, Source, now_microseconds};
use crate::data::{FeedFacts, FeedOptions, Point, Report};
use cmsl_runtime::Outside;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The kinds of reports, as the enum `report_kind` of the program has them.
mod kind {
    pub const FIX: i32 = 0;
    pub const IDENTITY: i32 = 1;
    pub const VELOCITY: i32 = 2;
    pub const SQUAWK: i32 = 3;
    pub const PLOT: i32 = 4;
    pub const SECTOR: i32 = 5;
    pub const END: i32 = 6;
}

/// An altitude that is not known, as the program writes it.
const NO_ALTITUDE: i32 = -100_000;

/// How much of the feed one reading covers when nothing slows it down, in microseconds.
const UNPACED_STEP: i64 = 2_000_000;

/// The radar sees an aircraft once a rotation …
const ROTATION: i64 = 5_000_000;

/// … and says ten times a rotation how far it has turned.
const SECTOR: i64 = 500_000;

/// The radar measures range in sixteenths of a nautical mile and bearing in 4,096 steps.
const RANGE_STEPS_PER_NM: f64 = 16.0;
const BEARING_STEPS: f64 = 4096.0;

/// The most reports that one reading returns; the rest stays for the next.
const REPORTS_MAX: usize = 512;

/// An open feed with its decoder.
pub struct Feed {
    outside: Outside,
    options: FeedOptions,
    source: Source,
    splitter: Splitter,
    decoder: Decoder,
    started: Duration,
    ends: Option<Duration>,
    clock: Clock,
    waiting: VecDeque<Report>,
    held: Option<(i64, Frame)>,
    sequence: i64,
    facts: FeedFacts,
    plotted: BTreeMap<u32, i64>,
    sector: Option<i64>,
    source_ended: bool,
    end_reported: bool,
}

/// The feed's time: never backwards.
#[derive(Default)]
struct Clock {
    latest: i64,
    arrival: i64,
    shift: i64,
}

impl Feed {
    /// Opens a feed; reports up to number `options.after` are read and not handed out.
    pub fn new(outside: &mut Outside, options: &FeedOptions) -> Result<Self, String> {
        let format = Format::named(&options.format)?;
        if !(options.rate.is_finite() && options.rate > 0.0) {
            return Err(format!(
                "a feed has more than {} frames a second",
                options.rate
            ));
        }
        let source = Source::open(outside, &options.place, options.once)?;
        // Live reports have no past to read again: numbering goes on where it was.
        let sequence = if source.is_live() { options.after } else { 0 };
        let limit = (options.seconds > 0.0).then(|| Duration::from_secs_f64(options.seconds));
        let started = outside.monotonic();
        Ok(Self {
            outside: outside.clone(),
            source,
            splitter: Splitter::new(format),
            decoder: Decoder::new((options.latitude, options.longitude)),
            started,
            ends: limit.and_then(|limit| started.checked_add(limit)),
            clock: Clock::default(),
            waiting: VecDeque::new(),
            held: None,
            sequence,
            facts: FeedFacts::default(),
            plotted: BTreeMap::new(),
            sector: None,
            source_ended: false,
            end_reported: false,
            options: options.clone(),
        })
    }

    /// The reports that are due after `seconds` of waiting; the last of a feed is its end.
    pub fn read(&mut self, seconds: f64) -> Result<Vec<Report>, String> {
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let deadline = self.outside.monotonic() + wait;
        if self.waiting.len() < REPORTS_MAX {
            self.advance(deadline)?;
        }
        let count = self.waiting.len().min(REPORTS_MAX);
        Ok(self.waiting.drain(..count).collect())
    }

    /// Whether the end has been handed out.
    pub fn at_end(&self) -> bool {
        self.end_reported && self.waiting.is_empty()
    }

    /// What the feed held so far.
    pub fn facts(&self) -> FeedFacts {
        let counts = &self.decoder.counts;
        let length = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        FeedFacts {
            squitters: counts.squitters,
            addresses: length(counts.addresses.len()),
            callsigns: length(counts.callsigns.len()),
            fixes: counts.fixes,
            aircraft: length(counts.aircraft.len()),
            last_time: self.clock.latest,
            ..self.facts.clone()
        }
    }

    /// Decodes what is due by `deadline`.
    fn advance(&mut self, deadline: Duration) -> Result<(), String> {
        let live = self.source.is_live();
        let paced = self.options.speed > 0.0 && !live;
        if paced {
            let now = self.outside.monotonic();
            self.outside.sleep(deadline.saturating_sub(now));
        }
        let due = if live {
            i64::MAX
        } else if paced {
            self.paced_time()
        } else {
            self.clock.latest.saturating_add(UNPACED_STEP)
        };
        while self.waiting.len() < REPORTS_MAX {
            if let Some((time, frame)) = self.held.take() {
                if time > due {
                    self.held = Some((time, frame));
                    return Ok(());
                }
                self.hear(time, &frame);
            } else if let Some(item) = self.splitter.next() {
                self.facts.frames += 1;
                match item {
                    Ok(frame) => self.held = Some((self.time_of(&frame), frame)),
                    Err(corrupt) => self.count_corrupt(corrupt.0),
                }
            } else if self.source_ended
                || self.ends.is_some_and(|end| self.outside.monotonic() >= end)
            {
                self.report_end();
                return Ok(());
            } else {
                match self.source.next(&self.outside, deadline)? {
                    Piece::Bytes(bytes, arrival) => {
                        self.clock.arrival = arrival;
                        self.splitter.push(&bytes);
                    }
                    Piece::Connected => {
                        self.splitter = Splitter::new(Format::named(&self.options.format)?)
                    }
                    Piece::Nothing if self.outside.monotonic() >= deadline => return Ok(()),
                    Piece::Nothing => {}
                    Piece::End => {
                        self.source_ended = true;
                        self.splitter.finish();
                    }
                }
            }
        }
        Ok(())
    }

    /// How far the feed should have got by now: from the common start of all sensors, if there is one.
    fn paced_time(&self) -> i64 {
        let elapsed = if self.options.origin > 0 {
            (now_microseconds(&self.outside) - self.options.origin).max(0) as f64
        } else {
            (self.outside.monotonic() - self.started).as_micros() as f64
        };
        (elapsed * self.options.speed) as i64
    }

    fn time_of(&mut self, frame: &Frame) -> i64 {
        let time = match frame.time {
            Some(time) => time,
            None if self.source.is_live() => self.clock.arrival,
            None => {
                let line = (self.facts.frames - 1) as f64;
                (line / self.options.rate * 1e6).round() as i64
            }
        };
        // A receiver that started again counts from zero: go on from where it was. Small steps back
        // are frames that overtook each other.
        let time = time.saturating_add(self.clock.shift);
        if time + ROTATION < self.clock.latest {
            self.clock.shift += self.clock.latest - time;
        }
        self.clock.latest = self.clock.latest.max(time);
        self.clock.latest
    }

    fn count_corrupt(&mut self, shown: String) {
        self.facts.corrupted += 1;
        if self.facts.corrupted == 1 {
            self.facts.first_corrupted = self.facts.frames;
            self.facts.corrupted_text = shown;
        }
    }

    fn hear(&mut self, time: i64, frame: &Frame) {
        let fact = self.decoder.decode(time, &frame.message);
        if self.options.radar {
            self.turn(time);
            if let Some((
                address,
                Fact::Fix {
                    latitude,
                    longitude,
                    ..
                },
            )) = fact
            {
                self.plot(time, address, (latitude, longitude));
            }
            return;
        }
        let Some((address, fact)) = fact else { return };
        let mut report = Report {
            address: i32::try_from(address).unwrap_or(0),
            place: place(time, 0.0, 0.0, NO_ALTITUDE),
            ..Report::default()
        };
        match fact {
            Fact::Fix {
                latitude,
                longitude,
                altitude,
            } => {
                report.kind = kind::FIX;
                report.place = place(time, latitude, longitude, altitude.unwrap_or(NO_ALTITUDE));
            }
            Fact::Identity(callsign) => {
                report.kind = kind::IDENTITY;
                report.callsign = callsign;
            }
            Fact::Velocity {
                speed,
                angle,
                climb,
            } => {
                report.kind = kind::VELOCITY;
                (report.speed, report.angle, report.climb) = (speed, angle, climb);
            }
            Fact::Squawk(code) => {
                report.kind = kind::SQUAWK;
                report.squawk = code;
            }
        }
        self.number(report);
    }

    /// The radar turns: where it points is a report, so that silence is a silence of the sensor.
    fn turn(&mut self, time: i64) {
        let sector = time / SECTOR;
        if self
            .sector
            .replace(sector)
            .is_some_and(|before| before == sector)
        {
            return;
        }
        let place = place(time, 0.0, 0.0, NO_ALTITUDE);
        self.number(Report {
            kind: kind::SECTOR,
            place,
            ..Report::default()
        });
    }

    /// An echo: range and bearing, and nothing that tells whose it is.
    fn plot(&mut self, time: i64, address: u32, position: (f64, f64)) {
        if self
            .plotted
            .get(&address)
            .is_some_and(|before| time - before < ROTATION)
        {
            return;
        }
        self.plotted.insert(address, time);
        let antenna = (self.options.latitude, self.options.longitude);
        let range = (distance_nm(antenna, position) * RANGE_STEPS_PER_NM).round();
        let bearing = (bearing_deg(antenna, position) / 360.0 * BEARING_STEPS).round();
        self.number(Report {
            kind: kind::PLOT,
            range: range / RANGE_STEPS_PER_NM,
            bearing: (bearing % BEARING_STEPS) * 360.0 / BEARING_STEPS,
            place: place(time, 0.0, 0.0, NO_ALTITUDE),
            ..Report::default()
        });
    }

    fn report_end(&mut self) {
        if self.end_reported {
            return;
        }
        self.end_reported = true;
        let place = place(self.clock.latest, 0.0, 0.0, NO_ALTITUDE);
        self.number(Report {
            kind: kind::END,
            place,
            ..Report::default()
        });
    }

    fn number(&mut self, mut report: Report) {
        self.sequence += 1;
        if self.sequence > self.options.after {
            report.sensor = self.options.sensor;
            report.sequence = self.sequence;
            self.waiting.push_back(report);
        }
    }
}

fn place(time: i64, latitude: f64, longitude: f64, altitude: i32) -> Option<Box<Point>> {
    Some(Box::new(Point {
        time,
        latitude,
        longitude,
        altitude,
    }))
}
