//! What can be written after `cmsl`: every subcommand, its flags, and the help that teaches them.
//!
//! Only the shape of the words is checked here; that files exist or that a host is known is the
//! business of the command.

use crate::project::HOSTS_MAX;
use crate::schedule::Act;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use std::path::PathBuf;

const OVERVIEW: &str = "\
Examples:
  cmsl new hello && cd hello && cmsl run .     a first program, on four hosts
  cmsl check counter.cmsl                      what is wrong with it?
  cmsl explain E0201                           and what does that mean?
  cmsl run counter.cmsl --kill leader@2        the same program while its leading host dies
  cmsl build counter.cmsl --release            one executable, to start by hand

Exit status:
  0    success; warnings alone are success
  1    the program text has errors
  2    wrong usage
  101  an exception that the program did not catch
  125  what failed before the program started, or around it
  any other value is that of the program";

/// Turn an ordinary class into a fault-tolerant distributed service.
#[derive(Debug, Parser)]
#[command(name = "cmsl", version, after_help = OVERVIEW, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands, one file each under `commands/`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a folder with a first program in it.
    New(New),
    /// Say what is wrong with programs, without building them.
    Check(Check),
    /// Write programs in the one style.
    Fmt(Fmt),
    /// Write the Rust that a program is compiled to.
    Emit(Emit),
    /// Build a program into one executable.
    Build(Build),
    /// Run a program on a cluster of its own on this machine.
    Run(Run),
    /// Run a program in the simulator: virtual time, network and disks, from one seed.
    Sim(Sim),
    /// Turn objects of a class into fault-tolerant servers, in the source.
    Replicate(Replicate),
    /// Show the hosts, servers and replicas of a running cluster.
    Status(Status),
    /// Explain a diagnostic code.
    Explain(Explain),
    /// Serve an editor: diagnostics, hover, completion and the like, on stdin and stdout.
    Lsp(Lsp),
    /// Empty the cache.
    Clean,
    /// Print the completions of a shell.
    Completions(Completions),
}

/// `cmsl new`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cmsl new auction            makes ./auction with cmsl.toml, src/main.cmsl and a test
  cd auction && cmsl run .")]
pub struct New {
    /// The folder to make; its last part names the program.
    #[arg(value_name = "NAME", value_hint = ValueHint::DirPath)]
    pub path: PathBuf,
}

/// `cmsl check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cmsl check counter.cmsl
  cmsl check .                the program of the cmsl.toml in this folder
  cmsl check *.cmsl           exit status 1 if any of them has an error
  cmsl check . --effects      what each method may do
  cmsl check . --explain-parallel             which loops call their servers all at once?
  cmsl check . --message-format json          one object a line, as rustc writes them")]
pub struct Check {
    /// Files, or folders with a cmsl.toml.
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// Print what each function and method may do: which state, servers, time, randomness it uses.
    #[arg(long)]
    pub effects: bool,
    /// Print for each `for every` loop that calls servers whether its calls are sent together, or why not.
    #[arg(long)]
    pub explain_parallel: bool,
    /// Text on stderr for people, or JSON on stdout for programs.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub message_format: MessageFormat,
}

/// How diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum MessageFormat {
    /// Text on stderr, with the source line and the span underlined.
    Human,
    /// One JSON object a line on stdout, with the field names of rustc.
    Json,
}

/// `cmsl fmt`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cmsl fmt counter.cmsl       formats a file
  cmsl fmt .                  formats every .cmsl file in the folder and below
  cmsl fmt --check .          names the files that are not formatted; status 1 if there are any
  cmsl fmt - < counter.cmsl   from stdin to stdout")]
pub struct Fmt {
    /// Files and folders; `-` is stdin.
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// Change nothing; name the files that are not formatted.
    #[arg(long)]
    pub check: bool,
}

/// `cmsl emit`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("target").required(true).args(["out", "stdout"])))]
#[command(after_help = "\
Examples:
  cmsl emit counter.cmsl --stdout             read the generated Rust
  cmsl emit counter.cmsl --out counter-rs     a crate that cargo builds")]
pub struct Emit {
    /// A file, or a folder with a cmsl.toml.
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// Write the whole crate into this folder.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Print the Rust instead.
    #[arg(long)]
    pub stdout: bool,
}

/// `cmsl build`.
#[derive(Debug, Args)]
#[command(after_help = "\
The executable is the whole system:
  ./counter                   runs main (CMSL_CLUSTER=ADDR,ADDR names the cluster to use)
  ./counter kernel --name host1 --listen ADDR --peers host1=ADDR,host2=ADDR --data DIR
                              runs the kernel of one host, with the replicas inside

