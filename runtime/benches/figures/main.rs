//! The figures that CMSL promises, measured and compared in one run.
//!
//! `cargo bench -p cmsl-runtime -- [--json] [--only NAME,…] [--rounds N] [--seconds S] [--data DIR]`
//!
//! Every figure is a ratio of things measured alternately in the same run, on the same
//! processors and file system, or a time, as the median over the rounds (a
//! worst case: the maximum). This program is its own kernel, client and load generator:
//! it starts itself with other arguments.

mod cluster;
mod compare;
mod etcd;
mod front_end;
mod grpc;
mod load;
mod options;
mod process;
mod raw;
mod report;
mod service;

use std::process::ExitCode;

use options::Options;
use report::Report;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["kernel", ..] => cmsl_runtime::program::run(&service::PROGRAM),
        ["raw-echo"] => raw::echo_server(),
        ["raw-trips", address] => raw::trips(address),
        ["etcd-load", ref rest @ ..] => etcd::load_main(rest),
        ["cmsl-load", ref rest @ ..] => cluster::load_main(rest),
        _ if !words.contains(&"--bench") => {
            eprintln!("the figures are measured by: cargo bench -p cmsl-runtime -- --json");
            return ExitCode::SUCCESS;
        }
        _ => Options::parse(&words).and_then(|options| measure(&options)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Measures what the options ask for and prints it.
fn measure(options: &Options) -> Result<(), String> {
    let mut report = Report::new(options.json);
    process::need_taskset()?;
    let folder = process::scratch_folder(options)?;
    raw::measure(options, folder.path(), &mut report)?;
    if options.wants("latency") {
        compare::latency(options, folder.path(), &mut report)?;
    }
    if options.wants("durable") {
        compare::durable(options, folder.path(), &mut report)?;
    }
    if options.wants("reads") {
        compare::reads(options, folder.path(), &mut report)?;
    }
    if options.wants("failover") {
        compare::fail_over(folder.path(), &mut report)?;
    }
    if options.wants("front-end") {
        front_end::measure(options, &mut report)?;
    }
    report.print();
    Ok(())
}
