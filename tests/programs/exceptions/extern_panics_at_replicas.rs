//! What `extern_panics_at_replicas.cmsl` declares.

pub fn divide(a: i32, b: i32) -> i32 {
    a / b
}
