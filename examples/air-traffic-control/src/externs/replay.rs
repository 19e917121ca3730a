//! A recording played to other programs as a receiver's Beast stream.
//!
//! With `tcp://HOST:PORT` it connects there, as to the input port of a decoder; with `:PORT` or
//! `listen://HOST:PORT` it waits for clients and plays the whole recording to each.

use super::frame::{Format, Message, Splitter, beast};
use super::source::{Piece, Source};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// How long a decoder may take to open its port.
const PATIENCE: Duration = Duration::from_secs(20);

/// Frames are sent in groups of this much feed time, in microseconds.
const STEP: i64 = 20_000;

/// Plays `place` and returns how many frames went out; as a server it returns never.
pub fn replay(place: &str, format: &str, rate: f64, speed: f64, to: &str) -> Result<i64, String> {
    let format = Format::named(format)?;
    if let Some(address) = to
        .strip_prefix("listen://")
        .or_else(|| to.strip_prefix(':').map(|_| to))
    {
        let address = if address.starts_with(':') {
            format!("127.0.0.1{address}")
        } else {
            address.to_owned()
        };
        let listener = TcpListener::bind(&address)
            .map_err(|why| format!("cannot listen on {address}: {why}"))?;
        println!(
            "replay: serving on {}",
            listener.local_addr().map_err(|why| why.to_string())?
        );
        for stream in listener.incoming().flatten() {
            let place = place.to_owned();
            std::thread::spawn(move || play(&place, format, rate, speed, stream));
        }
        return Ok(0);
    }
    let address = to.strip_prefix("tcp://").unwrap_or(to);
    let begun = Instant::now();
    let stream = loop {
        match TcpStream::connect(address) {
            Ok(stream) => break stream,
            Err(why) if begun.elapsed() > PATIENCE => {
                return Err(format!("cannot connect to {address}: {why}"));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    play(place, format, rate, speed, stream)
}

fn play(
    place: &str,
    format: Format,
    rate: f64,
    speed: f64,
    mut stream: TcpStream,
) -> Result<i64, String> {
    let mut source = Source::open(place, true)?;
    let mut splitter = Splitter::new(format);
    let begun = Instant::now();
    let (mut lines, mut sent, mut step) = (0_i64, 0, 0);
    let mut bytes = Vec::new();
    loop {
        while let Some(item) = splitter.next() {
            lines += 1;
            let Ok(frame) = item else { continue };
            // A tick of zero means "no time", so the recording begins one microsecond late.
            let computed = ((lines - 1) as f64 / rate * 1e6).round() as i64;
            let time = frame.time.unwrap_or(computed).max(1);
            if let Message::ModeS(payload) = &frame.message {
                bytes.extend(beast(time, payload));
                sent += 1;
            }
            if time / STEP > step {
                step = time / STEP;
                stream
                    .write_all(&bytes)
                    .map_err(|why| format!("the client went away: {why}"))?;
                bytes.clear();
                if speed > 0.0 {
                    let due = Duration::from_secs_f64(time as f64 / 1e6 / speed);
                    std::thread::sleep(due.saturating_sub(begun.elapsed()));
                }
            }
        }
        match source.next(Instant::now())? {
            Piece::Bytes(piece, _) => splitter.push(&piece),
            Piece::End => break,
            Piece::Connected | Piece::Nothing => {}
        }
        if bytes.len() > 1 << 20 {
            stream
                .write_all(&bytes)
                .map_err(|why| format!("the client went away: {why}"))?;
            bytes.clear();
        }
    }
    splitter.finish();
    stream
        .write_all(&bytes)
        .and_then(|()| stream.flush())
        .map_err(|why| why.to_string())?;
    Ok(sent)
}
