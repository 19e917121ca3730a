//! What the compiler knows about a program and says when it is asked: `cmsl check --effects` and its like.
//!
//! Text in, text out, like every pass; nothing here decides about meaning.

mod creations;
mod effects;
mod parallel;

pub use creations::{Creation, creations, finds_servers};
pub use effects::{Constness, EffectRow, effects, effects_table};
pub use parallel::parallel_loops;
