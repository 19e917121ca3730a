//! A space-time picture of the last seconds of a run: hosts as lines, time downwards, messages as arrows.
//!
//! Time is bent: where nothing is drawn it is short, and what follows closely is drawn apart, so that every arrow can be told from the next.

mod axis;
mod svg;

use super::BEGIN;
use super::faults::{Kind, Strike};
use super::network::End;
use super::record::{Fate, Happened, Mark, Passed, Record, Sort};
use super::trouble::Struck;
use crate::clock::Time;
use crate::identity::HostId;
use axis::Axis;
use std::collections::BTreeMap;
use std::time::Duration;
use svg::{Shape, Svg};

/// No more messages are drawn: the last ones.
const MESSAGES_MAX: usize = 160;
/// Nothing older is drawn.
const SECONDS_MAX: Duration = Duration::from_secs(10);
/// Faults that were over before are told in words, the last ones.
const TOLD_MAX: usize = 8;
/// From one line of a host to the next.
const LANE: f64 = 190.0;
/// To the left of the lines.
const MARGIN: f64 = 110.0;
/// The lines begin below the words, so far above the first moment.
const HEAD: f64 = 44.0;

/// What is drawn.
pub(super) struct Scene<'a> {
    pub record: Record,
    /// Everything that failed.
    pub struck: &'a [Struck],
    pub hosts: u16,
    /// Where the picture ends.
    pub end: Time,
    /// What run it is.
    pub title: String,
    /// What was found.
    pub found: Option<String>,
}

