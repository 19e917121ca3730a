//! Whether the machine itself stood still while something was measured.
//!
//! A virtual machine may be stopped for seconds, and its disk may be busy for seconds with what others left to it. A thread that asks for
//! a moment's sleep and is given far more has proof of the one, a thread that syncs one byte of the other; only what is proven so
//! is anybody's excuse, and it is printed.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long the watching threads sleep.
const NAP: Duration = Duration::from_millis(10);
/// Mere load does not keep a thread that has slept from running for so long.
const STALL_MIN: Duration = Duration::from_millis(100);
/// Nor one byte from reaching a disk that works.
const DISK_STALL_MIN: Duration = Duration::from_millis(250);

/// Runs `measured`, and says for how long of that time the machine, or its disk, stood still.
///
/// # Panics
/// If there is no place for a temporary file.
pub fn watching_stalls<T>(measured: impl FnOnce() -> T) -> (T, Duration) {
    let done = AtomicBool::new(false);
    let mut file = tempfile::tempfile().expect("a place for a temporary file");
    std::thread::scope(|scope| {
        let machine = scope.spawn(|| {
            stalls(&done, STALL_MIN, || {
                let asleep = Instant::now();
                std::thread::sleep(NAP);
                asleep.elapsed().saturating_sub(NAP)
            })
        });
        let disk = scope.spawn(|| {
            stalls(&done, DISK_STALL_MIN, || {
                std::thread::sleep(NAP);
                let start = Instant::now();
                sync_one_byte(&mut file);
                start.elapsed()
            })
        });
        let end = EndWatch(&done);
        let result = measured();
        drop(end);
        let machine = machine.join().expect("the watch only sleeps");
        let disk = disk.join().expect("the watch only writes");
        if !(machine + disk).is_zero() {
            eprintln!("the machine stood still for {machine:?}, its disk for {disk:?}");
        }
        (result, machine.max(disk))
    })
}

/// What all those took together that took at least so long.
fn stalls(done: &AtomicBool, least: Duration, mut took: impl FnMut() -> Duration) -> Duration {
    let mut all = Duration::ZERO;
    while !done.load(Ordering::Relaxed) {
        let one = took();
        if one >= least {
            all += one;
        }
    }
    all
}

/// Writes a byte and waits until the disk has it; a disk that is full shows elsewhere.
fn sync_one_byte(file: &mut File) {
    let written = file.rewind().and_then(|()| file.write_all(&[1]));
    let _ = written.and_then(|()| file.sync_data());
}

/// Ends the watch also when the measured code panics.
struct EndWatch<'a>(&'a AtomicBool);

impl Drop for EndWatch<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
