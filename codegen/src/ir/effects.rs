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
    /// Creates, finds or deletes servers.
    pub manages_servers: bool,
    /// Uses `now`, `random`, `my_host`, `hosts`, `args`, the order of replies, or the embedding Rust code.
    pub nondeterministic: bool,
    /// Prints or sleeps.
    pub external: bool,
}

impl Effects {
    /// Changes any state that existed before.
    #[must_use]
    pub fn writes_state(self) -> bool {
        self.writes_this || self.writes_others
    }

    /// Changes nothing and calls no server: its reply may be given without an order of commands.
    #[must_use]
    pub fn is_read_only(self) -> bool {
        !self.writes_state()
            && !self.calls_servers
            && !self.manages_servers
            && !self.nondeterministic
    }

    /// Both effects together.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            reads_state: self.reads_state || other.reads_state,
            writes_this: self.writes_this || other.writes_this,
            writes_others: self.writes_others || other.writes_others,
            calls_servers: self.calls_servers || other.calls_servers,
            manages_servers: self.manages_servers || other.manages_servers,
            nondeterministic: self.nondeterministic || other.nondeterministic,
            external: self.external || other.external,
        }
    }
}
