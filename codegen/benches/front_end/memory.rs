//! How much memory the front end takes: its most resident bytes a line, at several lengths.
//!
//! Each length is measured in a process of its own, because the kernel keeps the most of a whole process.

use super::{corpus, round};
use std::process::Command;

/// The lengths, in lines.
const LENGTHS: [usize; 4] = [10_000, 20_000, 40_000, 80_000];

/// The word before a length by which the benchmark starts itself.
pub const ARGUMENT: &str = "--memory-of";

/// Prints what one length takes; run in a process of its own.
pub fn measure_one(lines: &str) -> Result<(), String> {
    let lines: usize = lines.parse().map_err(|_| "no number of lines")?;
    let text = corpus::program(lines);
    let before = peak()?;
    round(&text)?;
    println!("{} {}", corpus::filled(&text), peak()? - before);
    Ok(())
}

/// Prints what each length takes.
pub fn measure() -> Result<(), String> {
    for lines in LENGTHS {
        let executable = std::env::current_exe().map_err(|why| why.to_string())?;
        let output = Command::new(executable)
            .args(["--bench", ARGUMENT, &lines.to_string()])
            .output()
            .map_err(|why| why.to_string())?;
        let said = String::from_utf8_lossy(&output.stdout);
        let mut numbers = said.split_whitespace().map(str::parse::<u64>);
        let (Some(Ok(lines)), Some(Ok(bytes))) = (numbers.next(), numbers.next()) else {
            return Err(format!("no memory measured for {lines} lines"));
        };
        println!(
            "{:>18} {:>10} bytes/line at {lines} lines",
            "memory",
            bytes / lines
        );
    }
    Ok(())
}

/// The most bytes that this process had resident.
fn peak() -> Result<u64, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|why| why.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kib: u64 = kib
        .and_then(|kib| kib.trim().parse().ok())
        .ok_or("the kernel does not say how much memory was used")?;
    Ok(kib * 1024)
}
