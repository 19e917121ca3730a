//! What `extern_in_replicas.cmsl` declares.

use crate::data::Sample;
use std::sync::atomic::{AtomicI32, Ordering};

static CALLS: AtomicI32 = AtomicI32::new(0);

/// Another number each time, as a device would give.
pub fn counted() -> i32 {
    CALLS.fetch_add(1, Ordering::Relaxed)
}

pub fn taken(n: i32) -> Sample {
    Sample {
        value: n * n,
        unit: "m".to_owned(),
    }
}

pub fn several(n: i32) -> Vec<i32> {
    (1..=n).collect()
}

pub fn refused(n: i32) -> Result<i32, String> {
    Err(format!("no {n}"))
}
