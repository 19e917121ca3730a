//! One copy of every name of a file.
#![expect(
    clippy::disallowed_types,
    reason = "the map is asked and never walked through, so that its order cannot show; it is on the hot path"
)]

use std::collections::HashMap;
use std::sync::Arc;

/// The names of one file.
#[derive(Default)]
pub(super) struct Names<'a>(HashMap<&'a str, Arc<str>>);

impl<'a> Names<'a> {
    /// The copy of a name.
    pub fn intern(&mut self, text: &'a str) -> Arc<str> {
        self.0
            .entry(text)
            .or_insert_with(|| Arc::from(text))
            .clone()
    }
}