Examples:
  cmsl build counter.cmsl                     writes ./counter
  cmsl build . --release -o /srv/auction      fully optimised")]
pub struct Build {
    /// A file, or a folder with a cmsl.toml.
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// Optimise fully.
    #[arg(long)]
    pub release: bool,
    /// Where to put the executable (default: the program's name, in this folder).
    #[arg(short, long, value_name = "BIN", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// `cmsl run`.
#[derive(Debug, Args)]
#[command(after_help = "\
The program's output alone goes to stdout; everything else goes to stderr. Ctrl-C ends the program
and its hosts in order, a second one at once. The exit status is the program's.

Examples:
  cmsl run counter.cmsl
  cmsl run counter.cmsl -- 1000 fast          the program's arguments
  cmsl run . --hosts 5 --data ./state         five hosts, and their data stays in ./state
  cmsl run . --kill leader@3 --restart leader@6
                              the host that leads dies 3 s after the start of main (SIGKILL),
                              and comes back 3 s later")]
pub struct Run {
    /// A file, a folder with a cmsl.toml, or an executable that `cmsl build` made.
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// How many hosts (default: what cmsl.toml says, else 4).
    #[arg(long, value_name = "N")]
    #[arg(value_parser = hosts)]
    pub hosts: Option<u16>,
    /// Keep logs and data in this folder; what an earlier run left there is taken up again.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data: Option<PathBuf>,
    /// Keep the logs and data of this run, and say where they are.
    #[arg(long)]
    pub keep: bool,
    /// Optimise the program fully.
    #[arg(long)]
    pub release: bool,
    /// Kill (SIGKILL) a host, or the `leader` of the first replicated server, SECONDS after the
    /// start of main.
    #[arg(long, value_name = "WHO@SECONDS")]
    pub kill: Vec<Act>,
    /// Start a killed host again; `leader` is the host that was last killed as leader.
    #[arg(long, value_name = "WHO@SECONDS")]
    pub restart: Vec<Act>,
    /// The program's arguments.
    #[arg(last = true, value_name = "ARGS")]
    pub arguments: Vec<String>,
}

/// `cmsl sim`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cmsl sim .                  one run, with faults that the program's tolerances promise to survive
  cmsl sim . --seed 7 --hosts 5 --for 1h
  cmsl sim . --faults none    the program alone
  cmsl sim . --outside 127.0.0.1:30005=feed.bin      what Rust code hears that connects there
  cmsl sim . --beyond         more fails than that, so that servers may stop; what they answered must hold
  cmsl sim --replay sim-7.faults             what a run that found something wrote: the same again
  cmsl sim --replay sim-7.faults --step      command by command, with the state of each replica

The same seed gives the same run. Exit status 0 if nothing was found, 1 if a replica went astray, or
main did not end well; with --beyond it may also not end, or by an uncaught resource_exhausted,
server_failed or timeout_expired.")]
pub struct Sim {
    /// A file, or a folder with a cmsl.toml.
    #[arg(value_name = "FILE", required_unless_present = "replay", value_hint = ValueHint::AnyPath)]
    pub file: Option<PathBuf>,
    /// What all that happens follows from (default: 1).
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many hosts (default: what cmsl.toml says, else 4).
    #[arg(long, value_name = "N")]
    #[arg(value_parser = hosts)]
    pub hosts: Option<u16>,
    /// What may fail (default: all).
    #[arg(long, value_name = "all|none", value_parser = ["all", "none"], conflicts_with = "replay")]
    pub faults: Option<String>,
    /// Let more fail than the tolerances promise to survive: then the program may stop, but not be wrong.
    #[arg(long)]
    pub beyond: bool,
    /// What fails as this file says; its head says the program, the seed and so on where the command does not.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub replay: Option<PathBuf>,
    /// Walk the run command by command, and show the state of each replica.
    #[arg(long)]
    pub step: bool,
    /// Draw the last seconds of the run into this file, as SVG.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub picture: Option<PathBuf>,
    /// What Rust code hears that connects to this address: the bytes of a file, then the end. May be given for several addresses.
    #[arg(long, value_name = "ADDRESS=FILE", value_parser = recording)]
    pub outside: Vec<Recording>,
    /// Main may take so long, in virtual time: 90s, 10m, 1h (the default).
    #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
    pub at_most: Option<u64>,
    /// The program's arguments.
    #[arg(last = true, value_name = "ARGS")]
    pub arguments: Vec<String>,
}

/// What stands for an address outside a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// `HOST:PORT`.
    pub address: String,
    /// What is heard there.
    pub file: PathBuf,
}

