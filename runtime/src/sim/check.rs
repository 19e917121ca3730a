//! The checkers: one file a property, each judging from outside what the devices sent, issued and answered.

mod agreement;
mod ballots;
mod chosen;
mod dependence;
mod hashes;
mod linearizable;
mod liveness;
mod nested;
mod once;
mod order;
mod promises;
mod stable;
mod time;
mod window;

use super::history::{History, Observation};

/// A property that must hold at every moment.
pub trait Property {
    /// Its name.
    fn name(&self) -> &'static str;

    /// Sees what happened.
    ///
    /// # Errors
    /// Says how the property was violated.
    fn observe(&mut self, observation: &Observation<'_>, history: &History) -> Result<(), String>;
}

/// A property did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub property: &'static str,
    /// How.
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.property, self.what)
    }
}

/// All properties.
#[must_use]
pub fn all() -> Vec<Box<dyn Property>> {
    vec![
        Box::new(agreement::Agreement),
        Box::new(dependence::Dependence::default()),
        Box::new(promises::Promises::default()),
        Box::new(stable::Stable),
        Box::new(window::Window),
        Box::new(order::Order),
        Box::new(ballots::Ballots::default()),
        Box::new(chosen::Chosen::default()),
        Box::new(once::Once::default()),
        Box::new(hashes::Hashes::default()),
        Box::new(linearizable::Linearizable),
        Box::new(liveness::Liveness),
        Box::new(time::Time),
        Box::new(nested::Nested),
    ]
}
