//! What the program declares as `extern "rust"`: the feed, the journals, the final account, the terminal.

mod audit;
mod decode;
mod feed;
mod frame;
mod journal;
mod replay;
mod sbs;
mod source;
mod web;

pub use audit::{account_for, account_of, failovers, shows_replicas};
pub use feed::Feed;
pub use journal::{Journal, journal_text, keep_journal};
pub use replay::replay;
pub use web::Publisher;

use cmsl_runtime::Outside;
use std::io::{IsTerminal, Write};

/// Microseconds since 1970: the wall clock, for pacing a recording. Reports carry times of their own.
pub fn wall_microseconds(outside: &mut Outside) -> i64 {
    source::now_microseconds(outside)
}

/// The number that a text is, or an error that names what it was for.
pub fn parse_number(what: &str, text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("{what} must be a number, not `{text}`")),
    }
}

/// The part of `text` before (`part` 0) or after (`part` 1) the first `separator`.
pub fn part_of(text: &str, separator: &str, part: i32) -> String {
    let (before, after) = text.split_once(separator).unwrap_or((text, ""));
    if part == 0 { before } else { after }.to_owned()
}

/// The recording that comes with the program.
pub fn sample(outside: &mut Outside) -> String {
    let below = "data/los-angeles-120s.avr.gz";
    let folder = outside
        .variable("CMSL_FOLDER")
        .unwrap_or_else(|| ".".to_owned());
    let path = std::path::Path::new(&folder).join(below);
    path.to_string_lossy().into_owned()
}

/// A path that means the same in every process of this machine.
pub fn absolute(path: &str) -> String {
    std::path::absolute(path).map_or_else(
        |_| path.to_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

/// Why the feed cannot be opened; empty if it can.
pub fn feed_trouble(outside: &mut Outside, place: &str, format: &str) -> String {
    if let Err(why) = frame::Format::named(format) {
        return why;
    }
    if place.starts_with("tcp://") {
        return if place.matches(':').count() > 1 {
            String::new()
        } else {
            format!("`{place}` has no port; write tcp://HOST:PORT")
        };
    }
    source::Source::open(outside, place, true)
        .err()
        .unwrap_or_default()
}

/// A new folder for the journals of one run.
pub fn journal_folder(outside: &mut Outside) -> Result<String, String> {
    let base = outside
        .variable("CMSL_RUN_DATA")
        .map_or_else(std::env::temp_dir, std::path::PathBuf::from);
    let folder = base.join(format!("air-traffic-{:016x}", outside.random()));
    outside
        .create_folder(&folder)
        .map_err(|why| format!("cannot make `{}`: {why}", folder.display()))?;
    Ok(folder.to_string_lossy().into_owned())
}

/// Removes what `journal_folder` made.
pub fn remove_folder(outside: &mut Outside, folder: &str) {
    // What is left behind in the temporary folder does no harm.
    let _ = outside.remove_folder(folder);
}

/// A line on the error output.
pub fn warn(line: &str) {
    eprintln!("{line}");
}

/// Whether somebody is looking.
pub fn on_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Replaces what the terminal shows.
pub fn show(screen: &str) {
    let mut out = std::io::stdout().lock();
    // A terminal that is gone ends the program elsewhere.
    let _ = write!(out, "\x1b[H\x1b[J{screen}").and_then(|()| out.flush());
}
