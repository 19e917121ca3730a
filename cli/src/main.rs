//! The `cmsl` command.

fn main() {}
