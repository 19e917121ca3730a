//! What `extern_panics.cmsl` declares.

pub struct Counter {
    next: i32,
}

impl Counter {
    pub fn new(start: i32) -> Counter {
        assert!(start >= 0, "nothing counts from {start}");
        Counter { next: start }
    }

    pub fn next(&mut self) -> i32 {
        self.next += 1;
        assert!(self.next != 10);
        self.next
    }
}

pub fn divide(a: i32, b: i32) -> i32 {
    a / b
}

pub fn item(of: &[i32], index: i32) -> i32 {
    of[usize::try_from(index).unwrap()]
}
