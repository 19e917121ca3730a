//! One copy of every name of a file.
#![expect(
    clippy::disallowed_types,
    reason = "the set is asked and never walked through, so that its order cannot show; it is on the hot path"
)]

use std::collections::HashSet;
use std::sync::Arc;

/// The names of one file.
#[derive(Debug, Default)]
pub struct Names(HashSet<Arc<str>>);

impl Names {
    /// The copy of a name.
    pub fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let name: Arc<str> = Arc::from(text);
        self.0.insert(Arc::clone(&name));
        name
    }
}
