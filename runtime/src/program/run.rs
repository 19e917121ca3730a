//! What an executable does with its arguments: main, a host's kernel, or a look at replicas.

use super::{Local, Program, Start, inspect, lifeline};
use crate::client::{Connector, Reached};
use crate::kernel::driver;
use crate::kernel::options::{KernelOptions, address};
use crate::thread;
use crate::wall::random_bits;
use std::io::Write;

/// The exit status of wrong usage.
const USAGE: i32 = 2;
/// The exit status of a main that embedding Rust code ended by a panic.
const PANICKED: i32 = 101;
/// The exit status of a failure around main.
const AROUND_MAIN: i32 = 125;
/// Where main finds its cluster: addresses of kernels, separated by commas, the nearest first.
pub const CLUSTER_VARIABLE: &str = "CMSL_CLUSTER";

/// Runs the program as its first argument says: `kernel` the kernel of a host, `inspect` a look at
/// the replicas of a server, anything else main, which gets all arguments (those after `--`, if that
/// comes first). Ends the process.
pub fn run(program: &'static Program) -> ! {
    let mut arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let status = match arguments.first().map(String::as_str) {
        Some("kernel") => kernel(program, arguments.get(1..).unwrap_or_default()),
        Some("inspect") => match inspect::run(program, arguments.get(1..).unwrap_or_default()) {
            Ok(()) => 0,
            Err(why) => complain("inspect", &why, AROUND_MAIN),
        },
        #[cfg(feature = "sim")]
        Some("sim") => {
            match super::simulate::simulate(program, arguments.get(1..).unwrap_or_default()) {
                Ok(status) => status,
                Err(why) => complain("sim", &why, USAGE),
            }
        }
        first => {
            if first == Some("--") {
                arguments.remove(0);
            }
            main(program, arguments)
        }
    };
    // What main printed must be out before the process ends.
    let _ = std::io::stdout().flush();
    std::process::exit(status)
}

fn main(program: &'static Program, arguments: Vec<String>) -> i32 {
    lifeline::hold();
    let connector = match std::env::var(CLUSTER_VARIABLE) {
        Ok(list) => match addresses(&list) {
            Ok(addresses) => Connector::new(addresses),
            Err(why) => return complain(CLUSTER_VARIABLE, &why, USAGE),
        },
        Err(_) => Connector::found_by(|| {
            let cluster = Local::start(1)?;
            Ok(Reached {
                addresses: cluster.addresses(),
                keep: Box::new(cluster),
            })
        }),
    };
    let connector = connector.expecting(program.fingerprint);
    let start = Start {
        arguments,
        connector: connector.clone(),
        seed: random_bits(),
    };
    let status = match thread::spawn("main", move || (program.main)(start)) {
        // A panic of embedding Rust code has been reported.
        Ok(running) => running.join().unwrap_or(PANICKED),
        Err(why) => complain("main", &why.to_string(), AROUND_MAIN),
    };
    connector.end();
    status
}

fn kernel(program: &'static Program, arguments: &[String]) -> i32 {
    let options = match KernelOptions::parse(arguments) {
        Ok(options) => options,
        Err(why) => return complain("kernel", &why, USAGE),
    };
    match driver::run(program, &options) {
        Ok(()) => 0,
        Err(error) => complain(
            &format!("kernel {}", options.name),
            &error.to_string(),
            AROUND_MAIN,
        ),
    }
}

fn complain(who: &str, why: &str, status: i32) -> i32 {
    eprintln!("{who}: {why}");
    status
}

/// Addresses separated by commas.
pub(crate) fn addresses(list: &str) -> Result<Vec<std::net::SocketAddr>, String> {
    list.split(',')
        .map(|item| address(item).map_err(|why| format!("\"{item}\": {why}")))
        .collect()
}
