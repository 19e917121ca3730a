//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

/// What to measure, and how long.
pub struct Options {
    /// Print one JSON object on stdout at the end.
    pub json: bool,
    /// The parts to measure; none is all.
    only: Vec<String>,
    /// How often each thing is measured.
    pub rounds: usize,
    /// How long one measurement under load takes.
    pub load: Duration,
    /// Where data folders are made; a real file system.
    pub data: Option<PathBuf>,
}

const PARTS: [&str; 6] = [
    "raw",
    "latency",
    "durable",
    "reads",
    "failover",
    "front-end",
];

impl Options {
    /// Reads the words of the command line.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self {
            json: false,
            only: Vec::new(),
            rounds: 5,
            load: Duration::from_secs(3),
            data: None,
        };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word {
                // What cargo adds.
                "--bench" => {}
                "--json" => options.json = true,
                "--rounds" => options.rounds = number(word, value()?)?.max(1),
                "--seconds" => options.load = Duration::from_secs(number(word, value()?)? as u64),
                "--data" => options.data = Some(PathBuf::from(value()?)),
                "--only" => {
                    options.only = value()?.split(',').map(str::to_owned).collect();
                    if let Some(part) = options.only.iter().find(|p| !PARTS.contains(&p.as_str())) {
                        return Err(format!("--only {part}: the parts are {}", PARTS.join(",")));
                    }
                }
                _ => return Err(format!("unknown option {word}")),
            }
        }
        Ok(options)
    }

    /// Whether a part is to be measured.
    pub fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == part)
    }
}

fn number(option: &str, value: &str) -> Result<usize, String> {
    value
        .parse()
        .map_err(|_| format!("{option} {value}: not a number"))
}
