//! Programs: many in one executable, what each is expected to print, and four hosts to run them on.

mod bundle;
mod case;
mod hosts;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use bundle::{Bundle, build, cargo, try_build, write};
pub use case::{Case, Place, compile};
pub use hosts::Hosts;

/// Programs at a time: most of them wait for messages more than they compute.
const AT_A_TIME: usize = 4;

/// What `run` tells of the items, in their order, some at a time.
pub fn each<'a, I: Sync + 'a, T: Send>(
    items: impl IntoIterator<Item = &'a I>,
    run: impl Fn(&'a I) -> T + Sync,
) -> Vec<T> {
    let items: Vec<&I> = items.into_iter().collect();
    let next = AtomicUsize::new(0);
    let told = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    items.get(index).map(|item| (index, item))
                } {
                    let one = run(item);
                    told.lock().unwrap().push((index, one));
                }
            });
        }
    });
    let mut told = told.into_inner().unwrap();
    told.sort_by_key(|(index, _)| *index);
    told.into_iter().map(|(_, one)| one).collect()
}
