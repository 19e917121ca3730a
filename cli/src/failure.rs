//! Why a command ends without success, and with which exit status.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// The program text has errors.
pub const STATUS_TEXT: u8 = 1;
/// Wrong usage, as clap has it too.
pub const STATUS_USAGE: u8 = 2;
/// What failed before main started, or around it.
pub const STATUS_AROUND: u8 = 125;

/// What went wrong, by whose doing.
#[derive(Debug)]
pub enum Failure {
    /// The words on the command line make no sense together, or name what does not exist.
    Usage(String),
    /// Reported already; with the status of a command that is about the program text itself.
    Reported(u8),
    /// The program has an error that has no place in a source file; not reported yet.
    TextMessage(String),
    /// The world did not do its part: a file, a process, the network.
    World {
        /// What failed.
        what: String,
        /// What the user can do about it.
        help: Option<String>,
    },
    /// Our own fault: the compiler wrote what rustc does not take.
    Internal(String),
}

impl Failure {
    /// The program's errors, after they were reported.
    pub fn text() -> Self {
        Self::Reported(STATUS_TEXT)
    }

    /// A failure of the world without advice.
    pub fn world(what: impl Into<String>) -> Self {
        Self::World {
            what: what.into(),
            help: None,
        }
    }

    /// A failure of the world that says what to do.
    pub fn world_with_help(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::World {
            what: what.into(),
            help: Some(help.into()),
        }
    }

    /// A file operation that failed; `doing` is such as "read".
    pub fn file(doing: &str, path: &Path, why: &std::io::Error) -> Self {
        Self::world(format!("cannot {doing} {}: {why}", path.display()))
    }

    /// The exit status of a command that is about the program text itself.
    pub fn status(&self) -> u8 {
        match self {
            Self::Reported(status) => *status,
            Self::TextMessage(_) => STATUS_TEXT,
            Self::Usage(_) => STATUS_USAGE,
            Self::World { .. } | Self::Internal(_) => STATUS_AROUND,
        }
    }

    /// The exit status of `cmsl run`, where 1 may be the program's own.
    pub fn status_of_run(&self) -> u8 {
        match self {
            Self::Usage(_) => STATUS_USAGE,
            Self::Reported(_) | Self::TextMessage(_) | Self::World { .. } | Self::Internal(_) => {
                STATUS_AROUND
            }
        }
    }

    /// Says it on stderr, unless that was done.
    pub fn report(&self) {
        let text = self.to_string();
        match self {
            Self::Reported(_) => {}
            Self::Internal(_) => crate::say::internal_error(&text),
            Self::Usage(_) | Self::TextMessage(_) | Self::World { .. } => crate::say::error(&text),
        }
        if let Self::World {
            help: Some(help), ..
        } = self
        {
            crate::say::help(help);
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported(_) => f.write_str("the program has errors"),
            Self::Usage(what)
            | Self::TextMessage(what)
            | Self::World { what, .. }
            | Self::Internal(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Failure {}

/// How a command ended: its exit status.
pub fn exit(status: u8) -> ExitCode {
    ExitCode::from(status)
}
