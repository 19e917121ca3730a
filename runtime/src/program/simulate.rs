//! `BIN sim …`: this program in the simulator.

use super::Program;
use crate::sim::program::{Faults, Options, Report, Strike, run};
use std::io::Write;
use std::time::Duration;

/// The exit status of a run that found something.
const FOUND: i32 = 1;

/// Simulates the program as the arguments say; what follows `--` is the program's own. Gives the exit status.
///
/// # Errors
/// If the arguments are wrong.
pub(super) fn simulate(program: &'static Program, arguments: &[String]) -> Result<i32, String> {
    let options = options(arguments)?;
    let report = run(program, &options, |line| println!("{line}"));
    let status = tell(&report);
    // What was printed must be out before the process ends.
    let _ = std::io::stdout().flush();
    Ok(status)
}

fn options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options {
        seed: 1,
        hosts: 4,
        faults: Faults::Drawn,
        at_most: Duration::from_secs(3600),
        arguments: Vec::new(),
    };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            options.arguments = words.cloned().collect();
            break;
        }
        let value = words
            .next()
            .ok_or_else(|| format!("{word} needs a value"))?;
        let wrong = |_| format!("{word}: \"{value}\" is no number");
        match word.as_str() {
            "--seed" => options.seed = value.parse().map_err(wrong)?,
            "--hosts" => {
                options.hosts = value.parse().map_err(wrong)?;
                if options.hosts == 0 || options.hosts > 64 {
                    return Err("--hosts: from 1 to 64".to_owned());
                }
            }
            "--seconds" => options.at_most = Duration::from_secs(value.parse().map_err(wrong)?),
            "--faults" => {
                options.faults = match value.as_str() {
                    "all" => Faults::Drawn,
                    "none" => Faults::None,
                    file => these(file)?,
                }
            }
            _ => return Err(format!("{word} is no option of a simulation")),
        }
    }
    if let Faults::These(strikes) = &options.faults
        && let Some(host) = strikes
            .iter()
            .flat_map(Strike::hosts)
            .find(|host| host.0 >= options.hosts)
    {
        return Err(format!("--faults: there is no host{}", host.0 + 1));
    }
    Ok(options)
}

/// The faults in a file.
fn these(file: &str) -> Result<Faults, String> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| format!("--faults: cannot read {file}: {error}"))?;
    Faults::of_text(&text).map_err(|why| format!("--faults: {file}, {why}"))
}

/// Says what the run showed; the exit status.
fn tell(report: &Report) -> i32 {
    let faults = report.strikes.len();
    println!(
        "-- {:.6} s simulated, {faults} faults, {} events, trace {:016x}",
        report.lasted.as_secs_f64(),
        report.events,
        report.trace
    );
    if let Some(violation) = &report.violation {
        println!("-- found: {violation}");
        return FOUND;
    }
    match report.status {
        Some(0) => 0,
        Some(status) => {
            println!("-- found: main ended with status {status}");
            FOUND
        }
        None => FOUND,
    }
}
