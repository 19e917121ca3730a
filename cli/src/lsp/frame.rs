//! Messages on a pipe: headers, an empty line, JSON.
//!
//! Whatever comes in is bounded before memory is taken. A message that is too large or no JSON is answered and passed
//! over; where the headers are wrong nobody knows where the next message begins, so that the conversation ends.

use lsp_server::Message;
use std::io::{self, BufRead, Read};

/// The largest message: a source of the largest size, each byte of it escaped.
const BYTES_MAX: u64 = 128 << 20;
/// The longest header line.
const HEADER_BYTES_MAX: u64 = 4096;
/// The most header lines of a message.
const HEADERS_MAX: usize = 64;

/// What came in.
#[derive(Debug)]
pub enum Frame {
    /// A message.
    Message(Message),
    /// Something within a frame that is no message.
    Garbage(String),
    /// The other side has nothing more to say.
    End,
}

/// Reads one message.
///
/// # Errors
/// The pipe breaks, or what comes is not framed.
pub fn read(input: &mut dyn BufRead) -> io::Result<Frame> {
    let Some(length) = length(input)? else {
        return Ok(Frame::End);
    };
    if length > BYTES_MAX {
        let passed = io::copy(&mut input.take(length), &mut io::sink())?;
        let why = format!("a message of {length} bytes is too large: at most {BYTES_MAX} are read");
        return Ok(if passed < length {
            Frame::End
        } else {
            Frame::Garbage(why)
        });
    }
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Ok(Frame::End);
    }
    Ok(match serde_json::from_slice(&bytes) {
        Ok(message) => Frame::Message(message),
        Err(why) => Frame::Garbage(format!("this is no message: {why}")),
    })
}

/// The length that the headers state; nothing at the end of the input.
fn length(input: &mut dyn BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    for _ in 0..HEADERS_MAX {
        let mut line = Vec::new();
        input.take(HEADER_BYTES_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        if !line.ends_with(b"\n") {
            return Err(wrong("a header line does not end"));
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            return length
                .map(Some)
                .ok_or_else(|| wrong("there is no Content-Length"));
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(wrong("a header has no colon"));
        };
        if name.eq_ignore_ascii_case("Content-Length") {
            let stated: u64 = value
                .trim()
                .parse()
                .map_err(|_| wrong("the Content-Length is no number"))?;
            length = Some(stated);
        }
    }
    Err(wrong("there are too many headers"))
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(bytes: &[u8]) -> io::Result<Frame> {
        read(&mut &*bytes)
    }

    #[test]
    fn a_message_is_read_whatever_else_its_headers_say() {
        let text = b"content-length: 17\r\nContent-Type: x\r\n\r\n{\"method\":\"exit\"}";
        assert!(matches!(one(text), Ok(Frame::Message(_))));
    }

    #[test]
    fn what_is_no_json_is_passed_over() {
        let mut input: &[u8] =
            b"Content-Length: 2\r\n\r\n{]Content-Length: 17\r\n\r\n{\"method\":\"exit\"}";
        assert!(matches!(read(&mut input), Ok(Frame::Garbage(_))));
        assert!(matches!(read(&mut input), Ok(Frame::Message(_))));
        assert!(matches!(read(&mut input), Ok(Frame::End)));
    }

    #[test]
    fn what_is_too_large_is_passed_over_without_taking_memory() {
        let length = BYTES_MAX + 1;
        let head = format!("Content-Length: {length}\r\n\r\n");
        let tail: &[u8] = b"Content-Length: 17\r\n\r\n{\"method\":\"exit\"}";
        let blanks = io::BufReader::new(io::repeat(b' ').take(length));
        let mut input = head.as_bytes().chain(blanks).chain(tail);
        assert!(matches!(read(&mut input), Ok(Frame::Garbage(_))));
        assert!(matches!(read(&mut input), Ok(Frame::Message(_))));
        let head = b"Content-Length: 99999999999\r\n\r\n";
        assert!(matches!(one(head), Ok(Frame::End)));
    }

    #[test]
    fn wrong_headers_are_an_error_and_take_no_memory() {
        for text in [
            &b"hello\r\n\r\n"[..],
            b"Content-Length: x\r\n\r\n",
            b"Content-Length: 99999999999999999999\r\n\r\n",
            b"\r\n",
            &[b'a'; 10_000],
        ] {
            assert!(one(text).is_err(), "{:?}", String::from_utf8_lossy(text));
        }
        assert!(matches!(one(b"Content-Length: 9\r\n\r\n{"), Ok(Frame::End)));
    }
}
