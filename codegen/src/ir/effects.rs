//! What running a piece of code may do, found by following calls to a fixed point.

/// What running a method, constructor or function may do. Each fact is an upper bound: what is false is
/// proved, what is true is possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Reads state variables.
    pub reads_state: bool,
    /// Changes state variables of `this` itself.
    pub writes_this: bool,
    /// Changes state of objects other than `this` and those it made itself, or variables outside classes.
    pub writes_others: bool,
    /// Calls a server, or may do so: calls a method through a reference that may be a server's.
    pub calls_servers: bool,
    /// Waits for replies of what was invoked: uses `accept` or `->result`.
    pub waits: bool,
    /// Creates, finds or deletes servers.
    pub manages_servers: bool,
    /// Uses `now` or `sleep`.
    pub time: bool,
    /// Uses `random`.
    pub randomness: bool,
    /// Asks where it runs: `my_host`, `hosts`, `host`, `args`.
    pub surroundings: bool,
    /// Uses the embedding Rust code.
    pub embedded: bool,
    /// Makes or uses objects of the embedding Rust code, which stay in their process.
    pub embedded_objects: bool,
    /// Depends on the order in which replies come: uses `accept`.
    pub reply_order: bool,
    /// Prints.
    pub output: bool,
}

impl Effects {
    /// Changes any state that existed before.
    #[must_use]
    pub fn writes_state(self) -> bool {
        self.writes_this || self.writes_others
    }

    /// Two runs from the same state with the same arguments may differ.
    #[must_use]
    pub fn is_nondeterministic(self) -> bool {
        self.time || self.randomness || self.surroundings || self.embedded || self.reply_order
    }

    /// Changes nothing, calls no server and leaves no trace elsewhere: its reply may be given without an order
    /// of commands, and it may run again if the reply is lost.
    #[must_use]
    pub fn is_read_only(self) -> bool {
        !self.writes_state()
            && !self.calls_servers
            && !self.manages_servers
            && !self.randomness
            && !self.embedded
            && !self.output
    }

    /// Both effects together.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            reads_state: self.reads_state || other.reads_state,
            writes_this: self.writes_this || other.writes_this,
            writes_others: self.writes_others || other.writes_others,
            calls_servers: self.calls_servers || other.calls_servers,
            waits: self.waits || other.waits,
            manages_servers: self.manages_servers || other.manages_servers,
            time: self.time || other.time,
            randomness: self.randomness || other.randomness,
            surroundings: self.surroundings || other.surroundings,
            embedded: self.embedded || other.embedded,
            embedded_objects: self.embedded_objects || other.embedded_objects,
            reply_order: self.reply_order || other.reply_order,
            output: self.output || other.output,
        }
    }
}
