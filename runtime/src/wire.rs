//! How everything that leaves a process is written down: messages, log
//! records, snapshots.
//!
//! A [`Writer`] appends values to a byte vector and a [`Reader`] takes them back
//! in the same order; there are no tags and no padding, so a type's layout is
//! what its [`Wire`] implementation says, in the order in which it says it.
//! Integers are little-endian, lengths and counts are LEB128 varints.
//! [`frame`] wraps an encoded message for a byte stream, and [`FrameDecoder`]
//! finds the frames again in whatever pieces the stream delivers.
//!
//! Invariants: reading never panics and never allocates more than a small
//! multiple of the bytes that are really there, whatever those bytes are; equal values have equal
//! encodings. This module knows nothing of sockets, files or messages.

mod error;
mod frame;
mod primitive;
mod reader;
mod writer;

pub use error::WireError;
pub use frame::{FRAME_BYTES_MAX, Frame, FrameDecoder, HEADER_BYTES, VERSION, frame, frame_with};
pub use primitive::Wire;
pub use reader::Reader;
pub use writer::Writer;

/// The CRC-32C (Castagnoli) of the parts, taken as one string of bytes.
///
/// Castagnoli's polynomial rather than the one of IEEE 802.3, because it
/// detects more errors at our record lengths and processors compute it in hardware.
#[must_use]
pub fn checksum(parts: &[&[u8]]) -> u32 {
    parts
        .iter()
        .fold(0, |sum, part| crc32c::crc32c_append(sum, part))
}
