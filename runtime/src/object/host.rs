//! `host`: a processor in the network, compared by identity.

use super::{Damaged, Decoder, Encoder};
use crate::identity::{HostId, HostInfo};
use crate::value::{Text, Value};
use std::cmp::Ordering;
use std::fmt;

/// A host of the cluster.
#[derive(Debug, Clone)]
pub struct Host {
    pub(crate) id: HostId,
    name: Text,
}

impl Host {
    pub(crate) fn of(info: &HostInfo) -> Host {
        Host {
            id: info.id,
            name: Text::from(info.name.as_str()),
        }
    }

    pub(crate) fn with_id(id: HostId) -> Host {
        Host {
            id,
            name: Text::from(id.to_string()),
        }
    }

    /// `host.name ()`
    #[must_use]
    pub fn name(&self) -> Text {
        self.name.clone()
    }
}

/// No host: what a variable holds that was not assigned to.
impl Default for Host {
    fn default() -> Host {
        Host {
            id: HostId(u16::MAX),
            name: Text::default(),
        }
    }
}

impl PartialEq for Host {
    fn eq(&self, other: &Host) -> bool {
        self.id == other.id
    }
}

impl Eq for Host {}

impl PartialOrd for Host {
    fn partial_cmp(&self, other: &Host) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Host {
    fn cmp(&self, other: &Host) -> Ordering {
        self.id.cmp(&other.id)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.name, f)
    }
}

impl Value for Host {
    fn write(&self, out: &mut Encoder) {
        out.out().u16(self.id.0);
        self.name.write(out);
    }

    fn read(from: &mut Decoder<'_>) -> Result<Host, Damaged> {
        Ok(Host {
            id: HostId(from.reader().u16()?),
            name: Text::read(from)?,
        })
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
