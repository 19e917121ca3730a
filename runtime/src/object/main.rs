//! Running main, and the small pieces of control flow that generated code shares.

use super::context::{Code, Context};
use super::exception::{Outcome, Predefined, Raised};
use super::reference::Ref;
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
            crate::world::uncaught(&class);
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
    /// By `break` out of the loop or `switch` with this number.
    Break(u32),
    /// By `continue` of the loop with this number.
    Continue(u32),
}

/// Runs the body of a `try`: exceptions leave it as its value.
///
/// # Errors
/// What the body raises.
pub fn attempt<T>(body: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    body()
}

macro_rules! conditions {
    ($($(#[$doc:meta])* $name:ident = $kind:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// If it does not hold; the message is `what`.
        #[track_caller]
        pub fn $name(holds: bool, what: &str) -> Outcome<()> {
            if holds {
                Ok(())
            } else {
                Err(Raised::predefined(Predefined::$kind, what))
            }
        }
    )*};
}

conditions! {
    /// `assert`
    assertion = AssertionFailed;
    /// `pre`
    precondition = PreconditionFailed;
    /// `post`
    postcondition = PostconditionFailed;
    /// `invariant`
    invariant = InvariantFailed;
}

/// The most objects that one `new C[n]` makes.
const OBJECTS_MAX: i64 = 1 << 24;

/// `new C[n]`: a reference to `size` objects, each made by `new`.
///
/// # Errors
/// What `new` raises; `index_out_of_range` for a size below 1, `resource_exhausted` beyond all bounds.
#[track_caller]
pub fn several<T>(
    size: i64,
    mut new: impl FnMut(&mut Context) -> Outcome<Ref<T>>,
    cx: &mut Context,
) -> Outcome<Ref<T>> {
    if size < 1 {
        return Err(Raised::no_objects(size));
    }
    if size > OBJECTS_MAX {
        return Err(Raised::resource_exhausted(format!(
            "{size} objects at once; at most {OBJECTS_MAX}"
        )));
    }
    let mut items = Vec::new();
    for _ in 0..size {
        items.push(new(cx)?.first().clone());
    }
    Ok(Ref::group(items))
}
