//! Shapes and words as SVG. Whatever text comes in is escaped.

use std::fmt::Write as _;

const STYLE: &str = "\
text { font: 11px system-ui, 'DejaVu Sans', sans-serif; fill: #333; }
text.title { font-size: 16px; font-weight: 600; fill: #111; }
text.word { fill: #555; }
text.violation { fill: #b00020; font-weight: 600; font-size: 12px; }
text.lane { text-anchor: middle; font-weight: 600; font-size: 13px; fill: #111; }
text.tick { fill: #888; font-size: 10px; }
text.band { fill: #777; font-size: 9px; }
text.leads, text.ended, text.started, text.band { paint-order: stroke; stroke: #fff; stroke-width: 3; }
text.leads { fill: #7a4a00; font-weight: 600; }
text.ended { fill: #b00020; }
text.started { fill: #1b7f3b; }
line { stroke-width: 1.1; }
line.lane { stroke: #444; stroke-width: 1.6; }
line.gone { stroke: #fff; stroke-width: 4; }
line.tick { stroke: #eee; stroke-width: 1; }
line.violation { stroke: #b00020; stroke-width: 2.5; }
line.underway { stroke-dasharray: 2 3; }
.call { stroke: #1769aa; } .reply { stroke: #5fa8dd; } .vote { stroke: #2e8b57; } .read { stroke: #9aa0a6; }
.election { stroke: #e07b00; stroke-width: 1.6; } .catchup { stroke: #8e44ad; } .down { stroke: #b00020; }
line.struck { stroke-dasharray: 6 3; stroke-width: 1.8; }
line.struck.legend { stroke: #333; }
path.lost { stroke: #b00020; stroke-width: 2.2; fill: none; }
path.ended { stroke: #b00020; stroke-width: 3; fill: none; }
circle.leads { fill: #ffb300; stroke: #7a4a00; }
circle.follows { fill: #fff; stroke: #7a4a00; stroke-width: 1.5; }
circle.issued { fill: #2e8b57; stroke: none; }
circle.started { fill: #1b7f3b; stroke: none; }
rect.band-end { fill: #d7d7d7; } rect.band-cut { fill: #ffd9d9; } rect.band-pause { fill: #e3e0f7; } rect.band-disk { fill: #f1e3c6; }
";

/// The ends of arrows, one for each colour.
const HEADS: [(&str, &str); 7] = [
    ("call", "#1769aa"),
    ("reply", "#5fa8dd"),
    ("vote", "#2e8b57"),
    ("read", "#9aa0a6"),
    ("election", "#e07b00"),
    ("catchup", "#8e44ad"),
    ("down", "#b00020"),
];

type Point = (f64, f64);

/// Something that is drawn.
pub(super) struct Shape(String);

impl Shape {
    pub(super) fn line(class: &str, from: Point, to: Point) -> Self {
        Self(format!(
            "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"",
            from.0, from.1, to.0, to.1
        ))
    }

    /// A line with a head, the first word of the class saying which.
    pub(super) fn arrow(class: &str, from: Point, to: Point) -> Self {
        let Self(line) = Self::line(class, from, to);
        let head = class.split(' ').next().unwrap_or("call");
        Self(format!("{line} marker-end=\"url(#{head})\""))
    }

    pub(super) fn rectangle(class: &str, at: Point, size: (f64, f64)) -> Self {
        Self(format!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"",
            at.0, at.1, size.0, size.1
        ))
    }

    pub(super) fn disc(class: &str, at: Point, radius: f64) -> Self {
        Self(format!(
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\"",
            at.0, at.1
        ))
    }

    pub(super) fn cross(class: &str, (x, y): Point) -> Self {
        Self(format!(
            "<path class=\"{class}\" d=\"M{:.1} {:.1} l9 9 m0 -9 l-9 9\"",
            x - 4.5,
            y - 4.5
        ))
    }
}

/// A picture that grows downwards.
pub(super) struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    pub(super) fn new(width: f64) -> Self {
        Self {
            width: width.max(900.0),
            height: 14.0,
            body: String::new(),
        }
    }

    pub(super) fn width(&self) -> f64 {
        self.width
    }

    /// Where the words end.
    pub(super) fn height(&self) -> f64 {
        self.height
    }

    /// A line of words below those before.
    pub(super) fn say(&mut self, class: &str, words: &str) {
        self.height += if class == "title" { 12.0 } else { 17.0 };
        let at = (16.0, self.height);
        self.text(class, at, words);
    }

    /// What the colours of arrows mean.
    pub(super) fn legend(&mut self, sorts: &[(&str, &str)]) {
        self.height += 18.0;
        let mut x = 16.0;
        for (class, words) in sorts {
            let y = self.height - 4.0;
            let shape = Shape::line(&format!("{class} legend"), (x, y), (x + 22.0, y));
            self.add(shape, "");
            self.text("word", (x + 27.0, self.height), words);
            x += 42.0 + 6.2 * words.chars().count() as f64;
        }
    }

    pub(super) fn text(&mut self, class: &str, (x, y): Point, words: &str) {
        let words = escaped(words);
        let _ = writeln!(
            self.body,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>"
        );
    }

    /// A shape, with words for who points at it.
    pub(super) fn add(&mut self, shape: Shape, title: &str) {
        let Shape(shape) = shape;
        let _ = if title.is_empty() {
            writeln!(self.body, "{shape}/>")
        } else {
            let name = shape.split([' ', '<']).nth(1).unwrap_or("");
            let title = escaped(title);
            writeln!(self.body, "{shape}><title>{title}</title></{name}>")
        };
    }

    /// The whole, with this height.
    pub(super) fn finish(self, height: f64) -> String {
        let width = self.width;
        let heads: String = HEADS
            .iter()
            .map(|(name, colour)| {
                format!(
                    "<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
                     markerHeight=\"7\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">\
                     <path d=\"M0 0.5 L8 4 L0 7.5 z\" fill=\"{colour}\"/></marker>\n"
                )
            })
            .collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\">\n<style>\n{STYLE}</style>\n<defs>\n{heads}</defs>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}</svg>\n",
            self.body
        )
    }
}

/// Text as XML takes it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            // Nothing stands for those in XML.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
