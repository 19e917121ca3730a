//! The command that the tests run: the same `main` as that of `cmsl`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cmsl::main()
}
