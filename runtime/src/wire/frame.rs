//! Messages on a byte stream.
//!
//! A frame is: magic (2 bytes), format version (1), kind (1), payload length
//! (4), CRC-32C of the four fields before and the payload (4), payload. The kind is the
//! user's. A stream that does not hold to this is beyond repair: close it.

use super::{WireError, checksum};

/// No payload is longer than this.
pub const FRAME_BYTES_MAX: usize = 16 << 20;
/// The format's version; frames of another are refused.
pub const VERSION: u8 = 1;
/// What stands before the payload.
pub const HEADER_BYTES: usize = 12;

const MAGIC: [u8; 2] = [0xc3, 0x51];
const CHECKED_BYTES: usize = 8;

/// So many bytes that were delivered may stay before those that were not: moving these costs more than the room.
const CONSUMED_BYTES_MAX: usize = 65_536;

/// One message from a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What kind of message; the meaning is the user's.
    pub kind: u8,
    /// The message.
    pub payload: Vec<u8>,
}

/// The frame of this payload, header included.
///
/// # Errors
/// [`WireError::TooLong`] if the payload is beyond [`FRAME_BYTES_MAX`].
pub fn frame(kind: u8, payload: &[u8]) -> Result<Vec<u8>, WireError> {
    frame_with(kind, |to| to.raw(payload))
}

/// The frame of the payload that `write` writes, without copying it.
///
/// # Errors
/// [`WireError::TooLong`] if the payload is beyond [`FRAME_BYTES_MAX`].
pub fn frame_with(kind: u8, write: impl FnOnce(&mut super::Writer)) -> Result<Vec<u8>, WireError> {
    let mut writer = super::Writer::with_capacity(256);
    writer.raw(&[0; HEADER_BYTES]);
    write(&mut writer);
    let mut bytes = writer.into_bytes();
    let (header, payload) = bytes
        .split_first_chunk_mut::<HEADER_BYTES>()
        .ok_or(WireError::Truncated)?;
    if payload.len() > FRAME_BYTES_MAX {
        return Err(WireError::TooLong);
    }
    let length = u32::try_from(payload.len()).map_err(|_| WireError::TooLong)?;
    let [l0, l1, l2, l3] = length.to_le_bytes();
    let checked: [u8; CHECKED_BYTES] = [MAGIC[0], MAGIC[1], VERSION, kind, l0, l1, l2, l3];
    let sum = checksum(&[&checked, payload]).to_le_bytes();
    header[..CHECKED_BYTES].copy_from_slice(&checked);
    header[CHECKED_BYTES..].copy_from_slice(&sum);
    Ok(bytes)
}

/// Finds frames in the pieces that a stream delivers.
#[derive(Debug)]
pub struct FrameDecoder {
    buffer: Vec<u8>,
    /// Where the bytes begin that are not yet handed out.
    start: usize,
    payload_bytes_max: usize,
}

impl FrameDecoder {
    /// A decoder that refuses payloads beyond the limit, which is itself at most [`FRAME_BYTES_MAX`].
    #[must_use]
    pub fn new(payload_bytes_max: usize) -> Self {
        let mut decoder = Self {
            buffer: Vec::new(),
            start: 0,
            payload_bytes_max: 0,
        };
        decoder.limit(payload_bytes_max);
        decoder
    }

    /// Changes the limit for the frames to come.
    pub fn limit(&mut self, payload_bytes_max: usize) {
        self.payload_bytes_max = payload_bytes_max.min(FRAME_BYTES_MAX);
    }

