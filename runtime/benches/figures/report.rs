//! What was measured, for people and for programs.

use std::collections::BTreeMap;

/// Collects figures while they are measured.
pub struct Report {
    json: bool,
    figures: BTreeMap<&'static str, f64>,
    warnings: Vec<String>,
}

impl Report {
    /// An empty report; with `json`, people read stderr and programs stdout.
    pub fn new(json: bool) -> Self {
        Self {
            json,
            figures: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// One line for people.
    pub fn line(&self, text: &str) {
        if self.json {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
    }

    /// A figure, and how it compares with its bar.
    pub fn figure(&mut self, name: &'static str, value: f64, bar: Bar) {
        let (holds, text) = match bar {
            Bar::AtMost(limit) => (value <= limit, format!("at most {limit}")),
            Bar::AtLeast(limit) => (value >= limit, format!("at least {limit}")),
        };
        let verdict = if holds { "holds" } else { "MISSED" };
        self.line(&format!("{name} = {value:.3} ({text}: {verdict})"));
        self.figures.insert(name, value);
    }

    /// Something that could not be measured.
    pub fn warn(&mut self, text: &str) {
        eprintln!("warning: {text}");
        self.warnings.push(text.to_owned());
    }

    /// The object for programs.
    pub fn print(&self) {
        if self.json {
            let members: Vec<String> = self
                .figures
                .iter()
                .map(|(name, value)| format!("\"{name}\":{value:.4}"))
                .collect();
            println!("{{{}}}", members.join(","));
        }
    }
}

/// What a figure must reach.
#[derive(Clone, Copy)]
pub enum Bar {
    /// Smaller is better.
    AtMost(f64),
    /// Larger is better.
    AtLeast(f64),
}

/// The middle value; of an even number of values the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}
