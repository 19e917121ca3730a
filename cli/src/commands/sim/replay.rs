//! Which run it is: as the command says, or as a file says that an earlier run wrote.
//!
//! Such a file has one fault a line, as the simulator prints them, and in its head what else the run follows from.

use crate::args::{self, Recording, Sim};
use crate::failure::Failure;
use std::path::{Path, PathBuf};

/// Main may take so many seconds where nothing is said.
const AT_MOST: u64 = 3600;

/// All that a run follows from but the number of hosts, which the project may say.
pub(super) struct Plan {
    pub program: PathBuf,
    pub seed: u64,
    pub hosts: Option<u16>,
    /// All, none, or the whole path of a file.
    pub faults: String,
    /// Whether more may fail than tolerances promise to survive.
    pub beyond: bool,
    pub at_most: u64,
    /// What stands for addresses outside; the files by their whole paths.
    pub outside: Vec<Recording>,
    pub arguments: Vec<String>,
}

impl Plan {
    /// What the command and the file that it names say; the command is right where both do.
    pub(super) fn of(command: &Sim) -> Result<Self, Failure> {
        let (faults, head) = match &command.replay {
            Some(file) => {
                let refused = |why: String| {
                    Failure::Usage(format!("--replay: cannot read {}: {why}", file.display()))
                };
                let path = std::fs::canonicalize(file).map_err(|why| refused(why.to_string()))?;
                let text =
                    std::fs::read_to_string(&path).map_err(|why| refused(why.to_string()))?;
                let head = Head::of(&text, path.parent()).map_err(refused)?;
                (path.to_string_lossy().into_owned(), head)
            }
            None => {
                let faults = command.faults.clone();
                (faults.unwrap_or_else(|| "all".to_owned()), Head::default())
            }
        };
        let program = command.file.clone().or(head.program).ok_or_else(|| {
            Failure::Usage("which program? The file of --replay does not say it".to_owned())
        })?;
        let arguments = if command.arguments.is_empty() {
            head.arguments
        } else {
            command.arguments.clone()
        };
        let outside = if command.outside.is_empty() {
            head.outside
        } else {
            command.outside.clone()
        };
        let outside = outside.into_iter().map(found).collect::<Result<_, _>>()?;
        Ok(Self {
            program,
            outside,
            seed: command.seed.or(head.seed).unwrap_or(1),
            hosts: command.hosts.or(head.hosts),
            faults,
            beyond: command.beyond || head.beyond,
            at_most: command.at_most.or(head.at_most).unwrap_or(AT_MOST),
            arguments,
        })
    }

    /// A file with which the run is repeated with these faults, for a folder.
    pub(super) fn file(&self, hosts: u16, faults: &[String], folder: &Path) -> String {
        let program = std::fs::canonicalize(&self.program).unwrap_or_else(|_| self.program.clone());
        let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        let program = program.strip_prefix(&folder).unwrap_or(&program);
        let mut program = program.display().to_string();
        if program.is_empty() {
            ".".clone_into(&mut program);
        }
        let mut text = format!(
            "# A run that found something; again: cmsl sim --replay with this file.\n\
             program: {}\nseed: {}\nhosts: {hosts}\nfor: {}s\n",
            one_line(&program),
            self.seed,
            self.at_most
        );
        if self.beyond {
            text.push_str("beyond: yes\n");
        }
        for Recording { address, file } in &self.outside {
            let file = file.strip_prefix(&folder).unwrap_or(file);
            let recording = format!("{address}={}", file.display());
            text.push_str(&format!("outside: {}\n", one_line(&recording)));
        }
        for argument in &self.arguments {
            text.push_str(&format!("argument: {}\n", one_line(argument)));
        }
        for fault in faults {
            text.push_str(fault);
            text.push('\n');
        }
        text
    }
}

/// The recording with the whole path of its file, which must be there.
fn found(recording: Recording) -> Result<Recording, Failure> {
    let file = std::fs::canonicalize(&recording.file).map_err(|why| {
        let file = recording.file.display();
        Failure::Usage(format!("--outside: cannot read {file}: {why}"))
    })?;
    Ok(Recording { file, ..recording })
}

