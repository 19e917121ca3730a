//! `BIN sim …`: this program in the simulator.

use super::Program;
use crate::sim::program::{
    Faults, Moment, Options, Plant, Recordings, Report, Steps, Strike, effects, run,
};
use std::io::Write;
use std::time::Duration;

/// The exit status of a run that found something.
const FOUND: i32 = 1;

/// Simulates the program as the arguments say; what follows `--` is the program's own. Gives the exit status.
///
/// # Errors
/// If the arguments are wrong.
pub(super) fn simulate(program: &'static Program, arguments: &[String]) -> Result<i32, String> {
    let Wish {
        options,
        picture,
        step,
    } = wish(arguments)?;
    let steps = step.map(|next| Steps {
        next,
        show: Box::new(stop),
    });
    let report = run(program, &options, |line| println!("{line}"), steps);
    let status = tell(&report);
    if let Some((file, drawn)) = picture.zip(report.picture) {
        let written = std::fs::write(&file, drawn);
        written.map_err(|error| format!("--picture: cannot write {file}: {error}"))?;
    }
    // What was printed must be out before the process ends.
    let _ = std::io::stdout().flush();
    Ok(status)
}

/// What the arguments ask for.
struct Wish {
    options: Options,
    /// Where the picture goes.
    picture: Option<String>,
    /// The command after which it stops.
    step: Option<u64>,
}

fn wish(arguments: &[String]) -> Result<Wish, String> {
    let (mut picture, mut step) = (None, None);
    let mut options = Options {
        seed: 1,
        hosts: 4,
        faults: Faults::Drawn,
        beyond: false,
        plant: Plant::default(),
        at_most: Duration::from_secs(3600),
        arguments: Vec::new(),
        draws: false,
        outside: Recordings::new(),
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
            "--beyond" => {
                options.beyond = match value.as_str() {
                    "yes" => true,
                    "no" => false,
                    other => return Err(format!("--beyond: yes or no, not {other}")),
                };
            }
            #[cfg(feature = "mutants")]
            "--plant" => {
                let plant = Plant::named(value);
                options.plant = plant.ok_or_else(|| format!("--plant: there is no {value}"))?;
            }
            "--outside" => {
                let (address, file) = value
                    .split_once('=')
                    .ok_or_else(|| format!("--outside: {value} is not ADDRESS=FILE"))?;
                let bytes = std::fs::read(file)
                    .map_err(|error| format!("--outside: cannot read {file}: {error}"))?;
                options.outside.insert(address.to_owned(), bytes.into());
            }
            "--picture" => picture = Some(value.clone()),
            "--step" => step = Some(value.parse().map_err(wrong)?),
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
    options.draws = picture.is_some();
    Ok(Wish {
        options,
        picture,
        step,
    })
}

/// The faults in a file.
fn these(file: &str) -> Result<Faults, String> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| format!("--faults: cannot read {file}: {error}"))?;
    Faults::of_text(&text).map_err(|why| format!("--faults: {file}, {why}"))
}

/// Begins a line that is for whoever started this process.
const MARK: char = '\u{1}';

/// Shows the run where it has stopped, and reads from stdin what comes next: `state`, or the number of a command.
fn stop(moment: &Moment) -> u64 {
    let issued = moment.issued.join("; ");
    println!("{MARK}at {}", moment.command);
    println!("{:.6} s: {issued}", moment.at.as_secs_f64());
    show(&moment.changed);
    loop {
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) | Err(_) => std::process::exit(0),
            Ok(_) => {}
        }
        match line.trim().parse() {
            Ok(next) => return next,
            Err(_) => show(&moment.all),
        }
    }
}

fn show(lines: &[String]) {
    for line in lines {
        println!("  {line}");
    }
    println!("{MARK}ready");
    let _ = std::io::stdout().flush();
}

/// Says what the run showed; the exit status.
fn tell(report: &Report) -> i32 {
    let faults = report.struck.len();
    println!(
        "-- {:.6} s simulated, {faults} faults, {} events, trace {:016x}",
        report.lasted.as_secs_f64(),
        report.events,
        report.trace
    );
    if faults > 0 {
        let of_a_kind = |(name, (all, effective)): (_, (usize, usize))| match effective == all {
            true => format!("{name} {all}"),
            false => format!("{name} {effective} of {all}"),
        };
        let kinds: Vec<String> = effects(&report.struck).into_iter().map(of_a_kind).collect();
        println!("-- faults that met something: {}", kinds.join(", "));
    }
    if let Some(how) = &report.stopped {
        println!("-- stopped, as it may: {how}");
    }
    if let Some(found) = &report.found {
        println!("-- found: {found}");
        return FOUND;
    }
    0
}