impl Scene<'_> {
    /// The picture, as SVG.
    pub(super) fn draw(&self) -> String {
        let from = self.begin();
        let axis = Axis::new(self.moments(from), from, self.end);
        let mut svg = Svg::new(MARGIN + LANE * (f64::from(self.hosts) + 1.0));
        self.words(from, &mut svg);
        let top = svg.height() + HEAD;
        let place = Placed { axis, top };
        self.ticks(&place, &mut svg);
        self.bands(from, &place, &mut svg);
        self.lanes(&place, &mut svg);
        self.leaders(from, &place, &mut svg);
        self.lives(from, &place, &mut svg);
        for passed in self.drawn(from) {
            self.arrow(passed, &place, &mut svg);
        }
        for mark in self.record.marks.iter().filter(|mark| mark.at >= from) {
            self.mark(mark, &place, &mut svg);
        }
        if let Some(found) = &self.found {
            let y = place.y(self.end) + 6.0;
            svg.add(
                Shape::line("violation", (MARGIN - 60.0, y), (svg.width() - 20.0, y)),
                found,
            );
            svg.text("violation", (MARGIN - 60.0, y + 16.0), &cut(found, 110));
        }
        svg.finish(place.y(self.end) + 40.0)
    }

    /// The picture begins there.
    fn begin(&self) -> Time {
        let messages = &self.record.messages;
        let first = messages.len().saturating_sub(MESSAGES_MAX);
        let first = messages.get(first).map_or(BEGIN, |passed| passed.sent);
        first.max(BEGIN + self.end.since(BEGIN).saturating_sub(SECONDS_MAX))
    }

    fn drawn(&self, from: Time) -> impl Iterator<Item = &Passed> {
        self.record
            .messages
            .iter()
            .filter(move |passed| passed.sent >= from && passed.sent <= self.end)
    }

    /// Everything that has a place on the axis.
    fn moments(&self, from: Time) -> Vec<Time> {
        let mut moments = vec![from, self.end];
        for passed in self.drawn(from) {
            moments.push(passed.sent);
            if let Fate::Arrived(at) | Fate::Lost(at) = passed.fate {
                moments.push(at);
            }
        }
        moments.extend(self.record.marks.iter().map(|mark| mark.at));
        for struck in self.struck {
            moments.extend([BEGIN + struck.strike.since, BEGIN + struck.until]);
        }
        moments
    }

    fn words(&self, from: Time, svg: &mut Svg) {
        svg.say("title", &self.title);
        if let Some(found) = &self.found {
            svg.say("violation", &format!("found: {}", cut(found, 120)));
        }
        let before: Vec<&Strike> = self
            .struck
            .iter()
            .filter(|struck| BEGIN + struck.until < from)
            .map(|struck| &struck.strike)
            .collect();
        let skipped = before.len().saturating_sub(TOLD_MAX);
        if skipped > 0 {
            svg.say("word", &format!("before: {skipped} other faults"));
        }
        for strike in before.iter().skip(skipped) {
            svg.say("word", &format!("before: {strike}"));
        }
        svg.legend(&[
            ("call", "call"),
            ("reply", "reply"),
            ("vote", "votes and commands"),
            ("read", "reads"),
            ("election", "election"),
            ("catchup", "catching up"),
            ("struck", "late, lost or doubled"),
        ]);
        svg.say(
            "word",
            "Time runs downwards, bent: where nothing happens it is short. Heartbeats are left out. Point at something to read what it is.",
        );
    }

    fn lanes(&self, place: &Placed, svg: &mut Svg) {
        let ends = (place.top - HEAD + 26.0, place.y(self.end));
        for end in std::iter::once(None).chain((0..self.hosts).map(|host| Some(HostId(host)))) {
            let name = end.map_or("main".to_owned(), |host| format!("host{}", host.0 + 1));
            svg.text("lane", (x(end), ends.0 - 4.0), &name);
            svg.add(
                Shape::line("lane", (x(end), ends.0), (x(end), ends.1)),
                &name,
            );
        }
    }

    /// Who leads when the picture begins.
    fn leaders(&self, from: Time, place: &Placed, svg: &mut Svg) {
        let mut leaders = BTreeMap::new();
        for Mark { host, what, .. } in self.record.marks.iter().filter(|mark| mark.at < from) {
            match what {
                Happened::Leads(server, ballot) => {
                    leaders.insert((*host, *server), *ballot);
                }
                Happened::Follows(server, _) => {
                    leaders.remove(&(*host, *server));
                }
                Happened::Ended => leaders.retain(|(known, _), _| known != host),
                Happened::Issued(..) | Happened::Started => {}
            }
        }
        let mut beside = BTreeMap::new();
        for ((host, server), ballot) in leaders {
            let line: &mut f64 = beside.entry(host).or_default();
            let at = (x(Some(host)), place.y(from) - 12.0);
            let text = format!("{} leads", self.record.names.server(server));
            svg.text("leads", (at.0 + 9.0, at.1 + 3.0 + *line), &text);
            svg.add(
                Shape::disc("leads", at, 6.0),
                &format!("{text}, ballot {ballot}"),
            );
            *line -= 12.0;
        }
    }

    fn bands(&self, from: Time, place: &Placed, svg: &mut Svg) {
        for struck in self.struck {
            let Struck { strike, times, .. } = struck;
            let (begin, until) = (BEGIN + strike.since, BEGIN + struck.until);
            if until < from || begin > self.end {
                continue;
            }
            let (above, below) = (place.y(begin.max(from)), place.y(until.min(self.end)));
            let title = format!("{strike}; it met something {times} times");
            for host in strike.hosts() {
                let left = x(Some(host)) - 17.0;
                let size = (34.0, (below - above).max(3.0));
                svg.add(
                    Shape::rectangle(class_of(strike.fault.kind), (left, above), size),
                    &title,
                );
                svg.text(
                    "band",
                    (left + 38.0, above + 11.0),
                    strike.fault.kind.name(),
                );
            }
        }
    }

    /// Where a kernel is not there, there is no line.
    fn lives(&self, from: Time, place: &Placed, svg: &mut Svg) {
        for host in (0..self.hosts).map(HostId) {
            let mut gone = None;
            let marks = self.record.marks.iter().filter(|mark| mark.host == host);
            let mut gaps = Vec::new();
            for mark in marks {
                match (&mark.what, gone) {
                    (Happened::Ended, _) => gone = Some(mark.at),
                    (Happened::Started, Some(since)) => {
                        gaps.push((since, mark.at));
                        gone = None;
                    }
                    _ => {}
                }
            }
            gaps.extend(gone.map(|since| (since, self.end)));
            for (since, until) in gaps.into_iter().filter(|(_, until)| *until >= from) {
                let (above, below) = (place.y(since.max(from)), place.y(until));
                let at = x(Some(host));
                let name = format!("the kernel of host{} is gone", host.0 + 1);
                svg.add(Shape::line("gone", (at, above), (at, below)), &name);
            }
        }
    }

    fn ticks(&self, place: &Placed, svg: &mut Svg) {
        for (at, y) in place.axis.ticks() {
            let y = place.top + y;
            svg.text("tick", (8.0, y + 4.0), &seconds(at));
            svg.add(Shape::line("tick", (78.0, y), (svg.width() - 10.0, y)), "");
        }
    }

    fn arrow(&self, passed: &Passed, place: &Placed, svg: &mut Svg) {
        let begin = (x(passed.from), place.y(passed.sent));
        let (until, told) = match passed.fate {
            Fate::Arrived(at) => (at.min(self.end), format!("arrived {}", seconds(at))),
            Fate::Lost(at) => (at.min(self.end), "lost".to_owned()),
            Fate::UnderWay => (self.end, "still on its way".to_owned()),
        };
        let end = (x(passed.to), place.y(until));
        let late = if passed.struck {
            ", struck by a fault"
        } else {
            ""
        };
        let title = format!(
            "{}\nsent {}, {told}{late}",
            passed.content.text,
            seconds(passed.sent)
        );
        let mut class = sort_of(passed.content.sort).to_owned();
        if passed.struck {
            class.push_str(" struck");
        }
        match passed.fate {
            Fate::Arrived(at) if at <= self.end => {
                svg.add(Shape::arrow(&class, begin, end), &title);
            }
            Fate::Lost(at) if at <= self.end => {
                let part = |a: f64, b: f64| a + (b - a) * 0.7;
                let end = (part(begin.0, end.0), part(begin.1, end.1));
                svg.add(Shape::line(&class, begin, end), &title);
                svg.add(Shape::cross("lost", end), &title);
            }
            _ => {
                class.push_str(" underway");
                svg.add(Shape::line(&class, begin, end), &title);
            }
        }
    }

    fn mark(&self, mark: &Mark, place: &Placed, svg: &mut Svg) {
        if mark.at > self.end {
            return;
        }
        let at = (x(Some(mark.host)), place.y(mark.at));
        let server = |server| self.record.names.server(server);
        let beside = (at.0 + 8.0, at.1 - 3.0);
        let time = seconds(mark.at);
        match &mark.what {
            Happened::Leads(of, ballot) => {
                let text = format!("{} leads", server(*of));
                svg.text("leads", beside, &text);
                svg.add(
                    Shape::disc("leads", at, 6.0),
                    &format!("{text}, ballot {ballot}, {time}"),
                );
            }
            Happened::Follows(of, ballot) => {
                let text = format!("{} leads no more, ballot {ballot}, {time}", server(*of));
                svg.add(Shape::disc("follows", at, 6.0), &text);
            }
            Happened::Issued(of, first, last) => {
                let numbers = if first == last {
                    first.to_string()
                } else {
                    format!("{first} to {last}")
                };
                let text = format!("{}: issued {numbers}, {time}", server(*of));
                svg.add(Shape::disc("issued", at, 2.6), &text);
            }
            Happened::Ended => {
                svg.text("ended", beside, "ends");
                svg.add(
                    Shape::cross("ended", at),
                    &format!("the kernel ends, {time}"),
                );
            }
            Happened::Started => {
                svg.text("started", beside, "starts");
                svg.add(
                    Shape::disc("started", at, 4.0),
                    &format!("the kernel starts, {time}"),
                );
            }
        }
    }
}