/// `HOST:PORT=FILE`.
pub fn recording(text: &str) -> Result<Recording, String> {
    let parts = text.split_once('=').filter(|(address, file)| {
        let port = address.rsplit_once(':').map(|(_, port)| port);
        !file.is_empty() && port.is_some_and(|port| port.parse::<u16>().is_ok())
    });
    let (address, file) = parts
        .ok_or_else(|| format!("\"{text}\" names no recording; write 127.0.0.1:30005=FILE"))?;
    Ok(Recording {
        address: address.to_owned(),
        file: PathBuf::from(file),
    })
}

/// `90s`, `10m`, `1h`.
pub fn seconds(text: &str) -> Result<u64, String> {
    let wrong = || format!("\"{text}\" is no time; write 90s, 10m or 1h");
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    let (number, unit) = units
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)))
        .ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(unit).ok_or_else(wrong)
}

/// `cmsl replicate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each `new CLASS` becomes `server CLASS tolerance (…) model …`; layout and comments stay. An ordinary
class becomes a server class. Nothing is changed unless the program is right before and after.

Examples:
  cmsl replicate counter.cmsl --class counter --tolerance 1
  cmsl replicate . --class store --tolerance 2 --host a --host b --name main-store
  cmsl replicate counter.cmsl --class counter --tolerance 1 --line 12         that creation only")]
pub struct Replicate {
    /// A file, or a folder with a cmsl.toml.
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub file: PathBuf,
    /// The class, with its modules where its name alone is not enough.
    #[arg(long, value_name = "CLASS")]
    pub class: String,
    /// How many replica failures to survive.
    #[arg(long, value_name = "T")]
    pub tolerance: u32,
    /// How failed replicas behave: correct, crash or byzantine.
    #[arg(long, value_name = "MODEL", default_value = "crash")]
    #[arg(value_parser = ["correct", "crash", "byzantine"])]
    pub model: String,
    /// How many replicas, if more than the tolerance needs.
    #[arg(long, value_name = "N")]
    pub replicas: Option<u32>,
    /// The name or address of a preferred host; earlier ones first.
    #[arg(long = "host", value_name = "HOST")]
    pub hosts: Vec<String>,
    /// The name under which `find` finds the server.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The coordination protocol.
    #[arg(long, value_name = "PROTOCOL")]
    pub protocol: Option<String>,
    /// Keep the servers of an array on different hosts.
    #[arg(long)]
    pub disjoint: bool,
    /// Change the creations on this line of the file only.
    #[arg(long, value_name = "LINE")]
    pub line: Option<u32>,
}

/// `cmsl status`.
#[derive(Debug, Args)]
#[command(after_help = "\
`cmsl run` prints the address of its cluster when it starts.

Examples:
  cmsl status --cluster 127.0.0.1:40001
  cmsl status --cluster 127.0.0.1:40001 --json | jq .servers")]
pub struct Status {
    /// The address of any host of the cluster; several with commas between.
    #[arg(long, value_name = "ADDR", required = true, value_delimiter = ',')]
    pub cluster: Vec<String>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `cmsl explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cmsl explain E0201
  cmsl explain                lists all codes")]
pub struct Explain {
    /// The code of a diagnostic, as printed between the brackets of `error[E0201]`.
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// `cmsl lsp`.
#[derive(Debug, Args)]
#[command(after_help = "\
Editors start it themselves; it speaks the Language Server Protocol on stdin and stdout.

Examples:
  cmsl lsp                    what `editors/vscode` starts
  cmsl lsp --stdio            the same: the flag that some editors always pass")]
pub struct Lsp {
    /// Accepted and ignored: there is no other way to speak.
    #[arg(long)]
    pub stdio: bool,
}

/// `cmsl completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cmsl completions bash > ~/.local/share/bash-completion/completions/cmsl
  cmsl completions zsh  > ~/.zfunc/_cmsl")]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// The number of hosts of a run.
fn hosts(text: &str) -> Result<u16, String> {
    let number = text.parse().ok();
    number
        .filter(|number| (1..=HOSTS_MAX).contains(number))
        .ok_or_else(|| format!("it is a number from 1 to {HOSTS_MAX}"))
}
