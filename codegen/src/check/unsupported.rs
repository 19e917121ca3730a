//! What the language has and this compiler refuses by name.

use cmsl_parser::rules;

rules! {
    /// What the language has and this compiler does not handle yet.
    pub static UNSUPPORTED;

    /// The protocol is not there yet. Leave `protocol` out, or write `protocol executive`: it serves `model correct` and
    /// `model crash`.
    PROTOCOL = "E0601" Error "the protocol is not supported yet";
}
