//! Whether the machine itself stood still while something was measured.
//!
//! A virtual machine may be stopped for seconds. A thread that asks for a moment's sleep and is given
//! far more has proof of it; only what is proven so is anybody's excuse, and it is printed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long the watching thread sleeps.
const NAP: Duration = Duration::from_millis(10);
/// Mere load does not keep a thread that has slept from running for so long.
const STALL_MIN: Duration = Duration::from_millis(100);

/// Runs `measured`, and says for how long of that time the machine stood still.
pub fn watching_stalls<T>(measured: impl FnOnce() -> T) -> (T, Duration) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut stood_still = Duration::ZERO;
            while !done.load(Ordering::Relaxed) {
                let asleep = Instant::now();
                std::thread::sleep(NAP);
                let over = asleep.elapsed().saturating_sub(NAP);
                if over >= STALL_MIN {
                    stood_still += over;
                }
            }
            stood_still
        });
        let end = EndWatch(&done);
        let result = measured();
        drop(end);
        let stood_still = watch.join().expect("the watch only sleeps");
        if !stood_still.is_zero() {
            eprintln!("the machine stood still for {stood_still:?}");
        }
        (result, stood_still)
    })
}

/// Ends the watch also when the measured code panics.
struct EndWatch<'a>(&'a AtomicBool);

impl Drop for EndWatch<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
