//! What generated programs run on. See `ARCHITECTURE.md`.
    test,
    expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")
)]

pub mod wire;
