//! How two ends introduce themselves.
//!
//! The dialer speaks first. Frame kinds below [`KIND_MIN`] belong to this.

use super::Closed;
use crate::wire::{self, Frame, Reader, Wire, WireError, Writer};

/// The first kind that users may give their frames.
pub const KIND_MIN: u8 = 16;
/// No introduction is longer, so an unknown peer cannot make us take more memory.
pub const FIRST_FRAME_BYTES_MAX: usize = 4 << 10;

const HELLO: u8 = 1;
const REFUSED: u8 = 2;
/// The version of everything that is said after the introduction.
const PROTOCOL_VERSION: u16 = 1;
const HOST_BYTES_MAX: usize = 255;

/// What an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The kernel of a host.
    Kernel,
    /// A program that calls servers.
    Client,
    /// A tool that looks.
    Status,
}

/// How an end introduces itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Which cluster it belongs to; 0 is a client that takes any.
    pub cluster: u128,
    /// What it is.
    pub role: Role,
    /// The host's name, for a client the name of its program.
    pub host: String,
}

impl Wire for Role {
    const BYTES_MIN: usize = 1;
    fn write(&self, to: &mut Writer) {
        to.u8(match self {
            Self::Kernel => 1,
            Self::Client => 2,
            Self::Status => 3,
        });
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        match from.u8()? {
            1 => Ok(Self::Kernel),
            2 => Ok(Self::Client),
            3 => Ok(Self::Status),
            _ => Err(WireError::BadTag("role")),
        }
    }
}

impl Wire for Identity {
    const BYTES_MIN: usize = 18;
    fn write(&self, to: &mut Writer) {
        to.u128(self.cluster);
        to.value(&self.role);
        to.str(&self.host);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let identity = Self {
            cluster: from.u128()?,
            role: from.value()?,
            host: from.value()?,
        };
        if identity.host.len() > HOST_BYTES_MAX || identity.host.chars().any(char::is_control) {
            return Err(WireError::BadValue("host name"));
        }
        Ok(identity)
    }
}

/// The frame that introduces this end.
pub(super) fn hello(identity: &Identity) -> Vec<u8> {
    short_frame(HELLO, |to| {
        to.u16(PROTOCOL_VERSION);
        to.value(identity);
    })
}

/// The frame that turns the peer away.
pub(super) fn refusal(why: &str) -> Vec<u8> {
    let end = why.floor_char_boundary(FIRST_FRAME_BYTES_MAX / 2);
    short_frame(REFUSED, |to| to.str(why.get(..end).unwrap_or_default()))
}

fn short_frame(kind: u8, write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    wire::frame_with(kind, write).expect("an introduction is far below a frame's limit")
}

/// Who the peer is, from its first frame.
fn introduction(first: &Frame) -> Result<Identity, Closed> {
    let garbage = |why: WireError| Closed::Garbage(format!("its introduction is wrong: {why}"));
    let mut reader = Reader::new(&first.payload);
    match first.kind {
        HELLO => {
            let version = reader.u16().map_err(garbage)?;
            if version != PROTOCOL_VERSION {
                return Err(Closed::Refused(format!(
                    "the peer speaks version {version}, this program version {PROTOCOL_VERSION}"
                )));
            }
            let identity = reader.value().map_err(garbage)?;
            reader.finish().map_err(garbage)?;
            Ok(identity)
        }
        REFUSED => {
            let why = reader.str().map_err(garbage)?;
            let printable: String = why.chars().filter(|c| !c.is_control()).collect();
            Err(Closed::Refused(format!("turned away: {printable}")))
        }
        kind => Err(Closed::Garbage(format!(
            "it began with a frame of kind {kind}"
        ))),
    }
}

/// Who the peer is, if the two ends may talk.
pub(super) fn meet(own: &Identity, first: &Frame) -> Result<Identity, Closed> {
    let identity = introduction(first)?;
    admit(own, &identity)?;
    Ok(identity)
}

/// Whether an end may talk to the peer.
///
/// Kernels need the same cluster; a client or tool may leave it open by 0.
pub(super) fn admit(own: &Identity, peer: &Identity) -> Result<(), Closed> {
    let open = |end: &Identity| end.cluster == 0 && end.role != Role::Kernel;
    if own.cluster == peer.cluster || open(own) || open(peer) {
        return Ok(());
    }
    Err(Closed::Refused(format!(
        "host {} is of cluster {:x}, host {} of cluster {:x}",
        peer.host, peer.cluster, own.host, own.cluster
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::FrameDecoder;

    fn identity(cluster: u128, role: Role) -> Identity {
        Identity {
            cluster,
            role,
            host: "a".to_owned(),
        }
    }

    fn first(bytes: &[u8]) -> Frame {
        let mut decoder = FrameDecoder::new(FIRST_FRAME_BYTES_MAX);
        decoder.feed(bytes);
        decoder.next().unwrap().unwrap()
    }

    #[test]
    fn an_introduction_says_who_it_is() {
        let me = identity(7, Role::Status);
        assert_eq!(introduction(&first(&hello(&me))), Ok(me));
    }

    #[test]
    fn a_refusal_arrives_with_its_reason() {
        let reply = introduction(&first(&refusal(&"é".repeat(5000))));
        assert!(matches!(reply, Err(Closed::Refused(why)) if why.starts_with("turned away: é")));
    }

    #[test]
    fn kernels_of_two_clusters_do_not_talk() {
        let kernel = |cluster| identity(cluster, Role::Kernel);
        assert!(admit(&kernel(1), &kernel(1)).is_ok());
        assert!(admit(&kernel(1), &kernel(2)).is_err());
        assert!(admit(&kernel(1), &kernel(0)).is_err());
        assert!(admit(&kernel(1), &identity(0, Role::Client)).is_ok());
        assert!(admit(&kernel(1), &identity(2, Role::Client)).is_err());
    }

    #[test]
    fn other_first_frames_are_garbage() {
        let frame = Frame {
            kind: 99,
            payload: Vec::new(),
        };
        assert!(matches!(introduction(&frame), Err(Closed::Garbage(_))));
        let short = Frame {
            kind: HELLO,
            payload: vec![1, 0, 3],
        };
        assert!(matches!(introduction(&short), Err(Closed::Garbage(_))));
    }
}
