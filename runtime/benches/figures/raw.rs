//! What the machine itself can do: a loopback round trip between two processors, and a sync.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::options::Options;
use crate::process::{Cpus, Running};
use crate::report::{Report, median};

/// The argument of every call that is measured, here and elsewhere.
pub const PAYLOAD_BYTES: usize = 64;
const TRIPS: usize = 20_000;
const WARM_UP: usize = 2_000;
const SYNCS: usize = 500;

/// Measures both and says so; other parts measure again what they compare with.
pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), String> {
    if !options.wants("raw") {
        return Ok(());
    }
    let trips: Result<Vec<f64>, String> = (0..options.rounds).map(|_| round_trip()).collect();
    report.line(&format!(
        "loopback round trip, 64 bytes: {:.1} µs",
        median(&trips?)
    ));
    let syncs: Result<Vec<f64>, String> = (0..options.rounds).map(|_| sync_rate(folder)).collect();
    report.line(&format!(
        "write of 256 bytes and fdatasync: {:.0} a second",
        median(&syncs?)
    ));
    Ok(())
}

/// The median of many raw round trips between a process on each of two processors, in microseconds.
pub fn round_trip() -> Result<f64, String> {
    let mut server = Running::this(Cpus::One(1), &["raw-echo"])?;
    let address = server.line()?;
    let mut client = Running::this(Cpus::One(0), &["raw-trips", &address])?;
    let [microseconds] = client.numbers()?;
    Ok(microseconds)
}

/// Answers every payload by itself, on one connection.
pub fn echo_server() -> Result<(), String> {
    let serve = || -> std::io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        println!("{}", listener.local_addr()?);
        let (mut stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        let mut payload = [0; PAYLOAD_BYTES];
        while stream.read_exact(&mut payload).is_ok() {
            stream.write_all(&payload)?;
        }
        Ok(())
    };
    serve().map_err(|error| error.to_string())
}

/// Makes round trips and prints their median.
pub fn trips(address: &str) -> Result<(), String> {
    let make = || -> std::io::Result<Vec<f64>> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut payload = [7; PAYLOAD_BYTES];
        let mut times = Vec::with_capacity(TRIPS);
        for trip in 0..WARM_UP + TRIPS {
            let start = Instant::now();
            stream.write_all(&payload)?;
            stream.read_exact(&mut payload)?;
            if trip >= WARM_UP {
                times.push(start.elapsed().as_secs_f64() * 1e6);
            }
        }
        Ok(times)
    };
    println!("{}", median(&make().map_err(|error| error.to_string())?));
    Ok(())
}

/// How many small writes a second can be made durable one after the other.
pub fn sync_rate(folder: &Path) -> Result<f64, String> {
    let write = || -> std::io::Result<Duration> {
        let mut file = File::create(folder.join("syncs"))?;
        let start = Instant::now();
        for _ in 0..SYNCS {
            file.write_all(&[1; 256])?;
            file.sync_data()?;
        }
        Ok(start.elapsed())
    };
    let time = write().map_err(|error| format!("cannot write in {}: {error}", folder.display()))?;
    Ok(SYNCS as f64 / time.as_secs_f64())
}
