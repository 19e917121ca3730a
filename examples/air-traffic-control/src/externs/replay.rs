//! A recording played to other programs as a receiver's Beast stream.
//!
//! With `tcp://HOST:PORT` it connects there, as to the input port of a decoder; with `:PORT` or
//! `listen://HOST:PORT` it waits for clients and plays the whole recording to each.

use super::frame::{Format, Message, Splitter, beast};
use super::source::{Piece, Source};
use cmsl_runtime::Outside;
use cmsl_runtime::outside::Connection;
use std::io::Write;
use std::time::Duration;

/// How long a decoder may take to open its port.
const PATIENCE: Duration = Duration::from_secs(20);

/// Frames are sent in groups of this much feed time, in microseconds.
const STEP: i64 = 20_000;

/// Plays `place` and returns how many frames went out; as a server it returns never.
pub fn replay(
    outside: &mut Outside,
    place: &str,
    format: &str,
    rate: f64,
    speed: f64,
    to: &str,
) -> Result<i64, String> {
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
        let listener = outside
            .listen(&address)
            .map_err(|why| format!("cannot listen on {address}: {why}"))?;
        println!(
            "replay: serving on {}",
            listener.address().map_err(|why| why.to_string())?
        );
        loop {
            let stream = listener.accept().map_err(|why| why.to_string())?;
            let place = place.to_owned();
            let play = move |outside: &mut Outside| {
                // A client that goes away in the middle is its own business.
                let _ = play(outside, &place, format, rate, speed, stream);
            };
            outside
                .spawn("replay", play)
                .map_err(|why| why.to_string())?;
        }
    }
    let address = to.strip_prefix("tcp://").unwrap_or(to);
    let begun = outside.monotonic();
    let stream = loop {
        match outside.connect(address, PATIENCE) {
            Ok(stream) => break stream,
            Err(why) if outside.monotonic() - begun > PATIENCE => {
                return Err(format!("cannot connect to {address}: {why}"));
            }
            Err(_) => outside.sleep(Duration::from_millis(50)),
        }
    };
    play(outside, place, format, rate, speed, stream)
}

fn play(
    outside: &mut Outside,
    place: &str,
    format: Format,
    rate: f64,
    speed: f64,
    mut stream: Connection,
) -> Result<i64, String> {
    let mut source = Source::open(outside, place, true)?;
    let mut splitter = Splitter::new(format);
    let begun = outside.monotonic();
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
                    let elapsed = outside.monotonic() - begun;
                    outside.sleep(due.saturating_sub(elapsed));
                }
            }
        }
        match source.next(outside, Duration::ZERO)? {
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
