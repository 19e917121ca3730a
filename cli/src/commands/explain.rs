//! `cmsl explain`: the page of a diagnostic code.

use super::print;
use crate::args::Explain;
use crate::failure::Failure;
use crate::front;

/// Prints the page of a code, or the list of all codes.
pub fn explain(arguments: &Explain) -> Result<(), Failure> {
    match &arguments.code {
        Some(code) => print(&front::explanation(code)?),
        None => print(&front::codes()),
    }
}
