//! What the command itself says: on stderr in the manner of rustc and cargo, results on stdout.
//!
//! Colours only on a terminal: anstream takes them out elsewhere. A stderr that is closed is no
//! reason to fail, so write errors are dropped.

use crate::failure::Failure;
use clap::builder::styling::{AnsiColor, Style};
use std::fmt::Display;
use std::io::Write as _;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Green.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();

fn line(style: Style, label: &str, text: impl Display) {
    let reset = style.render_reset();
    let _ = writeln!(
        anstream::stderr(),
        "{}{label}{reset}: {text}",
        style.render()
    );
}

/// An error of the user or of the world.
pub fn error(text: impl Display) {
    line(ERROR, "error", text);
}

/// What may go wrong.
pub fn warning(text: impl Display) {
    line(WARNING, "warning", text);
}

/// A fault of ours.
pub fn internal_error(text: impl Display) {
    line(ERROR, "internal error", text);
}

/// What can be done about an error.
pub fn help(text: impl Display) {
    line(HELP, "help", text);
}

/// What happens, for the user who watches.
pub fn note(label: &str, text: impl Display) {
    line(NOTE, label, text);
}

/// Writes a command's result to stdout; a reader that went away is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write as _};
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => Ok(()),
        Err(why) if why.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(why) => Err(Failure::world(format!("cannot write to stdout: {why}"))),
    }
}

/// Writes results for programs to stdout: one JSON value a line.
pub fn json_lines(values: impl Iterator<Item = serde_json::Value>) -> Result<(), Failure> {
    let lines: String = values.map(|value| format!("{value}\n")).collect();
    print(&lines)
}
