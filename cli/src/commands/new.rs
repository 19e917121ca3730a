//! `cmsl new`: a folder with a first program, which shows what the language is for.

use crate::args::New;
use crate::cache;
use crate::failure::Failure;
use crate::project::{MANIFEST, is_name};
use crate::say;

const SETTINGS: &str = include_str!("new/cmsl.toml");
const COUNTER: &str = include_str!("new/counter.cmsl");
const MAIN: &str = include_str!("new/main.cmsl");
const TEST: &str = include_str!("new/test.cmsl");

/// Makes the folder; one that has something in it is left alone.
pub fn new(arguments: &New) -> Result<(), Failure> {
    let folder = &arguments.path;
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .filter(|name| is_name(name))
        .ok_or_else(|| {
            Failure::Usage(format!(
                "`{}` does not end in a name: a letter, then letters, digits, `-` and `_`",
                folder.display()
            ))
        })?;
    if folder
        .read_dir()
        .map_or(folder.exists(), |mut entries| entries.next().is_some())
    {
        return Err(Failure::Usage(format!(
            "`{}` exists already",
            folder.display()
        )));
    }
    cache::write(&folder.join(MANIFEST), &SETTINGS.replace("NAME", name))?;
    cache::write(&folder.join("src/counter.cmsl"), COUNTER)?;
    cache::write(&folder.join("src/main.cmsl"), MAIN)?;
    cache::write(&folder.join("tests/counter.cmsl"), TEST)?;
    say::note("made", folder.display());
    let enter = folder.display();
    say::help(format!(
        "cd {enter} && cmsl run .    (its test: cmsl run tests/counter.cmsl)"
    ));
    Ok(())
}
