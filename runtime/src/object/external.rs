//! Objects of `extern` classes: handles of Rust values that stay in their process.

use super::call::{answer, decode_reply, encode_raised};
use super::context::Context;
use super::exception::{Outcome, Predefined, Raised};
use super::remote::raising;
use super::{Damaged, Decoder, Encoder};
use crate::value::{Enumeration, Value};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt::{self, Display};
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::{Arc, Mutex, Once, PoisonError};

/// A reference to a Rust value, or null.
pub struct Extern<T>(Option<Arc<Mutex<T>>>);

impl<T> Extern<T> {
    /// A handle of a new object.
    #[must_use]
    pub fn new(object: T) -> Extern<T> {
        Extern(Some(Arc::new(Mutex::new(object))))
    }

    /// The handle of nothing.
    #[must_use]
    pub fn null() -> Extern<T> {
        Extern(None)
    }

    /// Uses the object; one user at a time.
    ///
    /// # Errors
    /// `null_reference`, and `exception` if it panics.
    #[track_caller]
    pub fn with<R>(&self, action: impl FnOnce(&mut T) -> R) -> Outcome<R> {
        match &self.0 {
            Some(object) => {
                embedded(|| action(&mut object.lock().unwrap_or_else(PoisonError::into_inner)))
            }
            None => Err(Raised::null()),
        }
    }

    /// Whether it is the handle of nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.0.is_none()
    }
}

impl<T> Clone for Extern<T> {
    fn clone(&self) -> Extern<T> {
        Extern(self.0.clone())
    }
}

impl<T> Default for Extern<T> {
    fn default() -> Extern<T> {
        Extern(None)
    }
}

impl<T> PartialEq for Extern<T> {
    fn eq(&self, other: &Extern<T>) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}

/// State encodings of unreplicated servers carry null in its place; copies are refused.
impl<T: Send + 'static> Value for Extern<T> {
    fn write(&self, out: &mut Encoder) {
        if self.0.is_some() {
            out.refuse("an extern object");
        }
    }

    fn read(_: &mut Decoder<'_>) -> Result<Extern<T>, Damaged> {
        Ok(Extern(None))
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "an extern object"
        } else {
            "null"
        })
    }
}

/// The result of an extern function: in a method that may be executed again, the same again.
///
/// # Errors
/// What the function reports.
#[track_caller]
pub fn drawn<T: Value>(
    live: impl FnOnce(&mut Context) -> Outcome<T>,
    cx: &mut Context,
) -> Outcome<T> {
    let journaled = cx.connector().ok().filter(|known| known.is_journaled());
    let Some(connector) = journaled.cloned() else {
        return live(cx);
    };
    let mut fresh = None;
    let bytes = raising(connector.drawn(|| {
        let outcome = live(cx);
        let bytes = match outcome.as_ref().map(|value| answer(value, cx)) {
            Ok(Ok(encoded)) => encoded.0,
            Ok(Err(raised)) => encode_raised(&raised, cx),
            Err(raised) => encode_raised(raised, cx),
        };
        fresh = Some(outcome);
        bytes
    }))?;
    fresh.unwrap_or_else(|| decode_reply(&bytes, cx))
}

thread_local! {
    /// Whether this thread runs embedding code.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Where that code panicked.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs embedding code. A panic in it becomes an exception of the program: the method that called it is undone like
/// any other that raises, and the process goes on.
///
/// # Errors
/// `exception` with the panic's message and where in that code it was.
#[track_caller]
pub fn embedded<R>(call: impl FnOnce() -> R) -> Outcome<R> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if is_inside_embedded() {
                let place = info.location().map_or_else(String::new, place_of);
                PLACE.with_borrow_mut(|kept| *kept = place);
            } else {
                report(info);
            }
        }));
    });
    let was_inside = IS_INSIDE.replace(true);
    // What the code leaves half done is its own; the program's state is not lent to it.
    let outcome = panic::catch_unwind(AssertUnwindSafe(call));
    IS_INSIDE.set(was_inside);
    match outcome {
        Ok(value) => Ok(value),
        Err(panic) => {
            let place = PLACE.take();
            let message = format!("the Rust code panicked{place}: {}", said(&*panic));
            Err(Raised::predefined(Predefined::Exception, message))
        }
    }
}

/// Whether the thread runs embedding code, so that a panic is that code's.
pub(crate) fn is_inside_embedded() -> bool {
    IS_INSIDE.get()
}

/// ` at line 7`, ` at decode.rs:7`: the file behind `extern` has another name here than at the user's.
fn place_of(location: &Location<'_>) -> String {
    let (file, line) = (location.file().replace('\\', "/"), location.line());
    if file.ends_with("/externs.rs") {
        return format!(" at line {line}");
    }
    let inside = file.split_once("/externs/").map(|(_, inside)| inside);
    format!(" at {}:{line}", inside.unwrap_or(&file))
}

/// The message of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// What an extern function may return where the declaration says `T`.
pub trait ExternResult<T> {
    /// The value, or the exception that stands for an error.
    ///
    /// # Errors
    /// `exception` with the text of the error.
    fn outcome(self) -> Outcome<T>;
}

impl<T> ExternResult<T> for T {
    fn outcome(self) -> Outcome<T> {
        Ok(self)
    }
}

impl<T, E: Display> ExternResult<T> for Result<T, E> {
    #[track_caller]
    fn outcome(self) -> Outcome<T> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Raised::predefined(Predefined::Exception, error.to_string())),
        }
    }
}

/// Where one object is declared, embedding code may give none.
impl<T> ExternResult<Option<T>> for T {
    fn outcome(self) -> Outcome<Option<T>> {
        Ok(Some(self))
    }
}

impl<T, E: Display> ExternResult<Option<T>> for Result<T, E> {
    #[track_caller]
    fn outcome(self) -> Outcome<Option<T>> {
        ExternResult::<T>::outcome(self).map(Some)
    }
}

/// The value of an enumeration with a number, as embedding code gives it.
///
/// # Errors
/// `bad_cast` if there is none.
#[track_caller]
pub fn enumerator<T: Enumeration>(number: i32) -> Outcome<T> {
    let mut all = T::ALL.iter().copied();
    match all.find(|value| value.number() == i64::from(number)) {
        Some(value) => Ok(value),
        None => Err(Raised::predefined(
            Predefined::BadCast,
            format!("{number} names nothing in its enumeration"),
        )),
    }
}

/// How deep objects may lie inside one another on their way to embedding code.
const DEPTH_MAX: u32 = 64;

/// Refuses objects that lie too deep, or form a cycle.
///
/// # Errors
/// `bad_cast`
#[track_caller]
pub fn within_depth(depth: u32, class: &str) -> Outcome<()> {
    if depth < DEPTH_MAX {
        return Ok(());
    }
    Err(Raised::predefined(
        Predefined::BadCast,
        format!(
            "an object of class {class} lies too deep, or in a cycle, to be copied to Rust code"
        ),
    ))
}