    /// Takes the stream's next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
        } else if self.start > CONSUMED_BYTES_MAX {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, or none until more bytes are fed.
    ///
    /// # Errors
    /// If the stream does not hold frames; it cannot be read any further.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator would hide that none is not the end"
    )]
    pub fn next(&mut self) -> Result<Option<Frame>, WireError> {
        let bytes = self.buffer.get(self.start..).unwrap_or_default();
        let Some((header, rest)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            // A peer that does not speak this at all should be found out at once.
            let begins = bytes.iter().zip(&MAGIC).all(|(is, should)| is == should);
            return if begins {
                Ok(None)
            } else {
                Err(WireError::BadMagic)
            };
        };
        let &[m0, m1, version, kind, l0, l1, l2, l3, c0, c1, c2, c3] = header;
        if [m0, m1] != MAGIC {
            return Err(WireError::BadMagic);
        }
        if version != VERSION {
            return Err(WireError::BadVersion(version));
        }
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        if length > self.payload_bytes_max {
            return Err(WireError::TooLong);
        }
        let Some(payload) = rest.get(..length) else {
            return Ok(None);
        };
        let sum = checksum(&[&[m0, m1, version, kind, l0, l1, l2, l3], payload]);
        if sum != u32::from_le_bytes([c0, c1, c2, c3]) {
            return Err(WireError::BadChecksum);
        }
        let frame = Frame {
            kind,
            payload: payload.to_vec(),
        };
        self.start += HEADER_BYTES + length;
        Ok(Some(frame))
    }

    /// Whether bytes of an unfinished frame are waiting.
    #[must_use]
    pub fn is_mid_frame(&self) -> bool {
        self.start < self.buffer.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_in_any_pieces() {
        let mut stream = frame(1, b"one").unwrap();
        stream.extend(frame(2, b"").unwrap());
        stream.extend(frame(3, &[7; 1000]).unwrap());
        for piece in [1, 2, 5, 12, 13, 100, 5000] {
            let mut decoder = FrameDecoder::new(1000);
            let mut kinds = Vec::new();
            for bytes in stream.chunks(piece) {
                decoder.feed(bytes);
                while let Some(frame) = decoder.next().unwrap() {
                    kinds.push((frame.kind, frame.payload.len()));
                }
            }
            assert_eq!(kinds, [(1, 3), (2, 0), (3, 1000)]);
            assert!(!decoder.is_mid_frame());
            decoder.feed(&stream[..1]);
            assert!(decoder.is_mid_frame());
        }
    }

    /// What was handed out does not stay in memory, whether a piece ends with a frame or within one.
    #[test]
    fn a_long_stream_takes_little_memory() {
        let stream: Vec<u8> = (0..100)
            .flat_map(|_| frame(1, &[7; 1 << 15]).unwrap())
            .collect();
        for piece in [5_000, 200_000] {
            let mut decoder = FrameDecoder::new(1 << 16);
            let (mut frames, mut longest) = (0, 0);
            for bytes in stream.chunks(piece) {
                decoder.feed(bytes);
                longest = longest.max(decoder.buffer.len());
                while decoder.next().unwrap().is_some() {
                    frames += 1;
                }
            }
            assert_eq!(frames, 100);
            assert!(!decoder.is_mid_frame());
            let most = piece + (1 << 17);
            assert!(longest > 1 << 15 && longest < most, "{longest} bytes");
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let good = frame(9, b"payload").unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let mut decoder = FrameDecoder::new(1 << 10);
            decoder.feed(&bad);
            // A longer length makes it wait for more, never deliver.
            assert!(!matches!(decoder.next(), Ok(Some(_))), "bit {bit}");
        }
    }

    #[test]
    fn a_frame_beyond_the_limit_is_refused_by_its_header() {
        let long = frame(1, &[0; 5000]).unwrap();
        let mut decoder = FrameDecoder::new(4096);
        decoder.feed(&long[..HEADER_BYTES]);
        assert_eq!(decoder.next(), Err(WireError::TooLong));
        assert!(frame(1, &vec![0; FRAME_BYTES_MAX]).is_ok());
        assert_eq!(
            frame(1, &vec![0; FRAME_BYTES_MAX + 1]),
            Err(WireError::TooLong)
        );
    }

    #[test]
    fn another_protocol_is_refused_at_its_first_byte() {
        let mut decoder = FrameDecoder::new(4096);
        decoder.feed(b"G");
        assert_eq!(decoder.next(), Err(WireError::BadMagic));
    }
}