/// What the head of a file says.
#[derive(Debug, Default, PartialEq)]
struct Head {
    program: Option<PathBuf>,
    seed: Option<u64>,
    hosts: Option<u16>,
    at_most: Option<u64>,
    beyond: bool,
    outside: Vec<Recording>,
    arguments: Vec<String>,
}

impl Head {
    /// The lines that say something else than a fault; a program's path is relative to the file's folder.
    fn of(text: &str, folder: Option<&Path>) -> Result<Self, String> {
        let mut head = Self::default();
        for line in text.lines().map(str::trim) {
            let Some((word, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            let wrong = || format!("\"{line}\" says nothing");
            match word {
                "program" => {
                    let path = many_lines(value).ok_or_else(wrong)?;
                    head.program = Some(folder.map_or(PathBuf::from(&path), |at| at.join(&path)));
                }
                "seed" => head.seed = Some(value.parse().map_err(|_| wrong())?),
                "hosts" => {
                    let hosts = value.parse().ok().filter(|hosts| (1..=64).contains(hosts));
                    head.hosts = Some(hosts.ok_or_else(wrong)?);
                }
                "for" => head.at_most = Some(args::seconds(value)?),
                "beyond" => {
                    head.beyond = match value {
                        "yes" => true,
                        "no" => false,
                        _ => return Err(wrong()),
                    }
                }
                "outside" => {
                    let text = many_lines(value).ok_or_else(wrong)?;
                    let mut recording = args::recording(&text)?;
                    if let Some(folder) = folder {
                        recording.file = folder.join(recording.file);
                    }
                    head.outside.push(recording);
                }
                "argument" => head.arguments.push(many_lines(value).ok_or_else(wrong)?),
                _ => {}
            }
        }
        Ok(head)
    }
}

/// Text with nothing that would end its line or be trimmed away.
fn one_line(text: &str) -> String {
    format!("{text:?}")
}

/// The text that [`one_line`] gave, or words that need no quotes.
fn many_lines(line: &str) -> Option<String> {
    let Some(quoted) = line.strip_prefix('"') else {
        return Some(line.to_owned());
    };
    let mut rest = quoted.strip_suffix('"')?.chars();
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        text.push(match rest.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            'u' => {
                let digits: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
            }
            c => c,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_given_is_what_it_says() {
        let plan = Plan {
            program: PathBuf::from("no such folder/a \"b\".cmsl"),
            seed: u64::MAX,
            hosts: None,
            faults: "all".to_owned(),
            beyond: true,
            at_most: 90,
            outside: vec![Recording {
                address: "[::1]:30005".to_owned(),
                file: PathBuf::from("/a \"b\"=c"),
            }],
            arguments: ["", " two words ", "a\nb\\\u{1}'", "ü"]
                .map(str::to_owned)
                .to_vec(),
        };
        let faults = ["1.000000 s: host1 is cut off for 1.000000 s".to_owned()];
        let text = plan.file(5, &faults, Path::new("."));
        let head = Head::of(&text, Some(Path::new("/there"))).unwrap();
        assert_eq!(
            head,
            Head {
                program: Some(Path::new("/there").join(&plan.program)),
                seed: Some(u64::MAX),
                hosts: Some(5),
                at_most: Some(90),
                beyond: true,
                outside: plan.outside,
                arguments: plan.arguments,
            }
        );
        assert!(text.ends_with(&format!("\n{}\n", faults[0])), "{text}");
    }

    #[test]
    fn a_head_that_says_nonsense_is_refused() {
        for line in [
            "seed: x",
            "hosts: 0",
            "hosts: 65",
            "for: soon",
            "beyond: perhaps",
            "outside: 1.2.3.4:80",
            "outside: 1.2.3.4=file",
            "argument: \"a",
            "program: \"\\",
        ] {
            assert!(Head::of(line, None).is_err(), "{line}");
        }
        let plain = Head::of("program: a b.cmsl\n# c\n1.0 s: host1 is gone", None).unwrap();
        assert_eq!(plain.program, Some(PathBuf::from("a b.cmsl")));
    }
}
