//! An exception, as the Rust code around the program sees it.

use crate::object::{Context, Raised};
use std::fmt;

/// Why a call gave no result: an exception that the method raised, or one of the runtime's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The class of the exception, as the program names it: `overdrawn`, `bank::overdrawn`, `server_failed`.
    pub class: String,
    /// Its message; may be empty.
    pub message: String,
    /// Where in the program's source it was raised, as `FILE:LINE:COLUMN`; empty if not there.
    pub position: String,
}

impl Failure {
    pub(super) fn of(raised: &Raised, cx: &Context) -> Self {
        let (class, message) = raised.describe(cx);
        Self {
            class,
            message,
            position: cx.position_text(raised),
        }
    }

    /// Nothing can be reached, or nothing any more.
    pub(super) fn unreachable(why: impl fmt::Display) -> Self {
        Self {
            class: "server_failed".to_owned(),
            message: why.to_string(),
            position: String::new(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.class)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if !self.position.is_empty() {
            write!(f, " ({})", self.position)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_not_shown() {
        let mut failure = Failure {
            class: "overdrawn".to_owned(),
            message: "by 3".to_owned(),
            position: "bank.cmsl:4:5".to_owned(),
        };
        assert_eq!(failure.to_string(), "overdrawn: by 3 (bank.cmsl:4:5)");
        failure.message.clear();
        assert_eq!(failure.to_string(), "overdrawn (bank.cmsl:4:5)");
        assert_eq!(Failure::unreachable("x").to_string(), "server_failed: x");
    }
}
