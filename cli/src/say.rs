//! What the command itself says on stderr, in the manner of rustc and cargo.
//!
//! Colours only on a terminal: anstream takes them out elsewhere. A stderr that is closed is no
//! reason to fail, so write errors are dropped.

use clap::builder::styling::{AnsiColor, Style};
use std::fmt::Display;
use std::io::Write as _;

const ERROR: Style = AnsiColor::Red.on_default().bold();
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