/// Where moments are drawn.
struct Placed {
    axis: Axis,
    top: f64,
}

impl Placed {
    fn y(&self, at: Time) -> f64 {
        self.top + self.axis.y(at)
    }
}

fn x(end: End) -> f64 {
    let lane = end.map_or(0.0, |host| f64::from(host.0) + 1.0);
    MARGIN + LANE * (lane + 0.25)
}

/// A time since the beginning.
fn seconds(at: Time) -> String {
    format!("{:.4} s", at.since(BEGIN).as_secs_f64())
}

fn cut(text: &str, characters: usize) -> String {
    let mut short: String = text.chars().take(characters).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn sort_of(sort: Sort) -> &'static str {
    match sort {
        Sort::Call => "call",
        Sort::Reply => "reply",
        Sort::Vote => "vote",
        Sort::Read => "read",
        Sort::Election => "election",
        Sort::CatchUp => "catchup",
        Sort::Down => "down",
    }
}

fn class_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Crash | Kind::Power | Kind::Clock => "band-end",
        Kind::Cut | Kind::Deaf | Kind::Mute | Kind::Apart(_) | Kind::Reset | Kind::Lossy => {
            "band-cut"
        }
        Kind::Pause | Kind::Slow => "band-pause",
        Kind::SlowDisk
        | Kind::BadDisk
        | Kind::FullDisk
        | Kind::Flip
        | Kind::Zeroed
        | Kind::Corrupt
        | Kind::Misdirected
        | Kind::LostDisk => "band-disk",
    }
}
