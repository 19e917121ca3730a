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

    /// The elements of what `new C [n]` or `server C [n]` made cannot be replaced one by one. Declare an array
    /// variable, `C x[n];`, whose elements can.
    GROUP_ELEMENT = "E0603" Error "assigning to one object of a group is not supported";

    /// An attribute cannot hold futures or arrays of a length that is known only when the program runs.
    ATTRIBUTE_TYPE = "E0604" Error "the type of the attribute is not supported yet";

    /// `pre` and `post` belong to methods. Write `assert` in a function outside classes.
    FUNCTION_CONTRACT = "E0606" Error "contracts of functions outside classes are not supported";
}
