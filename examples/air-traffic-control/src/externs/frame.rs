//! Bytes of a feed to frames: the three formats that receivers speak.
//!
//! A `Splitter` takes bytes in pieces of any size, from a file or from a socket, and gives one item
//! for each frame. Whatever cannot be a frame is an item too, so that it is counted and shown; the
//! splitter then goes on with the next one. It holds at most one unfinished frame.

use super::sbs::{self, SbsMessage};

/// A line longer than this is no frame of any format.
const LINE_BYTES_MAX: usize = 1024;

/// Beast's escape and start byte.
const ESCAPE: u8 = 0x1a;

/// How the frames are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `*hex;`, or `@` with six bytes of time before the frame; port 30002.
    Avr,
    /// Binary with a 12 MHz time; port 30005.
    Beast,
    /// Decoded messages as comma-separated values; port 30003.
    Sbs,
}

impl Format {
    /// The format with this name.
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "avr" => Ok(Self::Avr),
            "beast" => Ok(Self::Beast),
            "sbs" => Ok(Self::Sbs),
            other => Err(format!(
                "`{other}` is no feed format; avr, beast and sbs are"
            )),
        }
    }
}

/// What a receiver heard.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A Mode S frame of 7 or 14 bytes.
    ModeS(Vec<u8>),
    /// A message that the receiver has decoded already.
    Sbs(SbsMessage),
    /// A frame of another kind (Mode A/C, receiver status).
    Other,
}

/// One frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// When it was heard, in microseconds of the receiver's clock, where the feed says so.
    pub time: Option<i64>,
    /// What was heard.
    pub message: Message,
}

/// A piece of a feed that is no frame, as text to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrupt(pub String);

/// Finds the frames in a stream of bytes.
#[derive(Debug)]
pub struct Splitter {
    format: Format,
    buffer: Vec<u8>,
    position: usize,
    in_long_line: bool,
}

impl Splitter {
    /// A splitter that has seen nothing.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            buffer: Vec::new(),
            position: 0,
            in_long_line: false,
        }
    }

    /// Takes the next bytes of the feed.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.position);
        self.position = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Says that no bytes follow: an unfinished line is a line.
    pub fn finish(&mut self) {
        if self.format != Format::Beast && self.position < self.buffer.len() {
            self.buffer.push(b'\n');
        }
    }

    /// The next frame, if it is there as a whole.
    pub fn next(&mut self) -> Option<Result<Frame, Corrupt>> {
        match self.format {
            Format::Beast => self.next_beast(),
            Format::Avr | Format::Sbs => self.next_line(),
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.position..).unwrap_or_default()
    }

    fn next_line(&mut self) -> Option<Result<Frame, Corrupt>> {
        loop {
            let rest = self.rest();
            let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
                if rest.len() > LINE_BYTES_MAX {
                    let shown = corrupt(rest);
                    self.position = self.buffer.len();
                    let first = !std::mem::replace(&mut self.in_long_line, true);
                    return first.then_some(Err(shown));
                }
                return None;
            };
            let line = rest.get(..length).unwrap_or_default().trim_ascii();
            let item = match self.format {
                _ if line.is_empty() => None,
                Format::Sbs => Some(sbs::parse(line).ok_or_else(|| corrupt(line))),
                _ => Some(avr(line).ok_or_else(|| corrupt(line))),
            };
            self.position += length + 1;
            let tail_of_long_line = std::mem::take(&mut self.in_long_line);
            if let Some(item) = item
                && !tail_of_long_line
            {
                return Some(item);
            }
        }
    }

    fn next_beast(&mut self) -> Option<Result<Frame, Corrupt>> {
        let rest = self.rest();
        let start = rest.iter().position(|byte| *byte == ESCAPE);
        match start {
            None if rest.is_empty() => return None,
            None => {
                let shown = corrupt(rest);
                self.position = self.buffer.len();
                return Some(Err(shown));
            }
            Some(0) => {}
            Some(before) => {
                let shown = corrupt(rest.get(..before).unwrap_or_default());
                self.position += before;
                return Some(Err(shown));
            }
        }
        let kind = *rest.get(1)?;
        let payload = match kind {
            b'1' => 2,
            b'2' => 7,
            b'3' | b'4' => 14,
            _ => {
                let shown = corrupt(rest.get(..2).unwrap_or_default());
                self.position += 2;
                return Some(Err(shown));
            }
        };
        let mut body = Vec::with_capacity(7 + payload);
        let mut at = 2;
        while body.len() < 7 + payload {
            let byte = *rest.get(at)?;
            if byte == ESCAPE && *rest.get(at + 1)? != ESCAPE {
                // The next frame begins inside this one: a piece was lost on the way.
                let shown = corrupt(rest.get(..at).unwrap_or_default());
                self.position += at;
                return Some(Err(shown));
            }
            at += if byte == ESCAPE { 2 } else { 1 };
            body.push(byte);
        }
        self.position += at;
        let (time, payload) = body.split_at_checked(7)?;
        let ticks = time
            .iter()
            .take(6)
            .fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
        let message = match kind {
            b'2' | b'3' => Message::ModeS(payload.to_vec()),
            _ => Message::Other,
        };
        Some(Ok(Frame {
            time: (ticks > 0).then_some(ticks / 12),
            message,
        }))
    }
}

/// One line of AVR text.
fn avr(line: &[u8]) -> Option<Frame> {
    let (first, rest) = line.split_first()?;
    let digits = rest.strip_suffix(b";")?;
    let bytes = hexadecimal(digits)?;
    let (time, frame) = match first {
        b'*' => (None, bytes.as_slice()),
        b'@' => {
            let (time, frame) = bytes.split_at_checked(6)?;
            let ticks = time
                .iter()
                .fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
            (Some(ticks / 12), frame)
        }
        _ => return None,
    };
    let message = match frame.len() {
        2 => Message::Other,
        7 | 14 => Message::ModeS(frame.to_vec()),
        _ => return None,
    };
    Some(Frame { time, message })
}

fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    digits
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(value(*high)? << 4 | value(*low)?),
            _ => None,
        })
        .collect()
}

/// The beginning of what is no frame, as printable text.
fn corrupt(bytes: &[u8]) -> Corrupt {
    let shown: String = String::from_utf8_lossy(bytes)
        .chars()
        .take(40)
        .map(|letter| if letter.is_control() { '.' } else { letter })
        .collect();
    Corrupt(shown)
}

/// A frame as Beast binary, with a time in microseconds.
pub fn beast(time: i64, payload: &[u8]) -> Vec<u8> {
    let kind = if payload.len() == 7 { b'2' } else { b'3' };
    let ticks = time.saturating_mul(12).to_be_bytes();
    let mut bytes = vec![ESCAPE, kind];
    // The low 48 bits of the time, a middling signal level, the frame; escapes are doubled.
    for byte in ticks.iter().skip(2).chain(&[0x60]).chain(payload) {
        bytes.push(*byte);
        if *byte == ESCAPE {
            bytes.push(ESCAPE);
        }
    }
    bytes
}
