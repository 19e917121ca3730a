//! Running main, and the small pieces of control flow that generated code shares.

use super::context::{Code, Context};
use super::exception::{Outcome, Predefined, Raised};
use crate::program::Start;

/// The exit status of a main that an exception left.
pub const STATUS_UNCAUGHT: i32 = 101;

/// Runs `main` and gives the exit status. What nobody caught goes to stderr: class, message and position.
pub fn run_main(
    code: &'static Code,
    start: Start,
    main: impl FnOnce(&mut Context) -> Outcome<i32>,
) -> i32 {
    let mut cx = Context::of_main(code, &start.arguments, start.connector, start.seed);
    match main(&mut cx) {
        Ok(status) => status,
        Err(raised) => {
            let (class, message) = raised.describe(&cx);
            let position = cx.position_text(&raised);
            eprintln!("uncaught {class}: {message}");
            if !position.is_empty() {
                eprintln!("  raised at {position}");
            }
            STATUS_UNCAUGHT
        }
    }
}

/// How a block that ran as a closure ended, if not by an exception.
pub enum Flow<T> {
    /// At its end.
    Next,
    /// By `return`.
    Return(T),
    /// By `break` out of a loop around it.
    Break,
    /// By `continue` of a loop around it.
    Continue,
}

/// Runs the body of a `try`: exceptions leave it as its value.
///
/// # Errors
/// What the body raises.
pub fn attempt<T>(body: impl FnOnce(&mut Context) -> Outcome<T>, cx: &mut Context) -> Outcome<T> {
    body(cx)
}

/// A condition that must hold.
///
/// # Errors
/// The exception `kind`, with `what` failed in its message.
#[track_caller]
pub fn require(holds: bool, kind: Predefined, what: &str) -> Outcome<()> {
    if holds {
        Ok(())
    } else {
        Err(Raised::predefined(kind, what))
    }
}
