//! What the language has and this compiler refuses by name.

use cmsl_parser::rules;

rules! {
    /// What the language has and this compiler does not handle yet.
    pub static UNSUPPORTED;

    /// The protocol is not there yet. Leave `protocol` out, or write `protocol executive`: it serves `model correct` and
    /// `model crash`.
    PROTOCOL = "E0601" Error "the protocol is not supported yet";

    /// A server whose methods call, create, find or delete servers cannot be replicated yet: the calls would be made
    /// by each replica. Create it with one replica and `tolerance (0)`.
    NESTED_CALLS = "E0602" Error "a replicated server that calls servers is not supported yet";
}
