//! What is asked of the directory, and what it answers.

use crate::client::{Model, ServerSpec};
use crate::identity::ServerId;
use crate::wire::{Reader, Wire, WireError, Writer};

/// A command to the directory.
#[derive(Clone, Debug, PartialEq)]
pub enum DirectoryCall {
    /// Start servers.
    Create {
        /// Which.
        spec: ServerSpec,
        /// Answer [`DirectoryReply::Wait`] rather than do without a host that was not heard yet.
        patient: bool,
        /// The session with which they end, if they do.
        owner: Option<u128>,
    },
    /// Which server has that name, and the first possible of these classes?
    Find {
        /// The classes.
        classes: Vec<String>,
        /// The name.
        name: String,
    },
    /// Stop servers.
    Delete(Vec<ServerId>),
}

/// The directory's reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryReply {
    /// The servers have been given hosts, which start their replicas.
    Created(Vec<ServerId>),
    /// The server of that name, if there is one, and the place of its class among those asked for.
    Found(Option<(u32, ServerId)>),
    /// They are gone.
    Deleted,
    /// Too few hosts; the text says how many are needed and how many there are.
    Exhausted(String),
    /// The command makes no sense; the text says why.
    Invalid(String),
    /// A host that would be taken has not been heard yet: ask again.
    Wait,
}

impl Wire for ServerSpec {
    const BYTES_MIN: usize = 24;
    fn write(&self, to: &mut Writer) {
        to.str(&self.class);
        to.bytes(&self.args);
        to.u32(self.count);
        to.u32(self.replicas);
        to.u32(self.tolerance);
        to.u8(match self.model {
            Model::Correct => 0,
            Model::Crash => 1,
            Model::Byzantine => 2,
        });
        self.hosts.write(to);
        to.bool(self.disjoint);
        to.i32(self.priority);
        self.name.write(to);
        to.bool(self.durable);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            class: from.value()?,
            args: from.bytes()?.to_vec(),
            count: from.u32()?,
            replicas: from.u32()?,
            tolerance: from.u32()?,
            model: match from.u8()? {
                0 => Model::Correct,
                1 => Model::Crash,
                2 => Model::Byzantine,
                _ => return Err(WireError::BadTag("model")),
            },
            hosts: from.value()?,
            disjoint: from.bool()?,
            priority: from.i32()?,
            name: from.value()?,
            durable: from.bool()?,
        })
    }
}

impl Wire for DirectoryCall {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Create {
                spec,
                patient,
                owner,
            } => {
                to.u8(0);
                spec.write(to);
                to.bool(*patient);
                to.option(*owner, |to, session| to.u128(session));
            }
            Self::Find { classes, name } => {
                to.u8(1);
                classes.write(to);
                to.str(name);
            }
            Self::Delete(servers) => {
                to.u8(2);
                servers.write(to);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        match from.u8()? {
            0 => Ok(Self::Create {
                spec: from.value()?,
                patient: from.bool()?,
                owner: from.option(Reader::u128)?,
            }),
            1 => Ok(Self::Find {
                classes: from.value()?,
                name: from.value()?,
            }),
            2 => Ok(Self::Delete(from.value()?)),
            _ => Err(WireError::BadTag("directory call")),
        }
    }
}

impl Wire for DirectoryReply {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        match self {
            Self::Created(servers) => {
                to.u8(0);
                servers.write(to);
            }
            Self::Found(server) => {
                to.u8(1);
                server.write(to);
            }
            Self::Deleted => to.u8(2),
            Self::Exhausted(why) => {
                to.u8(3);
                to.str(why);
            }
            Self::Invalid(why) => {
                to.u8(4);
                to.str(why);
            }
            Self::Wait => to.u8(5),
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        match from.u8()? {
            0 => Ok(Self::Created(from.value()?)),
            1 => Ok(Self::Found(from.value()?)),
            2 => Ok(Self::Deleted),
            3 => Ok(Self::Exhausted(from.value()?)),
            4 => Ok(Self::Invalid(from.value()?)),
            5 => Ok(Self::Wait),
            _ => Err(WireError::BadTag("directory reply")),
        }
    }
}
