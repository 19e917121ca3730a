//! How deep calls may nest.
//!
//! A thread whose stack overflows takes its whole process along, and a request that did so would do it at every
//! replica in turn. So every thread that runs methods has a stack of
//! [`STACK_BYTES`](crate::thread::STACK_BYTES), and functions that may call themselves, directly or around corners,
//! look how much of it they have used.

use super::context::Context;
use super::exception::{Outcome, Raised};
use std::hint::black_box;

/// What calls may use of it. The rest is for what is below the first method and above the last.
const CALLS_BYTES_MAX: usize = crate::thread::STACK_BYTES / 4 * 3;

/// Where the stack was when execution began.
#[derive(Clone, Copy)]
pub(crate) struct Stack(usize);

impl Stack {
    /// Execution begins here, on this thread.
    #[inline(never)]
    pub(crate) fn begin() -> Self {
        Self(here())
    }

    fn used(self) -> usize {
        // Whichever way stacks grow.
        self.0.abs_diff(here())
    }
}

/// An address in the current frame.
#[inline(always)]
fn here() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(black_box(&marker)).addr()
}

impl Context {
    /// Called where a function that may call itself begins.
    ///
    /// # Errors
    /// `resource_exhausted` if calls are nested too deeply.
    #[track_caller]
    pub fn descend(&self) -> Outcome<()> {
        if self.stack().used() < CALLS_BYTES_MAX {
            return Ok(());
        }
        Err(Raised::resource_exhausted(format!(
            "calls are nested too deeply: {} MiB of stack are used",
            CALLS_BYTES_MAX >> 20
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Code;
    use crate::object::exception::Predefined;

    static CODE: Code = Code {
        classes: &[],
        positions: &[],
    };

    fn endless(cx: &mut Context) -> Outcome<u64> {
        cx.descend()?;
        Ok(endless(cx)? + black_box(1))
    }

    #[test]
    fn endless_recursion_is_an_exception_and_the_thread_goes_on() {
        let run = || {
            let mut cx = Context::of_replica(&CODE);
            let raised = endless(&mut cx).unwrap_err();
            assert_eq!(raised.describe(&cx).0, Predefined::ResourceExhausted.name());
            cx.descend().unwrap();
        };
        crate::thread::spawn("main", run).unwrap().join().unwrap();
    }
}
