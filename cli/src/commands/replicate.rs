//! `cmsl replicate`: makes servers of what a program makes with `new`.

use crate::args::Replicate;
use crate::failure::Failure;
use crate::front;
use crate::project::Project;
use crate::say;
use cmsl_codegen::Loaded;
use cmsl_codegen::replicate::{Edited, Refusal, Replication, replicate as edit};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Edits the sources in place, if the program is right before and after.
pub fn replicate(arguments: &Replicate) -> Result<(), Failure> {
    let project = Project::open(&arguments.file)?;
    let (program, loaded) = front::check(&project, crate::args::MessageFormat::Human)?;
    let request = Replication {
        class: arguments.class.clone(),
        properties: properties(arguments),
        line: arguments.line,
    };
    let edited = edit(&loaded, &program, &request).map_err(|why| refused(arguments, &why))?;
    let texts: BTreeMap<PathBuf, String> = edited
        .iter()
        .map(|edited| {
            let name = loaded.sources.source(edited.file).name();
            (PathBuf::from(name), edited.text.clone())
        })
        .collect();
    if let Err(failure) = front::check_edited(&project, &texts) {
        say::help("nothing was changed: the program as it would be has these errors");
        return Err(failure);
    }
    for (path, text) in &texts {
        write(path, text)?;
    }
    report(&loaded, &edited, &request);
    Ok(())
}

/// As they stand behind the class.
fn properties(arguments: &Replicate) -> String {
    let mut parts = vec![format!("tolerance ({})", arguments.tolerance)];
    parts.push(format!("model {}", arguments.model));
    if let Some(replicas) = arguments.replicas {
        parts.push(format!("replicas ({replicas})"));
    }
    if !arguments.hosts.is_empty() {
        let hosts = arguments
            .hosts
            .iter()
            .map(|host| format!("host ({host:?})"));
        parts.push(format!("hosts ({})", hosts.collect::<Vec<_>>().join(", ")));
    }
    if let Some(name) = &arguments.name {
        parts.push(format!("name ({name:?})"));
    }
    if let Some(protocol) = &arguments.protocol {
        parts.push(format!("protocol {protocol}"));
    }
    if arguments.disjoint {
        parts.push("disjoint".to_owned());
    }
    parts.join(" ")
}

fn refused(arguments: &Replicate, why: &Refusal) -> Failure {
    let class = &arguments.class;
    Failure::Usage(match why {
        Refusal::UnknownClass(None) => format!("the program has no class `{class}`"),
        Refusal::UnknownClass(Some(nearest)) => {
            format!("the program has no class `{class}`; did you mean `{nearest}`?")
        }
        Refusal::Ambiguous(names) => {
            let names = names.join("`, `");
            format!("`{class}` may be one of `{names}`: write its module too")
        }
        Refusal::NoServer => {
            format!("`{class}` is a class of the embedding Rust code, and cannot be a server")
        }
        Refusal::NoCreation => match arguments.line {
            Some(line) => format!("line {line} makes no `{class}` with `new`"),
            None => format!("the program makes no `{class}` with `new`"),
        },
    })
}

/// Puts a text where another one was; a byte order mark stays.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let old = fs::read(path).map_err(|why| Failure::file("read", path, &why))?;
    let mark: &[u8] = if old.starts_with(MARK) { MARK } else { &[] };
    let bytes = [mark, text.as_bytes()].concat();
    fs::write(path, bytes).map_err(|why| Failure::file("write", path, &why))
}

fn report(loaded: &Loaded, edited: &[Edited], request: &Replication) {
    for file in edited {
        for span in &file.creations {
            let source = loaded.sources.source(span.file);
            let place = format!("{}:{}", source.name(), source.position(span.start));
            let old = source.slice(*span);
            let new = old.replacen("new", "server", 1);
            say::note(
                "changed",
                format!("{place}: {old} -> {new} {}", request.properties),
            );
        }
    }
}
